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
# Seconds between two tellings of a topic. A platform has many changes a second and many who watch it: all are
# told at the same instant, so that one drawing serves them. An agent waits for their own call.
LEAST_APART = {"platform": 0.4, "agent": 0.2}
AT_ONCE = 0.0


@dataclass(eq=False)
class Watcher:
    """One open page; it wakes when one of its topics changed."""

    topics: frozenset[str]
    changed: set[str] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, topic: str) -> None:
        self.changed.add(topic)
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
        self._ending: set[asyncio.Task[None]] = set()
        self._told_at: dict[str, float] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def told_at(self, topic: str) -> float:
        """When its watchers were last told of a change (`monotonic`); now, when nobody watches it.

        A change since then will be told too, within `LEAST_APART`.
        """
        return self._told_at.get(topic, 0.0) if topic in self._watchers else monotonic()

    @contextmanager
    def watching(self, topics: Iterable[str]) -> Iterator[Watcher]:
        """Someone watches these topics."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        watcher = Watcher(frozenset(topics))
        for topic in watcher.topics:
            if topic not in self._watchers:  # what changed while nobody watched was told to nobody
                self._told_at[topic] = monotonic()
            self._watchers[topic].add(watcher)
        try:
            yield watcher
        finally:
            self._leave(watcher)

    def _leave(self, watcher: Watcher) -> None:
        for topic in watcher.topics:
            self._watchers[topic].discard(watcher)
            if not self._watchers[topic]:
                self._forget(topic)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            # The loop holds tasks weakly: one that nobody holds while it closes its line is torn apart.
            self._ending.add(self._task)
            self._task.add_done_callback(self._ending.discard)
            self._task = None

    def _forget(self, topic: str) -> None:
        del self._watchers[topic]
        self._told_at.pop(topic, None)
        if topic in self._waiting:
            self._waiting.pop(topic).cancel()

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
            for topic in list(self._watchers):  # who knows what was missed
                self._note(topic)
            while True:
                message = await listening.get_message(timeout=None)
                for topic in message["data"].decode().split() if message else ():
                    self._note(topic)

    def _note(self, topic: str) -> None:
        """It changed: told now, or when its last telling is long enough ago."""
        if topic not in self._watchers or topic in self._waiting:
            return
        apart = LEAST_APART.get(topic.partition(":")[0], AT_ONCE)
        pause = self._told_at.get(topic, 0.0) + apart - monotonic()
        if pause <= 0:
            self._tell(topic)
        else:
            self._waiting[topic] = asyncio.get_running_loop().call_later(pause, self._tell, topic)

    def _tell(self, topic: str) -> None:
        self._waiting.pop(topic, None)
        self._told_at[topic] = monotonic()
        for watcher in tuple(self._watchers.get(topic, ())):
            watcher.wake(topic)
