"""The moments an agent may promise a call for: half hours inside the callee's hours, by day and part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from outreach.domain.calling_hours import DayPart, OpenHours, part_of_hour

STEP = timedelta(minutes=30)
SOONEST = timedelta(minutes=10)
DAYS_OFFERED = 4
MOST_AHEAD = 14  # days looked at for so many open ones


@dataclass(frozen=True)
class CallbackSlot:
    """`promised`: calls already promised for this half hour; `late`: after the person's deadline."""

    at: datetime
    promised: int = 0
    late: bool = False


@dataclass(frozen=True)
class SlotsOfPart:
    """A part of one day, on the callee's clock."""

    day: date
    part: DayPart
    slots: tuple[CallbackSlot, ...]


def callback_slots(
    hours: OpenHours,
    now: datetime,
    *,
    promised: Mapping[datetime, int],
    deadline: datetime,
    past_deadline: bool,
) -> list[SlotsOfPart]:
    """Soonest first, on the days that have open hours.

    `past_deadline`: whether moments after the deadline are offered, which for a positive needs a supervisor.
    """
    zone, offered, days = ZoneInfo(hours.zone), list[CallbackSlot](), set[date]()
    for at in _half_hours(now, zone):
        day = at.astimezone(zone).date()
        if len(days) == DAYS_OFFERED and day not in days:
            break
        if hours.is_open(at) and (past_deadline or at <= deadline):
            days.add(day)
            offered.append(CallbackSlot(at, promised.get(at, 0), at > deadline))
    return [
        SlotsOfPart(day, part, tuple(slots))
        for (day, part), slots in groupby(offered, key=lambda slot: _place(slot.at, zone))
    ]


def slot_of(at: datetime) -> datetime:
    """The half hour in which a moment lies."""
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def _half_hours(now: datetime, zone: ZoneInfo) -> list[datetime]:
    today = now.astimezone(zone).date()
    moments = (
        datetime.combine(today + timedelta(days=day), time(half // 2, half % 2 * 30), zone).astimezone(UTC)
        for day in range(MOST_AHEAD)
        for half in range(48)
    )
    return [at for at in moments if at >= now + SOONEST]


def _place(at: datetime, zone: ZoneInfo) -> tuple[date, DayPart]:
    local = at.astimezone(zone)
    return local.date(), part_of_hour(local.hour)
