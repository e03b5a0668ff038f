"""What a replay counts, by day and in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date

from outreach.domain.load_shedding import Mode


@dataclass(slots=True)
class DayFigures:
    """Positives stand under the day of their result, contacts under that of their listing."""

    positives: int = 0
    called_in_time: int = 0
    reached_in_time: int = 0
    contacts: int = 0
    informed_in_time: int = 0
    calls: int = 0
    messages: int = 0
    minutes_used: float = 0.0
    minutes: float = 0.0
    backlog_positives: int = 0
    backlog_contacts: int = 0

    @property
    def backlog(self) -> int:
        return self.backlog_positives + self.backlog_contacts

    def add(self, other: DayFigures) -> None:
        for each in fields(DayFigures):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True)
class ModeSpan:
    """A mode in force from a moment (minutes since 1970) on, and why."""

    since: int
    mode: Mode
    because: str


@dataclass
class Figures:
    """One policy's run."""

    policy: str
    days: dict[date, DayFigures] = field(default_factory=lambda: defaultdict(DayFigures))
    modes: list[ModeSpan] = field(default_factory=list)
    most_cohorts: int = 0

    def total(self, days: Iterable[date] | None = None) -> DayFigures:
        """All days of the period, or some."""
        whole = DayFigures()
        for day, figures in self.days.items():
            if days is None or day in days:
                whole.add(figures)
        return whole


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Bound:
    """The most any policy could have: positives called in time by day of result, and contacts informed."""

    called_in_time: dict[date, float]
    positives: dict[date, float]
    informed_share: float
