"""Redis and RQ live here: job nudges, live events, rate limits; nothing that cannot be rebuilt."""
