"""What outside case systems are told, written to the outbox in the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.domain.next_steps import StepEffect
from outreach.domain.outcomes import CHANNEL_OUTCOMES, CallOutcome
from outreach.storage import case_progress_store, outbox
from outreach.storage.case_progress_store import RecordNumber
from outreach.storage.database import Connection
from outreach.storage.journal import JournalEntry
from outreach.storage.shed_store import InformedEntry

CALL, MESSAGE, UNDONE = "call-outcome", "message-outcome", "outcome-undone"
# What the case system is asked to do, beside being told.
REQUESTS: Mapping[StepEffect, str] = {
    StepEffect.SEND_WRITTEN_INFORMATION: "letter",
    StepEffect.EXPORT_LETTER: "letter",
    StepEffect.MERGE_RECORDS: "merge",
}


def announce_outcome(
    connection: Connection,
    platform: str,
    case_record_id: UUID,
    outcome: CallOutcome,
    now: datetime,
    **told: UUID | datetime | None,
) -> None:
    """What a call or a message came to. Record numbers, codes and moments; no name, number or note."""
    kind = MESSAGE if outcome in CHANNEL_OUTCOMES else CALL
    facts = {name: _plain(value) for name, value in told.items()}
    facts |= {"outcome": outcome.value, "said_at": now.isoformat()}
    _add(connection, platform, kind, case_record_id, facts, now)


def announce_told(
    connection: Connection, told: Sequence[InformedEntry], outcome: CallOutcome, now: datetime
) -> None:
    """What messages came to, for everyone who was told by them; as `announce_outcome` says it of one."""
    numbers = case_progress_store.record_numbers_of(connection, [entry.case_record_id for entry in told])
    facts = {"outcome": outcome.value, "said_at": now.isoformat()}
    payloads = (
        _payload(
            entry.case_record_id,
            numbers[entry.case_record_id],
            {"message_id": str(entry.message_id), **facts},
        )
        for entry in told
    )
    outbox.add_all(
        connection,
        MESSAGE,
        [(entry.platform, payload) for entry, payload in zip(told, payloads, strict=True)],
        now,
    )


def announce_undone(connection: Connection, line: JournalEntry, outcome: CallOutcome) -> None:
    """An outcome that was told a moment ago does not count, nor what it asked for."""
    assert line.case_record_id is not None
    told = {"outcome": outcome.value, "said_at": line.facts["said_at"], "undone_at": line.at.isoformat()}
    if line.attempt_id is not None:
        told["attempt_id"] = str(line.attempt_id)
    _add(connection, line.platform, UNDONE, line.case_record_id, told, line.at)


def announce_request(
    connection: Connection, platform: str, case_record_id: UUID, effect: StepEffect, now: datetime
) -> None:
    """A letter is to be sent, or the person's records are to become one."""
    _add(connection, platform, REQUESTS[effect], case_record_id, {"because": effect.value}, now)


def _add(
    connection: Connection,
    platform: str,
    kind: str,
    case_record_id: UUID,
    told: dict[str, Any],
    now: datetime,
) -> None:
    numbers = case_progress_store.record_numbers(connection, case_record_id)
    outbox.add(connection, platform, kind, _payload(case_record_id, numbers, told), now)


def _payload(case_record_id: UUID, numbers: Sequence[RecordNumber], told: dict[str, Any]) -> dict[str, Any]:
    records = [{"source": number.source, "external_id": number.external_id} for number in numbers]
    return {"case_record_id": str(case_record_id), "records": records, **told}


def _plain(value: UUID | datetime | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else str(value) if value is not None else None
