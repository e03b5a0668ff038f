"""A platform's calling hours are changed: the call list, last callable moments and promises follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from outreach.clock import SetClock
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.platform_hours import NewHours, PlatformHours
from outreach.storage import tables
from outreach.storage.database import Database
from tests.call_list_rows import add_positive, entry_row

BY = new_id()


@pytest.fixture
def hours(database: Database, clock: SetClock, platform: str) -> PlatformHours:
    return PlatformHours(database, clock, CallList(database, clock))


def set_hours(hours: PlatformHours, *spans: str, reason: str = "a long evening") -> None:
    hours.change("40", NewHours(Purpose.INTERVIEW, [list(spans)] * 7, None), reason=reason, by=BY)


def row_of(database: Database, entry_id: UUID) -> dict[str, Any]:
    with database.begin() as connection:
        return dict(entry_row(connection, entry_id))


def test_whoever_may_be_called_now_waits_once_the_platform_closes_earlier(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    set_hours(hours, "14:00-16:00")
    row = row_of(database, listed.entry_id)
    assert (row["state"], row["not_before"]) == ("WAITING", datetime(2021, 3, 16, 13, 0, tzinfo=UTC))


def test_whoever_waits_for_the_morning_may_be_called_once_the_platform_closes_later(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    clock.moment = datetime(2021, 3, 16, 19, 30, tzinfo=UTC)  # 20:30 in Paris
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    assert row_of(database, listed.entry_id)["state"] == "WAITING"
    set_hours(hours, "08:30-22:00")
    row = row_of(database, listed.entry_id)
    assert (row["state"], row["ready_until"]) == ("READY", datetime(2021, 3, 16, 21, 0, tzinfo=UTC))


def test_the_last_callable_moment_follows_and_is_written_down(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now(), result_ago=timedelta(hours=2))
    set_hours(hours, "14:00-19:00")
    # The deadline is tomorrow at 8:00 in Paris: today's last minute counts.
    assert row_of(database, listed.entry_id)["effective_deadline"] == datetime(
        2021, 3, 16, 17, 59, tzinfo=UTC
    )
    journal = tables.journal.c
    with database.begin() as connection:
        facts = connection.execute(
            select(journal.facts).where(
                journal.event == "ENTRY_RECLASSED", journal.entry_id == listed.entry_id
            )
        ).scalar_one()
    assert facts["because"] == "HOURS_CHANGED"


@pytest.mark.parametrize("kept", ["callback_at", "tries"])
def test_a_promise_and_a_planned_part_of_the_day_keep_their_moment(
    database: Database, clock: SetClock, hours: PlatformHours, kept: str
) -> None:
    later = clock.now() + timedelta(hours=5)
    entries = tables.call_list_entries
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
        waits = {"state": "WAITING", "not_before": later, kept: later if kept == "callback_at" else 1}
        connection.execute(update(entries).where(entries.c.id == listed.entry_id).values(waits))
    set_hours(hours, "08:00-21:00")
    row = row_of(database, listed.entry_id)
    assert (row["state"], row["not_before"]) == ("WAITING", later)


def test_hours_of_other_purposes_stay_and_a_reason_is_needed(hours: PlatformHours) -> None:
    before = hours.of("40")
    set_hours(hours, "09:00-18:00")
    set_hours(hours, "10:00-18:00")
    after = hours.of("40")
    assert after[Purpose.INTERVIEW].week[0] == ((600, 1080),)
    assert after[Purpose.INFORM] == before[Purpose.INFORM]
    with pytest.raises(InvalidInput, match="A reason is needed"):
        set_hours(hours, "09:00-12:00", reason=" ")
