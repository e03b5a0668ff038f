"""How many positives a platform will be told of, hour by hour: its last weeks, its weekdays, its growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS = 24
# Shares of a week's positives by weekday, Monday first: Monday 22 %, Sunday 3 % (France 2020-2021); a
# platform's own weeks outweigh them as they come in.
WEEKDAYS = (0.22, 0.17, 0.16, 0.15, 0.15, 0.12, 0.03)
# How a day's results reach us over its local hours, as the replays assume.
_FROM_NINE = (0.04, 0.05, 0.07, 0.08, 0.09, 0.08, 0.09, 0.09, 0.10, 0.10, 0.09, 0.06, 0.04, 0.02)
RESULT_HOURS = (*[0.0] * 9, *_FROM_NINE, 0.0)
PRIOR_WEEKS = 1.0
WEEK = 7
MOST_GROWTH, LEAST_GROWTH = 3.0, 0.4  # of a week over the week before
LOOKS_BACK = 28  # days


@dataclass(frozen=True)
class ArrivalHistory:
    """Positives told by local day, today's so far included; `hours`: how a day's arrivals spread over it."""

    by_day: Mapping[date, int]
    hours: Sequence[float]  # 24 shares that sum to 1
    zone: str

    def __post_init__(self) -> None:
        if len(self.hours) != HOURS:
            raise ValueError("A day has 24 hours.")


def expected_arrivals(history: ArrivalHistory, now: datetime, hours: int) -> list[float]:
    """Positives expected in each of the next `hours`, from `now`."""
    zone = ZoneInfo(history.zone)
    expected: list[float] = []
    days: dict[date, float] = {}
    for ahead in range(hours):
        local = (now + timedelta(hours=ahead)).astimezone(zone)
        day = local.date()
        if day not in days:
            days[day] = expected_on(history, today=now.astimezone(zone).date(), day=day)
        expected.append(days[day] * history.hours[local.hour])
    return expected


def expected_on(history: ArrivalHistory, *, today: date, day: date) -> float:
    """Positives of a whole day, today's or a later one's."""
    last = _week_until(history, today)
    before = _week_until(history, today - timedelta(days=WEEK))
    growth = min(MOST_GROWTH, max(LEAST_GROWTH, (last + 1) / (before + 1))) if before else 1.0
    ahead = (day - today).days + (WEEK + 1) / 2  # from the middle of the last week
    # A wave that doubles does not double for ever: half of the growth carries on.
    carried = float(growth ** (0.5 * ahead / WEEK))
    return last * carried * weekday_shares(history, today)[day.weekday()]


def weekday_shares(history: ArrivalHistory, today: date) -> list[float]:
    """Each weekday's share of a week, the platform's own weeks drawn to the national ones."""
    seen = [0.0] * WEEK
    for back in range(1, LOOKS_BACK + 1):
        day = today - timedelta(days=back)
        seen[day.weekday()] += history.by_day.get(day, 0)
    total = sum(seen)
    weeks = LOOKS_BACK / WEEK if total else 0.0
    return [
        (prior * PRIOR_WEEKS + (count / total * weeks if total else 0.0)) / (PRIOR_WEEKS + weeks)
        for prior, count in zip(WEEKDAYS, seen, strict=True)
    ]


def _week_until(history: ArrivalHistory, end: date) -> float:
    """The seven days before `end`."""
    return sum(history.by_day.get(end - timedelta(days=back), 0) for back in range(1, WEEK + 1))
