"""Limits hold over all processes at the price of a dictionary, and are no obstacle when Redis is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from outreach.queues.job_queue import connect
from outreach.queues.rate_limit import RateLimit, RateLimits

NOW = datetime(2021, 3, 16, 9, 0, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@contextmanager
def limits(redis_url: str, *, requests: int = 100) -> Iterator[RateLimit]:
    """What one process holds."""
    held = RateLimits(redis_url, requests=requests, failures=5)
    yield held.token
    held.close()


def ask(limit: RateLimit, times: int, *, now: datetime = NOW, who: str = "anne") -> int:
    """So many requests, as the web application makes them; how many were within the limit."""
    within = 0
    for _ in range(times):
        if limit.count(who, now):
            limit.share(who, now)
        within += limit.seconds_to_wait(who, now) == 0
    return within


def test_whoever_goes_over_the_limit_waits_for_the_next_minute(redis_url: str) -> None:
    with limits(redis_url) as limit:
        assert ask(limit, 130) == 100
        assert limit.seconds_to_wait("anne", NOW) == 45
        assert ask(limit, 1, now=NOW + MINUTE) == 1


def test_each_asker_has_their_own_limit(redis_url: str) -> None:
    with limits(redis_url) as limit:
        ask(limit, 130)
        assert ask(limit, 1, who="boris") == 1


def test_processes_share_a_limit_to_within_a_bundle_each(redis_url: str) -> None:
    with limits(redis_url) as here, limits(redis_url) as there:
        within = sum(ask(process, 1) for _ in range(130) for process in (here, there))
        assert 100 <= within <= 104


def test_most_requests_do_not_ask_redis(redis_url: str) -> None:
    with limits(redis_url, requests=3_000) as limit:
        assert sum(limit.count("anne", NOW) for _ in range(600)) == 10


def test_without_redis_each_process_counts_alone() -> None:
    with limits("unix:///nowhere/redis.sock") as here, limits("unix:///nowhere/redis.sock") as there:
        assert ask(here, 130) == 100
        assert ask(there, 50) == 50


def test_a_limit_of_nothing_is_no_limit(redis_url: str) -> None:
    with limits(redis_url, requests=0) as limit:
        assert ask(limit, 500) == 500


def test_redis_forgets_counts_by_itself(redis_url: str) -> None:
    with limits(redis_url) as limit, connect(redis_url) as client:
        ask(limit, 10)
        (key,) = client.keys("outreach:rate*")
        assert 0 < client.ttl(key) <= 120
