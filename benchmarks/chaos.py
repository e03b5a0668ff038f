"""What goes wrong in kill_senders: processes killed and frozen, database crashes, Redis emptied."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis

from outreach.storage.embedded_postgres import EmbeddedPostgres

CRASH_SECONDS = 30.0


@dataclass
class Chaos:
    """`victims` gives the processes that may die now. Every draw comes from the seed; the clock is real."""

    victims: Callable[[], list[int]]
    postgres: EmbeddedPostgres
    folder: Path  # of the database
    redis_url: str
    draw: random.Random
    done: Counter[str] = field(default_factory=Counter)
    _frozen: dict[int, float] = field(default_factory=dict)

    def strike(self, *, database: bool = True) -> None:
        """One misfortune."""
        self._thaw(time.monotonic())
        chance = self.draw.random()
        if database and chance < 0.03:
            self._note("database crashed", self._crash_database)
        elif chance < 0.10:
            self._note("Redis emptied", self._empty_redis)
        elif chance < 0.40:
            self._note("frozen", self._freeze)
        else:
            self._note("killed", self._kill)

    def end(self) -> None:
        """Whoever is frozen goes on."""
        self._thaw(float("inf"))

    def _note(self, what: str, strike: Callable[[], bool]) -> None:
        self.done[what] += strike()

    def _kill(self) -> bool:
        return self._signal(signal.SIGKILL) is not None

    def _freeze(self) -> bool:
        victim = self._signal(signal.SIGSTOP)
        if victim is not None:
            self._frozen[victim] = time.monotonic() + self.draw.choice((0.5, 2.0, 12.0))
        return victim is not None

    def _signal(self, number: signal.Signals) -> int | None:
        awake = [pid for pid in self.victims() if pid not in self._frozen]
        if not awake:
            return None
        victim = self.draw.choice(awake)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, number)
        return victim

    def _thaw(self, now: float) -> None:
        for pid in [pid for pid, until in self._frozen.items() if until <= now]:
            del self._frozen[pid]
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _empty_redis(self) -> bool:
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()
        return True

    def _crash_database(self) -> bool:
        """Every session ends in the middle of what it does; the server recovers from its log."""
        pid = int((self.folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        server = psutil.Process(pid)
        server.send_signal(signal.SIGQUIT)
        server.wait(CRASH_SECONDS)
        until = time.monotonic() + CRASH_SECONDS
        while True:
            try:
                self.postgres.start()
            except subprocess.SubprocessError:  # a busy machine: it is still recovering
                if time.monotonic() > until:
                    raise
            else:
                return True
