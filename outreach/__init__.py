"""Outreach: every person who tested positive is called within 24 hours of the result."""

__version__ = "0.1.0"
