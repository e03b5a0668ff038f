"""When a person may be called: a platform's weekly hours, read in the callee's own zone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outreach.domain.holiday_calendars import holidays_of
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput

MINUTE = 60
DAY_MINUTES = 24 * 60
# A year of hours is built at once, with this much of the years around it, so that one look is enough.
MARGIN = timedelta(days=40)
DEFAULT_ZONE = "Europe/Paris"

Span: TypeAlias = tuple[int, int]  # minutes of the day: opens, closes (not included); 24:00 is 1440
WeeklyHours: TypeAlias = Mapping[str, Mapping[str, object]]  # platforms.calling_hours as stored


class DayPart(StrEnum):
    """The three parts of a day in which a positive is tried."""

    MORNING = "MORNING"  # until noon
    MIDDAY = "MIDDAY"  # noon to 17:00
    EVENING = "EVENING"  # from 17:00


@dataclass(frozen=True)
class CallingHours:
    """Open spans for each weekday, Monday first; `holidays` is None where a holiday is a day like another."""

    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Span, ...] | None = None

    def in_zone(self, zone: str, *, region: str = "") -> OpenHours:
        """The same hours on the callee's clock; `region`: a French department or a country, for holidays."""
        return _open_hours(self, zone or DEFAULT_ZONE, region)


@dataclass(frozen=True)
class OpenHours:
    """Calling hours of one zone as moments in UTC, exact across clock changes."""

    hours: CallingHours
    zone: str
    region: str = ""

    def is_open(self, at: datetime) -> bool:
        opens, closes = self._year(at)
        place = bisect_right(opens, _second(at)) - 1
        return place >= 0 and _second(at) < closes[place]

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening."""
        opens, closes = self._year(at)
        place = bisect_right(closes, _second(at))
        return max(at, _moment(opens[place]))

    def closes_at(self, at: datetime) -> datetime:
        """The closing that follows `next_open(at)`; hours that never close answer a moment weeks ahead."""
        _, closes = self._year(at)
        return _moment(closes[bisect_right(closes, _second(at))])

    def last_open_before(self, at: datetime) -> datetime:
        """The last whole callable minute that begins before `at`."""
        opens, closes = self._year(at)
        place = bisect_left(opens, _second(at)) - 1
        end = min(_second(at), closes[place])
        return _moment(max(opens[place], (end - 1) // MINUTE * MINUTE))

    def day_part(self, at: datetime) -> DayPart:
        return part_of_hour(at.astimezone(_zone(self.zone)).hour)

    def next_part(self, at: datetime) -> datetime:
        """The first callable moment of a later part of the day, on this day or the next open one."""
        return self.next_open(_next_part_begins(at.astimezone(_zone(self.zone)), self.day_part(at)))

    def _year(self, at: datetime) -> tuple[list[int], list[int]]:
        return _year_of_hours(self, at.astimezone(UTC).year)


def part_of_hour(hour: int) -> DayPart:
    """The part of the day of a local hour."""
    if hour < 12:
        return DayPart.MORNING
    return DayPart.MIDDAY if hour < 17 else DayPart.EVENING


def hours_from(stored: WeeklyHours | None, purpose: Purpose) -> CallingHours:
    """A platform's hours for a purpose; what it did not set is as in DEFAULT_HOURS.

    Stored shape: {"INTERVIEW": {"week": [["08:30-20:00"], …seven…], "holidays": ["09:00-19:00"] | null}}.
    Raises InvalidInput.
    """
    chosen = (stored or {}).get(purpose.value)
    if chosen is None:
        return DEFAULT_HOURS[purpose]
    week = chosen.get("week")
    if not isinstance(week, Sequence) or len(week) != 7:
        raise InvalidInput("Calling hours list seven days, Monday first.", field="week")
    days = tuple(_spans(day) for day in week)
    if not any(days):
        raise InvalidInput("Calling hours are open at least once a week.", field="week")
    on_holidays = chosen.get("holidays")
    return CallingHours(days, None if on_holidays is None else _spans(on_holidays))


def callee_hours(
    stored: WeeklyHours, purpose: Purpose, *, zone: str, platform_zone: str, department: str
) -> OpenHours:
    """A platform's hours for one callee: holidays are the department's where the zone is the same."""
    region = department if zone in ("", platform_zone) else ""
    return hours_from(stored, purpose).in_zone(zone or platform_zone, region=region)


def check_hours(stored: WeeklyHours) -> None:
    """Raises InvalidInput for hours that a platform may not store."""
    for name in stored:
        if name not in Purpose.__members__:
            raise InvalidInput(f"{name} is not a purpose of calls.", field=name)
        hours_from(stored, Purpose(name))


def _spans(day: object) -> tuple[Span, ...]:
    if not isinstance(day, Sequence) or isinstance(day, str):
        raise InvalidInput("A day of calling hours is a list of spans.", field="week", mend='["08:30-20:00"]')
    spans = tuple(sorted(_span(str(text)) for text in day))
    if any(earlier[1] > later[0] for earlier, later in pairwise(spans)):
        raise InvalidInput("Two spans of one day overlap.", field="week")
    return spans


def _span(text: str) -> Span:
    try:
        opens, closes = (_minute_of(part) for part in text.split("-"))
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a span of hours.", field="week", mend="08:30-20:00") from error
    if not 0 <= opens < closes <= DAY_MINUTES:
        raise InvalidInput(f"{text!r} does not open before it closes.", field="week", mend="08:30-20:00")
    return opens, closes


def _minute_of(text: str) -> int:
    hours, minutes = text.strip().split(":")
    if not 0 <= int(minutes) < 60:
        raise ValueError(text)
    return int(hours) * 60 + int(minutes)


def _next_part_begins(local: datetime, part: DayPart) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match part:
        case DayPart.MORNING:
            return midnight.replace(hour=12).astimezone(UTC)
        case DayPart.MIDDAY:
            return midnight.replace(hour=17).astimezone(UTC)
        case DayPart.EVENING:
            return (midnight + timedelta(days=1)).astimezone(UTC)
        case _:
            assert_never(part)


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=4096)
def _open_hours(hours: CallingHours, zone: str, region: str) -> OpenHours:
    _zone(zone)
    return OpenHours(hours, zone, region)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"{name!r} is not a time zone.", field="zone", mend=DEFAULT_ZONE) from error


@lru_cache(maxsize=1024)
def _year_of_hours(hours: OpenHours, year: int) -> tuple[list[int], list[int]]:
    """Openings and closings in seconds of UTC; spans that touch are one."""
    opens: list[int] = []
    closes: list[int] = []
    first = datetime(year, 1, 1, tzinfo=UTC) - MARGIN
    days = 366 + 2 * MARGIN.days
    for start, end in (span for n in range(days) for span in _utc_day(hours, first + timedelta(days=n))):
        if closes and closes[-1] == start:
            closes[-1] = end
        else:
            opens.append(start)
            closes.append(end)
    return opens, closes


def _utc_day(hours: OpenHours, midnight: datetime) -> Iterator[Span]:
    """Open spans of one day of UTC: cut where the clock changes, so that each piece has one offset."""
    zone = _zone(hours.zone)
    start, end = _second(midnight), _second(midnight) + DAY_MINUTES * MINUTE
    changes = list(_clock_changes(zone, start, end))
    for begins, ends in pairwise([start, *changes, end]):
        yield from _piece(hours, begins, ends, _offset(zone, begins))


def _clock_changes(zone: ZoneInfo, start: int, end: int) -> Iterator[int]:
    """Moments of the day at which the offset changes; no zone changes twice within an hour."""
    for begins in range(start, end, 60 * MINUTE):
        before, after = begins, begins + 60 * MINUTE
        if _offset(zone, before) == _offset(zone, after):
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(zone, middle) == _offset(zone, before):
                before = middle
            else:
                after = middle
        if after < end:
            yield after


def _piece(hours: OpenHours, begins: int, ends: int, offset: int) -> Iterator[Span]:
    local = datetime.fromtimestamp(begins + offset, UTC).date()
    last = datetime.fromtimestamp(ends + offset - 1, UTC).date()
    while local <= last:
        midnight = _second(datetime(local.year, local.month, local.day, tzinfo=UTC)) - offset
        for opens, closes in _spans_of(hours, local):
            start = max(begins, midnight + opens * MINUTE)
            end = min(ends, midnight + closes * MINUTE)
            if start < end:
                yield start, end
        local += timedelta(days=1)


def _spans_of(hours: OpenHours, day: date) -> tuple[Span, ...]:
    on_holidays = hours.hours.holidays
    if on_holidays is not None and day in holidays_of(hours.region, hours.zone, day.year):
        return on_holidays
    return hours.hours.week[day.weekday()]


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _hours(weekdays: str, saturday: str, sunday: str, holidays: str | None) -> CallingHours:
    week = tuple(_spans(day.split()) for day in (*[weekdays] * 5, saturday, sunday))
    return CallingHours(week, None if holidays is None else _spans(holidays.split()))


# The platforms of 2020-2021 called seven days a week, about 08:30 to 19:00; until 20:00 on working days here,
# because the evening is when people answer. Sundays and holidays are shorter, never closed, where 24 hours
# count. A campaign keeps to the hours French law sets for unasked calls (decree 2022-1313).
DEFAULT_HOURS: Mapping[Purpose, CallingHours] = {
    Purpose.INTERVIEW: _hours("08:30-20:00", "08:30-20:00", "09:00-19:00", "09:00-19:00"),
    Purpose.INFORM: _hours("08:30-20:00", "08:30-20:00", "09:00-19:00", "09:00-19:00"),
    Purpose.FOLLOW_UP: _hours("09:00-19:00", "09:00-19:00", "", ""),
    Purpose.CAMPAIGN: _hours("10:00-13:00 14:00-20:00", "", "", ""),
}
