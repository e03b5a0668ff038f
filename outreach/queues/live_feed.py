"""The listening end of live events: one subscription for a whole process, shared out to whoever watches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from outreach.clock import monotonic
from outreach.log import get_logger
from outreach.queues.live_events import CHANNEL

log = get_logger("live_feed")
AGAIN_SECONDS = 1.0  # after Redis went away


@dataclass(eq=False)
class Watcher:
    """One open page; it wakes when one of its topics changed."""

    topics: frozenset[str]
    changed: set[str] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, topics: Iterable[str]) -> None:
        self.changed.update(topics)
        self.woken.set()

    async def wait(self, seconds: float) -> frozenset[str]:
        """The topics that changed since the last call; none when the time is up first."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), seconds)
        self.woken.clear()
        changed, self.changed = frozenset(self.changed), set()
        return changed


class LiveFeed:
    """Belongs to the event loop it is used on. While Redis is away nobody is woken; then everybody is."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._watchers: dict[str, set[Watcher]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._changed_at: dict[str, float] = {}

    def changed_at(self, topic: str) -> float:
        """When a watched topic was last told to have changed (`monotonic`); now, when nobody watches it."""
        return self._changed_at.get(topic, 0.0) if topic in self._watchers else monotonic()

    @contextmanager
    def watching(self, topics: Iterable[str]) -> Iterator[Watcher]:
        """Someone watches these topics."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        watcher = Watcher(frozenset(topics))
        for topic in watcher.topics:
            self._watchers[topic].add(watcher)
        try:
            yield watcher
        finally:
            self._leave(watcher)

    def _leave(self, watcher: Watcher) -> None:
        for topic in watcher.topics:
            self._watchers[topic].discard(watcher)
            if not self._watchers[topic]:
                del self._watchers[topic]
                self._changed_at.pop(topic, None)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _listen(self) -> None:
        while True:
            redis = Redis.from_url(self._url, health_check_interval=10)
            try:
                await self._share_out(redis)
            except (RedisError, OSError) as error:
                log.warning("live_feed.away", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                await redis.aclose()

    async def _share_out(self, redis: Redis) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as listening:
            await listening.subscribe(CHANNEL)
            self._wake(list(self._watchers))  # who knows what was missed
            async for message in listening.listen():
                self._wake(message["data"].decode().split())

    def _wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic in self._watchers:
                self._changed_at[topic] = monotonic()
            for watcher in tuple(self._watchers.get(topic, ())):
                watcher.wake([topic])
