"""The two servers of a test run: one PostgreSQL, one Redis, started once and stopped at the end.

The tables are made once, in a database that the others are copies of.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.storage import schema
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
TEMPLATE = "outreach_template"


class TestServers:
    """Started by the test run's first process; each worker process gets a database of its own on them."""

    __test__ = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="outreach-tests-"))
        self.folder.chmod(0o755)
        self.postgres = EmbeddedPostgres(self.folder / "postgres", settings=FAST)
        self.redis = EmbeddedRedis(self.folder / "redis")
        self.postgres_url = self.postgres.start()
        self.redis_url = self.redis.start()
        template = Database(self.postgres.create_database(TEMPLATE))
        schema.migrate(template)
        template.close()

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def copied_database(postgres_url: str, name: str) -> Iterator[Database]:
    """A database with all tables, of which PostgreSQL has counted nothing yet. Gone at the end."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name} template {TEMPLATE}")
        database = Database(postgres_url.replace("/postgres?", f"/{name}?"))
        try:
            yield database
        finally:
            database.close()
            connection.execute(f"drop database {name} with (force)")
