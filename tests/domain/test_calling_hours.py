"""Calling hours in the callee's zone, exact across clock changes and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.domain.calling_hours import (
    DEFAULT_HOURS,
    CallingHours,
    DayPart,
    callee_hours,
    check_hours,
    hours_from,
)
from outreach.domain.holiday_calendars import holidays_of
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput

QUARTER = timedelta(minutes=15)
EVERY_DAY = CallingHours(week=(((510, 1200),),) * 7)
ODD = CallingHours(  # open across both clock changes, shut on Sundays' mornings, split days
    week=(
        ((0, 180), (510, 720)),
        ((840, 1440),),
        (),
        ((0, 1440),),
        ((150, 165),),
        ((510, 1440),),
        ((0, 165),),
    )
)
ZONES = ("Europe/Paris", "America/Cayenne", "Indian/Reunion", "Pacific/Noumea")


def is_open_by_the_wall_clock(hours: CallingHours, zone: ZoneInfo, at: datetime) -> bool:
    """The definition, without any of the arithmetic under test."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in hours.week[local.weekday()])


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [EVERY_DAY, ODD], ids=["every day", "odd"])
def test_every_quarter_hour_of_two_years_is_open_as_the_callees_wall_clock_says(
    zone: str, hours: CallingHours
) -> None:
    open_hours, wall = hours.in_zone(zone), ZoneInfo(zone)
    at, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)
    opened_last: datetime | None = None
    waiting: list[datetime] = []
    while at < end:
        is_open = open_hours.is_open(at)
        assert is_open == is_open_by_the_wall_clock(hours, wall, at), at
        if opened_last == at - QUARTER:
            assert open_hours.last_open_before(at) == at - timedelta(minutes=1)
        if is_open:
            opened_last = at
            for earlier in waiting:
                assert open_hours.next_open(earlier) == at
            waiting.clear()
            assert open_hours.next_open(at) == at
            assert open_hours.closes_at(at) > at
        else:
            waiting.append(at)
        at += QUARTER


@pytest.mark.parametrize("zone", ZONES)
def test_the_closing_is_the_first_closed_quarter_hour(zone: str) -> None:
    open_hours = ODD.in_zone(zone)
    at, end = datetime(2020, 10, 1, tzinfo=UTC), datetime(2020, 11, 10, tzinfo=UTC)
    while at < end:
        if open_hours.is_open(at):
            closing = at
            while open_hours.is_open(closing):
                closing += QUARTER
            assert open_hours.closes_at(at) == closing
        at += timedelta(hours=1)


def test_the_hour_that_comes_twice_is_open_twice_and_the_hour_that_is_missing_not_at_all() -> None:
    night = CallingHours(week=(((120, 180),),) * 7).in_zone("Europe/Paris")  # 02:00-03:00
    autumn = datetime(2020, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 summer time
    assert night.next_open(autumn) == autumn
    assert night.closes_at(autumn) == autumn + timedelta(hours=2)
    spring = datetime(2020, 3, 29, 0, 0, tzinfo=UTC)  # 01:00; the clock goes from 02:00 to 03:00
    assert night.next_open(spring) == datetime(2020, 3, 30, 0, 0, tzinfo=UTC)


def test_hours_begin_at_the_same_wall_time_before_and_after_a_clock_change() -> None:
    hours = EVERY_DAY.in_zone("Europe/Paris")
    saturday_night = datetime(2020, 10, 24, 20, 0, tzinfo=UTC)
    assert hours.next_open(saturday_night) == datetime(2020, 10, 25, 7, 30, tzinfo=UTC)
    assert hours.next_open(saturday_night - timedelta(days=1)) == datetime(2020, 10, 24, 6, 30, tzinfo=UTC)


def test_hours_that_never_close_are_always_open() -> None:
    hours = CallingHours(week=(((0, 1440),),) * 7).in_zone("Europe/Paris")
    at = datetime(2020, 12, 31, 23, 59, tzinfo=UTC)
    assert hours.is_open(at)
    assert hours.closes_at(at) > at + timedelta(days=28)
    assert hours.last_open_before(at) == at - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("region", "zone", "day", "is_holiday"),
    [
        ("40", "Europe/Paris", date(2021, 7, 14), True),
        ("40", "Europe/Paris", date(2021, 12, 26), False),
        ("67", "Europe/Paris", date(2021, 12, 26), True),  # Alsace-Moselle
        ("57", "Europe/Paris", date(2021, 4, 2), True),  # Good Friday
        ("973", "America/Cayenne", date(2021, 6, 10), True),  # abolition of slavery
        ("", "America/Cayenne", date(2021, 6, 10), True),  # the zone speaks where no region is known
        ("971", "America/Guadeloupe", date(2021, 5, 27), True),
        ("972", "America/Martinique", date(2021, 5, 22), True),
        ("974", "Indian/Reunion", date(2021, 12, 20), True),
        ("976", "Indian/Mayotte", date(2021, 4, 27), True),
        ("40", "Europe/Paris", date(2021, 12, 20), False),
        ("", "Pacific/Noumea", date(2021, 9, 24), True),  # Citizenship Day
        ("CH", "Europe/Zurich", date(2021, 8, 1), True),
    ],
)
def test_holidays_are_those_of_the_callees_region(
    region: str, zone: str, day: date, is_holiday: bool
) -> None:
    assert (day in holidays_of(region, zone, day.year)) is is_holiday


def test_a_platform_chooses_its_hours_on_holidays() -> None:
    bastille_day = datetime(2021, 7, 14, 8, 0, tzinfo=UTC)  # 10:00, a Wednesday
    closed = CallingHours(EVERY_DAY.week, holidays=()).in_zone("Europe/Paris", region="40")
    shorter = CallingHours(EVERY_DAY.week, holidays=((600, 720),)).in_zone("Europe/Paris", region="40")
    assert EVERY_DAY.in_zone("Europe/Paris", region="40").is_open(bastille_day)
    assert not closed.is_open(bastille_day)
    assert closed.next_open(bastille_day) == datetime(2021, 7, 15, 6, 30, tzinfo=UTC)
    assert shorter.closes_at(bastille_day) == datetime(2021, 7, 14, 10, 0, tzinfo=UTC)


def test_positives_and_contacts_are_called_seven_days_a_week() -> None:
    for purpose in (Purpose.INTERVIEW, Purpose.INFORM):
        assert all(DEFAULT_HOURS[purpose].week)
        assert DEFAULT_HOURS[purpose].holidays


def test_a_platform_sets_hours_for_one_purpose_and_keeps_the_others() -> None:
    stored = {"INTERVIEW": {"week": [["08:00-12:00", "13:00-21:00"]] * 7, "holidays": None}}
    assert hours_from(stored, Purpose.INTERVIEW).week[0] == ((480, 720), (780, 1260))
    assert hours_from(stored, Purpose.CAMPAIGN) == DEFAULT_HOURS[Purpose.CAMPAIGN]
    assert hours_from({}, Purpose.INFORM) == DEFAULT_HOURS[Purpose.INFORM]


@pytest.mark.parametrize(
    "stored",
    [
        {"INTERVIEW": {"week": [["08:00-12:00"]] * 6}},
        {"INTERVIEW": {"week": [[]] * 7}},
        {"INTERVIEW": {"week": [["12:00-08:00"]] * 7}},
        {"INTERVIEW": {"week": [["08:00-12:00", "11:00-13:00"]] * 7}},
        {"INTERVIEW": {"week": [["08:00-25:00"]] * 7}},
        {"INTERVIEW": {"week": [["8h-12h"]] * 7}},
        {"INTERVIEW": {"week": ["08:00-12:00"] * 7}},
        {"INTERVIEW": {"week": [["08:00-12:00"]] * 7, "holidays": "none"}},
        {"NIGHT": {"week": [["08:00-12:00"]] * 7}},
    ],
)
def test_hours_that_make_no_sense_are_refused_with_a_reason(stored: dict[str, dict[str, object]]) -> None:
    with pytest.raises(InvalidInput):
        check_hours(stored)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InvalidInput):
        EVERY_DAY.in_zone("Europe/Pairs")


def test_a_callee_elsewhere_has_their_own_zones_holidays() -> None:
    here = callee_hours(
        {}, Purpose.INFORM, zone="Europe/Paris", platform_zone="Europe/Paris", department="67"
    )
    away = callee_hours(
        {}, Purpose.INFORM, zone="Indian/Reunion", platform_zone="Europe/Paris", department="67"
    )
    assert here.region == "67"
    assert away.region == ""


@pytest.mark.parametrize(
    ("at", "part", "following"),
    [
        (datetime(2021, 3, 16, 9, 0, tzinfo=UTC), DayPart.MORNING, datetime(2021, 3, 16, 11, 0, tzinfo=UTC)),
        (datetime(2021, 3, 16, 11, 0, tzinfo=UTC), DayPart.MIDDAY, datetime(2021, 3, 16, 16, 0, tzinfo=UTC)),
        (datetime(2021, 3, 16, 16, 0, tzinfo=UTC), DayPart.EVENING, datetime(2021, 3, 17, 7, 30, tzinfo=UTC)),
        (
            datetime(2021, 3, 16, 23, 30, tzinfo=UTC),
            DayPart.MORNING,
            datetime(2021, 3, 17, 11, 0, tzinfo=UTC),
        ),
    ],
)
def test_the_next_part_of_the_day_is_the_callees(at: datetime, part: DayPart, following: datetime) -> None:
    hours = EVERY_DAY.in_zone("Europe/Paris")
    assert hours.day_part(at) is part
    assert hours.next_part(at) == following
