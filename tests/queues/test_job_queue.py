"""A nudge says that there is work, once; Redis may die without anyone noticing."""

import json

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from outreach.queues.job_queue import JOB_OF_QUEUE, JobName, JobQueue, QueueName


def _waiting(redis_url: str, queue: str) -> int:
    with redis.Redis.from_url(redis_url) as client:
        return len(Queue(queue, connection=client, serializer=JSONSerializer))


@pytest.mark.parametrize("queue", list(QueueName))
def test_each_queue_has_its_job(queue: QueueName, redis_url: str) -> None:
    assert JobQueue(redis_url).nudge(queue)
    with redis.Redis.from_url(redis_url) as client:
        (job,) = Queue(queue, connection=client, serializer=JSONSerializer).jobs
        assert job.func_name == JOB_OF_QUEUE[queue]


def test_many_nudges_leave_one_job_waiting(redis_url: str) -> None:
    jobs = JobQueue(redis_url)
    assert all(jobs.nudge("messages") for _ in range(5))
    assert _waiting(redis_url, "messages") == 1


def test_a_nudge_while_the_job_runs_puts_one_behind_it(redis_url: str) -> None:
    jobs = JobQueue(redis_url)
    jobs.nudge("messages")
    jobs.begun(JobName.SEND_MESSAGES)
    jobs.nudge("messages")
    jobs.nudge("messages")
    assert _waiting(redis_url, "messages") == 2


def test_a_nudge_lost_with_its_worker_blocks_the_next_one_for_seconds_only(redis_url: str) -> None:
    JobQueue(redis_url).nudge("messages")
    with redis.Redis.from_url(redis_url) as client:
        assert 0 < client.ttl(f"outreach:nudge:{JobName.SEND_MESSAGES}") <= 10


def test_a_dead_redis_never_reaches_the_caller() -> None:
    jobs = JobQueue("unix:///nowhere/redis.sock")
    assert jobs.nudge("messages") is False
    assert jobs.answers() is False


def test_a_job_in_redis_holds_a_name_and_nothing_else(redis_url: str) -> None:
    JobQueue(redis_url).nudge("imports")
    with redis.Redis.from_url(redis_url) as client:
        (job,) = Queue("imports", connection=client, serializer=JSONSerializer).jobs
        assert json.loads(job.data) == [JobName.RUN_IMPORTS, None, [], {}]
        assert job.description == JobName.RUN_IMPORTS
        assert (job.ttl, job.result_ttl, job.failure_ttl) == (300, 0, 3600)
