"""Time inside the simulated phone company, which may run many times faster than ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from outreach.clock import Clock


@dataclass
class SimulatedTime:
    """`speed` simulated seconds pass in one real second; moments told to others are real ones."""

    clock: Clock
    speed: float

    def now(self) -> datetime:
        """The real moment."""
        return self.clock.now()

    def after(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Act when so many simulated seconds have passed."""
        return asyncio.get_running_loop().call_later(max(0.0, seconds) / self.speed, act)

    async def pass_by(self, seconds: float) -> None:
        """Let so many simulated seconds pass."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    def between(self, start: datetime, end: datetime) -> int:
        """Whole simulated seconds between two real moments."""
        return round((end - start).total_seconds() * self.speed)


def rfc2822(moment: datetime | None) -> str | None:
    """A moment as the provider's answers write it; None stays None."""
    return None if moment is None else format_datetime(moment.replace(microsecond=0))
