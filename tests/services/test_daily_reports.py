"""A day on one page, as it was counted by hand in tests/services/test_platform_figures.py."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from outreach.clock import SetClock
from outreach.domain.daily_reports import day_of, mode_stretches
from outreach.domain.load_shedding import Mode
from outreach.domain.service_level import LateCause
from outreach.errors import InvalidInput, NotFound
from outreach.services.steering import build_steering
from outreach.storage import alarm_store, journal
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import add_positive
from tests.conftest import MORNING
from tests.services.test_platform_figures import at, tell

TUESDAY, WEDNESDAY = date(2021, 3, 16), date(2021, 3, 17)


def decide(connection: Connection, event: Event, **facts: object) -> None:
    journal.write(connection, JournalEntry(at(2), "40", event, "system:auto", facts=facts))


@pytest.fixture
def told(database: Database, clock: SetClock, platform: str) -> None:
    with database.begin() as connection:
        tell(connection)
        add_positive(connection, MORNING - timedelta(days=3))
        decide(connection, Event.MUTUAL_AID_LENT, helper="33", reason="a wave")
        alarm_store.raise_alarm(connection, AlarmKind.EMERGENCY, "one", platform="40", now=at(3))
    clock.moment = at(48)


@pytest.mark.usefixtures("told")
def test_a_day_has_its_figures_beside_those_of_the_week_before(database: Database, clock: SetClock) -> None:
    report = build_steering(database, clock).daily_reports.of("40", TUESDAY)
    assert (report.figures["positives"], report.figures["called_in_time"]) == (2, 2)
    assert (report.week_before["positives"], report.name, report.over) == (1, "Landes", True)
    assert [(s.mode, s.starts, s.ends) for s in report.modes] == [
        (Mode.NORMAL, at(-10), at(6)),
        (Mode.SMS_CONTACTS, at(6), at(14)),
    ]
    events = [decision.event for decision in report.decisions]
    assert events == ["MUTUAL_AID_LENT", "MODE_SWITCHED"]
    assert report.alarms == {"EMERGENCY": 1}


@pytest.mark.usefixtures("told")
def test_the_late_ones_are_told_by_cause(database: Database, clock: SetClock) -> None:
    reports = build_steering(database, clock).daily_reports
    assert reports.of("40", date(2021, 3, 13)).late == {LateCause.NO_CAPACITY: 1}
    assert reports.of("40", TUESDAY).late == {}


@pytest.mark.usefixtures("told")
def test_yesterday_is_reported_unless_another_day_is_named(database: Database, clock: SetClock) -> None:
    reports = build_steering(database, clock).daily_reports
    assert reports.of("40").day == WEDNESDAY
    assert not reports.of("40", date(2021, 3, 18)).over
    with pytest.raises(InvalidInput):
        reports.of("40", date(2021, 3, 19))
    with pytest.raises(NotFound):
        reports.of("99")


def test_a_day_of_a_clock_change_has_23_hours() -> None:
    day = day_of(date(2021, 3, 28), "Europe/Paris")
    assert day.ends - day.starts == timedelta(hours=23)


def test_the_same_mode_set_anew_is_one_stretch() -> None:
    changes = [(at(1), Mode.LIGHT), (at(2), Mode.LIGHT), (at(3), Mode.NORMAL)]
    found = mode_stretches(changes, at(0), at(4))
    assert [(s.mode, s.starts, s.ends) for s in found] == [
        (Mode.NORMAL, at(0), at(1)),
        (Mode.LIGHT, at(1), at(3)),
        (Mode.NORMAL, at(3), at(4)),
    ]
