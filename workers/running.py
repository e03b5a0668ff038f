"""The App of this process, built at first use: RQ calls plain functions."""

from __future__ import annotations

from functools import cache

from outreach.bootstrap import App, build_app
from outreach.config import read_settings


@cache
def app() -> App:
    """One for each process; never built in a parent that forks."""
    return build_app(read_settings())
