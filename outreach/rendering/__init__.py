"""Renders what we send, say and read out: a safe subset of Jinja, a catalog of texts, and their checks."""
