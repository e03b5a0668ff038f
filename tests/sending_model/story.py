"""One story: some hundred people, some processes, a phone company, and a seed that decides all of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from outreach.domain.load_shedding import Mode, is_shed
from outreach.domain.message_repairs import Repairs
from outreach.domain.message_reports import apply_report, report_of
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.domain.report_effects import Effect
from outreach.domain.send_ledger import Report, ReportLedger
from outreach.domain.send_steps import Commit, Posting
from outreach.domain.sending import Sending, SendRules
from tests.sending_model.carrier import (
    DELIVERED,
    FILTERED,
    LANDLINE,
    NOWHERE,
    SILENT,
    UNDELIVERED,
    Carried,
    Carrier,
    Told,
)
from tests.sending_model.memory_ledger import MemoryLedger
from tests.sending_model.processes import DatabaseAway, Lane, Parts, Process, Server, sender, sweeper
from tests.sending_model.rows import Entry, EntryState, Row
from tests.sending_model.virtual_time import VirtualTime
from tests.sending_model.weather import Weather, weather_of
from tests.sending_model.witness import Broken, Witness

MINUTE, HOUR = 60.0, 3600.0
BUSY_FOR, SETTLED_AFTER, ENDS_AFTER = 12 * MINUTE, 30 * MINUTE, 56 * HOUR
SENDER = "+33700000000"
STARTS = [datetime(2021, 3, 16, hour, minute, tzinfo=UTC) for hour, minute in ((9, 0), (6, 54), (18, 52))]
MOST_LINES = 60
LINES = [DELIVERED] * 16 + [UNDELIVERED, SILENT, LANDLINE, NOWHERE]


@dataclass(frozen=True)
class Machine:
    """What is tried: the machine of production, or one with a safeguard removed."""

    sending: type[Sending] = Sending
    repairs: type[Repairs] = Repairs
    ledger: type[MemoryLedger] = MemoryLedger
    carrier: type[Carrier] = Carrier
    events_are_unique: bool = True
    rolls_back_with_its_sender: bool = False  # as if a claim were committed with its answers only
    apply_report: Callable[[ReportLedger, UUID, Report | None, datetime], Effect] = apply_report
    weather: Callable[[random.Random], Weather] = weather_of
    rules: dict[str, Any] = field(default_factory=dict)


PRODUCTION = Machine()


@dataclass(frozen=True)
class Ending:
    """How a story went."""

    messages: int
    texts: int


class Story:
    """Everything that happens from one seed."""

    def __init__(self, seed: int, machine: Machine = PRODUCTION, *, traced: bool = False) -> None:
        self.machine = machine
        self.time = VirtualTime(STARTS[seed % len(STARTS)], seed)
        self.draw = self.time.draw
        self.weather = machine.weather(self.draw)
        pace = self.draw.choice((5, 20, 100))
        rules = SendRules(
            default_sender=SENDER,
            batch=self.draw.choice((3, 10, 40)),
            segments_of_shed=2,
            **machine.rules,
        )
        self.ledger = machine.ledger(SENDER, pace, self.time.now())
        self.witness = Witness(
            self.time, self.ledger, rules.hours, list_may_lie=self.weather.never_listed > 0
        )
        server = Server(self.time, self.ledger)
        carrier = machine.carrier(self.time, self.weather, self._took, self._reported, self._replied)
        self.parts = Parts(self.time, self.weather, server, carrier, traced)
        self.parts.on_post = self._posted
        self.ledger.clock = self.time.now
        self.ledger.on_move = self._moved
        self.parts.after_commit = self._committed
        self.parts.on_death = self._died
        self.events: set[str] = set()
        self._people: list[tuple[bytes, str]] = []
        self._zones = self.draw.choice((["Europe/Paris"], ["Europe/Paris", *self.ledger.zones()]))
        self._start_processes(rules)
        self._fill()

    def run(self) -> Ending:
        """To its end, two days later. Raises Broken."""
        self.time.run_until(BUSY_FOR)
        self.time.calm = True
        self.ledger.speed_up(self.time.now())
        self.time.run_until(ENDS_AFTER)
        self.witness.at_the_end()
        return Ending(len(self.ledger.messages), len(self.witness.taken))

    # --- who is there ---

    def _start_processes(self, rules: SendRules) -> None:
        sending, repairs = self.machine.sending(rules), self.machine.repairs(rules)
        self.processes: list[Process] = [
            sender(self.parts, f"sender {n}", sending, lanes=2, quiet=self._pause) for n in (1, 2)
        ]
        self.processes += [sweeper(self.parts, f"sweeper {n}", repairs, quiet=self._pause) for n in (1, 2)]

    def _pause(self) -> float:
        """Jobs come every few seconds; once all is settled, seldom: nothing else happens."""
        seconds = self.time.seconds
        if seconds < BUSY_FOR:
            return self.draw.uniform(1, 9)
        return 40.0 if seconds < SETTLED_AFTER else 3 * HOUR

    def _fill(self) -> None:
        """People are listed, texts queued, calls made and modes switched, over some minutes."""
        draw, after = self.draw, self.time.after
        after(draw.uniform(0, 20), self._switch)
        for _ in range(6):
            after(draw.uniform(0, BUSY_FOR), self._switch)
        for _ in range(480):
            after(draw.uniform(0, BUSY_FOR * 0.7), self._list_contact)
        for _ in range(340):
            after(draw.uniform(0, BUSY_FOR * 0.5), self._queue, MessagePurpose.CAMPAIGN)
        for _ in range(200):
            after(draw.uniform(0, BUSY_FOR * 0.9), self._queue, MessagePurpose.MISSED_CALL)
        for _ in range(80):
            after(draw.uniform(0, BUSY_FOR), self._call_someone)
        for _ in range(60):
            after(draw.uniform(0, BUSY_FOR), self._say_stop)
        for minute in range(int(BUSY_FOR // MINUTE)):
            after(minute * MINUTE + draw.uniform(0, MINUTE), self._perhaps_restart)

    # --- what happens to them ---

    def _number(self) -> bytes:
        lines = [*LINES, FILTERED] if self.draw.random() < 0.02 else LINES
        return self.draw.choice(lines) + self.ledger.new_id().bytes[-6:]

    def _zone(self) -> str:
        return self.draw.choice(self._zones)

    def _list_contact(self) -> None:
        number, zone = self._someone()
        self.ledger.list_person(number, zone, self.draw.choice((2, 3)))

    def _someone(self) -> tuple[bytes, str]:
        """A stranger, or someone behind a number that is known already."""
        if self._people and self.draw.random() < 0.3:
            return self.draw.choice(self._people)
        person = (self._number(), self._zone())
        self._people.append(person)
        return person

    def _queue(self, purpose: MessagePurpose) -> None:
        useful_for = timedelta(minutes=self.draw.choice((6, 15, 240, 1440)))
        number, zone = self._someone()
        self.ledger.queue(number, zone, purpose, self.time.now(), useful_for)

    def _say_stop(self) -> None:
        """In words that only we understand."""
        if self._people:
            self.ledger.stop_number(self.draw.choice(self._people)[0], self.time.now())

    def _call_someone(self) -> None:
        level = self.ledger.mode.level(self.time.now())
        free = [entry for entry in self.ledger.listed.values() if not is_shed(entry.shed_level, level)]
        if free and self.ledger.lease(entry := self.draw.choice(free)):
            self.time.after(self.draw.uniform(30, 300), self._hang_up, entry)

    def _hang_up(self, entry: Entry) -> None:
        if entry.state is EntryState.LEASED:
            self.ledger.give_back(entry, done=self.draw.random() < 0.5)

    def _switch(self) -> None:
        now = self.time.now()
        mode = self.draw.choice((Mode.NORMAL, Mode.SMS_CONTACTS, Mode.SMS_CONTACTS, Mode.SMS_LOW_RISK))
        ends_at = now + timedelta(minutes=self.draw.uniform(1, 10)) if self.draw.random() < 0.3 else None
        self.parts.trace("supervisor", f"switches to {mode}")
        self.ledger.switch(mode, now, ends_at)

    def _perhaps_restart(self) -> None:
        if self.time.chance(self.weather.restarts):
            self.parts.restart_database()

    # --- what the phone company tells ---

    def _took(self, carried: Carried) -> None:
        self._note(carried.message_id, "carrier", f"takes it in as {carried.sid[-4:]}")
        self.witness.took(carried)

    def _reported(self, told: Told) -> None:
        try:
            self.parts.server.check()
        except DatabaseAway:
            self.time.after(self.draw.uniform(1, 5), self._reported, told)  # rc=5: posted again
            return
        if self._is_new(told.token):
            report = report_of(told.word, sid=told.sid, code=told.code)
            effect = self.machine.apply_report(self.ledger, told.send_id, report, self.time.now())
            row = self.ledger.by_send_id.get(told.send_id)
            if row is not None:
                self._note(row.id, "callback", f"{told.word}: {effect}")

    def _replied(self, sid: str, number: str, body: str) -> None:
        if not self._is_new(sid):
            return
        known = bytes.fromhex(number)
        if body == "STOP":
            self.ledger.stop_number(known, self.time.now())
        elif body == "RAPPEL":
            self.witness.promised(sid)
        self.ledger.read_by_reply(known, self.time.now())

    def _is_new(self, token: str) -> bool:
        """Raw events are kept once."""
        new = token not in self.events
        self.events.add(token)
        return new or not self.machine.events_are_unique

    # --- what is watched ---

    def _committed(self, lane: Lane, step: Commit[Any], answer: object) -> None:
        if step.name == "claimed":
            self.witness.claimed(step, answer)
        if answer:
            self.parts.trace(lane.process.name, step.name)

    def _posted(self, posting: Posting) -> None:
        row = self.ledger.messages[posting.message.message_id]
        self._note(row.id, "carrier", "is asked")
        self.witness.posted(row)

    def _died(self, lane: Lane) -> None:
        if self.machine.rolls_back_with_its_sender and lane.key is not None:
            self.ledger.roll_back(lane.key)

    def _moved(self, row: Row, status: MessageStatus) -> None:
        self._note(row.id, "ledger", f"becomes {status}")
        if status is MessageStatus.UNKNOWN:
            self.witness.given_up(row)

    def _note(self, message_id: UUID, who: str, what: str) -> None:
        if self.parts.lines is not None:
            row = self.ledger.messages[message_id]
            self.parts.trace(who, f"message {message_id.int} ({row.status}) {what}")


def explain(seed: int, machine: Machine = PRODUCTION) -> str:
    """The story of the message that broke a rule, short enough to read; '' when nothing breaks."""
    story = Story(seed, machine, traced=True)
    try:
        story.run()
    except Broken as broken:
        return f"seed {seed}: {broken.rule}\n" + "\n".join(_lines_of(story, broken.message_id))
    return ""


def _lines_of(story: Story, message_id: UUID | None) -> list[str]:
    name = "" if message_id is None else f"message {message_id.int} "
    lines = story.parts.lines or []
    own = [at for at, _, what in lines if name and name in what]
    began, ended = (own[0] - 30, own[-1]) if own else (0.0, 0.0)
    chosen = [
        f"{at:10.3f} {who:10} {what}"
        for at, who, what in lines
        if (name and name in what) or (began <= at <= ended and not what.startswith("message"))
    ]
    return chosen[-MOST_LINES:]
