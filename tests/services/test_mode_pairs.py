"""From every mode to every mode: whoever is not texted yet follows, whoever was texted stays told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from outreach.clock import SetClock
from outreach.domain.load_shedding import MODES, Mode, is_shed
from outreach.domain.outcomes import CallOutcome
from outreach.services.call_list import CallList
from outreach.services.settling import Settlement, settle
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed, add_agent
from tests.message_world import MessageWorld, message_world

PAIRS = [pytest.param(a, b, id=f"{a}-{b}") for a, b in permutations(Mode, 2)]


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


@dataclass(frozen=True)
class People:
    """One of each kind, listed before the switch."""

    positive: Listed
    low_risk: Listed
    household: Listed
    landline: Listed

    def by_name(self) -> dict[str, Listed]:
        return vars(self)


def listed(world: MessageWorld, first: int) -> People:
    def number(n: int) -> str:
        return f"+336399800{first + n:02}"

    return People(
        world.positive(number(0)),
        world.contact(number(1)),
        world.contact(number(2), household=True),
        world.contact(number(3), can_sms=False),
    )


def texted(world: MessageWorld, people: People) -> set[str]:
    return {name for name, one in people.by_name().items() if world.entry(one)["state"] == "TEXTED"}


def texted_by(mode: Mode) -> set[str]:
    levels = {"low_risk": MODES[Mode.SMS_LOW_RISK].level, "household": MODES[Mode.SMS_CONTACTS].level}
    return {name for name, level in levels.items() if is_shed(level, MODES[mode].level)}


@pytest.mark.parametrize(("first", "then"), PAIRS)
def test_who_was_texted_stays_and_who_was_not_follows_the_new_mode(
    world: MessageWorld, first: Mode, then: Mode
) -> None:
    world.put_mode(first)
    before = listed(world, 10)
    world.send()
    deadlines = {name: world.entry(one)["deadline"] for name, one in before.by_name().items()}
    late_comers = listed(world, 20)
    world.put_mode(then)
    world.send()
    world.messaging.sweeps.recall_unshed()
    assert texted(world, before) == texted_by(first) | texted_by(then)
    assert texted(world, late_comers) == texted_by(then)
    assert {name: world.entry(one)["deadline"] for name, one in before.by_name().items()} == deadlines
    assert leased(world) == not_texted(world, before) | not_texted(world, late_comers)


def leased(world: MessageWorld) -> set[Any]:
    """Everybody whom agents are given, one after another."""
    calls = CallList(world.database, world.clock)
    taken: set[Any] = set()
    while True:
        with world.database.begin() as connection:
            agent = add_agent(connection, world.clock.now())
        found = calls.next_entry(agent, platforms=["40"], languages=["fr"])
        if found is None:
            return taken
        taken.add(found.entry_id)


def not_texted(world: MessageWorld, people: People) -> set[Any]:
    told = texted(world, people)
    return {one.entry_id for name, one in people.by_name().items() if name not in told}


def miss(world: MessageWorld, contact: Listed) -> None:
    """An agent calls, and nobody answers."""
    calls = CallList(world.database, world.clock)
    calls.keep_ready()
    with world.database.begin() as connection:
        agent = add_agent(connection, world.clock.now())
    found = calls.next_entry(agent, platforms=["40"], languages=["fr"])
    assert found is not None
    assert found.entry_id == contact.entry_id
    with world.database.begin() as connection:
        settle(
            connection,
            Settlement(contact.entry_id, CallOutcome.NO_ANSWER, "system:test", world.clock.now()),
        )


def test_a_contact_missed_twice_under_normal_is_texted_once_and_called_when_the_sms_fails(
    world: MessageWorld,
) -> None:
    contact = world.contact("+33639980001")
    deadline = world.entry(contact)["deadline"]
    miss(world, contact)
    world.send()
    assert world.messages() == [], "one miss is not enough under NORMAL"
    world.clock.advance(timedelta(hours=2))
    miss(world, contact)
    assert world.entry(contact)["shed_level"] == 1
    assert leased(world) == set(), "the SMS comes first"
    world.send()
    world.send()
    assert world.entry(contact)["state"] == "TEXTED"
    assert len(world.texts("+33639980001")) == 1
    world.report("undelivered", code="30003")
    back = world.entry(contact)
    assert (back["call_class"], back["shed_level"], back["deadline"]) == (6, 0, deadline)
    CallList(world.database, world.clock).keep_ready()
    assert leased(world) == {contact.entry_id}
    world.send()
    assert len(world.texts("+33639980001")) == 1


def test_under_the_light_modes_one_miss_is_enough(world: MessageWorld) -> None:
    contact = world.contact("+33639980001", household=True)
    world.put_mode(Mode.SMS_LOW_RISK)
    miss(world, contact)
    world.send()
    assert world.entry(contact)["state"] == "TEXTED"
