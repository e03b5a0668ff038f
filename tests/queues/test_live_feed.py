"""Live events: who watches is told soon, together, and not of every change alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from outreach.clock import monotonic
from outreach.queues.live_events import LiveEvents
from outreach.queues.live_feed import LEAST_APART, LiveFeed

LONG = 20.0  # seconds, where something must come
PLATFORM, AGENT = "platform:40", "agent:one"


@pytest.fixture
def events(redis_url: str) -> Iterator[LiveEvents]:
    made = LiveEvents(redis_url)
    yield made
    made.close()


def test_all_who_watch_a_platform_are_told_at_the_same_instant(redis_url: str, events: LiveEvents) -> None:
    async def watch() -> tuple[list[frozenset[str]], float]:
        feed = LiveFeed(redis_url)
        with feed.watching([PLATFORM]) as one, feed.watching([PLATFORM]) as other:
            await asyncio.gather(one.wait(LONG), other.wait(LONG))  # what was missed before the line stood
            told = feed.told_at(PLATFORM)
            events.tell([PLATFORM])
            first = await one.wait(LONG)
            return [first, frozenset(other.changed)], feed.told_at(PLATFORM) - told

    changed, apart = asyncio.run(watch())
    assert changed == [{PLATFORM}, {PLATFORM}]
    assert apart >= LEAST_APART["platform"]


def test_many_changes_of_a_platform_are_one_telling_after_the_first(
    redis_url: str, events: LiveEvents
) -> None:
    async def watch() -> int:
        feed, tellings = LiveFeed(redis_url), set()
        with feed.watching([PLATFORM, AGENT]) as watcher:
            await watcher.wait(LONG)
            for _ in range(20):
                events.tell([PLATFORM])
                events.tell([AGENT])
                while AGENT not in await watcher.wait(LONG):
                    pass
                tellings.add(feed.told_at(PLATFORM))
            return len(tellings)

    # An agent is told every 0.2 s at most, their platform every 0.4 s: half as often, and one at each end.
    assert asyncio.run(watch()) <= 20 * LEAST_APART["agent"] / LEAST_APART["platform"] + 2


def test_a_change_during_the_pause_is_told_after_it(redis_url: str, events: LiveEvents) -> None:
    async def watch() -> frozenset[str]:
        feed = LiveFeed(redis_url)
        with feed.watching([PLATFORM]) as watcher:
            await watcher.wait(LONG)
            for _ in range(3):
                events.tell([PLATFORM])
                last = await watcher.wait(LONG)
            return last

    assert asyncio.run(watch()) == {PLATFORM}


def test_nothing_drawn_before_somebody_watched_again_is_good(redis_url: str) -> None:
    """A page is loaded anew: what changed in between was told to nobody."""

    async def reload() -> tuple[float, float]:
        feed = LiveFeed(redis_url)
        with feed.watching([PLATFORM]) as watcher:
            await watcher.wait(LONG)
        before = monotonic()
        with feed.watching([PLATFORM]):
            return before, feed.told_at(PLATFORM)

    before, told = asyncio.run(reload())
    assert told >= before


def test_nobody_watching_means_that_nothing_drawn_before_now_is_good(redis_url: str) -> None:
    async def leave() -> tuple[float, float]:
        feed = LiveFeed(redis_url)
        with feed.watching([PLATFORM]) as watcher:
            await watcher.wait(LONG)
            told = feed.told_at(PLATFORM)
        return told, feed.told_at(PLATFORM)

    told, now = asyncio.run(leave())
    assert now > told
