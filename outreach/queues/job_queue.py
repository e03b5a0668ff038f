"""Nudges to the workers: the row in PostgreSQL is the promise, a job only says that there is work."""

from __future__ import annotations

from enum import StrEnum

from prometheus_client import Counter
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from outreach.clock import monotonic
from outreach.log import get_logger

log = get_logger("job_queue")
lost_nudges = Counter("outreach_nudges_lost", "Nudges Redis did not take; a sweep repairs them.", ["queue"])

WAITING_SECONDS = 10  # a nudge lost with its worker blocks no other for longer
PAUSE_SECONDS = 1.0  # after a failure of Redis, callers do not try again sooner
JOB_TTL_SECONDS = 300
FAILURE_TTL_SECONDS = 3600
SOCKET_SECONDS = 2.0


class QueueName(StrEnum):
    """Each is served by worker processes of its own."""

    MESSAGES = "messages"
    IMPORTS = "imports"
    UPKEEP = "upkeep"
    OUTBOX = "outbox"


class JobName(StrEnum):
    """The only functions a worker runs."""

    SEND_MESSAGES = "workers.jobs.send_messages"
    RUN_IMPORTS = "workers.jobs.run_imports"
    RUN_SWEEPS = "workers.jobs.run_sweeps"
    PUBLISH_OUTBOX = "workers.jobs.publish_outbox"


JOB_OF_QUEUE = {
    QueueName.MESSAGES: JobName.SEND_MESSAGES,
    QueueName.IMPORTS: JobName.RUN_IMPORTS,
    QueueName.UPKEEP: JobName.RUN_SWEEPS,
    QueueName.OUTBOX: JobName.PUBLISH_OUTBOX,
}
LONGEST_SECONDS = {
    JobName.SEND_MESSAGES: 120,
    JobName.RUN_IMPORTS: 3600,
    JobName.RUN_SWEEPS: 300,
    JobName.PUBLISH_OUTBOX: 300,
}


def connect(redis_url: str, *, socket_seconds: float = SOCKET_SECONDS) -> Redis:
    """A client that tries once more on a stale connection, then tells."""
    return Redis.from_url(
        redis_url,
        socket_timeout=socket_seconds,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )


class JobQueue:
    """Puts nudges; a failure of Redis never reaches the caller."""

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url
        self._redis = connect(redis_url)
        self._silent_until = 0.0

    def nudge(self, queue: str) -> bool:
        """Have the queue's work looked at soon; at most one nudge waits. Whether Redis took it."""
        if monotonic() < self._silent_until:
            return False
        try:
            self._put(QueueName(queue))
        except RedisError as error:
            self._silent_until = monotonic() + PAUSE_SECONDS
            lost_nudges.labels(queue=queue).inc()
            log.warning("nudge.lost", queue=queue, error=type(error).__name__)
            return False
        return True

    def _put(self, name: QueueName) -> None:
        job = JOB_OF_QUEUE[name]
        if not self._redis.set(_waiting_key(job), "1", nx=True, ex=WAITING_SECONDS):
            return
        # Brought in where something is nudged: whoever only reads would wait for it.
        from rq import Queue
        from rq.serializers import JSONSerializer

        Queue(name.value, connection=self._redis, serializer=JSONSerializer).enqueue_call(
            job.value,
            timeout=LONGEST_SECONDS[job],
            result_ttl=0,
            ttl=JOB_TTL_SECONDS,
            failure_ttl=FAILURE_TTL_SECONDS,
            # RQ would write the call with its arguments here.
            description=job.value,
        )

    def begun(self, job: str) -> None:
        """The worker took the job: the next nudge puts another one behind it."""
        try:
            self._redis.delete(_waiting_key(JobName(job)))
        except RedisError as error:  # the key goes by itself in a few seconds
            log.warning("nudge.not_noted", job=job, error=type(error).__name__)

    def answers(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def close(self) -> None:
        self._redis.close()


def _waiting_key(job: JobName) -> str:
    return f"outreach:nudge:{job.value}"
