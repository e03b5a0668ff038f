"""Who waits for a doctor, a senior, an interpreter or a supervisor, or was told, gets no SMS instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from outreach.clock import SetClock
from outreach.domain.call_list import Queue
from outreach.domain.load_shedding import MODES, NEVER_SHED, TEXTED_ANYWAY, Mode
from outreach.domain.outcomes import CallOutcome
from outreach.domain.sms_hours import SmsHours
from outreach.services.call_list import CallList
from outreach.services.handover import Handover
from outreach.services.settling import Settlement, settle
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed, add_agent, add_contact
from tests.message_world import MessageWorld, message_world

MOBILE = "+33639980001"
HOUR = timedelta(hours=1)
LEVEL = MODES[Mode.SMS_LOW_RISK].level
OTHERS = [queue for queue in Queue if queue is not Queue.AGENTS]
GONE_TO = {
    CallOutcome.ESCALATE_MEDICAL: Queue.MEDICAL,
    CallOutcome.REFUSED: Queue.SENIORS,
    CallOutcome.LANGUAGE: Queue.INTERPRETERS,
    CallOutcome.DO_NOT_CALL: Queue.SUPERVISORS,
}


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def agent(world: MessageWorld) -> UUID:
    with world.database.begin() as connection:
        return add_agent(connection, world.clock.now())


def said(world: MessageWorld, listed: Listed, outcome: CallOutcome) -> None:
    with world.database.begin() as connection:
        settle(connection, Settlement(listed.entry_id, outcome, "user:test", world.clock.now()))


def put(world: MessageWorld, listed: Listed, **values: object) -> None:
    """As rows of before stand."""
    entries = tables.call_list_entries
    with world.database.begin() as connection:
        connection.execute(update(entries).where(entries.c.id == listed.entry_id).values(**values))


def told(world: MessageWorld, listed: Listed) -> None:
    records = tables.case_records
    with world.database.begin() as connection:
        connection.execute(
            update(records).where(records.c.id == listed.case_record_id).values(informed_at=world.clock.now())
        )


def swept(world: MessageWorld, hours: SmsHours | None = None) -> int:
    return CallList(world.database, world.clock, sms_hours=hours or SmsHours()).text_before_late()


def is_called(world: MessageWorld, listed: Listed) -> bool:
    """No SMS, and no mode keeps them from whoever calls them."""
    world.send()
    entry = world.entry(listed)
    return not world.messages() and entry["shed_level"] == NEVER_SHED and entry["state"] != "TEXTED"


@pytest.mark.parametrize(("outcome", "queue"), GONE_TO.items())
def test_whom_an_outcome_sends_to_others_is_called_under_every_mode(
    world: MessageWorld, outcome: CallOutcome, queue: Queue
) -> None:
    listed = world.contact(MOBILE)
    said(world, listed, outcome)
    assert world.entry(listed)["queue"] == queue
    world.put_mode(Mode.SMS_CONTACTS)
    assert is_called(world, listed)
    world.put_mode(Mode.NORMAL)
    world.clock.advance(23 * HOUR)
    assert swept(world) == 0
    assert is_called(world, listed)


@pytest.mark.parametrize("queue", OTHERS)
def test_a_row_of_before_in_another_queue_is_not_texted_either(world: MessageWorld, queue: Queue) -> None:
    listed = world.contact(MOBILE)
    put(world, listed, queue=queue.value)
    world.clock.advance(23 * HOUR)
    assert swept(world) == 0
    world.put_mode(Mode.SMS_CONTACTS)
    assert is_called(world, listed)


def test_who_was_told_already_is_not_texted(world: MessageWorld) -> None:
    listed = world.contact(MOBILE)
    told(world, listed)
    world.clock.advance(23 * HOUR)
    assert swept(world) == 0
    world.put_mode(Mode.SMS_CONTACTS)
    assert is_called(world, listed)


def test_nobody_of_a_household_is_told_by_an_sms_who_was_told_or_waits_for_others(
    world: MessageWorld,
) -> None:
    world.contact(MOBILE)
    refused, informed = world.contact(MOBILE), world.contact(MOBILE)
    said(world, refused, CallOutcome.REFUSED)
    told(world, informed)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert len(world.messages()) == 1
    assert [world.entry(each)["state"] == "TEXTED" for each in (refused, informed)] == [False, False]


@pytest.mark.parametrize("queue", OTHERS)
def test_back_with_the_agents_the_modes_decide_again(world: MessageWorld, queue: Queue, agent: UUID) -> None:
    listed = world.contact(MOBILE)
    handover = Handover(world.database, world.clock)
    handover.move_to(listed.entry_id, queue, by=agent, because="TEST")
    assert world.entry(listed)["shed_level"] == NEVER_SHED
    handover.move_to(listed.entry_id, Queue.AGENTS, by=agent, because="TEST")
    assert world.entry(listed)["shed_level"] == LEVEL


def test_back_with_the_agents_who_was_told_is_called(world: MessageWorld, agent: UUID) -> None:
    listed = world.contact(MOBILE)
    said(world, listed, CallOutcome.ESCALATE_MEDICAL)
    Handover(world.database, world.clock).move_to(listed.entry_id, Queue.AGENTS, by=agent, because="TEST")
    world.put_mode(Mode.SMS_CONTACTS)
    assert is_called(world, listed)


def test_whose_language_nobody_speaks_is_texted_by_a_mode_that_texts_them_else_called(
    world: MessageWorld, agent: UUID
) -> None:
    texted = world.contact(MOBILE, language="ta")
    world.put_mode(Mode.SMS_CONTACTS)
    calls = CallList(world.database, world.clock)
    assert calls.hand_to_interpreters() == 0
    world.send()
    assert world.entry(texted)["state"] == "TEXTED"
    world.put_mode(Mode.NORMAL)
    called = world.contact("+33639980002", language="ta")
    assert calls.hand_to_interpreters() == 1
    assert (world.entry(called)["queue"], world.entry(called)["shed_level"]) == ("INTERPRETERS", NEVER_SHED)


@pytest.mark.parametrize(
    ("until_hour", "minutes_before", "level"),
    [(20, 110, TEXTED_ANYWAY), (18, 110, LEVEL), (18, 112, LEVEL), (18, 118, TEXTED_ANYWAY)],
)
def test_whom_no_sms_reaches_in_time_any_more_stays_with_the_agents(
    world: MessageWorld, until_hour: int, minutes_before: int, level: int
) -> None:
    world.clock.advance(9 * HOUR + timedelta(minutes=50))  # 19:50 in Paris
    with world.database.begin() as connection:
        listed = add_contact(connection, world.clock.now())
    world.clock.advance(24 * HOUR - timedelta(minutes=minutes_before))
    swept(world, SmsHours(8, until_hour))
    assert world.entry(listed)["shed_level"] == level
