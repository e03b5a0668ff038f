"""The model's ledger answers every question as PostgreSQL does: the same story told to both, step by step."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.messages import MessageStatus
from outreach.domain.send_ledger import Allowance, Because, Claim, Move, Prepared, Report, SendLedger
from outreach.domain.send_steps import Commit
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.message_world import MessageWorld, message_world
from tests.sending_model.memory_ledger import MemoryLedger

PARIS = ["Europe/Paris"]
STEPS = 80
REPORTED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)


@dataclass
class Twins:
    """Two ledgers with the same people and messages; `twin` leads from a stored message to the model's."""

    world: MessageWorld
    memory: MemoryLedger
    draw: random.Random
    twin: dict[UUID, UUID] = field(default_factory=dict)
    keys: int = 2**40

    def ask(self, work: Callable[[SendLedger], object]) -> object:
        return self.world.messaging.sending.runner.run(iter(Commit("asked", work)))

    def both(self, question: Callable[[SendLedger], list[UUID]]) -> None:
        """The same messages in answer to the same question."""
        stored = self.ask(question)
        assert isinstance(stored, list)
        assert {self.twin[one] for one in stored} == set(question(self.memory))

    def take(self, work: Callable[[SendLedger], list[Prepared]]) -> None:
        """The same messages are taken; they are known to each other from then on."""
        stored, remembered = self.ask(work), work(self.memory)
        assert isinstance(stored, list)
        vault = self.world.vault
        mine = sorted((vault.number_index(one.to).hex(), one.segments, one.message_id) for one in stored)
        model = sorted((one.to, one.segments, one.message_id) for one in remembered)
        assert [number for number, _, _ in mine] == [number for number, _, _ in model]
        self.twin.update({one[2]: other[2] for one, other in zip(mine, model, strict=True)})

    def any_of(self, *statuses: MessageStatus) -> UUID | None:
        known = [one for one, other in self.twin.items() if self.memory.messages[other].status in statuses]
        return self.draw.choice(sorted(known)) if known else None


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def list_someone(twins: Twins) -> None:
    """A contact, perhaps behind a number that is known."""
    number = f"+3363998{twins.draw.randrange(12):04}"
    level = twins.world.entry(twins.world.contact(number))["shed_level"]
    entry = twins.memory.list_person(twins.world.vault.number_index(number), PARIS[0], level)
    assert entry.shed_level in (level, 0)


def switch(twins: Twins) -> None:
    mode = twins.draw.choice([Mode.NORMAL, *[Mode.SMS_CONTACTS] * 4])
    twins.world.put_mode(mode)
    twins.memory.switch(mode, twins.world.clock.now(), None)


def shed(twins: Twins) -> None:
    claim, most = _claim(twins), twins.draw.randrange(1, 4)
    stored = twins.world.switch.show("40")
    if stored.level(claim.now) > 1:
        twins.take(lambda ledger: ledger.shed(claim, stored, zones=PARIS, most=most))


def take_queued(twins: Twins) -> None:
    claim, segments = _claim(twins), twins.draw.randrange(0, 8)
    allowance = Allowance(segments, segments)
    twins.take(lambda ledger: ledger.take_queued(claim, zones=PARIS, allowance=allowance, most=5)[0])


def answer(twins: Twins) -> None:
    """What a save does, wished for any message: the table decides."""
    found = twins.any_of(*MessageStatus)
    if found is not None:
        _move(twins, found, twins.draw.choice(list(MessageStatus)))


def turn_away(twins: Twins) -> None:
    found = twins.any_of(MessageStatus.SENDING)
    if found is not None:
        _move(twins, found, MessageStatus.QUEUED)


def report(twins: Twins) -> None:
    found = twins.any_of(*MessageStatus)
    if found is None:
        return
    told = Report(twins.draw.choice(REPORTED), f"SM{found.hex}", "")
    now = twins.world.clock.now()
    effect = twins.ask(lambda ledger: ledger.report(found, told, now))
    assert effect is twins.memory.report(twins.twin[found], told, now)


def give_back(twins: Twins) -> None:
    found, now, owed = twins.any_of(*MessageStatus), twins.world.clock.now(), twins.draw.random() < 0.5
    if found is not None:
        twins.ask(lambda one: one.return_entries([found], because=Because.UNREAD, owed=owed, now=now))
        twins.memory.return_entries([twins.twin[found]], because=Because.UNREAD, owed=owed, now=now)


def sweep(twins: Twins) -> None:
    """Every question of the sweeps."""
    now = twins.world.clock.now()
    soon, long_ago = now + timedelta(hours=20), now - timedelta(minutes=3)
    twins.both(lambda one: one.messages_of_dead(500))
    twins.both(lambda one: one.unwanted(500))
    twins.both(lambda one: one.unsent_not_shed(now, 500))
    twins.both(lambda one: one.useless(until=soon, most=500))
    twins.both(lambda one: [m.message_id for m in one.uncertain(until=long_ago, most=500)])
    twins.both(
        lambda one: [
            m.message_id for m in one.silent(accepted_before=long_ago, asked_before=long_ago, now=now, most=2)
        ]
    )


def _claim(twins: Twins) -> Claim:
    twins.keys += 1
    return Claim(OUR_NUMBER, twins.keys, twins.world.clock.now())


def _move(twins: Twins, message_id: UUID, to: MessageStatus) -> None:
    now = twins.world.clock.now()
    stored = twins.ask(lambda ledger: ledger.move([Move(message_id, to)], now))
    moved = twins.memory.move([Move(twins.twin[message_id], to)], now)
    assert isinstance(stored, list)
    assert [one.status for one in stored] == [one.status for one in moved]


def check_same_state(twins: Twins) -> None:
    stored = {row["id"]: row for row in twins.world.messages()}
    assert set(stored) == set(twins.twin)
    for message_id, row in stored.items():
        remembered = twins.memory.messages[twins.twin[message_id]]
        assert (row["status"], row["not_before"], row["uncertain_since"], row["accepted_at"]) == (
            remembered.status,
            remembered.not_before,
            remembered.uncertain_since,
            remembered.accepted_at,
        )
        assert (row["returned_at"] is None) is (remembered.returned_at is None)


ACTS = [list_someone, list_someone, shed, take_queued, turn_away, answer, report, give_back, sweep]


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_in_memory_is_the_ledger_in_postgresql(world: MessageWorld, seed: int) -> None:
    memory = MemoryLedger(OUR_NUMBER, 1000, world.clock.now())
    memory.lock_is_free = lambda _key: True
    twins = Twins(world, memory, random.Random(seed))
    for step in range(STEPS):
        act = switch if step % 10 == 0 else twins.draw.choice(ACTS)
        act(twins)
        world.clock.advance(timedelta(seconds=twins.draw.choice((1, 1, 100))))
        check_same_state(twins)
    assert len(twins.twin) > 3
