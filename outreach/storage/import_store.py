"""Imports: the sealed file, how far it got, what was found, and the saved column mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql

from outreach.domain.intake import Counts
from outreach.errors import NotFound
from outreach.ids import ImportId
from outreach.storage.bulk import copy_rows
from outreach.storage.journal import Event
from outreach.storage.tables import case_references, column_mappings, import_findings, imports, journal


class ImportState(StrEnum):
    """How an import stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    INCOMPLETE = "INCOMPLETE"  # the numbers do not add up, or runs failed: an alarm is open
    REFUSED = "REFUSED"  # the file could not be read to its end


class NewFinding(NamedTuple):
    """A line of the report; `value` is masked."""

    import_id: UUID
    number: int
    severity: str
    row: int
    field: str
    value: str
    reason: str
    mend: str


@dataclass(frozen=True)
class Import:
    """One import as stored, without its file."""

    id: UUID
    platform: str
    mapping: str
    state: ImportState
    refused_because: str | None
    file_type: str
    counts: Counts
    rows_total: int
    started_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


def create(
    connection: Connection,
    *,
    import_id: UUID,
    platform: str,
    mapping: str,
    file_type: str,
    file_digest: bytes,
    sealed_file: bytes,
    rows_total: int,
    started_by: UUID | None,
    now: datetime,
) -> None:
    connection.execute(
        insert(imports).values(
            id=import_id,
            platform=platform,
            mapping=mapping,
            file_type=file_type,
            file_digest=file_digest,
            sealed_file=sealed_file,
            rows_total=rows_total,
            started_by=started_by,
            state=ImportState.QUEUED,
            created_at=now,
        )
    )


def read(connection: Connection, import_id: UUID) -> Import:
    """Raises NotFound."""
    without_file = [column for column in imports.c if column.name != "sealed_file"]
    row = connection.execute(select(*without_file).where(imports.c.id == import_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such import.", code="unknown_import")
    return _import(row)


def _import(row: RowMapping) -> Import:
    return Import(
        id=row["id"],
        platform=row["platform"],
        mapping=row["mapping"],
        state=ImportState(row["state"]),
        refused_because=row["refused_because"],
        file_type=row["file_type"],
        counts=Counts(**{name: row[name] for name in Counts.__dataclass_fields__}),
        rows_total=row["rows_total"],
        started_by=row["started_by"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )


def unfinished(connection: Connection) -> list[ImportId]:
    """Imports that are queued, or were being read when we looked; oldest first."""
    waiting = imports.c.state.in_([ImportState.QUEUED.value, ImportState.RUNNING.value])
    found = connection.execute(select(imports.c.id).where(waiting).order_by(imports.c.id))
    return [ImportId(import_id) for import_id in found.scalars()]


def begin_run(connection: Connection, import_id: UUID) -> bytes | None:
    """Start reading the file, from its first row: what an interrupted run counted and found is forgotten.

    Gives back the sealed file, or None when the import is over.
    """
    sealed = connection.execute(
        update(imports)
        .where(
            imports.c.id == import_id,
            imports.c.state.in_([ImportState.QUEUED, ImportState.RUNNING]),
        )
        .values(state=ImportState.RUNNING, **vars(Counts()))
        .returning(imports.c.sealed_file)
    ).scalar_one_or_none()
    if sealed is not None:
        connection.execute(delete(import_findings).where(import_findings.c.import_id == import_id))
    return sealed


def keep_progress(connection: Connection, import_id: UUID, counts: Counts) -> None:
    connection.execute(update(imports).where(imports.c.id == import_id).values(**vars(counts)))


def add_findings(connection: Connection, found: Sequence[NewFinding]) -> None:
    if found:
        copy_rows(connection, import_findings, NewFinding._fields, found)


def finish(
    connection: Connection,
    import_id: UUID,
    state: ImportState,
    *,
    now: datetime,
    refused_because: str | None = None,
) -> None:
    """End an import; its file is destroyed."""
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values(state=state, finished_at=now, refused_because=refused_because, sealed_file=None)
    )


def failures(connection: Connection, stored: Import) -> int:
    """How many runs of this import ended by an unexpected error."""
    j = journal.c
    counted = connection.execute(
        select(func.count()).where(
            j.platform == stored.platform,
            j.event == Event.IMPORT_FAILED,
            j.at >= stored.created_at,
            j.facts["import_id"].astext == str(stored.id),
        )
    )
    return int(counted.scalar_one())


def findings(connection: Connection, import_id: UUID) -> list[NewFinding]:
    """What was found, in the order of the rows."""
    columns = [import_findings.c[name] for name in NewFinding._fields]
    rows = connection.execute(
        select(*columns)
        .where(import_findings.c.import_id == import_id)
        .order_by(import_findings.c.row, import_findings.c.number)
    )
    return [NewFinding(*row) for row in rows]


def is_free(connection: Connection, import_id: UUID) -> bool:
    """Take the import for this session, so that a job started twice reads the file once."""
    key = func.hashtextextended(literal(str(import_id)), 0)
    return bool(connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one())


def unknown_references(
    connection: Connection, platform: str, source: str, external_ids: Sequence[str]
) -> set[str]:
    """The identifiers among these that stand for no record yet."""
    c = case_references.c
    given = literal(list(external_ids), postgresql.ARRAY(postgresql.TEXT))
    known = connection.execute(
        select(c.external_id).where(
            c.platform == platform, c.source == source, c.external_id == func.any(given)
        )
    )
    return set(external_ids) - set(known.scalars())


def save_mapping(
    connection: Connection, platform: str, name: str, mapping: Mapping[str, str], now: datetime
) -> None:
    """Add a column mapping, or replace the one of that name."""
    statement = postgresql.insert(column_mappings).values(
        platform=platform, name=name, mapping=dict(mapping), created_at=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["platform", "name"], set_={"mapping": statement.excluded.mapping}
        )
    )


def mapping_named(connection: Connection, platform: str, name: str) -> dict[str, str] | None:
    c = column_mappings.c
    return connection.execute(
        select(c.mapping).where(c.platform == platform, c.name == name)
    ).scalar_one_or_none()


def mapping_names(connection: Connection, platform: str) -> list[str]:
    c = column_mappings.c
    return list(connection.execute(select(c.name).where(c.platform == platform).order_by(c.name)).scalars())
