"""Use cases: fetch, ask the domain, save, enqueue; one module per user's job."""
