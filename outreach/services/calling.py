"""Click-to-call: an attempt is written first, then the agent's phone rings, then the person's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict
from outreach.ids import new_id
from outreach.services.call_bar import own
from outreach.services.call_legs import CallLegs
from outreach.services.interview_texts import InterviewTexts
from outreach.services.settling import Settlement, hours_for, settle_try
from outreach.storage import agent_store, attempt_store, call_list_store, journal, mode_store, person_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.call_list_store import Entry
from outreach.storage.database import Connection, Database


@dataclass(frozen=True)
class Calling:
    """Starts tries. One try is one row; the agent has at most one open."""

    database: Database
    clock: Clock
    legs: CallLegs
    texts: InterviewTexts

    def click_to_call(self, agent_id: UUID, entry_id: UUID, *, position: int | None = None) -> Attempt:
        """Ring the agent for the entry they hold; the person is called once the agent is in the room.

        `position` chooses another of the person's numbers. Raises Conflict when the agent does not hold the
        entry, has a call open or no phone, when calling hours are over for the callee, or when that number is
        in another agent's hands; TelephonyError when the agent's phone cannot be rung (the entry stays with
        the agent).
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            entry = call_list_store.held_entry(connection, entry_id, agent_id)
            entry = _at_number(connection, entry, position)
            attempt = self.texts.stamped(connection, _try_of(connection, entry, agent_id, now))
            start_attempt(connection, attempt)
        self.legs.ring_agent(attempt)
        return attempt

    def call_again(self, agent_id: UUID, attempt_id: UUID, *, position: int | None = None) -> Attempt:
        """Another try for the same person, the agent staying in the room; the first keeps what its line said.

        Raises Conflict while the first try goes on, or when it ended in a conversation: only the agent can
        say how that went.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            before = own(attempt_store.lock(connection, attempt_id), agent_id)
            if before.status is not CallStatus.WRAP_UP or before.suggested_outcome is None:
                raise Conflict("Say how the call went before calling again.", code="outcome_needed")
            entry = call_list_store.held_entry(connection, before.entry_id, agent_id)
            settle_try(connection, settlement_of(before, before.suggested_outcome, now))
            entry = _at_number(connection, entry, position)
            attempt = self.texts.stamped(connection, _try_of(connection, entry, agent_id, now))
            attempt = _in_same_room(before, attempt, now)
            start_attempt(connection, attempt)
        if attempt.status is CallStatus.AGENT_ON_LINE:
            self.legs.dial_person(attempt.id)
        else:
            self.legs.ring_agent(attempt)
        return attempt


def settlement_of(attempt: Attempt, outcome: CallOutcome, now: datetime) -> Settlement:
    """An attempt's outcome as the call list takes it."""
    return Settlement(
        entry_id=attempt.entry_id,
        outcome=outcome,
        actor=journal.by_user(attempt.agent_id),
        now=now,
        agent_id=attempt.agent_id,
        attempt_id=attempt.id,
        called_at=attempt.dialled_at,
        spoke_at=attempt.answered_at,
    )


def _try_of(connection: Connection, entry: Entry, agent_id: UUID, now: datetime) -> Attempt:
    if entry.number_index is None:
        raise Conflict("This person has no number to call.", code="no_number")
    agent_store.check_can_be_rung(connection, agent_id)  # a try that no line can carry is not begun
    _check_hours(connection, entry, now)
    return new_attempt(connection, entry, agent_id, now)


def new_attempt(connection: Connection, entry: Entry, agent_id: UUID, now: datetime) -> Attempt:
    """A try for an entry, at the number it stands for: nothing is written yet."""
    attempt_id = new_id()
    return Attempt(
        id=attempt_id,
        platform=entry.platform,
        entry_id=entry.id,
        case_record_id=entry.case_record_id,
        person_id=entry.person_id,
        agent_id=agent_id,
        status=CallStatus.RINGING_AGENT,
        phone_position=entry.phone_position,
        number_index=entry.number_index,
        inbound=False,
        conference=attempt_id,
        started_at=now,
        mode_version=mode_store.version(connection, entry.platform),
    )


def _check_hours(connection: Connection, entry: Entry, now: datetime) -> None:
    """An entry may have been in hand since before the hours ended."""
    hours = hours_for(entry, call_list_store.context_of(connection, entry.id))
    if not hours.is_open(now):
        opening = hours.next_open(now).astimezone(ZoneInfo(hours.zone))
        raise Conflict(
            f"Calling hours are over; they open again on {opening:%d/%m at %H:%M}, on this person's clock.",
            code="outside_calling_hours",
        )


def _in_same_room(before: Attempt, attempt: Attempt, now: datetime) -> Attempt:
    """Where the agent's line is still up, the next try begins with the agent in the room."""
    if before.agent_sid is None or before.agent_answered_at is None or before.agent_left_at is not None:
        return attempt
    return replace(
        attempt,
        status=CallStatus.AGENT_ON_LINE,
        conference=before.conference,
        conference_sid=before.conference_sid,
        agent_sid=before.agent_sid,
        agent_answered_at=now,
    )


def _at_number(connection: Connection, entry: Entry, position: int | None) -> Entry:
    if position is None or position == entry.phone_position:
        return entry
    lines = {line.position: line for line in person_store.phone_lines(connection, entry.person_id)}
    if position not in lines or lines[position].bad:
        raise Conflict("That number cannot be called.", code="no_such_number")
    return call_list_store.choose_number(
        connection, entry, position=position, number_index=lines[position].number_index
    )


def start_attempt(connection: Connection, attempt: Attempt) -> None:
    """Write the attempt and its journal line."""
    attempt_store.start(connection, attempt)
    journal.write(
        connection,
        journal.JournalEntry(
            attempt.started_at,
            attempt.platform,
            journal.Event.ATTEMPT_STARTED,
            journal.by_user(attempt.agent_id),
            case_record_id=attempt.case_record_id,
            entry_id=attempt.entry_id,
            attempt_id=attempt.id,
            facts={"phone_position": attempt.phone_position, "inbound": attempt.inbound},
        ),
    )
