"""Random histories of fifty agents: the right entry each time, never one person in two hands, nobody lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from outreach.clock import SetClock
from outreach.domain.call_list import OWN_CALLBACK_GRACE, CallClass, SortKey
from outreach.domain.load_shedding import MODES, Mode, is_shed, is_texted
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import OutreachError
from outreach.services.call_list import CallList
from outreach.services.settling import Settlement, settle
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.lease_store import Leased
from tests.call_list_rows import add_agent, add_contact, add_platform, add_positive

AGENTS = 50
Row = Mapping[str, Any]
entries = tables.call_list_entries
NEWS = sorted(CHANNEL_OUTCOMES - {CallOutcome.SHED_TO_SMS})


@dataclass(frozen=True)
class Agent:
    id: UUID
    platforms: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass
class Shift:
    """A platform's day, played at random."""

    database: Database
    clock: SetClock
    call_list: CallList
    chance: random.Random
    agents: list[Agent]
    added: int = 0
    in_hand: dict[UUID, Leased] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        with self.database.begin() as connection:
            return [dict(row) for row in connection.execute(select(entries)).mappings()]

    def level(self) -> int:
        modes = tables.platform_modes
        with self.database.begin() as connection:
            level = connection.execute(select(modes.c.level).where(modes.c.platform == "40")).scalar_one()
        return int(level)

    def someone_arrives(self) -> None:
        chance = self.chance
        common: dict[str, Any] = {
            "platform": chance.choice(("40", "40", "40", "64")),
            "language": chance.choice(("fr", "fr", "fr", "pt")),
            "number": chance.choice((None, None, f"home {chance.randrange(8)}")),
            "zone": chance.choice(("Europe/Paris", "Europe/Paris", "Indian/Reunion")),
            "numbers": chance.choice((0, 1, 1, 2)),
        }
        with self.database.begin() as connection:
            if chance.random() < 0.3:
                ago = timedelta(minutes=chance.randrange(2000))
                add_positive(connection, self.clock.now(), result_ago=ago, **common)
            else:
                add_contact(
                    connection,
                    self.clock.now(),
                    household=chance.random() < 0.3,
                    can_sms=chance.random() < 0.7,
                    **common,
                )
        self.added += 1

    def someone_asks(self) -> None:
        agent = self.chance.choice(self.agents)
        expected = None if agent.id in self.in_hand else self.expected_for(agent)
        given = self.call_list.next_entry(agent.id, platforms=agent.platforms, languages=agent.languages)
        if agent.id in self.in_hand:
            assert given is not None
            assert given.entry_id == self.in_hand[agent.id].entry_id
            return
        assert (given.entry_id if given else None) == expected
        if given:
            assert given.entry_id not in {leased.entry_id for leased in self.in_hand.values()}
            self.in_hand[agent.id] = given

    def expected_for(self, agent: Agent) -> UUID | None:
        """The rule told once more, over plain rows."""
        rows, now, level = self.rows(), self.clock.now(), self.level()
        busy = {row["number_index"] for row in rows if row["state"] == "LEASED"} - {None}

        def is_callable(row: Row) -> bool:
            reserved = row["callback_for_me_only"] and row["callback_agent_id"] != agent.id
            return (
                row["state"] == "READY"
                and row["queue"] == "AGENTS"
                and row["platform"] in agent.platforms
                and row["language"] in agent.languages
                and row["ready_until"] > now
                and row["number_index"] not in busy
                and not (row["platform"] == "40" and is_shed(row["shed_level"], level))
                and not (reserved and row["not_before"] > now - OWN_CALLBACK_GRACE)
            )

        def urgency(row: Row) -> tuple[object, ...]:
            own = row["callback_agent_id"] == agent.id
            key = SortKey(
                row["call_class"], row["front"], row["effective_deadline"], row["tie_break"], row["id"]
            )
            return (key.call_class, not own, *key)

        first = min(filter(is_callable, rows), key=urgency, default=None)
        return first["id"] if first else None

    def someone_says_how_it_went(self) -> None:
        if not self.in_hand:
            return
        agent_id = self.chance.choice(list(self.in_hand))
        outcome = self.chance.choice([outcome for outcome in CallOutcome if outcome not in CHANNEL_OUTCOMES])
        try:
            self.settle(self.in_hand[agent_id].entry_id, outcome, agent_id)
        except OutreachError:
            return  # a supervisor is needed, or the callback's hour is not callable: still in hand
        del self.in_hand[agent_id]

    def settle(self, entry_id: UUID, outcome: CallOutcome, agent_id: UUID | None = None) -> None:
        with self.database.begin() as connection:
            settle(
                connection,
                Settlement(
                    entry_id,
                    outcome,
                    "system:test",
                    self.clock.now(),
                    agent_id=agent_id,
                    callback_at=self.clock.now() + timedelta(minutes=self.chance.randrange(5, 300)),
                    for_me_only=self.chance.random() < 0.5,
                    by_supervisor=self.chance.random() < 0.3,
                    is_question=self.chance.random() < 0.5,
                ),
            )

    def someone_gives_back(self) -> None:
        if self.in_hand:
            agent_id = self.chance.choice(list(self.in_hand))
            assert self.call_list.release(agent_id, because="test") == 1
            del self.in_hand[agent_id]

    def someone_goes_home(self) -> None:
        agent = self.chance.choice(self.agents)
        self.call_list.end_shift(agent.id, "40")
        self.in_hand.pop(agent.id, None)

    def the_mode_changes(self) -> None:
        mode = self.chance.choice(list(Mode))
        with self.database.begin() as connection:
            connection.execute(update(tables.platform_modes).values(mode=mode.value, level=MODES[mode].level))

    def contacts_are_texted(self) -> None:
        """What the claim of messages does, as far as the list goes; and what comes back."""
        level = self.level()
        shed = [
            row["id"]
            for row in self.rows()
            if row["state"] in ("READY", "WAITING")
            and row["platform"] == "40"
            and is_texted(Purpose(row["purpose"]), row["shed_level"], level)
        ]
        with self.database.begin() as connection:
            connection.execute(update(entries).where(entries.c.id.in_(shed)).values(state="TEXTED"))
        for row in self.rows():
            if row["state"] == "TEXTED":
                self.settle(
                    row["id"], self.chance.choice(sorted(CHANNEL_OUTCOMES - {CallOutcome.SHED_TO_SMS}))
                )

    def time_passes(self) -> None:
        self.clock.advance(
            timedelta(seconds=self.chance.choices((10, 60, 85, 600, 7200), (4, 4, 4, 4, 1))[0])
        )
        alive = {agent_id for agent_id in self.in_hand if self.chance.random() < 0.8}
        now = self.clock.now()
        lapsed = {agent_id for agent_id, held in self.leases().items() if held <= now}
        for agent_id in alive:
            self.call_list.heartbeat(agent_id)
        gone = lapsed - alive
        assert self.call_list.lapse() == len(gone)
        for agent_id in gone:
            del self.in_hand[agent_id]
        self.call_list.keep_ready()

    def leases(self) -> dict[UUID, datetime]:
        return {row["leased_by"]: row["leased_until"] for row in self.rows() if row["state"] == "LEASED"}

    def check(self) -> None:
        rows = self.rows()
        assert len(rows) == self.added
        leased = [row for row in rows if row["state"] == "LEASED"]
        assert {row["leased_by"]: row["id"] for row in leased} == {
            agent_id: held.entry_id for agent_id, held in self.in_hand.items()
        }
        numbers = Counter(row["number_index"] for row in leased if row["number_index"])
        assert not numbers or max(numbers.values()) == 1
        for row in rows:
            self.check_somewhere(row)

    def check_somewhere(self, row: Row) -> None:
        """Each person is in hand, callable, texted, waits for a moment, or left by a final outcome."""
        match row["state"]:
            case "WAITING":
                assert row["not_before"] is not None
            case "READY":
                assert row["ready_until"] is not None or row["queue"] == "SEARCH"
            case "CLOSED":
                assert FLAGS[CallOutcome(row["closed_because"])].final
            case state:
                assert state in ("LEASED", "TEXTED")
                assert not (state == "TEXTED" and row["call_class"] == CallClass.POSITIVE)


@pytest.fixture
def shift(database: Database, clock: SetClock, platform: str) -> Shift:
    chance = random.Random()
    with database.begin() as connection:
        add_platform(connection, "64", clock.now())
        agents = [
            Agent(
                add_agent(connection, clock.now()),
                platforms=("40", "64") if number % 5 == 0 else ("40",),
                languages=("fr", "pt") if number % 4 == 0 else ("fr",),
            )
            for number in range(AGENTS)
        ]
    return Shift(database, clock, CallList(database, clock), chance, agents)


@pytest.mark.parametrize("seed", range(4))
def test_each_agent_is_given_the_most_urgent_callable_entry_and_nobody_is_lost(
    shift: Shift, seed: int
) -> None:
    shift.chance.seed(seed)
    moves = {
        shift.someone_arrives: 5,
        shift.someone_asks: 12,
        shift.someone_says_how_it_went: 6,
        shift.someone_gives_back: 1,
        shift.someone_goes_home: 1,
        shift.the_mode_changes: 1,
        shift.contacts_are_texted: 1,
        shift.time_passes: 3,
    }
    for _ in range(60):
        shift.someone_arrives()
    for step in range(300):
        shift.chance.choices(list(moves), weights=list(moves.values()))[0]()
        if step % 10 == 0:
            shift.check()
    shift.check()


@dataclass(frozen=True)
class Handed:
    """One lease as its agent saw it."""

    began: float
    ended: float
    leased: Leased


def test_fifty_agents_at_once_are_never_given_the_same_person_nor_a_contact_too_early(
    shift: Shift,
) -> None:
    with shift.database.begin() as connection:
        for n in range(120):
            add_positive(
                connection,
                shift.clock.now(),
                result_ago=timedelta(minutes=n),
                language=("fr", "pt")[n % 3 == 0],
                number=f"home {n}",
            )
            add_contact(connection, shift.clock.now(), can_sms=n % 2 == 0, number=f"home {n // 2}")
    handed: list[Handed] = []
    failures: list[BaseException] = []

    def work(agent: Agent) -> None:
        try:
            for _ in range(6):
                began = time.perf_counter()
                leased = shift.call_list.next_entry(agent.id, platforms=["40"], languages=["fr", "pt"])
                if leased is None:
                    return
                handed.append(Handed(began, time.perf_counter(), leased))
                shift.settle(leased.entry_id, CallOutcome.COMPLETED)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(agent,)) for agent in shift.agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len({one.leased.entry_id for one in handed}) == len(handed) == 240
    positives = [one for one in handed if one.leased.call_class is CallClass.POSITIVE]
    last_positive_began = max(one.began for one in positives)
    too_early = [one for one in handed if one not in positives and one.ended < last_positive_began]
    assert not too_early
