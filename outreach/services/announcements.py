"""What outside case systems are told, written to the outbox in the transaction of what it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.domain.next_steps import StepEffect
from outreach.domain.outcomes import CallOutcome
from outreach.storage import call_list_store, case_progress_store, outbox
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection

OUTCOME = "call-outcome"
LETTER = "letter"


def announce_outcome(connection: Connection, attempt: Attempt, outcome: CallOutcome, now: datetime) -> None:
    """How a call went. Record numbers, codes and moments; no name, number or note."""
    told = {
        "attempt_id": str(attempt.id),
        "outcome": outcome.value,
        "dialled_at": _moment(attempt.dialled_at),
        "answered_at": _moment(attempt.answered_at),
        "ended_at": _moment(attempt.ended_at or now),
    }
    _add(connection, attempt.platform, OUTCOME, attempt.case_record_id, told, now)


def announce_household(connection: Connection, entry_id: UUID, outcome: CallOutcome, now: datetime) -> None:
    """Someone told in the call to another of their household."""
    entry = call_list_store.read(connection, entry_id)
    told = {"attempt_id": None, "outcome": outcome.value, "ended_at": _moment(now)}
    _add(connection, entry.platform, OUTCOME, entry.case_record_id, told, now)


def announce_letter(connection: Connection, attempt: Attempt, effect: StepEffect, now: datetime) -> None:
    """A letter is to be sent: nobody was reached, or the person refused and gets it in writing."""
    _add(connection, attempt.platform, LETTER, attempt.case_record_id, {"because": effect.value}, now)


def _add(
    connection: Connection,
    platform: str,
    kind: str,
    case_record_id: UUID,
    told: dict[str, Any],
    now: datetime,
) -> None:
    numbers = case_progress_store.record_numbers(connection, case_record_id)
    records = [{"source": number.source, "external_id": number.external_id} for number in numbers]
    payload = {"case_record_id": str(case_record_id), "records": records, **told}
    outbox.add(connection, platform, kind, payload, now)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
