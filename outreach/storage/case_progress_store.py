"""What the work on a case record leaves behind: who asked for sick leave, who goes to the health agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update

from outreach.storage.hot_sql import HotStatement
from outreach.storage.journal import Event
from outreach.storage.tables import case_records, case_references, journal
from outreach.storage.undo_store import stands


@dataclass(frozen=True)
class RecordNumber:
    """What an outside system calls a case record."""

    source: str
    external_id: str


@dataclass(frozen=True)
class HandedRecord:
    """A case record on a list that leaves the platform: numbers and moments, no name."""

    case_record_id: UUID
    source: str
    external_id: str
    kind: str
    result_at: datetime | None
    at: datetime | None


def record_numbers(connection: Connection, case_record_id: UUID) -> list[RecordNumber]:
    """Every outside name of a record, oldest first."""
    rows = connection.execute(
        select(case_references.c.source, case_references.c.external_id)
        .where(case_references.c.case_record_id == case_record_id)
        .order_by(case_references.c.created_at, case_references.c.external_id)
    )
    return [RecordNumber(*row) for row in rows]


_NUMBERS = HotStatement(
    """
    select case_record_id, source, external_id from case_references
    where case_record_id = any(cast(:ids as uuid[])) order by created_at, external_id
    """
)


def record_numbers_of(
    connection: Connection, case_record_ids: Sequence[UUID]
) -> dict[UUID, list[RecordNumber]]:
    """As `record_numbers`, of many records; each is there, with no number perhaps."""
    found: dict[UUID, list[RecordNumber]] = {record_id: [] for record_id in case_record_ids}
    for record_id, source, external_id in _NUMBERS.rows(connection, {"ids": list(case_record_ids)}):
        found[record_id].append(RecordNumber(source, external_id))
    return found


def ask_for_sick_leave(connection: Connection, case_record_id: UUID) -> None:
    connection.execute(
        update(case_records)
        .where(case_records.c.id == case_record_id)
        .values(needs_sick_leave=True, version=case_records.c.version + 1)
    )


# A closed record has no number left once a later record of its person took it over.
_HANDED = (
    case_records.c.id,
    func.coalesce(case_references.c.source, ""),
    func.coalesce(case_references.c.external_id, ""),
    case_records.c.kind,
    case_records.c.result_at,
)


def needing_sick_leave(connection: Connection, platforms: Sequence[str]) -> list[HandedRecord]:
    """Records whose person asked for sick leave, by record number."""
    rows = connection.execute(
        select(*_HANDED, case_records.c.reached_at)
        .outerjoin(case_references, case_references.c.case_record_id == case_records.c.id)
        .where(case_records.c.needs_sick_leave, case_records.c.platform.in_(platforms))
        .order_by(case_references.c.source, case_references.c.external_id)
    )
    return [HandedRecord(*row) for row in rows]


def handed_to_ars(
    connection: Connection, platforms: Sequence[str], *, since: datetime, until: datetime
) -> list[HandedRecord]:
    """Records handed to the regional health agency in a span of time, oldest first."""
    rows = connection.execute(
        select(*_HANDED, journal.c.at)
        .select_from(journal)
        .join(case_records, case_records.c.id == journal.c.case_record_id)
        .outerjoin(case_references, case_references.c.case_record_id == case_records.c.id)
        .where(
            journal.c.event == Event.ARS_HANDED_OFF.value,
            text(stands("journal")),
            journal.c.platform.in_(platforms),
            journal.c.at >= since,
            journal.c.at < until,
        )
        .order_by(journal.c.at, case_references.c.external_id)
    )
    return [HandedRecord(*row) for row in rows]
