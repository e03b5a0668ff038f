"""Leases, switches and senders at once: each call and each SMS under one version, never both together."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.clock import SetClock
from outreach.domain.load_shedding import MODES, Mode, is_shed
from outreach.errors import Conflict
from outreach.services.call_list import CallList
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_agent
from tests.message_world import MessageWorld, message_world

PEOPLE = 60
ROUNDS = 25


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock, batch=3) as world:
        yield world


@pytest.fixture
def levels(world: MessageWorld) -> dict[UUID, int]:
    """Sixty contacts, some of them shed by the heavier mode only; entry ids with their shed levels."""
    people = [world.contact(f"+3363998{n:04}", household=n % 3 == 0) for n in range(PEOPLE)]
    return {person.entry_id: world.entry(person)["shed_level"] for person in people}


def call_and_give_back(world: MessageWorld, draw: random.Random) -> None:
    """An agent who takes an entry, and gives it back or keeps it."""
    with world.database.begin() as connection:
        agent = add_agent(connection, world.clock.now())
    calls = CallList(world.database, world.clock)
    for _ in range(ROUNDS):
        leased = calls.next_entry(agent, platforms=["40"], languages=["fr"])
        if leased is not None and draw.random() < 0.8:
            calls.release(agent, because="test")


def switch_about(world: MessageWorld, draw: random.Random) -> None:
    """A supervisor who changes their mind; another may have been faster."""
    for _ in range(ROUNDS):
        mode = draw.choice(list(Mode))
        ends_at = draw.choice([None, world.clock.now() + timedelta(minutes=1)])
        try:
            world.put_mode(mode, ends_at=ends_at)
        except Conflict:
            continue


def send_now_and_then(world: MessageWorld, draw: random.Random) -> None:
    for _ in range(ROUNDS):
        world.messaging.sending.send_due(most_seconds=0.2)
        world.messaging.sweeps.recall_unshed()


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_both_called_and_texted_and_each_is_under_one_version(
    world: MessageWorld, levels: dict[UUID, int], seed: int
) -> None:
    draw = random.Random(seed)
    acts: list[Callable[[MessageWorld, random.Random], None]] = [
        *[call_and_give_back] * 8,
        switch_about,
        switch_about,
        send_now_and_then,
        send_now_and_then,
    ]
    run_together(world, [(act, random.Random(draw.random())) for act in acts])
    assert world.journal("ENTRY_LEASED")
    assert world.journal("ENTRY_SHED")
    check_one_channel_at_a_time(world)
    check_versions(world, levels)
    assert all(len(world.texts(f"+3363998{n:04}")) <= 1 for n in range(PEOPLE))


@pytest.mark.parametrize("seed", range(2))
def test_while_positives_wait_nobody_is_given_a_contact_whatever_is_switched(
    world: MessageWorld, levels: dict[UUID, int], seed: int
) -> None:
    """There are more positives than agents, and all are given back."""
    positives = {world.positive(f"+3363997{n:04}").entry_id for n in range(40)}
    draw = random.Random(seed)
    acts: list[Callable[[MessageWorld, random.Random], None]] = [
        *[call_and_hand_back] * 8,
        switch_about,
        switch_about,
        send_now_and_then,
    ]
    run_together(world, [(act, random.Random(draw.random())) for act in acts])
    leased = {line["entry_id"] for line in world.journal("ENTRY_LEASED")}
    assert leased
    assert leased <= positives
    assert not {line["entry_id"] for line in world.journal("ENTRY_SHED")} & positives


def call_and_hand_back(world: MessageWorld, draw: random.Random) -> None:
    """An agent who gives every entry back."""
    with world.database.begin() as connection:
        agent = add_agent(connection, world.clock.now())
    calls = CallList(world.database, world.clock)
    for _ in range(ROUNDS):
        if calls.next_entry(agent, platforms=["40"], languages=["fr"]) is not None:
            calls.release(agent, because=f"test {draw.random()}")


def run_together(
    world: MessageWorld, acts: list[tuple[Callable[[MessageWorld, random.Random], None], random.Random]]
) -> None:
    failures: list[BaseException] = []

    def run(act: Callable[[MessageWorld, random.Random], None], draw: random.Random) -> None:
        try:
            act(world, draw)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=one) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def check_one_channel_at_a_time(world: MessageWorld) -> None:
    """An entry is shed only when it is in nobody's hands, and leased only when no SMS stands for it."""
    holder: dict[UUID, str] = defaultdict(lambda: "nobody")
    for line in history(world):
        entry, before = line["entry_id"], holder[line["entry_id"]]
        match line["event"]:
            case "ENTRY_LEASED":
                assert before == "nobody"
                holder[entry] = "agent"
            case "ENTRY_SHED":
                assert before == "nobody"
                holder[entry] = "sms"
            case _:
                holder[entry] = "nobody"


def check_versions(world: MessageWorld, levels: dict[UUID, int]) -> None:
    """Under the version it is stamped with, a leased entry was to be called and a shed one to be texted."""
    level_of = {1: MODES[Mode.NORMAL].level} | {
        line["facts"]["version"]: MODES[Mode(line["facts"]["mode"])].level
        for line in world.journal("MODE_SWITCHED")
    }
    for line in world.journal("ENTRY_LEASED"):
        assert not is_shed(levels[line["entry_id"]], level_of[line["facts"]["mode_version"]])
    for line in world.journal("ENTRY_SHED"):
        assert is_shed(levels[line["entry_id"]], level_of[line["facts"]["mode_version"]])


def history(world: MessageWorld) -> list[dict[str, Any]]:
    events = ("ENTRY_LEASED", "ENTRY_RELEASED", "ENTRY_SHED", "ENTRY_RETURNED")
    lines = [line for event in events for line in world.journal(event)]
    return sorted(lines, key=lambda line: line["id"])
