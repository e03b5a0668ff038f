"""A platform's day on one page: its figures beside the week before, why some were late, modes, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from outreach.domain.load_shedding import Mode
from outreach.domain.platform_figures import Value, mode_at
from outreach.domain.service_level import LateCause

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """A day of a platform's own calendar, from midnight to midnight."""

    date: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class ModeStretch:
    """A mode in force from one moment to another of the day."""

    mode: Mode
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Decision:
    """What somebody, or the program, decided: an event of the journal, by whose login, with its facts.

    `by` '': the program. `about`: the name of a campaign or of a text.
    """

    at: datetime
    event: str
    by: str
    facts: Mapping[str, object]
    about: str = ""


@dataclass(frozen=True)
class DailyReport:
    """`figures`, `week_before`: every figure by name (platform_figures.as_row), of the day and of seven days.

    `over`: whether the day had ended when the report was made.
    """

    platform: str
    name: str
    time_zone: str
    day: date
    made_at: datetime
    over: bool
    figures: Mapping[str, Value]
    week_before: Mapping[str, Value]
    late: Mapping[LateCause, int]
    modes: Sequence[ModeStretch]
    decisions: Sequence[Decision]
    alarms: Mapping[str, int]


def day_of(day: date, zone: str) -> Day:
    """Of 23 or 25 hours when the clocks change."""
    starts, ends = (
        datetime.combine(day + timedelta(days=n), time(), ZoneInfo(zone)).astimezone(UTC) for n in (0, 1)
    )
    return Day(day, starts, ends)


def mode_stretches(
    changes: Sequence[tuple[datetime, Mode]], starts: datetime, ends: datetime
) -> list[ModeStretch]:
    """The modes of a span, one after the other; the same mode set anew is one stretch."""
    edges = [starts, *(at for at, _ in changes if starts < at < ends), ends]
    found: list[ModeStretch] = []
    for begins, until in pairwise(edges):
        mode = mode_at(changes, begins)
        if found and found[-1].mode is mode:
            found[-1] = ModeStretch(mode, found[-1].starts, until)
        else:
            found.append(ModeStretch(mode, begins, until))
    return found
