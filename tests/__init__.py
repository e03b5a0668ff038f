"""Rules as sentences, against real PostgreSQL, real Redis, and the simulated phone company."""
