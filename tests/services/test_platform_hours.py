"""A platform's calling hours are changed: the call list, last callable moments and promises follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Select, event, insert, select, update

from outreach.clock import SetClock
from outreach.domain.next_steps import AFTER_NETWORK_FAILURE
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.platform_hours import NewHours, PlatformHours
from outreach.storage import hours_store, tables
from outreach.storage.database import Database
from tests.call_list_rows import Listed, add_agent, add_positive, entry_row

BY = new_id()


@pytest.fixture
def hours(database: Database, clock: SetClock, platform: str) -> PlatformHours:
    return PlatformHours(database, clock)


def set_hours(hours: PlatformHours, *spans: str, reason: str = "a long evening") -> None:
    keep_hours(hours, *spans, reason=reason)
    hours.follow()


def keep_hours(hours: PlatformHours, *spans: str, reason: str = "a long evening") -> None:
    """The list does not follow yet."""
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


def test_the_five_minutes_after_a_network_failure_are_not_cut_short(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    entries, again = tables.call_list_entries, clock.now() + AFTER_NETWORK_FAILURE
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
        waits = {"state": "WAITING", "not_before": again, "ready_until": None}
        connection.execute(update(entries).where(entries.c.id == listed.entry_id).values(waits))
    set_hours(hours, "08:00-21:00")
    row = row_of(database, listed.entry_id)
    assert (row["state"], row["not_before"]) == ("WAITING", again)


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


@pytest.fixture
def impatient(database: Database) -> Iterator[Database]:
    """Whoever waits for another transaction's lock fails, instead of waiting for ever."""

    def hurry(connection: Connection) -> None:
        connection.exec_driver_sql("set local lock_timeout = '300ms'")

    event.listen(database.engine, "begin", hurry)
    yield database
    event.remove(database.engine, "begin", hurry)


def text_somebody(connection: Connection, who: Listed, now: datetime) -> None:
    """As a batch of the shed does with entries that it holds."""
    connection.execute(
        insert(tables.messages).values(
            id=new_id(), platform="40", person_id=who.person_id, case_record_id=who.case_record_id,
            entry_id=who.entry_id, purpose="CONTACT_INFORMED", status="SENDING", urgency=2, number_index=b"n",
            phone_position=0, sender="s", template="t", template_version=1, mode_version=1, language="fr",
            sealed_body=b"b", segments=1, send_id=new_id(), not_before=now,
            useful_until=now + timedelta(days=1), created_at=now,
        )
    )  # fmt: skip


def click_to_call(connection: Connection, who: Listed, now: datetime) -> None:
    attempt_id, agent_id = new_id(), add_agent(connection, now)
    connection.execute(hold(who))
    connection.execute(
        insert(tables.call_attempts).values(
            id=attempt_id, platform="40", entry_id=who.entry_id, case_record_id=who.case_record_id,
            person_id=who.person_id, agent_id=agent_id, status="RINGING_AGENT", phone_position=0,
            conference=attempt_id, inbound=False, started_at=now,
        )
    )  # fmt: skip


def hold(*people: Listed) -> Select[Any]:
    entries = tables.call_list_entries.c
    ids = [each.entry_id for each in people]
    return select(entries.id).where(entries.id.in_(ids)).order_by(entries.id).with_for_update()


def test_a_change_and_a_batch_of_the_shed_and_a_click_to_call_do_not_wait_for_each_other(
    impatient: Database, clock: SetClock, hours: PlatformHours
) -> None:
    now = clock.now()
    with impatient.begin() as connection:
        texted, called, free = (add_positive(connection, now) for _ in range(3))
    with impatient.begin() as shed:
        shed.execute(hold(texted))
        set_hours(hours, "14:00-19:00")
        with impatient.begin() as changing:
            hours_store.change(changing, "40", "INFORM", {"week": [["09:00-18:00"]] * 7, "holidays": None})
            text_somebody(shed, texted, now)
            with impatient.begin() as click:
                click_to_call(click, called, now)
                hours.follow()
    hours.follow()
    moved = {row_of(impatient, each.entry_id)["effective_deadline"] for each in (texted, called, free)}
    assert moved == {datetime(2021, 3, 16, 17, 59, tzinfo=UTC)}


def test_while_the_list_follows_other_hours_it_still_gives_people_out(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    with database.begin() as connection:
        listed, agent = add_positive(connection, clock.now()), add_agent(connection, clock.now())
    keep_hours(hours, "08:00-21:00")
    given = CallList(database, clock).next_entry(agent, platforms=["40"], languages=["fr"])
    assert given is not None
    assert given.entry_id == listed.entry_id
    hours.follow()
    row = row_of(database, listed.entry_id)
    assert (row["state"], row["ready_until"]) == ("LEASED", datetime(2021, 3, 16, 20, 0, tzinfo=UTC))


def test_a_change_that_stopped_half_way_is_finished_by_the_sweep(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    with database.begin() as connection:
        people = [add_positive(connection, clock.now()) for _ in range(5)]
    keep_hours(hours, "14:00-19:00")
    assert PlatformHours(database, clock, piece=2).follow(most_seconds=0) == 1
    after_one = [row_of(database, each.entry_id)["state"] for each in people]
    assert after_one == ["WAITING"] * 2 + ["READY"] * 3
    hours.follow()
    assert {row_of(database, each.entry_id)["state"] for each in people} == {"WAITING"}
    assert hours.follow() == 0


def test_hours_changed_again_half_way_are_followed_by_everybody(
    database: Database, clock: SetClock, hours: PlatformHours
) -> None:
    with database.begin() as connection:
        people = [add_positive(connection, clock.now()) for _ in range(5)]
    keep_hours(hours, "14:00-19:00")
    PlatformHours(database, clock, piece=2).follow(most_seconds=0)
    set_hours(hours, "09:00-17:00")
    rows = [row_of(database, each.entry_id) for each in people]
    closes = datetime(2021, 3, 16, 16, 0, tzinfo=UTC)
    assert {(row["state"], row["ready_until"]) for row in rows} == {("READY", closes)}
