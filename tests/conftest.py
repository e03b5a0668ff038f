"""Fixtures for every test: its worker's own database, emptied between tests; Redis; keys; a set clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from argon2.profiles import CHEAPEST
from sqlalchemy import Connection, insert, text

from outreach.clock import SetClock
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.passwords import Passwords
from outreach.storage.vault import Vault
from tests.servers import TestServers, copied_database

MORNING = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
# Half a minute and more each. The processor's first, while types are checked beside; then those that wait.
LONG = (
    "tests/architecture/test_permissions.py",
    "tests/journeys/",
    "tests/faults/test_processes_killed.py",
    "tests/pages/test_every_page_on_every_screen.py",
    "tests/architecture/test_routes.py",
)
_servers: list[TestServers] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long begins first: begun last, it would keep one core at work while the other rests."""

    def turn(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))

    items.sort(key=turn)  # the others keep their order


def pytest_configure_node(node: Any) -> None:
    """With xdist: the controlling process starts the servers, each worker learns where they are."""
    if not _servers:
        _servers.append(TestServers())
    node.workerinput["postgres_url"] = _servers[0].postgres_url
    node.workerinput["redis_url"] = _servers[0].redis_url


def pytest_configure() -> None:
    """A hash as it is kept costs a quarter of a second; tests/storage/test_passwords.py looks at that one."""
    Passwords.cost = CHEAPEST


def pytest_unconfigure() -> None:
    while _servers:
        _servers.pop().stop()


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(worker.removeprefix("gw"))


@pytest.fixture(scope="session")
def server_urls(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Addresses of PostgreSQL and Redis."""
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return given["postgres_url"], given["redis_url"]
    if not _servers:
        _servers.append(TestServers())
    return _servers[0].postgres_url, _servers[0].redis_url


@pytest.fixture(scope="session")
def worker_database(server_urls: tuple[str, str], worker_number: int) -> Iterator[Database]:
    with copied_database(server_urls[0], f"outreach_test_{worker_number}") as database:
        yield database


def empty(connection: Connection) -> None:
    """Take away every row. Where tables are many and rows are few, sooner done than `truncate`."""
    names = [table.name for table in tables.metadata.sorted_tables]
    probe = " union all ".join(f"(select '{name}' from {name} limit 1)" for name in names)
    filled = list(connection.execute(text(probe)).scalars())
    connection.execute(text("set local session_replication_role = replica"))
    for name in filled:
        connection.execute(text(f"delete from {name}"))


@pytest.fixture
def database(worker_database: Database) -> Iterator[Database]:
    """An empty database on a real server."""
    yield worker_database
    with worker_database.begin() as connection:
        empty(connection)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """One transaction for the whole test, committed at its end."""
    with database.begin() as connection:
        yield connection


@pytest.fixture
def redis_url(server_urls: tuple[str, str], worker_number: int) -> Iterator[str]:
    """An empty Redis database on a real server."""
    url = f"{server_urls[1]}?db={worker_number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def clock() -> SetClock:
    """Stands at a Tuesday, 10:00 in Paris."""
    return SetClock(MORNING)


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(b"a master key for the tests only!!")


@pytest.fixture
def platform(database: Database) -> str:
    """Platform 40 (Landes), Paris time, built-in calling hours, mode NORMAL."""
    with database.begin() as connection:
        open_platform(connection)
    return "40"


def open_platform(connection: Connection) -> None:
    """Platform 40, in a database that has none."""
    connection.execute(
        insert(tables.platforms).values(
            code="40",
            name="Landes",
            time_zone="Europe/Paris",
            department="40",
            region="75",
            created_at=MORNING,
        )
    )
    connection.execute(
        insert(tables.platform_modes).values(
            platform="40", mode="NORMAL", level=1, version=1, reason="start", starts_at=MORNING
        )
    )
