"""The two servers of a test run: one PostgreSQL, one Redis, started once and stopped at the end."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.storage.embedded_postgres import EmbeddedPostgres

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


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

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
