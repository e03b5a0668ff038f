"""Processes that drive the machine in virtual time: they die, freeze, lose the database, and start again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from outreach.domain.message_repairs import Repairs
from outreach.domain.send_answers import FailureClass, SendAnswer, SendVerdict
from outreach.domain.send_steps import (
    CheckLock,
    Commit,
    HoldLock,
    LookUp,
    Monotonic,
    Now,
    Post,
    Posting,
    Step,
    Wait,
)
from outreach.domain.sending import Sending
from tests.sending_model.carrier import Carrier
from tests.sending_model.memory_ledger import MemoryLedger
from tests.sending_model.virtual_time import VirtualTime
from tests.sending_model.weather import Weather

NOT_POSTED = SendAnswer(SendVerdict.SLOW_DOWN, code="not_posted", failure=FailureClass.SLOW_DOWN)
TIMED_OUT = SendAnswer(SendVerdict.UNCERTAIN, code="timeout", failure=FailureClass.UNKNOWN_FATE)
AnySteps = Generator[Step[Any], Any, Any]
# How much more often than at other steps something goes wrong.
WEIGHTS = {
    "CheckLock": 16.0,
    "Post": 8.0,
    "LookUp": 4.0,
    "Now": 0.3,
    "claimed": 4.0,
    "saved": 8.0,
    "settled": 8.0,
    "doubted": 12.0,
}
PACE_OF_POSTS = 0.01  # seconds between two posts of a batch


class DatabaseAway(Exception):
    """The session is gone, or the server does not answer."""


class Fault(Enum):
    """What happens to a process at one of its steps."""

    DIES_BEFORE = auto()
    DIES_AFTER = auto()
    FREEZES_BEFORE = auto()
    FREEZES_AFTER = auto()
    UNHEARD = auto()  # the step was done, and its answer lost with the connection


class Server:
    """The database as processes see it: sessions, their locks, restarts."""

    def __init__(self, time: VirtualTime, ledger: MemoryLedger) -> None:
        self.time, self.ledger = time, ledger
        self.epoch, self.back_at = 0, 0.0
        self._keys = 0
        self._held: dict[int, Lane] = {}
        self._free_at: dict[int, float] = {}
        ledger.lock_is_free = self.lock_is_free

    def restart(self) -> None:
        """Every session ends, its lock with it."""
        self.epoch += 1
        self.back_at = self.time.seconds + self.time.draw.uniform(0.3, 5)

    def hold(self, lane: Lane) -> int:
        self._keys += 1
        self._held[self._keys] = lane
        return self._keys

    def end_session(self, lane: Lane, after: float) -> None:
        """A dead process's lock is free when the server sees its closed socket."""
        if lane.key is not None:
            self._free_at[lane.key] = self.time.seconds + after

    def lock_is_free(self, key: int) -> bool:
        lane = self._held.get(key)
        return lane is None or lane.epoch != self.epoch or self._free_at.get(key, 1e18) <= self.time.seconds

    def check(self) -> None:
        if self.time.seconds < self.back_at:
            raise DatabaseAway

    def commit(self, step: Commit[Any]) -> Any:
        """One transaction."""
        self.check()
        return step.work(self.ledger)


class Process:
    """One process: a clock of its own, a life, and jobs one after the other, each of one or more lanes."""

    def __init__(
        self,
        name: str,
        parts: Parts,
        job: Callable[[Process], list[AnySteps]],
        pause: Callable[[], float],
    ) -> None:
        self.name, self.parts, self.job, self.pause = name, parts, job, pause
        self.time = parts.time
        self.clock_error = timedelta(seconds=self.time.draw.uniform(-2, 2))
        self.life, self.frozen_until = 0, 0.0
        self.lanes: set[Lane] = set()
        self.time.after(self.time.draw.uniform(0, 2), self.begin, self.life)

    def now(self) -> datetime:
        return self.time.now() + self.clock_error

    def begin(self, life: int) -> None:
        """The next job, unless we died meanwhile."""
        if life != self.life:
            return
        if self.frozen_until > self.time.seconds:
            self.time.at(self.frozen_until, self.begin, life)
            return
        self.lanes = {Lane(self, steps) for steps in self.job(self)}
        for lane in list(self.lanes):
            lane.go(None)

    def ended(self, lane: Lane) -> None:
        """A lane has done its work, or failed: its session is closed. After the last one, the next job."""
        self.parts.server.end_session(lane, 0.0)
        self.lanes.discard(lane)
        if not self.lanes:
            self.time.after(self.pause(), self.begin, self.life)

    def die(self) -> None:
        """kill -9; another one starts in its place."""
        self.parts.trace(self.name, "dies")
        self.life += 1
        slow = self.time.draw.choice((0.0, 0.5, 30.0))
        for lane in self.lanes:
            self.parts.server.end_session(lane, slow)
            self.parts.on_death(lane)
        self.lanes = set()
        self.frozen_until = 0.0
        self.time.after(self.time.draw.uniform(0.5, 10), self.begin, self.life)

    def freeze(self) -> None:
        """SIGSTOP, a swapping host, a virtual machine that moves; the database may restart meanwhile."""
        seconds = self.time.draw.choice((2.0, 130.0, 300.0, 600.0))
        self.frozen_until = self.time.seconds + seconds
        self.parts.trace(self.name, f"frozen for {seconds:.0f} s")
        if self.time.chance(self.parts.weather.restart_while_frozen):
            self.time.after(self.time.draw.uniform(0, seconds / 3), self.parts.restart_database)


class Lane:
    """One run of the machine inside a process."""

    __slots__ = ("batch", "epoch", "fault", "key", "life", "process", "step", "steps")

    def __init__(self, process: Process, steps: AnySteps) -> None:
        self.process, self.steps, self.life = process, steps, process.life
        self.key: int | None = None
        self.epoch = -1
        self.step: Step[Any] = Now()
        self.fault: Fault | None = None
        self.batch: Batch | None = None

    def go(self, answer: object) -> None:
        """Give the machine an answer, and begin the next step it asks for."""
        process = self.process
        while True:
            try:
                step = self.steps.send(answer)
            except StopIteration:
                process.ended(self)
                return
            self.fault = process.parts.fault_at(step)
            if self.fault is None and isinstance(step, (Now, Monotonic)):
                answer = process.parts.tell_time(process, step)
                continue
            break
        self.step = step
        process.time.after(self._begin(step), self.act)

    def _begin(self, step: Step[Any]) -> float:
        """Start it; how long it takes."""
        draw = self.process.time.draw
        if isinstance(step, Wait):
            return step.seconds
        if isinstance(step, Post):
            self.batch = Batch(self, step)
            return self._in_the_middle(self.batch.begin())
        if isinstance(step, LookUp):
            return draw.uniform(0.01, 0.2)
        if isinstance(step, CheckLock):
            self.batch = None
        return draw.uniform(0.0005, 0.02)

    def _in_the_middle(self, seconds: float) -> float:
        """A death or a freeze in the course of a long step strikes at any moment of it."""
        process = self.process
        if self.fault in (Fault.DIES_BEFORE, Fault.FREEZES_BEFORE):
            strikes = process.die if self.fault is Fault.DIES_BEFORE else process.freeze
            moment = process.time.draw.uniform(0, seconds)
            process.time.after(moment, _if_alive, process, process.life, strikes)
            self.fault = None
        return seconds

    def act(self) -> None:
        """The step is carried out, unless we are dead; later, when we are frozen."""
        process = self.process
        if self.life != process.life:
            return
        if process.frozen_until > process.time.seconds:
            process.time.at(process.frozen_until, self.act)
            return
        if self.fault is Fault.DIES_BEFORE:
            process.die()
            return
        if self.fault is Fault.FREEZES_BEFORE:
            self.fault = None
            process.freeze()
            process.time.at(process.frozen_until, self.act)
            return
        self._do()

    def _do(self) -> None:
        process, fault = self.process, self.fault
        try:
            answer = process.parts.carry_out(self)
        except DatabaseAway:
            process.ended(self)
            return
        if fault is Fault.DIES_AFTER:
            process.die()
        elif fault is Fault.UNHEARD and isinstance(self.step, Commit):
            process.ended(self)
        elif fault is Fault.FREEZES_AFTER:
            process.freeze()
            process.time.at(process.frozen_until, self._thaw, answer)
        else:
            self.go(answer)

    def _thaw(self, answer: object) -> None:
        if self.life == self.process.life:
            self.go(answer)


def _if_alive(process: Process, life: int, strikes: Callable[[], None]) -> None:
    if process.life == life:
        strikes()


class Batch:
    """The posts of one batch, each at its own moment; at the deadline whatever has no answer gets one."""

    def __init__(self, lane: Lane, step: Post) -> None:
        self.lane, self.step = lane, step
        self.answers: list[SendAnswer | None] = [None] * len(step.postings)
        self.posted = [False] * len(step.postings)
        self.closed = False

    def begin(self) -> float:
        """Schedule each post; when the last answer should be there."""
        time = self.lane.process.time
        at = 0.0
        for place, posting in enumerate(self.step.postings):
            at += time.draw.random() * 2 * PACE_OF_POSTS
            time.after(at, self._post, place, posting)
        return min(at + 0.2, max(0.0, self.step.until - self.lane.process.parts.monotonic()))

    def _post(self, place: int, posting: Posting) -> None:
        process = self.lane.process
        if self.closed or self.lane.life != process.life:
            return
        if process.frozen_until > process.time.seconds:
            process.time.at(process.frozen_until, self._post, place, posting)
            return
        if process.parts.monotonic() >= self.step.until:
            return
        self.posted[place] = True
        process.parts.on_post(posting)

        def answered(answer: SendAnswer) -> None:
            if not self.closed:
                self.answers[place] = answer

        process.parts.carrier.receive(posting, answered)

    def close(self) -> list[SendAnswer]:
        """The answers; a post without one may have been heard."""
        self.closed = True
        return [
            answer or (TIMED_OUT if posted else NOT_POSTED)
            for answer, posted in zip(self.answers, self.posted, strict=True)
        ]


class Parts:
    """What all processes of a story share."""

    def __init__(
        self, time: VirtualTime, weather: Weather, server: Server, carrier: Carrier, traced: bool
    ) -> None:
        self.time, self.weather, self.server, self.carrier = time, weather, server, carrier
        self.lines: list[tuple[float, str, str]] | None = [] if traced else None
        self.after_commit: Callable[[Lane, Commit[Any], Any], None] = lambda _lane, _step, _answer: None
        self._until_next = time.draw.expovariate(weather.dies + weather.freezes + weather.commit_unheard)
        self.on_post: Callable[[Posting], None] = lambda _posting: None
        self.on_death: Callable[[Lane], None] = lambda _lane: None

    def trace(self, who: str, what: str) -> None:
        if self.lines is not None:
            self.lines.append((self.time.seconds, who, what))

    def monotonic(self) -> float:
        return self.time.seconds

    def restart_database(self) -> None:
        self.trace("database", "restarts")
        self.server.restart()

    def fault_at(self, step: Step[Any]) -> Fault | None:
        """What goes wrong with this step, if anything does; most goes wrong where most can be lost."""
        name = step.name if isinstance(step, Commit) else type(step).__name__
        self._until_next -= WEIGHTS.get(name, 1.0)
        if self._until_next > 0 or self.time.calm:
            return None
        w, draw = self.weather, self.time.draw
        self._until_next = draw.expovariate(w.dies + w.freezes + w.commit_unheard)
        kind = draw.random() * (w.dies + w.freezes + w.commit_unheard)
        before = draw.random() < 0.5
        if kind < w.dies:
            return Fault.DIES_BEFORE if before else Fault.DIES_AFTER
        if kind < w.dies + w.freezes:
            return Fault.FREEZES_BEFORE if before else Fault.FREEZES_AFTER
        return Fault.UNHEARD if isinstance(step, Commit) else None

    def carry_out(self, lane: Lane) -> object:
        step = lane.step
        match step:
            case Commit():
                answer = self.server.commit(step)
                self.after_commit(lane, step, answer)
                return answer
            case Post():
                assert lane.batch is not None
                return lane.batch.close()
            case HoldLock() | CheckLock():
                return self._lock(lane)
            case LookUp(to):
                return self.carrier.listing(to)
            case Wait():
                return None
            case _:
                return self.tell_time(lane.process, step)

    def tell_time(self, process: Process, step: Step[Any]) -> object:
        return process.now() if isinstance(step, Now) else self.monotonic()

    def _lock(self, lane: Lane) -> float:
        asked_at = self.monotonic() - 0.02  # the longest such a step takes
        self.server.check()
        if isinstance(lane.step, HoldLock):
            lane.key, lane.epoch = self.server.hold(lane), self.server.epoch
            return lane.key
        if lane.epoch != self.server.epoch:
            raise DatabaseAway
        return asked_at


def sender(parts: Parts, name: str, machine: Sending, *, lanes: int, quiet: Callable[[], float]) -> Process:
    """A worker of the queue of messages; each nudge is one job."""

    def job(process: Process) -> list[AnySteps]:
        until = process.parts.monotonic() + 20
        return [_lane(machine, until) for _ in range(lanes)]

    return Process(name, parts, job, quiet)


def _lane(machine: Sending, until: float) -> AnySteps:
    if (yield from machine.has_work()):
        yield from machine.lane(until)


def sweeper(parts: Parts, name: str, machine: Repairs, *, quiet: Callable[[], float]) -> Process:
    """A worker of the queue of upkeep: every repair in turn."""

    def job(_process: Process) -> list[AnySteps]:
        return [_all_repairs(machine)]

    return Process(name, parts, job, quiet)


def _all_repairs(machine: Repairs) -> AnySteps:
    yield from machine.doubt_the_dead()
    yield from machine.settle_uncertain()
    yield from machine.recall_unshed()
    yield from machine.expire()
    for _ in range(3):  # in production it comes again a minute later
        yield from machine.ask_for_receipts()
    yield from machine.return_unread()
