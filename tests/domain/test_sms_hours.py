"""SMS arrive by day, on the clock of whoever receives them."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.domain.sms_hours import SmsHours, validity_seconds

HOURS = SmsHours()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "is_open", "opens", "closes"),
    [
        ("Europe/Paris", "2021-03-16T09:00", True, "2021-03-16T09:00", "2021-03-16T19:00"),
        ("Europe/Paris", "2021-03-16T19:00", False, "2021-03-17T07:00", "2021-03-17T19:00"),
        ("Europe/Paris", "2021-03-16T06:59", False, "2021-03-16T07:00", "2021-03-16T19:00"),
        ("America/Cayenne", "2021-03-16T09:00", False, "2021-03-16T11:00", "2021-03-16T23:00"),
        ("Indian/Reunion", "2021-03-16T17:00", False, "2021-03-17T04:00", "2021-03-17T16:00"),
        ("America/Guadeloupe", "2021-03-16T11:59", False, "2021-03-16T12:00", "2021-03-17T00:00"),
        ("America/Martinique", "2021-03-16T23:59", True, "2021-03-16T23:59", "2021-03-17T00:00"),
        ("America/Miquelon", "2021-03-16T10:00", True, "2021-03-16T10:00", "2021-03-16T22:00"),  # summer time
        ("Indian/Mayotte", "2021-03-16T04:30", False, "2021-03-16T05:00", "2021-03-16T17:00"),
        ("Pacific/Noumea", "2021-03-16T09:00", False, "2021-03-16T21:00", "2021-03-17T09:00"),
        ("Pacific/Tahiti", "2021-03-16T09:00", False, "2021-03-16T18:00", "2021-03-17T06:00"),
        ("Pacific/Wallis", "2021-03-16T19:59", False, "2021-03-16T20:00", "2021-03-17T08:00"),
        ("Europe/Paris", "2021-03-27T20:00", False, "2021-03-28T06:00", "2021-03-28T18:00"),  # clocks change
    ],
)
def test_the_hours_are_the_callees(zone: str, at: str, is_open: bool, opens: str, closes: str) -> None:
    assert HOURS.is_open(zone, utc(at)) is is_open
    assert HOURS.next_open(zone, utc(at)) == utc(opens)
    assert HOURS.closes_at(zone, utc(at)) == utc(closes)


def test_over_two_years_the_next_opening_is_open_and_nothing_before_it_is() -> None:
    at = utc("2021-01-01T00:00")
    while at < utc("2023-01-01T00:00"):
        opens = HOURS.next_open("Europe/Paris", at)
        assert HOURS.is_open("Europe/Paris", opens)
        assert opens == at or not HOURS.is_open("Europe/Paris", opens - timedelta(minutes=1))
        at += timedelta(hours=5, minutes=15)


def test_hours_until_midnight_close_at_midnight() -> None:
    hours = SmsHours(0, 24)
    assert hours.is_open("Europe/Paris", utc("2021-03-16T22:59"))
    assert hours.closes_at("Europe/Paris", utc("2021-03-16T12:00")) == utc("2021-03-16T23:00")


def test_zones_where_too_little_time_is_left_are_closed() -> None:
    zones = ["Europe/Paris", "America/Cayenne"]
    assert HOURS.open_zones(zones, utc("2021-03-16T18:57")) == ["America/Cayenne"]


@pytest.mark.parametrize(
    ("useful", "closes", "seconds"),
    [(10, 20, 600), (20, 10, 600), (60 * 24, 60 * 24, 36_000), (-5, 10, 1)],
)
def test_the_carrier_tries_until_the_first_end(useful: int, closes: int, seconds: int) -> None:
    now = utc("2021-03-16T09:00")
    minutes = timedelta(minutes=1)
    assert validity_seconds(now + useful * minutes, now + closes * minutes, now) == seconds
