"""One schedule leads; when it ends another leads; each queue is nudged at its pace."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.queues.job_queue import JobQueue, QueueName
from outreach.services.ended_modes import EndedModes
from outreach.storage import mode_store
from outreach.storage.database import Database
from workers.jobs import JobFailed
from workers.schedule import PERIODS, Schedule


def _schedule(database: Database, jobs: JobQueue, clock: SetClock, done: list[QueueName]) -> Schedule:
    def work_on(queue: QueueName) -> None:
        done.append(queue)
        if queue is QueueName.OUTBOX:
            raise JobFailed("TimeoutError")

    work = {q: (lambda q=q: work_on(q)) for q in QueueName}
    return Schedule(database, jobs, clock, work, EndedModes(database).tell)


@pytest.fixture
def jobs(redis_url: str) -> Iterator[JobQueue]:
    queue = JobQueue(redis_url)
    yield queue
    queue.close()


def _waiting(redis_url: str) -> list[int]:
    with redis.Redis.from_url(redis_url) as client:
        return [len(Queue(name, connection=client, serializer=JSONSerializer)) for name in QueueName]


def test_every_queue_has_its_turn() -> None:
    assert set(PERIODS) == set(QueueName)


def test_one_of_two_schedules_leads_until_it_ends(
    database: Database, jobs: JobQueue, clock: SetClock
) -> None:
    one, other = _schedule(database, jobs, clock, []), _schedule(database, jobs, clock, [])
    assert (one.tick(), other.tick(), one.tick()) == (True, False, True)
    one.close()
    assert other.tick()
    other.close()


def test_every_queue_is_nudged_once_in_its_period(
    database: Database, jobs: JobQueue, clock: SetClock, redis_url: str
) -> None:
    done: list[QueueName] = []
    schedule = _schedule(database, jobs, clock, done)
    for _ in range(10):
        schedule.tick()
        clock.wait(0.1)
    schedule.close()
    assert _waiting(redis_url) == [1] * len(QueueName)
    assert done == []


def test_without_redis_the_work_is_done_here_and_one_failure_stops_no_other(
    database: Database, clock: SetClock
) -> None:
    done: list[QueueName] = []
    schedule = _schedule(database, JobQueue("unix:///nowhere/redis.sock"), clock, done)
    schedule.tick()
    schedule.close()
    assert sorted(done) == sorted(QueueName)


def test_a_schedule_whose_database_went_away_leads_again_later(
    database: Database, jobs: JobQueue, clock: SetClock
) -> None:
    schedule = _schedule(database, jobs, clock, [])
    assert schedule.tick()
    with database.begin() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1"
        )
    assert not schedule.tick()
    assert schedule.tick()
    schedule.close()


def test_the_end_of_a_mode_is_told_at_the_next_look_and_once(
    database: Database, jobs: JobQueue, clock: SetClock, platform: str
) -> None:
    told: list[frozenset[str]] = []
    schedule = _schedule(database, jobs, clock, [])
    with database.begin() as connection:
        mode = mode_store.in_force(connection, platform)
        end = clock.now() + timedelta(seconds=3)
        mode_store.put(connection, replace(mode, mode=Mode.SMS_CONTACTS, ends_at=end))
    database.tell = told.append
    for _ in range(6):
        schedule.tick()
        clock.wait(0.5)
    assert (told, clock.now()) == ([], end)
    for _ in range(3):
        schedule.tick()
        clock.wait(0.5)
    schedule.close()
    assert told == [frozenset({f"orders:{platform}", f"platform:{platform}"})]


def test_a_mode_that_ended_while_nobody_led_is_told_by_who_leads_next(
    database: Database, jobs: JobQueue, clock: SetClock, platform: str
) -> None:
    told: list[frozenset[str]] = []
    with database.begin() as connection:
        mode = mode_store.in_force(connection, platform)
        end = clock.now() - timedelta(minutes=10)
        mode_store.put(connection, replace(mode, mode=Mode.SMS_CONTACTS, ends_at=end))
    database.tell = told.append
    schedule = _schedule(database, jobs, clock, [])
    schedule.tick()
    schedule.close()
    assert told == [frozenset({f"orders:{platform}", f"platform:{platform}"})]
