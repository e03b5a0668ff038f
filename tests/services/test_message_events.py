"""Receipts in any order, and replies as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import MessageStatus
from outreach.domain.send_ledger import Move
from outreach.ids import new_id
from outreach.services.call_reports import Effect
from outreach.services.service_level import ServiceLevelFigures
from outreach.storage import message_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.message_world import MessageWorld, message_world

ANNE, BORIS = "+33639980001", "+33639980002"
DAY = timedelta(hours=24)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@pytest.fixture
def texted(world: MessageWorld) -> Listed:
    """A contact whose SMS the phone company has accepted."""
    contact = world.contact(ANNE)
    world.company.set_faults(webhook_lost={"probability": 1})
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    return contact


def test_a_delivered_message_informs_its_contact(world: MessageWorld, texted: Listed) -> None:
    world.clock.advance(timedelta(minutes=3))
    assert world.report("sent") is Effect.MOVED
    assert world.report("delivered") is Effect.MOVED
    record = _case(world, texted)
    assert (record["informed_at"], record["last_outcome"]) == (world.clock.now(), "SMS_DELIVERED")
    (line,) = world.journal("ATTEMPT_OUTCOME")
    assert line["facts"] == {
        "outcome": "SMS_DELIVERED",
        "purpose": "INFORM",
        "informed_at": world.clock.now().isoformat(),
    }
    assert world.entry(texted)["state"] == "TEXTED"


def test_the_figures_of_the_journal_say_the_same(world: MessageWorld, texted: Listed) -> None:
    world.report("delivered")
    day = world.clock.now() - timedelta(hours=12)
    told = ServiceLevelFigures(world.database, world.clock).figures("40", day, day + DAY)
    assert (told.contacts, told.contacts_informed_in_time) == (1, 1)


def test_a_delivered_message_informs_the_whole_household(world: MessageWorld) -> None:
    people = [world.contact(ANNE, household=True) for _ in range(3)]
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.apply_next("delivered")
    assert all(_case(world, person)["informed_at"] for person in people)


def test_reports_in_the_wrong_order_end_at_the_same_place(world: MessageWorld, texted: Listed) -> None:
    assert world.report("delivered") is Effect.MOVED
    assert world.report("sent") is Effect.LATE
    assert world.report("queued") is Effect.LATE
    assert world.report("delivered") is Effect.REPEATED
    assert world.message()["status"] == "DELIVERED"
    assert len(world.journal("ATTEMPT_OUTCOME")) == 1


def test_a_failure_told_after_the_delivery_changes_nothing(world: MessageWorld, texted: Listed) -> None:
    world.report("delivered")
    assert world.report("undelivered", code="30003") is Effect.LATE
    assert world.entry(texted)["state"] == "TEXTED"


@pytest.mark.parametrize(
    ("code", "number_state"),
    [
        ("30003", {"can_sms": True, "bad": False}),
        ("30006", {"can_sms": False, "bad": False}),
        ("30005", {"can_sms": True, "bad": True}),
        ("99999", {"can_sms": True, "bad": False}),
    ],
)
def test_an_undelivered_message_gives_its_contact_a_call_in_class_6(
    world: MessageWorld, texted: Listed, code: str, number_state: dict[str, bool]
) -> None:
    deadline = world.entry(texted)["deadline"]
    assert world.report("undelivered", code=code) is Effect.MOVED
    entry = world.entry(texted)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 6, 0)
    assert (entry["deadline"], entry["message_id"]) == (deadline, None)
    with world.database.begin() as connection:
        line = connection.execute(select(tables.person_phones)).mappings().one()
    assert {name: line[name] for name in number_state} == number_state
    world.send()
    assert len(world.texts(ANNE)) == 1


def test_a_filtered_message_stops_the_sender(world: MessageWorld, texted: Listed) -> None:
    world.report("undelivered", code="30007")
    with world.database.begin() as connection:
        assert connection.execute(select(tables.senders.c.stopped_because)).scalar_one() == "FILTERED:30007"


def test_a_report_of_nothing_of_ours_is_unknown(world: MessageWorld, texted: Listed) -> None:
    assert world.report("delivered", send_id=new_id()) is Effect.UNKNOWN
    assert world.report("partially_delivered") is Effect.UNKNOWN
    assert world.message()["status"] == "ACCEPTED"


def test_a_message_read_closes_its_entry(world: MessageWorld, texted: Listed) -> None:
    assert world.report("read") is Effect.MOVED
    entry = world.entry(texted)
    assert (entry["state"], entry["closed_because"]) == ("CLOSED", "SMS_READ")
    assert _case(world, texted)["state"] == "CLOSED"


@pytest.mark.parametrize("stop", ["STOP", "Stop svp", "ARRET", "Arrêt", "arrêtez", "STOP merci"])
def test_stop_is_honoured_however_it_is_written(world: MessageWorld, texted: Listed, stop: str) -> None:
    assert world.reply(ANNE, stop) is Effect.MOVED
    entry = world.entry(texted)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 6, 0)
    with world.database.begin() as connection:
        assert connection.execute(select(tables.persons.c.opted_out)).scalar_one()
        assert connection.execute(select(tables.opt_outs.c.because)).scalar_one() == "REPLY"
    assert [line["facts"] for line in world.journal("OPTED_OUT")] == [{"because": "REPLY"}]


def test_after_stop_no_message_is_queued_and_after_start_it_is_again(
    world: MessageWorld, texted: Listed
) -> None:
    positive = world.positive(BORIS)
    world.reply(BORIS, "STOP")
    now = world.clock.now()
    with world.database.begin() as connection:
        queueing = world.messaging.queueing
        assert queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now) is None
    world.reply(BORIS, "START", sid="SM2")
    with world.database.begin() as connection:
        assert queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now)
        assert not connection.execute(select(tables.opt_outs)).all()
    assert len(world.journal("OPTED_IN")) == 1


def test_stop_cancels_what_waits_for_that_number(world: MessageWorld) -> None:
    positive = world.positive(BORIS)
    now = world.clock.now()
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(connection, entry_id=positive.entry_id, now=now)
    world.reply(BORIS, "arrêtez svp")
    world.send()
    assert world.texts(BORIS) == []
    assert world.message()["status"] == "CANCELLED"


def test_start_lets_the_mode_shed_a_contact_again(world: MessageWorld) -> None:
    contact = world.contact(ANNE)
    world.reply(ANNE, "STOP")
    assert world.entry(contact)["shed_level"] == 0
    world.reply(ANNE, "START", sid="SM2")
    assert world.entry(contact)["shed_level"] == 2


@pytest.mark.parametrize("asked", ["RAPPEL", "Rappelez-moi svp", "C'est quoi ?"])
def test_a_question_becomes_a_callback_due_now(world: MessageWorld, texted: Listed, asked: str) -> None:
    world.reply(ANNE, asked)
    entry = world.entry(texted)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 2, 0)
    assert entry["callback_at"] == world.clock.now()
    assert _case(world, texted)["informed_at"] == world.clock.now()
    with world.database.begin() as connection:
        kept = connection.execute(select(tables.inbound_messages)).mappings().one()
    assert kept["person_id"] == texted.person_id
    assert asked.encode() not in kept["sealed_body"]


def test_a_positive_who_asks_for_a_call_stays_in_class_1_and_is_due_now(world: MessageWorld) -> None:
    positive = world.positive(ANNE)
    world.reply(ANNE, "RAPPEL")
    entry = world.entry(positive)
    assert (entry["call_class"], entry["callback_at"]) == (1, world.clock.now())


def test_an_acknowledgement_closes_the_entry(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "ok merci")
    assert world.message()["status"] == "READ"
    assert world.entry(texted)["closed_because"] == "SMS_READ"


def test_who_asks_for_a_call_after_all_was_done_gets_one(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "ok")
    world.reply(ANNE, "RAPPEL", sid="SM2")
    entries = tables.call_list_entries
    with world.database.begin() as connection:
        (entry,) = connection.execute(select(entries).where(entries.c.state != "CLOSED")).mappings()
    assert (entry["call_class"], entry["shed_level"]) == (2, 0)
    assert entry["callback_at"] == world.clock.now()
    assert _case(world, texted)["state"] == "OPEN"


def test_the_same_reply_twice_is_one(world: MessageWorld, texted: Listed) -> None:
    world.reply(ANNE, "RAPPEL")
    assert world.reply(ANNE, "RAPPEL") is Effect.REPEATED
    assert len(world.journal("REPLY_RECEIVED")) == 1


def test_a_strangers_reply_is_kept_and_harms_nobody(world: MessageWorld, texted: Listed) -> None:
    assert world.reply(BORIS, "Qui êtes-vous ?") is Effect.UNKNOWN
    with world.database.begin() as connection:
        kept = connection.execute(select(tables.inbound_messages)).mappings().one()
    assert (kept["person_id"], kept["platform"]) == (None, None)
    assert world.entry(texted)["state"] == "TEXTED"


def test_a_stranger_who_says_stop_is_not_texted_later(world: MessageWorld) -> None:
    world.reply(BORIS, "STOP")
    contact = world.contact(BORIS)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(BORIS) == []
    assert world.entry(contact)["shed_level"] == 0


def test_an_unread_message_gives_its_contact_a_call_a_day_later(world: MessageWorld, texted: Listed) -> None:
    world.report("delivered")
    assert world.messaging.sweeps.return_unread() == 0
    world.clock.advance(DAY)
    assert world.messaging.sweeps.return_unread() == 1
    entry = world.entry(texted)
    assert (entry["state"], entry["call_class"], entry["shed_level"]) == ("WAITING", 6, 0)
    assert world.messaging.sweeps.return_unread() == 0


def test_a_receipt_that_does_not_come_is_asked_for(world: MessageWorld, texted: Listed) -> None:
    world.clock.advance(timedelta(minutes=16))
    _wait_until_received(world, ANNE)
    assert world.messaging.sweeps.ask_for_receipts() == 1
    assert world.message()["status"] in ("SENT", "DELIVERED")
    assert world.messaging.sweeps.ask_for_receipts() == 0


def test_our_own_webhooks_carry_what_settles_the_message(world: MessageWorld) -> None:
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    posted = world.listener.next(lambda one: one.fields.get("MessageStatus") == "delivered")
    send_id = UUID(posted.path.rpartition("/")[2])
    assert send_id == world.message()["send_id"]
    assert ANNE not in posted.path + posted.query
    world.apply(posted)
    assert world.message()["status"] == "DELIVERED"


def test_messages_are_moved_in_the_order_of_their_ids_wherever_they_lie(world: MessageWorld) -> None:
    """Two who move the same messages wait for each other at the first of them, and never crosswise."""
    for number in (ANNE, BORIS):
        world.contact(number)
    world.company.set_faults(webhook_lost={"probability": 1})
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    first, second = (message["id"] for message in world.messages())
    c = tables.messages.c
    with world.database.begin() as connection:  # a change writes the row anew, behind the other
        connection.execute(update(tables.messages).where(c.id == first).values(segments=c.segments))
    moves = [Move(message_id, MessageStatus.DELIVERED) for message_id in (second, first)]

    def move_both() -> int:
        with world.database.begin() as connection:
            return len(message_store.move(connection, moves, actor="a test", now=world.clock.now()))

    with ThreadPoolExecutor(1) as other, world.database.begin() as connection:
        connection.execute(select(c.id).where(c.id == first).with_for_update())
        moved = other.submit(move_both)
        while not _waiting(connection):
            pass
        connection.execute(select(c.id).where(c.id == second).with_for_update(nowait=True))
        connection.rollback()
        assert moved.result() == 2


def _waiting(connection: Connection) -> int:
    """How many statements of this database wait for a lock."""
    connection.execute(text("select pg_stat_clear_snapshot()"))
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    return int(connection.execute(waiting).scalar_one())


def _case(world: MessageWorld, listed: Listed) -> dict[str, object]:
    records = tables.case_records
    with world.database.begin() as connection:
        row = connection.execute(select(records).where(records.c.id == listed.case_record_id)).mappings()
        return dict(row.one())


def _wait_until_received(world: MessageWorld, number: str) -> None:
    """The simulated delivery takes a few milliseconds of real time."""
    while not world.company.texts(number):
        world.company.stats()
