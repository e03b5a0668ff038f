"""An RQ worker of ours: one queue, JSON only, and nothing but the functions on the list."""

from __future__ import annotations

from typing import Any

from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from outreach.queues.job_queue import JobName, connect

ALLOWED = frozenset(name.value for name in JobName)
DEQUEUE_SECONDS = 10
REDIS_SOCKET_SECONDS = 30.0
MAINTENANCE_SECONDS = 60


class JobNotAllowed(Exception):
    """Redis holds a job that is none of ours."""


class AllowedJob(Job):  # type: ignore[misc, unused-ignore]
    """A job that can only call what is on the list, whatever was written into Redis."""

    @property
    def func(self) -> Any:
        if self.func_name not in ALLOWED or self.instance is not None:
            raise JobNotAllowed
        return super().func

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None


class OneQueueWorker(SimpleWorker):  # type: ignore[misc, unused-ignore]
    """Waits for Redis when it is away, and is back within two seconds of it."""

    max_connection_wait_time = 2.0


def serve(queue: str, redis_url: str) -> None:
    """Run the queue's jobs until told to stop, or until Redis fails in the middle of one."""
    worker = OneQueueWorker(
        [queue],
        connection=connect(redis_url, socket_seconds=REDIS_SOCKET_SECONDS),
        serializer=JSONSerializer,
        job_class=AllowedJob,
        log_job_description=False,
        maintenance_interval=MAINTENANCE_SECONDS,
        worker_ttl=DEQUEUE_SECONDS + 15,
    )
    worker.work(logging_level="WARNING")
