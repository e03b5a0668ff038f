"""Many reports in one transaction leave exactly what the same reports leave one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.ids import new_id
from outreach.services.call_reports import Effect
from outreach.services.report_batches import ReportBatches, ToldReport
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.message_world import MessageWorld, message_world

WORDS = ("queued", "sent", "delivered", "read", "undelivered", "failed", "other")
CODES = {"undelivered": "30003", "failed": "30005"}
PEOPLE = 10


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        world.company.set_faults(webhook_lost={"probability": 1})
        yield world


@pytest.fixture
def batches(world: MessageWorld) -> ReportBatches:
    return ReportBatches(world.database, world.vault, world.clock, world.messaging.events)


def _texted(world: MessageWorld, number: str) -> tuple[Listed, dict[str, Any]]:
    contact = world.contact(number)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    return contact, world.messages()[-1]


def _told(batches: ReportBatches, message: dict[str, Any], word: str, token: str | None = None) -> ToldReport:
    form = {"MessageSid": message["provider_sid"], "MessageStatus": word, "ErrorCode": CODES.get(word, "0")}
    return batches.told(message["send_id"], form, token)


def _effects(world: MessageWorld) -> dict[UUID, str]:
    events = tables.provider_events.c
    with world.database.begin() as connection:
        return {row.id: row.effect for row in connection.execute(select(events.id, events.effect))}


def _left(world: MessageWorld, contact: Listed, message: dict[str, Any]) -> dict[str, Any]:
    """Everything the reports of one message changed, without ids."""
    (now,) = [each for each in world.messages() if each["id"] == message["id"]]
    entry = world.entry(contact)
    with world.database.begin() as connection:
        case, journal, outbox = tables.case_records, tables.journal, tables.outbox
        record = connection.execute(select(case).where(case.c.id == contact.case_record_id)).mappings().one()
        lines = connection.execute(select(journal).where(journal.c.entry_id == contact.entry_id)).mappings()
        events = [line["event"] + str(line["facts"].get("status", "")) for line in lines]
        payloads = connection.execute(select(outbox.c.payload)).scalars()
        mine = [each for each in payloads if each["case_record_id"] == str(contact.case_record_id)]
    moments = ("accepted_at", "sent_at", "delivered_at", "read_at", "ended_at", "returned_at", "error_code")
    return {
        "message": {name: now[name] for name in ("status", *moments)},
        "entry": {name: entry[name] for name in ("state", "call_class", "shed_level", "closed_because")},
        "record": {name: record[name] for name in ("state", "informed_at", "last_outcome", "closed_because")},
        "journal": Counter(events),
        "outbox": Counter(payload["outcome"] for payload in mine),
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_leaves_what_single_reports_leave(
    world: MessageWorld, batches: ReportBatches, seed: int
) -> None:
    chance = random.Random(seed)
    stories = [chance.choices(WORDS, k=chance.randint(1, 4)) for _ in range(PEOPLE)]
    single = [_texted(world, f"+336399800{number:02}") for number in range(PEOPLE)]
    together = [_texted(world, f"+336399801{number:02}") for number in range(PEOPLE)]
    world.clock.advance(timedelta(minutes=3))
    one_by_one = [
        world.report_of(message, word, code=CODES.get(word, ""))
        for (_, message), story in zip(single, stories, strict=True)
        for word in story
    ]
    told = [
        _told(batches, message, word, token=str(new_id()))
        for (_, message), story in zip(together, stories, strict=True)
        for word in story
    ]
    batches.receive(told)
    effects = _effects(world)
    assert [effects[each.event.id] for each in told] == [effect.value for effect in one_by_one]
    for alone, grouped in zip(single, together, strict=True):
        assert _left(world, *grouped) == _left(world, *alone)


def test_the_same_report_twice_in_a_batch_and_again_later_is_kept_once(
    world: MessageWorld, batches: ReportBatches
) -> None:
    _, message = _texted(world, "+33639980001")
    batches.receive([_told(batches, message, "sent"), _told(batches, message, "sent")])
    batches.receive([_told(batches, message, "sent"), _told(batches, message, "delivered")])
    assert Counter(_effects(world).values()) == {"MOVED": 2}
    assert world.message()["status"] == "DELIVERED"


def test_a_report_of_an_earlier_try_is_known_by_the_number_of_the_phone_company(
    world: MessageWorld, batches: ReportBatches
) -> None:
    _, message = _texted(world, "+33639980001")
    batches.receive([_told(batches, message | {"send_id": new_id()}, "delivered")])
    assert world.message()["status"] == "DELIVERED"


def test_a_report_of_no_message_of_ours_is_kept_as_unknown(
    world: MessageWorld, batches: ReportBatches
) -> None:
    stranger = _told(batches, {"send_id": new_id(), "provider_sid": "SM" + "9" * 32}, "delivered")
    batches.receive([stranger])
    assert _effects(world) == {stranger.event.id: Effect.UNKNOWN.value}


def test_what_a_batch_keeps_is_sealed(world: MessageWorld, batches: ReportBatches) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "To": "+33639980001"}
    told = batches.told(new_id(), form, None)
    assert b"639980001" not in told.event.sealed
    assert "639980001" not in told.event.key
