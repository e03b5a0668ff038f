"""What has changed, told through Redis to the pages that show it: topics only, no content.

A topic names whose view is out of date, such as "agent:<user id>" or "platform:40". What is lost here is
lost: pages also look anew by themselves, and on every reconnect.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from redis import RedisError

from outreach.log import get_logger
from outreach.queues.job_queue import PAUSE_SECONDS, connect

log = get_logger("live_events")
CHANNEL = "outreach:live"
GATHER_SECONDS = 0.05  # a thousand changes of a platform within it are one


class LiveEvents:
    """Tells topics from a thread of its own: whoever changes something never waits for Redis."""

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url
        self._redis = connect(redis_url)
        self._topics: set[str] = set()
        self._some = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    def tell(self, topics: Iterable[str]) -> None:
        """These have changed; told within a moment."""
        with self._some:
            self._topics.update(topics)
            if self._thread is None and not self._ending:
                self._thread = threading.Thread(target=self._run, name="live-events", daemon=True)
                self._thread.start()
            self._some.notify()

    def close(self) -> None:
        """Tell what is left, then let go."""
        with self._some:
            self._ending = True
            self._some.notify()
        if self._thread is not None:
            self._thread.join(PAUSE_SECONDS + 1)
        self._redis.close()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            with self._some:
                while not self._topics and not self._ending:
                    self._some.wait()
                topics, self._topics = self._topics, set()
            if not topics:
                return
            try:
                self._redis.publish(CHANNEL, " ".join(sorted(topics)))
            except RedisError as error:
                log.warning("live_events.lost", error=type(error).__name__)
                pause.wait(PAUSE_SECONDS)
            pause.wait(GATHER_SECONDS)
