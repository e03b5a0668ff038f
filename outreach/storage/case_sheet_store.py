"""Everything about one case record that is not the person: its facts, entries, tries and messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select

from outreach.errors import NotFound
from outreach.storage.tables import (
    call_attempts,
    call_list_entries,
    case_records,
    case_references,
    exposures,
    inbound_messages,
    messages,
)


@dataclass(frozen=True)
class CaseFacts:
    """The record as stored, in plain values."""

    id: UUID
    platform: str
    person_id: UUID
    kind: str
    state: str
    closed_because: str | None
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    needs_sick_leave: bool
    first_called_at: datetime | None
    reached_at: datetime | None
    informed_at: datetime | None
    last_outcome: str | None


_FACTS = [case_records.c[name] for name in CaseFacts.__dataclass_fields__]
_ENTRY = [
    "id",
    "purpose",
    "state",
    "queue",
    "call_class",
    "deadline",
    "effective_deadline",
    "not_before",
    "callback_at",
    "tries",
    "closed_because",
]
_ATTEMPT = [
    "id",
    "agent_id",
    "status",
    "started_at",
    "answered_at",
    "ended_at",
    "outcome",
    "outcome_at",
    "sealed_note",
]
_MESSAGE = [
    "id",
    "purpose",
    "status",
    "segments",
    "created_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "error_code",
]


def facts(connection: Connection, case_record_id: UUID) -> CaseFacts:
    """Raises NotFound."""
    row = connection.execute(select(*_FACTS).where(case_records.c.id == case_record_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such case record.")
    return CaseFacts(*row)


def named(connection: Connection, platform: str, source: str, external_id: str) -> UUID:
    """The record that an outside system calls so. Raises NotFound."""
    c = case_references.c
    found: UUID | None = connection.execute(
        select(c.case_record_id).where(
            c.platform == platform, c.source == source, c.external_id == external_id
        )
    ).scalar()
    if found is None:
        raise NotFound("There is no such case record.")
    return found


def contacts_of(connection: Connection, positive_id: UUID) -> int:
    """How many contacts a positive has."""
    return connection.execute(
        select(func.count()).select_from(exposures).where(exposures.c.positive_id == positive_id)
    ).scalar_one()


def entries_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    return _rows(connection, call_list_entries, _ENTRY, case_record_id)


def attempts_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    """With the sealed notes, for whoever has the person's key."""
    return _rows(connection, call_attempts, _ATTEMPT, case_record_id)


def messages_of(connection: Connection, case_record_id: UUID) -> list[dict[str, Any]]:
    """Without their bodies."""
    return _rows(connection, messages, _MESSAGE, case_record_id)


def replies_of(connection: Connection, person_id: UUID) -> list[dict[str, Any]]:
    """What the person texted us, oldest first, with the sealed bodies."""
    c = inbound_messages.c
    rows = connection.execute(
        select(c.id, c.meaning, c.received_at, c.sealed_body)
        .where(c.person_id == person_id)
        .order_by(c.received_at)
    )
    return [dict(row) for row in rows.mappings()]


def _rows(
    connection: Connection, table: Table, names: list[str], case_record_id: UUID
) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(*(table.c[name] for name in names))
        .where(table.c.case_record_id == case_record_id)
        .order_by(table.c.id)
    )
    return [dict(row) for row in rows.mappings()]
