"""What a forecast pours: people who stand in lanes, and the shares of them who are in time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SOME = 1e-9  # fewer people than that are nobody


@dataclass
class Lane:
    """People served in the order they came.

    Each group: hour due, how many, first hour they may be called, tries, share of them an SMS can inform.
    """

    groups: deque[list[float]] = field(default_factory=deque)

    def add(self, due: float, size: float, *, ready: float = 0, tries: int = 0, textable: float = 0) -> None:
        if size > SOME:
            self.groups.append([due, size, ready, tries, textable])

    def size(self) -> float:
        return sum(group[1] for group in self.groups)


@dataclass
class Share:
    met: float = 0.0
    due: float = 0.0

    def share(self) -> float | None:
        return min(1.0, self.met / self.due) if self.due > SOME else None
