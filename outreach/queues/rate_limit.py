"""Requests per minute, counted in each process and told to Redis in bundles: all processes share a limit.

A bundle is a fiftieth of the limit: most requests cost a look at a dictionary. Without Redis each process
counts alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import Counter
from redis import RedisError

from outreach.clock import monotonic
from outreach.log import get_logger
from outreach.queues.job_queue import PAUSE_SECONDS, connect

if TYPE_CHECKING:
    from limits.storage import RedisStorage

log = get_logger("rate_limit")
not_shared = Counter("outreach_rate_limits_not_shared", "Bundles of requests Redis did not take.", ["limit"])

WINDOW_SECONDS = 60
BUNDLES = 50
PREFIX = "outreach:rate"


class SharedCounts:
    """The counts in Redis. A failure never reaches the caller."""

    def __init__(self, redis_url: str) -> None:
        client = connect(redis_url)
        self._pool = client.connection_pool
        self._silent_until = 0.0

    @cached_property
    def _storage(self) -> RedisStorage:
        # Brought in where requests are counted: commands would wait for it.
        from limits.storage import RedisStorage

        return RedisStorage("redis://", connection_pool=self._pool, key_prefix=PREFIX)

    def add(self, limit: str, key: str, amount: int) -> int | None:
        """What all processes counted for a key; None when Redis does not say."""
        if monotonic() < self._silent_until:
            return None
        try:
            return int(self._storage.incr(f"{limit}:{key}", 2 * WINDOW_SECONDS, amount=amount))
        except RedisError as error:
            self._silent_until = monotonic() + PAUSE_SECONDS
            not_shared.labels(limit=limit).inc()
            log.warning("rate_limit.not_shared", limit=limit, error=type(error).__name__)
            return None

    def close(self) -> None:
        self._pool.disconnect()


@dataclass
class _Count:
    """Requests of one asker in this minute: those of all processes as last told, and ours since."""

    told: int = 0
    untold: int = 0


class RateLimit:
    """So many requests of one asker in a minute of the clock; 0: no limit. Askers are known by digests."""

    def __init__(self, counts: SharedCounts, name: str, per_minute: int) -> None:
        self._shared = counts
        self._name = name
        self._most = per_minute
        self._bundle = max(1, per_minute // BUNDLES)
        self._window = 0
        self._counts: dict[str, _Count] = {}
        self._lock = Lock()

    def count(self, who: str, now: datetime) -> bool:
        """One more request; whether a bundle is full, so that `share` is to be called (it asks Redis)."""
        if not self._most:
            return False
        with self._lock:
            count = self._current(who, now)
            count.untold += 1
            return count.untold % self._bundle == 0

    def share(self, who: str, now: datetime) -> None:
        """Tell what was counted here, and learn what was counted elsewhere."""
        with self._lock:
            count, window = self._current(who, now), self._window
            amount, count.untold = count.untold, 0
            count.told += amount
        together = self._shared.add(self._name, f"{who}:{window}", amount)
        if together is not None:
            count.told = max(count.told, together)

    def seconds_to_wait(self, who: str, now: datetime) -> int:
        """0 while the asker is within the limit, else until the minute is over."""
        if not self._most:
            return 0
        with self._lock:
            count = self._current(who, now)
            if count.told + count.untold <= self._most:
                return 0
        return math.ceil(WINDOW_SECONDS - now.timestamp() % WINDOW_SECONDS) or 1

    def _current(self, who: str, now: datetime) -> _Count:
        window = int(now.timestamp()) // WINDOW_SECONDS
        if window != self._window:
            self._window, self._counts = window, {}
        return self._counts.setdefault(who, _Count())


class RateLimits:
    """Requests of one token, unknown tokens from one address, personal pages for one address."""

    def __init__(self, redis_url: str, *, requests: int, failures: int, pages: int = 0) -> None:
        self._counts = SharedCounts(redis_url)
        self.token = RateLimit(self._counts, "token", requests)
        self.failure = RateLimit(self._counts, "failure", failures)
        self.page = RateLimit(self._counts, "page", pages)

    def close(self) -> None:
        self._counts.close()
