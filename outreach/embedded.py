"""The servers that come from wheels, for whoever gives none: PostgreSQL and Redis under OUTREACH_HOME."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.config import Settings
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.storage import schema
from outreach.storage.database import Database
from outreach.storage.embedded_postgres import EmbeddedPostgres

DATABASE = "outreach"


@dataclass(frozen=True)
class EmbeddedServers:
    """What this process started or joined; `None` where the settings name a server."""

    database_url: str
    redis_url: str
    postgres: EmbeddedPostgres | None
    redis: EmbeddedRedis | None

    def stop(self) -> None:
        """Leave both; a server ends when no process is left that uses it."""
        if self.redis is not None:
            self.redis.stop()
        if self.postgres is not None:
            self.postgres.stop()


def start_embedded(settings: Settings) -> EmbeddedServers:
    """Start or join what the settings leave out; the embedded database has its tables made at once."""
    postgres = None if settings.database_url else EmbeddedPostgres(settings.home / "postgres")
    redis = None if settings.redis_url else EmbeddedRedis(settings.home / "redis")
    database_url = settings.database_url
    if postgres is not None:
        postgres.start()
        database_url = postgres.create_database(DATABASE)
        _make_tables(database_url)
    return EmbeddedServers(database_url, redis.start() if redis else settings.redis_url, postgres, redis)


def _make_tables(database_url: str) -> None:
    database = Database(database_url)
    try:
        if not schema.is_current(database):
            schema.migrate(database)
    finally:
        database.close()
