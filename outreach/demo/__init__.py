"""One believable day against simulated phones: what `outreach demo` and `./start` run."""
