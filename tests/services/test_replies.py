"""Replies, the conversations they begin, and the calls they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.services.asked_calls import AskedCalls
from outreach.services.call_reports import Effect
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed, add_agent
from tests.message_world import MessageWorld, message_world

ANNE, BORIS, LANDLINE = "+33639980001", "+33639980002", "+33536490011"


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def texted(world: MessageWorld) -> Listed:
    """A contact whose SMS arrived."""
    contact = world.contact(ANNE)
    world.company.set_faults(webhook_lost={"probability": 1})
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.report("delivered")
    return contact


def conversation(world: MessageWorld) -> dict[str, Any]:
    with world.database.begin() as connection:
        return dict(connection.execute(select(tables.conversations)).mappings().one())


def asked(world: MessageWorld) -> AskedCalls:
    return AskedCalls(world.database, world.clock)


def execute(world: MessageWorld, statement: str, **values: Any) -> None:
    with world.database.begin() as connection:
        connection.execute(text(statement), values)


def put_in_hand(world: MessageWorld, listed: Listed, *, status: str = "", answered: bool = False) -> UUID:
    """An agent holds the entry, perhaps with an attempt in a state."""
    with world.database.begin() as connection:
        agent_id = add_agent(connection, world.clock.now())
    values = {"id": listed.entry_id, "agent": agent_id, "now": world.clock.now()}
    execute(
        world,
        "update call_list_entries set state = 'LEASED', lease_id = gen_random_uuid(), leased_by = :agent,"
        " leased_until = :now + interval '5 minutes', message_id = null where id = :id",
        **values,
    )
    if status:
        with world.database.begin() as connection:
            connection.execute(
                tables.call_attempts.insert().values(
                    id=listed.entry_id,
                    platform="40",
                    entry_id=listed.entry_id,
                    case_record_id=listed.case_record_id,
                    person_id=listed.person_id,
                    agent_id=agent_id,
                    status=status,
                    phone_position=0,
                    inbound=False,
                    conference=listed.entry_id,
                    started_at=world.clock.now(),
                    mode_version=1,
                    answered_at=world.clock.now() if answered else None,
                )
            )
    return agent_id


def let_go(world: MessageWorld, listed: Listed, outcome: str = "NO_ANSWER") -> None:
    """The agent says an outcome: the entry waits for its next try."""
    execute(world, "update call_attempts set outcome = :outcome", outcome=outcome)
    execute(
        world,
        "update call_list_entries set state = 'WAITING', lease_id = null, leased_by = null,"
        " leased_until = null, not_before = :later where id = :id",
        id=listed.entry_id,
        later=world.clock.now() + timedelta(minutes=90),
    )


def test_what_only_a_person_understands_opens_a_conversation_and_no_call_is_made_yet(
    world: MessageWorld, texted: Listed
) -> None:
    assert world.reply(ANNE, "ma fille tousse") is Effect.MOVED
    talk = conversation(world)
    assert (talk["state"], talk["unread"], talk["person_id"]) == ("OPEN", 1, texted.person_id)
    assert talk["due_at"] == world.clock.now() + timedelta(hours=2)
    assert world.entry(texted)["state"] == "TEXTED"
    assert world.message()["status"] == "READ"


def test_a_question_about_stopping_goes_to_the_inbox_with_a_suggestion(
    world: MessageWorld, texted: Listed
) -> None:
    world.reply(ANNE, "Comment faire pour stopper les sms ?")
    talk = conversation(world)
    assert (talk["state"], talk["suggestion"]) == ("OPEN", "STOP")
    with world.database.begin() as connection:
        assert not connection.execute(select(tables.opt_outs)).all()


def test_a_call_answers_a_conversation_that_is_open(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "ma fille tousse")
    world.reply(ANNE, "rappelez moi", sid="SM2")
    talk = conversation(world)
    assert (talk["state"], talk["answered_with"], talk["due_at"]) == ("ANSWERED", "CALLBACK", None)
    assert world.entry(texted)["call_class"] == 2


def test_an_acknowledgement_leaves_an_open_question_open(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "ma fille tousse")
    due = conversation(world)["due_at"]
    world.clock.advance(timedelta(minutes=30))
    world.reply(ANNE, "merci", sid="SM2")
    talk = conversation(world)
    assert (talk["state"], talk["unread"], talk["due_at"]) == ("OPEN", 2, due)


def test_an_acknowledgement_alone_is_kept_in_a_closed_conversation(
    world: MessageWorld, texted: Listed
) -> None:
    world.reply(ANNE, "ok")
    talk = conversation(world)
    assert (talk["state"], talk["unread"], talk["answered_with"]) == ("CLOSED", 0, "NOTHING")


def test_stop_after_an_unclear_reply_gives_the_contact_a_call(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "ma fille tousse")
    world.reply(ANNE, "STOP", sid="SM2")
    assert (world.entry(texted)["state"], world.entry(texted)["call_class"]) == ("WAITING", 6)


def test_one_reply_counts_for_the_whole_household(world: MessageWorld) -> None:
    people = [world.contact(ANNE, household=True) for _ in range(3)]
    world.company.set_faults(webhook_lost={"probability": 1})
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.report("delivered")
    world.reply(ANNE, "RAPPEL")
    assert [world.entry(person)["call_class"] for person in people] == [2, 2, 2]
    assert conversation(world)["state"] == "ANSWERED"


def test_a_strangers_question_is_shown_to_agents(world: MessageWorld) -> None:
    world.reply(BORIS, "Qui êtes-vous ?")
    talk = conversation(world)
    assert (talk["state"], talk["person_id"], talk["platform"]) == ("OPEN", None, "40")


def test_a_strangers_stop_needs_nobody(world: MessageWorld) -> None:
    world.reply(BORIS, "STOP")
    with world.database.begin() as connection:
        assert not connection.execute(select(tables.conversations)).all()


def test_the_callback_goes_to_the_number_they_wrote_from(world: MessageWorld) -> None:
    contact = world.contact(LANDLINE, ANNE)
    world.reply(ANNE, "RAPPEL")
    entry = world.entry(contact)
    assert (entry["phone_position"], entry["number_index"]) == (1, world.vault.number_index(ANNE))


def test_who_was_looked_up_and_writes_is_called_where_they_wrote_from(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    execute(world, "update person_phones set bad = true")
    execute(world, "update call_list_entries set queue = 'SEARCH', number_index = null")
    world.reply(ANNE, "RAPPEL")
    entry = world.entry(contact)
    assert (entry["queue"], entry["number_index"]) == ("AGENTS", world.vault.number_index(ANNE))


def test_who_asks_for_a_call_during_another_agents_wrap_up_gets_it_afterwards(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    put_in_hand(world, positive, status="WRAP_UP", answered=True)
    world.clock.advance(timedelta(minutes=1))
    world.reply(ANNE, "RAPPEL")
    assert world.entry(positive)["state"] == "LEASED"
    assert asked(world).keep() == 0
    let_go(world, positive)
    assert asked(world).keep() == 1
    entry = world.entry(positive)
    assert (entry["callback_at"], entry["call_class"]) == (world.clock.now(), 1)
    assert asked(world).keep() == 0


def test_a_wish_to_be_called_is_fulfilled_by_a_talk_that_came_after_it(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    put_in_hand(world, positive)
    world.reply(ANNE, "RAPPEL")
    world.clock.advance(timedelta(minutes=1))
    execute(world, "update call_list_entries set state = 'WAITING', lease_id = null, leased_by = null")
    put_in_hand(world, positive, status="WRAP_UP", answered=True)
    let_go(world, positive, "PARTIAL")
    assert asked(world).keep() == 1
    assert world.entry(positive)["callback_at"] is None


def test_who_writes_while_they_speak_with_an_agent_asks_for_nothing_more(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    put_in_hand(world, positive, status="ANSWERED", answered=True)
    world.reply(ANNE, "RAPPEL")
    let_go(world, positive, "COMPLETED")
    assert asked(world).keep() == 0


@pytest.mark.parametrize(("kind", "call_class"), [("positive", 1), ("contact", 2)])
def test_who_was_given_up_as_unreached_and_writes_is_called_with_the_old_deadline(
    world: MessageWorld, kind: str, call_class: int
) -> None:
    person = world.positive(ANNE) if kind == "positive" else world.contact(ANNE)
    before = world.entry(person)
    execute(
        world,
        "update call_list_entries set state = 'CLOSED', closed_because = 'UNREACHED', closed_at = :now",
        now=world.clock.now(),
    )
    execute(world, "update case_records set state = 'CLOSED', closed_because = 'UNREACHED'")
    world.reply(ANNE, "rappelez moi svp")
    with world.database.begin() as connection:
        opened = tables.call_list_entries.c.state != "CLOSED"
        entry = connection.execute(select(tables.call_list_entries).where(opened)).mappings().one()
    assert (entry["purpose"], entry["call_class"]) == (before["purpose"], call_class)
    assert (entry["deadline"], entry["callback_at"]) == (before["deadline"], world.clock.now())


def test_the_family_of_the_dead_is_not_called_by_the_program(world: MessageWorld) -> None:
    world.contact(ANNE)
    execute(world, "update call_list_entries set state = 'CLOSED', closed_because = 'DECEASED'")
    world.reply(ANNE, "rappelez moi")
    assert conversation(world)["state"] == "OPEN"
    with world.database.begin() as connection:
        assert connection.execute(select(tables.call_list_entries.c.state)).scalar_one() == "CLOSED"
