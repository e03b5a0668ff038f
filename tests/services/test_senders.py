"""Several senders write for a platform; one that fails, or does badly, is stood in for, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import URGENCY_OF, USEFUL_FOR, MessagePurpose, MessageStatus
from outreach.domain.sender_choice import SenderKind, SenderOption
from outreach.domain.sending import Sending
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.senders import SenderState
from outreach.storage import sender_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.message_world import MessageWorld, message_world

ANNE, BORIS, CHLOE = "+33639980001", "+33639980002", "+33639980003"
SERVICE, STRANGE = "MG" + "1" * 32, "+33100000000"  # the phone company knows no such number
NAME = "CPAM Landes"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def put(world: MessageWorld, *senders: str) -> None:
    listed = [SenderOption(sender, place) for place, sender in enumerate(senders)]
    world.messaging.senders.put("40", listed, actor="user:test")


def missed(world: MessageWorld, number: str) -> dict[str, Any]:
    """The "we tried to call you" of a new positive."""
    positive = world.positive(number)
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
    return next(m for m in world.messages() if m["person_id"] == positive.person_id)


def sender_row(world: MessageWorld, sender: str) -> dict[str, Any]:
    with world.database.begin() as connection:
        found = connection.execute(select(tables.senders).where(tables.senders.c.sender == sender))
        return dict(found.mappings().one())


def alarm_kinds(world: MessageWorld) -> list[str]:
    with world.database.begin() as connection:
        return list(connection.execute(select(tables.alarms.c.kind)).scalars())


def test_a_platform_without_a_list_writes_from_the_default(world: MessageWorld) -> None:
    (only,) = world.messaging.senders.of_platform("40")
    assert (only.sender, only.kind, only.state) == (OUR_NUMBER, SenderKind.NUMBER, SenderState.SENDING)
    assert missed(world, ANNE)["sender"] == OUR_NUMBER


def test_the_preferred_sender_writes_and_a_conversation_keeps_its_own(world: MessageWorld) -> None:
    put(world, OUR_NUMBER, SERVICE)
    assert missed(world, ANNE)["sender"] == OUR_NUMBER
    put(world, SERVICE, OUR_NUMBER)
    assert missed(world, BORIS)["sender"] == SERVICE
    world.clock.advance(timedelta(days=2))
    assert missed(world, ANNE)["sender"] == OUR_NUMBER


def test_a_name_never_carries_a_text_that_asks_for_an_answer(world: MessageWorld) -> None:
    put(world, NAME, OUR_NUMBER)
    assert missed(world, ANNE)["sender"] == OUR_NUMBER  # "Répondez RAPPEL"
    world.contact(BORIS)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert [m["sender"] for m in world.messages() if m["purpose"] == "CONTACT_INFORMED"] == [OUR_NUMBER]


@pytest.mark.parametrize("senders", [[NAME], ["Santé"], [OUR_NUMBER, OUR_NUMBER]])
def test_a_list_that_cannot_work_is_refused_with_what_to_mend(
    world: MessageWorld, senders: list[str]
) -> None:
    with pytest.raises(InvalidInput):
        put(world, *senders)
    assert [s.sender for s in world.messaging.senders.of_platform("40")] == [OUR_NUMBER]


def test_what_waits_for_a_sender_that_left_the_list_goes_by_the_others(world: MessageWorld) -> None:
    put(world, SERVICE)
    missed(world, ANNE)
    put(world, OUR_NUMBER)
    assert world.message()["sender"] == OUR_NUMBER
    world.send()
    assert len(world.texts(ANNE)) == 1
    assert [line["actor"] for line in world.journal("SENDERS_LISTED")] == ["user:test"] * 2


def test_two_senders_at_once_tell_each_household_once(world: MessageWorld) -> None:
    listed = [SenderOption(OUR_NUMBER), SenderOption(SERVICE)]
    world.messaging.senders.put("40", listed, actor="user:test")
    numbers = [f"+3363998{n:04}" for n in range(200, 220)]
    for number in numbers * 3:
        world.contact(number)
    world.put_mode(Mode.SMS_CONTACTS)
    sending = replace(
        world.messaging.sending, machine=Sending(replace(world.messaging.sending.machine.rules, batch=3))
    )
    with ThreadPoolExecutor(4) as pool:
        for run in [pool.submit(sending.send_due, most_seconds=20) for _ in range(4)]:
            run.result()
    assert [len(world.texts(number)) for number in numbers] == [1] * 20
    assert {m["sender"] for m in world.messages()} == {OUR_NUMBER, SERVICE}


def test_a_sender_refused_for_all_is_stopped_and_another_takes_over(world: MessageWorld) -> None:
    put(world, STRANGE, OUR_NUMBER)
    first, second = world.contact(ANNE), world.contact(BORIS)
    world.put_mode(Mode.SMS_CONTACTS)
    with world.database.begin() as connection:  # so that one message shows what the second will meet
        sender_store.lock(connection, STRANGE, most=2, now=world.clock.now())
        sender_store.set_ceiling(connection, STRANGE, 1)
    world.send()
    world.send()
    states = {s.sender: s.state for s in world.messaging.senders.of_platform("40")}
    assert states == {STRANGE: SenderState.STOPPED, OUR_NUMBER: SenderState.SENDING}
    assert world.switch.show("40").mode is Mode.SMS_CONTACTS
    outcomes = {world.entry(first)["state"], world.entry(second)["state"]}
    assert outcomes == {"WAITING", "TEXTED"}  # the refused one is called, the other was texted
    assert alarm_kinds(world) == ["SENDER_STOPPED"]


def test_with_no_other_sender_its_platform_goes_back_to_calls(world: MessageWorld) -> None:
    put(world, STRANGE)
    world.contact(ANNE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.switch.show("40").mode is Mode.NORMAL
    with pytest.raises(Conflict, match="stopped"):
        world.put_mode(Mode.SMS_CONTACTS)
    put(world, STRANGE, OUR_NUMBER)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(ANNE) == []  # a refused SMS is owed a call
    assert world.messaging.senders.resume(STRANGE)


def test_a_filtered_sender_rests_while_others_write_and_comes_back_by_itself(world: MessageWorld) -> None:
    put(world, OUR_NUMBER, SERVICE)
    message = missed(world, ANNE)
    world.send()
    waiting = missed(world, BORIS)
    world.report_of(
        next(m for m in world.messages() if m["id"] == message["id"]), "undelivered", code="30007"
    )
    assert [m["sender"] for m in world.messages() if m["id"] == waiting["id"]] == [SERVICE]
    (first, _) = world.messaging.senders.of_platform("40")
    assert (first.state, first.because) == (SenderState.RESTING, "FILTERED:30007")
    assert missed(world, CHLOE)["sender"] == SERVICE
    world.clock.advance(11 * MINUTE)
    assert missed(world, "+33639980004")["sender"] == OUR_NUMBER


def settled(world: MessageWorld, sender: str, count: int, *, delivered: int) -> None:
    """Messages of the last hour, accepted long enough ago for their receipts."""
    person, now = world.contact(f"+336399{sender_number():05}"), world.clock.now()
    usual = {
        "platform": "40",
        "person_id": person.person_id,
        "purpose": MessagePurpose.CAMPAIGN.value,
        "urgency": int(URGENCY_OF[MessagePurpose.CAMPAIGN]),
        "number_index": b"n",
        "phone_position": 0,
        "sender": sender,
        "template": "t",
        "template_version": 1,
        "mode_version": 1,
        "language": "fr",
        "segments": 1,
        "not_before": now,
        "useful_until": now + USEFUL_FOR[MessagePurpose.CAMPAIGN],
        "created_at": now - 30 * MINUTE,
        "accepted_at": now - 20 * MINUTE,
    }
    rows = [
        usual
        | {
            "id": new_id(),
            "send_id": new_id(),
            "status": (MessageStatus.DELIVERED if n < delivered else MessageStatus.UNDELIVERED).value,
        }
        for n in range(count)
    ]
    with world.database.begin() as connection:
        connection.execute(insert(tables.messages), rows)


def sender_number() -> int:
    return new_id().int % 100_000


def look(world: MessageWorld) -> int:
    return world.messaging.senders.look()


def test_a_sender_that_is_heard_less_than_usual_rests_then_is_tried_again(world: MessageWorld) -> None:
    put(world, OUR_NUMBER, SERVICE)
    world.messaging.senders.set_ceiling(OUR_NUMBER, 100)
    settled(world, OUR_NUMBER, 100, delivered=90)
    assert look(world) == 0
    assert sender_row(world, OUR_NUMBER)["usual_share"] == 0.9
    world.clock.advance(timedelta(hours=2))
    settled(world, OUR_NUMBER, 100, delivered=30)
    assert look(world) == 1
    (first, _) = world.messaging.senders.of_platform("40")
    assert (first.state, first.because) == (SenderState.RESTING, "UNDELIVERED")
    assert alarm_kinds(world) == ["SENDER_RESTING"]
    world.clock.advance(11 * MINUTE)
    assert look(world) == 0  # what was sent before its rest is not held against it
    world.clock.advance(timedelta(hours=1))
    settled(world, OUR_NUMBER, 60, delivered=58)
    look(world)
    assert sender_row(world, OUR_NUMBER)["rests"] == 0


def test_a_sender_slower_than_usual_rests_only_where_another_stands_in(world: MessageWorld) -> None:
    put(world, OUR_NUMBER)
    world.messaging.senders.set_ceiling(OUR_NUMBER, 100)
    look(world)
    with world.database.begin() as connection:
        connection.execute(update(tables.senders).values(usual_pace=100.0, pace=10))
    assert look(world) == 0
    assert alarm_kinds(world) == ["SENDER_RESTING"]
    put(world, OUR_NUMBER, SERVICE)
    assert look(world) == 1
    assert sender_row(world, OUR_NUMBER)["pace"] == 100  # it begins again as it was


def test_a_ceiling_of_its_own_bounds_the_pace_of_a_sender(world: MessageWorld) -> None:
    world.messaging.senders.set_ceiling(OUR_NUMBER, 2)
    began, segments = world.clock.now(), 0
    for number in (ANNE, BORIS, CHLOE, "+33639980004"):
        segments += missed(world, number)["segments"]
    world.send()
    assert {m["status"] for m in world.messages()} == {"ACCEPTED"}
    last = max(m["claimed_at"] for m in world.messages())
    assert last - began >= timedelta(seconds=(segments - 4) / 2)  # a burst of one second, then two a second
    with pytest.raises(InvalidInput):
        world.messaging.senders.set_ceiling(OUR_NUMBER, 0)


def test_a_missed_call_never_waits_behind_a_campaign(world: MessageWorld) -> None:
    world.messaging.senders.set_ceiling(OUR_NUMBER, 20)
    for number in range(100, 160):
        missed(world, f"+3363998{number:04}")
    with world.database.begin() as connection:
        connection.execute(update(tables.messages).values(urgency=2))
    urgent: list[dict[str, Any]] = []

    def in_the_middle(step: str) -> None:
        claimed = sum(m["claimed_at"] is not None for m in world.messages())
        if step == "claimed" and claimed >= 20 and not urgent:
            urgent.append(missed(world, CHLOE))

    runner = replace(world.messaging.sending.runner, checkpoint=in_the_middle)
    replace(world.messaging.sending, runner=runner).send_due(most_seconds=30)
    told = next(m for m in world.messages() if m["id"] == urgent[0]["id"])
    between = [
        m
        for m in world.messages()
        if m["urgency"] == 2 and told["created_at"] < m["claimed_at"] <= told["claimed_at"]
    ]
    assert told["claimed_at"] - told["created_at"] <= timedelta(seconds=2)
    assert sum(m["segments"] for m in between) <= 2 * 20
    assert sum(m["claimed_at"] > told["claimed_at"] for m in world.messages()) > 0  # it overtook the rest


def test_the_reason_a_sender_is_stopped_for_holds_no_number(world: MessageWorld) -> None:
    with pytest.raises(InvalidInput, match="no number"):
        world.messaging.senders.stop(SERVICE, reason="complaint of 06 39 98 00 01")


def test_a_mistyped_sender_is_refused_and_leaves_nothing(world: MessageWorld) -> None:
    senders = world.messaging.senders
    for act in (
        lambda: senders.stop("+3360000", reason="a slip"),
        lambda: senders.set_ceiling("+3360000", 5),
    ):
        with pytest.raises(NotFound, match="no such sender"):
            act()
    with world.database.begin() as connection:
        assert "+3360000" not in {row.sender for row in sender_store.rows(connection)}
