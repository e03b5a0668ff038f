"""What the phone company reports about a call, applied by the table of moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from outreach.domain.call_attempts import (
    MACHINE_WORDS,
    CallStatus,
    Leg,
    LineStatus,
    after_report,
    outcome_of_line,
    was_answered,
)
from outreach.domain.report_effects import Effect as Effect
from outreach.storage import attempt_store, journal
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection
from outreach.telephony.failure_codes import call_failure_class
from outreach.telephony.provider import FailureClass


@dataclass(frozen=True)
class LegReport:
    """One leg's state as reported; `sid` in the provider's words."""

    attempt_id: UUID
    leg: Leg
    sid: str
    line: LineStatus
    sip_code: str = ""
    answered_by: str = ""
    seconds: int | None = None  # how long it lasted, once it ended


def apply_leg_report(connection: Connection, report: LegReport, now: datetime) -> Effect:
    """Move the attempt that a leg belongs to."""
    attempt = attempt_of_leg(connection, report.attempt_id, report.leg, report.sid)
    if not _is_current_leg(attempt, report):
        return Effect.LATE
    changes = _changes(attempt, report, now)
    if not changes:
        return Effect.LATE
    attempt_store.change(connection, attempt.id, **changes)
    if "status" in changes:
        _write(connection, attempt, changes["status"], now)
    return Effect.MOVED


def attempt_of_leg(connection: Connection, attempt_id: UUID, leg: Leg, sid: str) -> Attempt:
    """The attempt that news of a leg is about, locked; `attempt_id` is the one the leg was ordered for.

    An agent who called again is still on the line of the first try.
    """
    attempt = attempt_store.lock(connection, attempt_id)
    if attempt.open or leg is not Leg.AGENT:
        return attempt
    return attempt_store.lock_open_with_agent_leg(connection, sid) or attempt


def _is_current_leg(attempt: Attempt, report: LegReport) -> bool:
    if report.leg is Leg.TRANSFER:  # the colleague may go on when the agent's part is over
        return attempt.transfer_user_id is not None and attempt.transfer_sid in (None, report.sid)
    known = attempt.agent_sid if report.leg is Leg.AGENT else attempt.person_sid
    return attempt.open and known in (None, report.sid)


def _changes(attempt: Attempt, report: LegReport, now: datetime) -> dict[str, object]:
    """The columns that a report about a current leg sets; empty when it tells nothing new."""
    if report.leg is Leg.TRANSFER and report.line.ended:
        return {"transfer_sid": None, "transfer_user_id": None}
    found = _Changes(attempt)
    found.set(f"{report.leg.value}_sid", report.sid)
    if report.answered_by:
        found.set("answered_by", report.answered_by)
    status = after_report(attempt.status, report.leg, report.line)
    if status is not attempt.status:
        found.set("status", status)
        _set_moments(found, status, now)
    if report.leg is Leg.AGENT:
        _set_presence(found, report, now)
    if report.leg is Leg.PERSON and report.line.ended:
        found.set("sip_code", report.sip_code or None)
    if status is CallStatus.WRAP_UP and attempt.status is not CallStatus.WRAP_UP:
        _set_end(found, report, now)
    return found.values


@dataclass
class _Changes:
    """Columns whose value differs from the stored one."""

    attempt: Attempt
    values: dict[str, object] = field(default_factory=dict)

    def set(self, name: str, value: object) -> None:
        if getattr(self.attempt, name) != value:
            self.values[name] = value


def _set_presence(found: _Changes, report: LegReport, now: datetime) -> None:
    """A leg that ended takes the agent away; late news of it brings nobody back, only another leg does."""
    if report.line.ended:
        found.set("agent_left_at", found.attempt.agent_left_at or now)
    elif found.attempt.agent_sid != report.sid:
        found.set("agent_left_at", None)


def _set_moments(found: _Changes, status: CallStatus, now: datetime) -> None:
    match status:
        case CallStatus.AGENT_ON_LINE:
            found.set("agent_answered_at", now)
        case CallStatus.ANSWERED:
            found.set("answered_at", now)
        case CallStatus.WRAP_UP:
            found.set("ended_at", now)
        case CallStatus.RINGING_AGENT | CallStatus.DIALLING | CallStatus.RINGING:
            pass


def _set_end(found: _Changes, report: LegReport, now: datetime) -> None:
    """The person's line is down: whether they had answered, and what that suggests."""
    attempt = found.attempt
    answered = was_answered(
        report.line, answered_before=attempt.answered_at is not None, seconds=report.seconds
    )
    if answered and attempt.answered_at is None and report.leg is Leg.PERSON:
        found.set("answered_at", now - timedelta(seconds=report.seconds or 0))
    failure = call_failure_class(report.line, report.sip_code)
    suggestion = outcome_of_line(
        report.line,
        leg=report.leg,
        answered=answered,
        machine=(report.answered_by or attempt.answered_by) in MACHINE_WORDS,
        voicemail_left=attempt.voicemail_left,
        wrong_number=failure is FailureClass.WRONG_NUMBER,
    )
    found.set("suggested_outcome", suggestion)


def apply_machine_detection(
    connection: Connection, attempt_id: UUID, answered_by: str, now: datetime
) -> Effect:
    """Who picked up: kept on the attempt, so that the agent sees it while the greeting plays."""
    attempt = attempt_store.lock(connection, attempt_id)
    if not attempt.open or attempt.answered_by == answered_by:
        return Effect.LATE
    attempt_store.change(connection, attempt.id, answered_by=answered_by)
    _write(connection, attempt, attempt.status, now, answered_by=answered_by)
    return Effect.MOVED


def apply_conference(connection: Connection, attempt_id: UUID, conference_sid: str) -> Effect:
    """The room's sid, needed for hold."""
    attempt = attempt_store.lock(connection, attempt_id)
    if attempt.conference_sid == conference_sid or not attempt.open:
        return Effect.LATE
    attempt_store.change(connection, attempt.id, conference_sid=conference_sid)
    return Effect.MOVED


def _write(connection: Connection, attempt: Attempt, status: object, now: datetime, **facts: object) -> None:
    journal.write(
        connection,
        journal.JournalEntry(
            now,
            attempt.platform,
            journal.Event.ATTEMPT_MOVED,
            journal.by_system("phone-company"),
            case_record_id=attempt.case_record_id,
            entry_id=attempt.entry_id,
            attempt_id=attempt.id,
            facts={"status": str(status), **facts},
        ),
    )
