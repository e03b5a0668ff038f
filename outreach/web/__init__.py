"""HTTP: JSON API, webhooks, health and metrics."""
