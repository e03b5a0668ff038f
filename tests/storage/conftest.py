"""A database for looking at plans: what PostgreSQL counted during other tests would decide them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from outreach.storage.database import Database
from tests.servers import copied_database


@pytest.fixture(scope="module")
def uncounted_database(server_urls: tuple[str, str], worker_number: int) -> Iterator[Database]:
    """Empty, and never analysed: PostgreSQL takes each table for one of a few pages."""
    with copied_database(server_urls[0], f"outreach_plans_{worker_number}") as database:
        yield database


@pytest.fixture
def planning(uncounted_database: Database) -> Iterator[Connection]:
    """Nothing is kept of what a test does there."""
    with uncounted_database.engine.connect() as connection:
        yield connection
        connection.rollback()
