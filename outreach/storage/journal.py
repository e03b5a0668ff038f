"""The append-only history: one line per change of state, pseudonyms only, in the change's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select

from outreach.storage import tables
from outreach.storage.bulk import EncodedRow, copy_encoded, row_encoder
from outreach.storage.touched import touch_platform


class Event(StrEnum):
    """What can happen; `facts` beside each names its keys."""

    CASE_CREATED = "CASE_CREATED"  # kind, source, result_at?, listed_at, deadline
    CASE_UPDATED = "CASE_UPDATED"  # fields: names only; result_at and deadline where they changed
    CASE_MERGED = "CASE_MERGED"  # source, external_id
    CASE_CONVERTED = "CASE_CONVERTED"  # result_at, deadline
    CASE_CLOSED = "CASE_CLOSED"  # because
    PERSON_ERASED = "PERSON_ERASED"
    CONTACT_NAMED = "CONTACT_NAMED"  # positive_id
    ENTRY_ADDED = "ENTRY_ADDED"  # purpose, queue, call_class, effective_deadline
    ENTRY_RECLASSED = "ENTRY_RECLASSED"  # call_class, effective_deadline, because
    ENTRY_LEASED = "ENTRY_LEASED"  # lease_id, call_class, mode_version
    ENTRY_RELEASED = "ENTRY_RELEASED"  # because
    LEASE_LAPSED = "LEASE_LAPSED"  # agent_id
    ENTRY_RESCHEDULED = "ENTRY_RESCHEDULED"  # not_before, because
    ENTRY_ESCALATED = "ENTRY_ESCALATED"  # queue
    ENTRY_SHED = "ENTRY_SHED"  # message_id, mode_version
    ENTRY_RETURNED = "ENTRY_RETURNED"  # because
    ENTRY_CLOSED = "ENTRY_CLOSED"  # because
    ATTEMPT_STARTED = "ATTEMPT_STARTED"  # phone_position, kind
    ATTEMPT_MOVED = "ATTEMPT_MOVED"  # status
    LISTENING_STARTED = "LISTENING_STARTED"  # listener, how, agent_id; the actor is the supervisor
    LISTENING_CHANGED = "LISTENING_CHANGED"  # listener, how
    LISTENING_ENDED = "LISTENING_ENDED"  # listener, seconds in the room
    WRAP_UP_ENDED = "WRAP_UP_ENDED"  # agent_id, outcome, reason; by a supervisor
    ENTRY_TAKEN = "ENTRY_TAKEN"  # agent_id, reason; by a supervisor
    ENTRY_GIVEN = "ENTRY_GIVEN"  # agent_id, reason, now: in hand at once, or kept as their next one
    WALL_PASS_MADE = "WALL_PASS_MADE"  # noqa: S105 - wall_pass
    WALL_PASS_ENDED = "WALL_PASS_ENDED"  # noqa: S105 - wall_pass
    INTERVIEW_BEGUN = "INTERVIEW_BEGUN"  # script, script_version, language: the first answer of an attempt
    ATTEMPT_OUTCOME = "ATTEMPT_OUTCOME"  # outcome, purpose, called_at?, reached_at?, informed_at?, untold?
    OUTCOME_UNDONE = "OUTCOME_UNDONE"  # outcome, said_at: of the lines that do not count any more
    MESSAGE_QUEUED = "MESSAGE_QUEUED"  # purpose, template, template_version, mode_version
    MESSAGE_MOVED = "MESSAGE_MOVED"  # status, code?
    MESSAGE_READ = "MESSAGE_READ"
    REPLY_RECEIVED = "REPLY_RECEIVED"  # meaning, channel
    REPLY_ANSWERED = "REPLY_ANSWERED"  # conversation_id, with
    STRANGER_NAMED = "STRANGER_NAMED"  # conversation_id: its number is this record's person's
    OPTED_OUT = "OPTED_OUT"  # because
    OPTED_IN = "OPTED_IN"
    # mode, version, reason, ends_at, previous; undoes? (a version), territory?, planned?, because? (AUTO)
    MODE_SWITCHED = "MODE_SWITCHED"
    MODE_RULE_CHANGED = "MODE_RULE_CHANGED"  # mode, version, reason
    SWITCH_PLANNED = "SWITCH_PLANNED"  # planned, mode, reason, starts_at, ends_at
    SWITCH_CANCELLED = "SWITCH_CANCELLED"  # the same
    AUTO_SET = "AUTO_SET"  # setting, called, informed: the targets
    # mode, because: one sentence, from, about, called, informed, done: STAYS | PROPOSED | APPLIED | HELD
    AUTO_DECIDED = "AUTO_DECIDED"
    PROPOSAL_ANSWERED = "PROPOSAL_ANSWERED"  # proposal, mode, state, reason
    SPENDING_RESET = "SPENDING_RESET"  # breaker, prefix?, segments, reason
    SPENDING_LIMITED = "SPENDING_LIMITED"  # daily_euros, monthly_euros, prefixes, reason
    SENDERS_LISTED = "SENDERS_LISTED"  # senders: in short
    ALARM_RAISED = "ALARM_RAISED"  # kind, subject
    ALARM_CLEARED = "ALARM_CLEARED"  # kind, subject
    INBOUND_CALL = "INBOUND_CALL"  # answered_with
    SHIFT_STARTED = "SHIFT_STARTED"
    SHIFT_ENDED = "SHIFT_ENDED"
    PAUSE_STARTED = "PAUSE_STARTED"  # reason
    PAUSE_ENDED = "PAUSE_ENDED"
    ROTA_IMPORTED = "ROTA_IMPORTED"  # days, shifts, replaced
    ROTA_CHANGED = "ROTA_CHANGED"  # shift_id, day, what: ADDED | CHANGED | REMOVED
    ABSENCE_ADDED = "ABSENCE_ADDED"  # absence_id, reason
    ABSENCE_REMOVED = "ABSENCE_REMOVED"  # absence_id
    MUTUAL_AID_LENT = "MUTUAL_AID_LENT"  # loan, helper, share | amount, most, classes, ends_at, reason
    MUTUAL_AID_ENDED = "MUTUAL_AID_ENDED"  # loan, helper, because, lent
    RETENTION_CHANGED = "RETENTION_CHANGED"  # kind, days, before, reason
    HOURS_CHANGED = "HOURS_CHANGED"  # purpose, hours, before, reason
    PLATFORM_CHANGED = "PLATFORM_CHANGED"  # what: NAME | NUMBER | SENDERS, name, reason
    TERRITORY_DRAWN = "TERRITORY_DRAWN"  # territory, name, into?, out_of?, accounts: changed, reason?
    PLATFORM_MOVED = "PLATFORM_MOVED"  # move_id, kind, source, target, reason
    PLATFORM_MOVE_DONE = "PLATFORM_MOVE_DONE"  # move_id, counts
    GLASS_BROKEN = "GLASS_BROKEN"  # glass_id, until: a record opened beyond its reader's reach
    ACCESS_GIVEN = (
        "ACCESS_GIVEN"  # way: LINK | TOKEN | FACTOR_RESET, user_id: whose account; made by somebody else
    )
    AUDIT_EXPORTED = "AUDIT_EXPORTED"  # what: READINGS | CHANGES | GLASS | USERS | SIGN_INS
    RECORD_RESTRICTED = "RECORD_RESTRICTED"  # kept_until?: a claim puts erasure off
    RECORD_UNRESTRICTED = "RECORD_UNRESTRICTED"
    RECORD_HANDED_OVER = "RECORD_HANDED_OVER"  # to: a platform; reason_id: of the words, sealed
    RECORD_WATCHED = "RECORD_WATCHED"  # why
    RECORD_WATCH_RESOLVED = "RECORD_WATCH_RESOLVED"  # because
    NOTICE_PUBLISHED = "NOTICE_PUBLISHED"  # notice_id
    NOTICE_WITHDRAWN = "NOTICE_WITHDRAWN"  # notice_id
    NOTICE_ACKNOWLEDGED = "NOTICE_ACKNOWLEDGED"  # notice_id
    IMPORT_FINISHED = "IMPORT_FINISHED"  # the six numbers
    IMPORT_FAILED = "IMPORT_FAILED"  # import_id, error: its kind only
    IMPORT_ROW_MENDED = "IMPORT_ROW_MENDED"  # import_id, row, verdict
    IMPORT_UNDONE = "IMPORT_UNDONE"  # import_id, taken_back, kept
    CASE_REOPENED = "CASE_REOPENED"  # because
    RECORDS_MERGED = "RECORDS_MERGED"  # into, or from: the other record
    # from (the other record; kind, result_at, deadline: of the kept one again), or out_of: the kept one
    RECORDS_SPLIT = "RECORDS_SPLIT"
    ARS_HANDED_OFF = "ARS_HANDED_OFF"
    CAMPAIGN_MOVED = "CAMPAIGN_MOVED"  # campaign_id, state, confirmed_count?
    # campaign_id, what: MEMBERS | LETTERS, batch?, whole?: read to its end
    CAMPAIGN_EXPORTED = "CAMPAIGN_EXPORTED"


def by_user(user_id: UUID) -> str:
    return f"user:{user_id}"


def by_system(part: str) -> str:
    return f"system:{part}"


@dataclass(frozen=True)
class JournalEntry:
    """One line. `actor` from `by_user` or `by_system`; `facts` plain JSON values without personal data."""

    at: datetime
    platform: str
    event: Event
    actor: str
    case_record_id: UUID | None = None
    entry_id: UUID | None = None
    attempt_id: UUID | None = None
    message_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def write(connection: Connection, *lines: JournalEntry) -> None:
    """Append lines, in order."""
    write_all(connection, lines)


def write_all(connection: Connection, lines: Sequence[JournalEntry]) -> None:
    """Append many lines with one statement."""
    if lines:
        connection.execute(insert(tables.journal), [vars(line) for line in lines])
    for platform in {line.platform for line in lines}:
        touch_platform(connection, platform)


class NewLine(NamedTuple):
    """A line about a case record, as an intake writes very many; `facts` as JSON text."""

    at: datetime
    platform: str
    event: str
    actor: str
    facts: str
    case_record_id: UUID
    entry_id: UUID | None


_encode = row_encoder(tables.journal, NewLine._fields, shared=5)


def encoded(line: NewLine) -> EncodedRow:
    """A line as COPY carries it."""
    return _encode(line)


def copy_all(connection: Connection, lines: Sequence[EncodedRow]) -> None:
    """Append very many lines, each an encoded NewLine, by COPY."""
    copy_encoded(connection, tables.journal, NewLine._fields, lines)


def of_case_record(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    """The whole history of one case record, oldest first."""
    rows = connection.execute(
        select(tables.journal)
        .where(tables.journal.c.case_record_id == case_record_id)
        .order_by(tables.journal.c.id)
    )
    return [dict(row) for row in rows.mappings()]
