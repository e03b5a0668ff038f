"""Readiness in pieces: who comes first, and by which index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from outreach.storage import readiness_store, tables
from outreach.storage.database import Database
from tests.call_list_rows import add_contact, add_positive
from tests.conftest import open_platform

NIGHT = datetime(2021, 3, 16, 22, 0, tzinfo=UTC)
MORNING = datetime(2021, 3, 17, 7, 30, tzinfo=UTC)
ENTRIES = """
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    effective_deadline, deadline, not_before, ready_until, entered_at)
  select gen_random_uuid(), '40', gen_random_uuid(), gen_random_uuid(), 'INFORM',
    case when n % 2 = 0 then 'READY' else 'WAITING' end, 5, :at, :at,
    cast(:at as timestamptz) + interval '1 minute' * n,
    cast(:at as timestamptz) + interval '1 minute' * n, :at
  from generate_series(1, 5000) n
"""


def test_when_a_platform_opens_positives_are_ready_before_contacts(
    connection: Connection, platform: str
) -> None:
    add_contact(connection, NIGHT)
    positive = add_positive(connection, NIGHT)
    add_contact(connection, NIGHT)
    (first,) = readiness_store.due_to_open(connection, now=MORNING, most=1)
    assert first.entry_id == positive.entry_id


def test_entries_wait_until_their_moment(connection: Connection, platform: str) -> None:
    add_contact(connection, NIGHT)
    assert not readiness_store.due_to_open(connection, now=MORNING - timedelta(seconds=1), most=10)
    assert len(readiness_store.due_to_open(connection, now=MORNING, most=10)) == 1


def test_entries_whose_hours_ended_are_due_whatever_their_class(
    connection: Connection, platform: str
) -> None:
    add_contact(connection, MORNING)
    add_positive(connection, MORNING)
    entries = tables.call_list_entries
    connection.execute(update(entries).values(ready_until=MORNING + timedelta(hours=1)))
    assert not readiness_store.due_to_close(connection, now=MORNING, most=10)
    assert len(readiness_store.due_to_close(connection, now=MORNING + timedelta(hours=1), most=10)) == 2


@pytest.fixture(scope="module")
def many(uncounted_database: Database) -> Database:
    """5,000 entries, half of them waiting, and PostgreSQL has counted them."""
    with uncounted_database.begin() as connection:
        open_platform(connection)
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text(ENTRIES), {"at": NIGHT})
        connection.execute(text("analyze call_list_entries"))
    return uncounted_database


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (readiness_store._DUE_TO_OPEN, "call_list_waiting_idx"),
        (readiness_store._DUE_TO_CLOSE, "call_list_ready_until_idx"),
        (readiness_store._FALL_BEHIND, "call_list_deadline_idx"),
    ],
)
def test_each_sweep_of_the_list_goes_by_its_index(many: Database, statement: Any, index: str) -> None:
    with many.begin() as connection:
        plan = connection.execute(
            text("explain " + statement.text), {"now": NIGHT + timedelta(minutes=5), "most": 100}
        ).scalars()
        assert index in "\n".join(plan)
