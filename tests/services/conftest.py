"""Fixtures for use cases that need the whole program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outreach.clock import SetClock
from outreach.storage.database import Database
from tests.call_world import CallWorld, running_call_world


@pytest.fixture
def calls(database: Database, redis_url: str, clock: SetClock, platform: str) -> Iterator[CallWorld]:
    """A program that calls through a simulated phone company."""
    with running_call_world(database, redis_url, clock) as world:
        yield world
