"""The order of the call list: who is callable, how urgent, and why one person stands before another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NamedTuple, assert_never
from uuid import UUID

from outreach.domain.calling_hours import CallingHours, OpenHours
from outreach.domain.purposes import Purpose

FIRST_CALL_WITHIN = timedelta(hours=24)  # of the result for a positive, of the listing for a contact
AT_RISK_BEFORE = timedelta(hours=4)
# How long a callback promised by one agent waits for that agent before anyone may keep the promise.
OWN_CALLBACK_GRACE = timedelta(minutes=15)
FRONT, IN_ORDER, AFTER_FIRST_CALLS = 0, 1, 2
UNKNOWN_EXPOSURE = 1_000_000  # behind every known day


class CallClass(IntEnum):
    """Strictly class before class (docs/rules.md, "Order of the call list")."""

    POSITIVE = 1
    CALLBACK = 2
    HOUSEHOLD = 3
    COLLECTIVE_SETTING = 4
    CONTACT = 5
    SMS_RETURNED = 6  # the SMS failed, asked something, or was not read within 24 h
    FOLLOW_UP = 7
    CAMPAIGN = 8


class EntryState(StrEnum):
    """Where an entry stands. Only READY entries may be leased; an entry leaves by CLOSED alone."""

    WAITING = "WAITING"  # until `not_before`, or until calling hours open
    READY = "READY"
    LEASED = "LEASED"
    TEXTED = "TEXTED"  # shed to an SMS that stands for the call
    CLOSED = "CLOSED"


class Queue(StrEnum):
    """Who takes the entry in hand."""

    AGENTS = "AGENTS"
    SENIORS = "SENIORS"
    SUPERVISORS = "SUPERVISORS"
    INTERPRETERS = "INTERPRETERS"
    MEDICAL = "MEDICAL"
    SEARCH = "SEARCH"  # no number that works: to be looked up, at any hour


class SortKey(NamedTuple):
    """The stored order; SQL sorts by the same columns."""

    call_class: int
    front: int
    effective_deadline: datetime
    tie_break: int
    entry_id: UUID


@dataclass(frozen=True)
class CaseFacts:
    """What the order depends on. `opened_at` starts the 24 hours: the result, or the listing of a contact.

    `zone` and `region` are the callee's; `sms_returned`: the message that stood for the call failed.
    """

    purpose: Purpose
    opened_at: datetime
    deadline: datetime
    zone: str
    region: str = ""
    vulnerable: bool = False
    household: bool = False
    collective_setting: bool = False
    last_exposure_on: date | None = None
    has_number: bool = True
    callback_at: datetime | None = None
    sms_returned: bool = False


@dataclass(frozen=True)
class Standing:
    """Whether an entry is callable now, and the moment at which that is to be looked at again."""

    state: EntryState
    not_before: datetime | None
    ready_until: datetime | None


@dataclass(frozen=True)
class PlannedEntry:
    """An entry as it is stored: each field is a column of the same name."""

    purpose: Purpose
    state: EntryState
    queue: Queue
    call_class: CallClass
    front: int
    effective_deadline: datetime
    tie_break: int
    deadline: datetime
    not_before: datetime | None
    ready_until: datetime | None


def planned_entry(facts: CaseFacts, hours: CallingHours, now: datetime) -> PlannedEntry:
    """The entry of a case record that enters the list, or whose facts changed; `hours` for its purpose."""
    open_hours = hours.in_zone(facts.zone, region=facts.region)
    queue = Queue.AGENTS if facts.has_number else Queue.SEARCH
    standing = standing_at(facts.callback_at or now, queue, open_hours, now)
    return PlannedEntry(
        purpose=facts.purpose,
        state=standing.state,
        queue=queue,
        call_class=class_of(facts),
        front=front_of(facts.purpose, tries=0, deadline=facts.deadline, now=now),
        effective_deadline=effective_deadline(facts.deadline, open_hours, opened_at=facts.opened_at),
        tie_break=tie_break(facts),
        deadline=facts.deadline,
        not_before=standing.not_before,
        ready_until=standing.ready_until,
    )


def class_of(facts: CaseFacts) -> CallClass:
    """A positive stays in class 1 whatever was promised; a promise comes before the other reasons."""
    if facts.purpose is Purpose.INTERVIEW:
        return CallClass.POSITIVE
    if facts.callback_at is not None:
        return CallClass.CALLBACK
    if facts.sms_returned:
        return CallClass.SMS_RETURNED
    match facts.purpose:
        case Purpose.INFORM:
            return _class_of_contact(facts)
        case Purpose.FOLLOW_UP:
            return CallClass.FOLLOW_UP
        case Purpose.CAMPAIGN:
            return CallClass.CAMPAIGN
        case _:
            assert_never(facts.purpose)


def _class_of_contact(facts: CaseFacts) -> CallClass:
    if facts.household:
        return CallClass.HOUSEHOLD
    return CallClass.COLLECTIVE_SETTING if facts.collective_setting else CallClass.CONTACT


def front_of(purpose: Purpose, *, tries: int, deadline: datetime, now: datetime) -> int:
    """Inside a class, people who can still be called in time come before those whose 24 hours are over.

    Without it, one day that overflows makes every later day late (docs/adr/0008). Positives who were called
    once, though not reached, stand behind those whom nobody called yet.
    """
    match purpose:
        case Purpose.INTERVIEW:
            behind = tries > 0 or now > deadline
        case Purpose.INFORM:
            behind = now > deadline
        case Purpose.FOLLOW_UP | Purpose.CAMPAIGN:
            behind = False
        case _:
            assert_never(purpose)
    return AFTER_FIRST_CALLS if behind else IN_ORDER


def tie_break(facts: CaseFacts) -> int:
    """Among equal deadlines: fragile positives first; of contacts, the oldest last exposure first."""
    if facts.purpose is Purpose.INTERVIEW:
        return 0 if facts.vulnerable or facts.collective_setting else 1
    if facts.last_exposure_on is None:
        return UNKNOWN_EXPOSURE
    return facts.last_exposure_on.toordinal()


def effective_deadline(deadline: datetime, hours: OpenHours, *, opened_at: datetime) -> datetime:
    """The last callable minute before the deadline; the first one after it when the 24 hours have none."""
    last = hours.last_open_before(deadline)
    return last if last >= opened_at else hours.next_open(deadline)


def standing_at(not_before: datetime, queue: Queue, hours: OpenHours, now: datetime) -> Standing:
    """READY when its moment has come and calling hours are open, else WAITING for the first moment of both.

    Looking up a number needs no calling hours.
    """
    if queue is Queue.SEARCH:
        waits = not_before > now
        return Standing(EntryState.WAITING if waits else EntryState.READY, not_before, None)
    callable_at = hours.next_open(max(not_before, now))
    if callable_at > now:
        return Standing(EntryState.WAITING, callable_at, None)
    return Standing(EntryState.READY, callable_at, hours.closes_at(now))


def deadline_of(opened_at: datetime) -> datetime:
    """24 hours of real time: across a clock change the local hour differs."""
    return opened_at.astimezone(UTC) + FIRST_CALL_WITHIN


def is_late(deadline: datetime, now: datetime) -> bool:
    return now > deadline


def is_at_risk(effective: datetime, now: datetime) -> bool:
    """Not late yet, and less than four hours to call in."""
    return effective - AT_RISK_BEFORE <= now <= effective
