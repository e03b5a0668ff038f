"""The history of alarms: in the order in which they were raised, until they were cleared long ago."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outreach.clock import SetClock
from outreach.services.retention import ALARMS_KEPT_FOR, Retention
from outreach.services.steering import build_steering
from outreach.storage import alarm_store
from outreach.storage.alarm_store import AlarmKind, AlarmsAsked
from outreach.storage.database import Database
from tests.call_list_rows import add_platform

KIND = AlarmKind.EMERGENCY


@pytest.fixture
def retention(database: Database, clock: SetClock, platform: str) -> Retention:
    return Retention(database, clock)


def raise_one(database: Database, clock: SetClock, subject: str, platform: str | None = "40") -> None:
    with database.begin() as connection:
        alarm_store.raise_alarm(connection, KIND, subject, platform=platform, now=clock.now())


def settle(database: Database, clock: SetClock, subject: str) -> None:
    with database.begin() as connection:
        alarm_store.settle(connection, KIND, subject, now=clock.now())


def subjects(database: Database, *platforms: str) -> list[str]:
    """Page by page, one on each."""
    found: list[str] = []
    before = None
    while True:
        with database.begin() as connection:
            rows = alarm_store.page(connection, AlarmsAsked(platforms, before=before), most=1)
        if not rows:
            return found
        found.append(rows[0]["subject"])
        before = rows[0]["raised_at"], rows[0]["id"]


def test_alarms_of_several_platforms_and_of_all_are_read_in_one_order(
    database: Database, clock: SetClock, platform: str
) -> None:
    with database.begin() as connection:
        add_platform(connection, "64", clock.now())
    for subject, where in (("a", "40"), ("b", None), ("c", "64"), ("d", "40"), ("e", None)):
        raise_one(database, clock, subject, where)
        clock.advance(timedelta(minutes=1))
    assert subjects(database, "40", "64") == ["e", "d", "c", "b", "a"]
    assert subjects(database, "64") == ["e", "c", "b"]
    assert subjects(database) == ["e", "b"]


def test_an_alarm_cleared_long_ago_is_forgotten_and_an_open_one_never(
    database: Database, clock: SetClock, retention: Retention
) -> None:
    for subject in ("open", "old", "young"):
        raise_one(database, clock, subject)
    settle(database, clock, "old")
    clock.advance(timedelta(days=1))
    settle(database, clock, "young")
    clock.advance(ALARMS_KEPT_FOR - timedelta(hours=1))
    assert retention.forget_alarms() == 1
    assert sorted(subjects(database, "40")) == ["open", "young"]
    assert retention.forget_alarms() == 0


def test_a_page_goes_on_after_an_alarm_that_was_forgotten_meanwhile(
    database: Database, clock: SetClock, retention: Retention
) -> None:
    for subject in ("a", "b", "c"):
        raise_one(database, clock, subject)
        clock.advance(timedelta(minutes=1))
    with database.begin() as connection:
        last = alarm_store.page(connection, AlarmsAsked(("40",)), most=2)[-1]
    settle(database, clock, "b")
    clock.advance(ALARMS_KEPT_FOR + timedelta(days=1))
    assert retention.forget_alarms() == 1
    with database.begin() as connection:
        asked = AlarmsAsked(("40",), before=(last["raised_at"], last["id"]))
        rest = alarm_store.page(connection, asked, most=2)
    assert [row["subject"] for row in rest] == ["a"]


def test_the_report_of_a_day_counts_alarms_that_were_forgotten_since(
    database: Database, clock: SetClock, retention: Retention
) -> None:
    raise_one(database, clock, "old")
    settle(database, clock, "old")
    day: date = clock.now().date()
    clock.advance(ALARMS_KEPT_FOR + timedelta(days=1))
    assert retention.forget_alarms() == 1
    assert build_steering(database, clock).daily_reports.of("40", day).alarms == {"EMERGENCY": 1}
