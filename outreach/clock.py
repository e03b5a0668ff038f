"""The only reader of time; everything else is told what time it is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, in UTC, and lets a loop wait."""

    def now(self) -> datetime: ...

    def wait(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass
class SetClock:
    """A clock that stands still until it is moved: for tests and for replays in virtual time."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        self.moment += by


def monotonic() -> float:
    """Seconds on a clock that never jumps: for measuring durations and hard deadlines only."""
    return time.monotonic()
