"""The outside case system is told each outcome once, whoever or whatever brought it about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CallOutcome
from outreach.services.announcements import CALL, MESSAGE
from outreach.services.settling import Settlement, settle, settle_try
from outreach.services.wrap_up import Report
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.call_world import CallWorld
from tests.message_world import MessageWorld, message_world

ANNE, BORIS, CHLOE = "+33639980001", "+33639980002", "+33639980003"
KINDS = (CALL, MESSAGE)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def told(database: Database) -> Counter[tuple[str, str]]:
    """Each outcome in the outbox, by case record."""
    with database.begin() as connection:
        rows = connection.execute(select(tables.outbox).where(tables.outbox.c.kind.in_(KINDS)))
        return Counter((row.payload["case_record_id"], row.payload["outcome"]) for row in rows)


def kept(database: Database) -> Counter[tuple[str, str]]:
    """Each outcome in the journal, by case record."""
    lines = tables.journal
    with database.begin() as connection:
        rows = connection.execute(select(lines).where(lines.c.event == "ATTEMPT_OUTCOME"))
        return Counter((str(row.case_record_id), row.facts["outcome"]) for row in rows)


def test_outcomes_of_messages_and_of_calls_are_each_told_once(world: MessageWorld) -> None:
    household = [world.contact(ANNE, household=True) for _ in range(2)]
    reader, missed = world.contact(BORIS), world.positive(CHLOE)
    world.company.set_faults(webhook_lost={"probability": 1})
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    _report_all(world, "delivered")
    _report_all(world, "delivered")
    world.clock.advance(timedelta(hours=1))
    late = world.contact(ANNE, household=True)
    world.send()
    world.reply(BORIS, "ok merci")
    _say(world, missed)
    assert told(world.database) == kept(world.database)
    for person in (*household, late):
        assert told(world.database)[(str(person.case_record_id), "SMS_DELIVERED")] == 1
    assert told(world.database)[(str(reader.case_record_id), "SMS_READ")] == 1
    assert told(world.database)[(str(missed.case_record_id), "NO_ANSWER")] == 1
    assert told(world.database).total() == 7


def test_messages_are_told_apart_from_calls_and_nothing_personal_is_told(world: MessageWorld) -> None:
    contact, positive = world.contact(ANNE), world.positive(BORIS)
    with world.database.begin() as connection:
        for listed, outcome in ((contact, CallOutcome.SMS_READ), (positive, CallOutcome.COMPLETED)):
            settle(connection, Settlement(listed.entry_id, outcome, "system:test", world.clock.now()))
        message, call = connection.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all()
    assert (message.kind, call.kind) == (MESSAGE, CALL)
    assert call.payload == {
        "case_record_id": str(positive.case_record_id),
        "records": [],
        "outcome": "COMPLETED",
        "attempt_id": None,
        "dialled_at": None,
        "answered_at": None,
        "said_at": world.clock.now().isoformat(),
    }


def test_a_try_given_up_for_the_next_number_and_one_abandoned_are_told(calls: CallWorld) -> None:
    calls.company.set_phone(ANNE, voice="unknown_number")
    calls.company.set_phone(BORIS, voice="answers", talk_seconds=0)
    calls.person(ANNE, others=(BORIS,))
    first = calls.until_status(calls.call(), "WRAP_UP")
    second = calls.app.calling.call_again(calls.agent_id, first.id, position=1)
    calls.until_status(second, "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, second.id, Report(CallOutcome.ALREADY_DONE))
    assert told(calls.app.database) == kept(calls.app.database)
    assert sorted(outcome for _, outcome in told(calls.app.database)) == ["ALREADY_DONE", "INVALID_NUMBER"]
    merges = [row.payload["because"] for row in calls.rows(tables.outbox) if row.kind == "merge"]
    assert merges == ["MERGE_RECORDS"]


def _report_all(world: MessageWorld, word: str) -> None:
    for message in world.messages():
        world.report_of(message, word)


def _say(world: MessageWorld, listed: Listed) -> None:
    """Two tries: one ended by its line, one by the agent's silence; then a miss."""
    now = world.clock.now()
    with world.database.begin() as connection:
        settle_try(connection, Settlement(listed.entry_id, CallOutcome.BUSY, "system:test", now))
        settle(connection, Settlement(listed.entry_id, CallOutcome.NO_ANSWER, "system:test", now))
