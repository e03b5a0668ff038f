"""Virtual time: a heap of what happens next; the same seed gives the same story, to the last draw."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

Action = Callable[..., object]


class VirtualTime:
    """`seconds` since the story began; `now()` is the true moment, which no process knows exactly."""

    def __init__(self, starts_at: datetime, seed: int) -> None:
        self.starts_at, self.seconds = starts_at, 0.0
        self.draw = random.Random(seed)
        self.calm = False  # nothing goes wrong any more
        self._next: list[tuple[float, int, Action, tuple[Any, ...]]] = []
        self._turn = count()

    def now(self) -> datetime:
        return self.starts_at + timedelta(seconds=self.seconds)

    def at(self, seconds: float, action: Action, *arguments: Any) -> None:
        heappush(self._next, (seconds, next(self._turn), action, arguments))

    def after(self, seconds: float, action: Action, *arguments: Any) -> None:
        heappush(self._next, (self.seconds + seconds, next(self._turn), action, arguments))

    def chance(self, probability: float) -> bool:
        """Whether something that goes wrong so often goes wrong now."""
        return not self.calm and self.draw.random() < probability

    def run_until(self, seconds: float) -> None:
        """Let everything happen up to that moment."""
        while self._next and self._next[0][0] <= seconds:
            self.seconds, _, action, arguments = heappop(self._next)
            action(*arguments)
        self.seconds = max(self.seconds, seconds)
