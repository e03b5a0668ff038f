"""Worker processes are killed, Redis forgets, and the work is done all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from outreach.bootstrap import App, build_app
from outreach.clock import monotonic
from outreach.queues.embedded_redis import EmbeddedRedis
from outreach.queues.job_queue import JobQueue
from outreach.storage import sweep_store
from outreach.storage.database import Database
from outreach.storage.import_store import ImportState
from tests.web.case_files import FILE
from tests.web.conftest import settings_for
from workers.one_queue import AllowedJob, OneQueueWorker

pytestmark = pytest.mark.journey
SECONDS = 40.0


@pytest.fixture
def app(database: Database, redis_url: str, platform: str) -> Iterator[App]:
    """Sees what the processes do; nothing runs in it."""
    built = build_app(settings_for(database, redis_url))
    yield built
    built.close()


@contextmanager
def _running(app: App, module: str, *words: str) -> Iterator[int]:
    """A process of ours, on the test's servers; its id."""
    environment = {
        **os.environ,
        "OUTREACH_DATABASE_URL": app.settings.database_url,
        "OUTREACH_REDIS_URL": app.settings.redis_url,
        "OUTREACH_SECRET_KEY": app.settings.secret_key.get_secret_value(),
        "OUTREACH_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", module, *words], env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        assert process.wait(SECONDS) == 0


def _until(true: Callable[[], bool]) -> None:
    end = monotonic() + SECONDS
    while not true():
        assert monotonic() < end
        threading.Event().wait(0.05)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _import(app: App, name: str) -> Callable[[], bool]:
    """Put a file to be read; whether it was."""
    import_id = app.case_import.start_import(FILE.replace(b"LAB", name.encode()), platform="40")
    return lambda: app.case_import.report(import_id).state is ImportState.DONE


def test_a_nudged_file_is_read_and_a_killed_worker_is_replaced(app: App) -> None:
    with _running(app, "workers", "imports") as parent:
        read = _import(app, "ONE")
        app.jobs.nudge("imports")
        _until(read)
        (child,) = _children(parent)
        os.kill(child, signal.SIGKILL)
        _until(lambda: _children(parent) not in ([], [child]))
        again = _import(app, "TWO")
        _until(lambda: app.jobs.nudge("imports") and again())


def test_workers_outlive_a_killed_redis(database: Database, platform: str, tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    app = build_app(settings_for(database, server.start()))
    with _running(app, "workers", "imports"):
        read = _import(app, "ONE")
        app.jobs.nudge("imports")
        _until(read)
        with redis.Redis.from_url(server.url) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        again = _import(app, "TWO")
        _until(lambda: app.jobs.nudge("imports") and again())
    app.close()
    server.stop()


def test_a_file_whose_nudge_was_lost_is_read_all_the_same(app: App, redis_url: str) -> None:
    read = _import(app, "ONE")
    app.jobs.nudge("imports")
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    with _running(app, "workers", "imports"), _running(app, "workers.schedule"):
        _until(read)


def test_without_redis_the_schedule_does_the_work_itself(app: App, database: Database) -> None:
    alone = build_app(settings_for(database, "unix:///nowhere/redis.sock"))
    read = _import(alone, "ONE")
    with _running(alone, "workers.schedule"):
        _until(read)
        _until(lambda: "readiness" in _swept(alone))
    alone.close()


def _swept(app: App) -> set[str]:
    with app.database.begin() as connection:
        return {run["sweep"] for run in sweep_store.all_runs(connection)}


def _put(redis_url: str, function: str) -> AllowedJob:
    with redis.Redis.from_url(redis_url) as client:
        queue = Queue("upkeep", connection=client, serializer=JSONSerializer, job_class=AllowedJob)
        job = queue.enqueue_call(function, args=["x"], result_ttl=60, description="d")
        worker = OneQueueWorker([queue], connection=client, serializer=JSONSerializer, job_class=AllowedJob)
        worker.work(burst=True, logging_level="CRITICAL")
        found = AllowedJob.fetch(job.id, connection=client, serializer=JSONSerializer)
        assert isinstance(found, AllowedJob)
        return found


@pytest.mark.parametrize("function", ["os.getcwd", "subprocess.call", "workers.jobs.app", "builtins.print"])
def test_a_function_that_is_not_on_the_list_never_runs(redis_url: str, function: str) -> None:
    assert _put(redis_url, function).is_failed


def test_a_lost_nudge_is_counted_and_never_raised() -> None:
    assert JobQueue("unix:///nowhere/redis.sock").nudge("messages") is False
