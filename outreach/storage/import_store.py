"""Imports: the sealed file, how far it got, what was found, and the saved column mappings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, case, delete, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql

from outreach.domain.intake import Counts
from outreach.errors import NotFound
from outreach.ids import ImportId
from outreach.storage.bulk import copy_rows
from outreach.storage.journal import Event
from outreach.storage.tables import (
    case_references,
    column_mappings,
    import_findings,
    imports,
    journal,
    users,
)


class ImportState(StrEnum):
    """How an import stands."""

    DRAFT = "DRAFT"  # kept, looked at, not started
    CHECKING = "CHECKING"  # a draft whose dry run waits or goes on
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    INCOMPLETE = "INCOMPLETE"  # the numbers do not add up, or runs failed: an alarm is open
    REFUSED = "REFUSED"  # the file could not be read to its end
    UNDOING = "UNDOING"  # a worker takes it back
    UNDONE = "UNDONE"


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
    converted: int  # of the updated: contacts who turned positive
    asked: int  # rows with a number that two countries have
    file_digest: bytes
    sealed_name: bytes | None
    checked_at: datetime | None
    undone_at: datetime | None
    undone_by: UUID | None
    taken_back: int


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
    state: ImportState = ImportState.QUEUED,
    sealed_name: bytes | None = None,
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
            state=state,
            sealed_name=sealed_name,
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
    plain = {name: row[name] for name in Import.__dataclass_fields__ if name not in ("state", "counts")}
    counts = Counts(**{name: row[name] for name in Counts.__dataclass_fields__})
    return Import(**plain, state=ImportState(row["state"]), counts=counts)


_READ = (ImportState.QUEUED, ImportState.RUNNING, ImportState.CHECKING)


def unfinished(connection: Connection) -> list[ImportId]:
    """Files to be read, or that were being read when we looked; oldest first."""
    waiting = imports.c.state.in_([state.value for state in _READ])
    found = connection.execute(select(imports.c.id).where(waiting).order_by(imports.c.id))
    return [ImportId(import_id) for import_id in found.scalars()]


def begin_run(connection: Connection, import_id: UUID) -> bytes | None:
    """Start reading the file, from its first row: what an interrupted run counted and found is forgotten.

    Gives back the sealed file, or None when the import is over. A draft that is checked stays one.
    """
    sealed = connection.execute(
        update(imports)
        .where(
            imports.c.id == import_id,
            imports.c.state.in_(_READ),
        )
        .values(
            state=case(
                (imports.c.state == ImportState.CHECKING, ImportState.CHECKING.value),
                else_=ImportState.RUNNING.value,
            ),
            **vars(Counts()),
            converted=0,
            asked=0,
        )
        .returning(imports.c.sealed_file)
    ).scalar_one_or_none()
    if sealed is not None:
        connection.execute(delete(import_findings).where(import_findings.c.import_id == import_id))
    return sealed


def keep_progress(
    connection: Connection, import_id: UUID, counts: Counts, *, converted: int, asked: int
) -> None:
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values(**vars(counts), converted=converted, asked=asked)
    )


def add_findings(connection: Connection, found: Sequence[NewFinding]) -> None:
    if found:
        copy_rows(connection, import_findings, NewFinding._fields, found)


def drop_errors(connection: Connection, import_id: UUID, rows: Sequence[int]) -> None:
    """These rows of the file were taken in after all."""
    c = import_findings.c
    gone = delete(import_findings).where(c.import_id == import_id, c.row.in_(rows), c.severity == "ERROR")
    connection.execute(gone)


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


def end_check(connection: Connection, import_id: UUID, *, now: datetime) -> None:
    """The dry run of a draft is over: it waits to be started, with what was counted and found."""
    connection.execute(
        update(imports).where(imports.c.id == import_id).values(state=ImportState.DRAFT, checked_at=now)
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


class SameFile(NamedTuple):
    """The same content, sent before."""

    import_id: UUID
    created_at: datetime
    state: str
    created: int


def sent_before(connection: Connection, stored: Import) -> SameFile | None:
    """The last import of the same file by the same platform that was started before this one."""
    c = imports.c
    row = connection.execute(
        select(c.id, c.created_at, c.state, c.created)
        .where(
            c.platform == stored.platform,
            c.file_digest == stored.file_digest,
            c.id < stored.id,
            c.state.not_in([ImportState.DRAFT.value, ImportState.CHECKING.value]),
            c.undone_at.is_(None),
        )
        .order_by(c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else SameFile(*row)


class ImportsAsked(NamedTuple):
    """Which imports; empty: all. `file_type` as stored."""

    states: Collection[ImportState] = ()
    file_type: str = ""


EVERY_IMPORT = ImportsAsked()


def page(
    connection: Connection,
    platforms: Sequence[str],
    *,
    before: UUID | None,
    most: int,
    asked: ImportsAsked = EVERY_IMPORT,
) -> list[tuple[Import, str | None]]:
    """Imports of these platforms with the login of who sent each, newest first."""
    without_file = [column for column in imports.c if column.name != "sealed_file"]
    query = (
        select(*without_file, users.c.login)
        .outerjoin(users, users.c.id == imports.c.started_by)
        .where(imports.c.platform.in_(platforms))
    )
    if before is not None:
        query = query.where(imports.c.id < before)
    if asked.states:
        query = query.where(imports.c.state.in_(asked.states))
    if asked.file_type:
        query = query.where(imports.c.file_type == asked.file_type)
    rows = connection.execute(query.order_by(imports.c.id.desc()).limit(most)).mappings()
    return [(_import(row), row["login"]) for row in rows]


def lock_draft(connection: Connection, import_id: UUID) -> tuple[Import, bytes] | None:
    """A draft and its sealed file, held until the transaction ends; None when it is none (any more)."""
    row = (
        connection.execute(
            select(imports)
            .where(imports.c.id == import_id, imports.c.state == ImportState.DRAFT.value)
            .with_for_update()
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else (_import(row), row["sealed_file"])


def change_draft(
    connection: Connection, import_id: UUID, *, state: ImportState, mapping: str | None = None
) -> None:
    """Another column mapping, or its next state; what an earlier dry run said counts no more then."""
    values: dict[str, object] = {"state": state}
    if mapping is not None:
        values |= {"mapping": mapping, "checked_at": None}
    connection.execute(update(imports).where(imports.c.id == import_id).values(**values))


def drop_draft(connection: Connection, import_id: UUID) -> None:
    """As if the file had never been sent."""
    connection.execute(delete(import_findings).where(import_findings.c.import_id == import_id))
    connection.execute(delete(imports).where(imports.c.id == import_id))


def old_drafts(connection: Connection, before: datetime) -> list[UUID]:
    """Drafts that nobody started, locked."""
    c = imports.c
    found = connection.execute(
        select(c.id)
        .where(c.state == ImportState.DRAFT.value, c.created_at < before)
        .with_for_update(skip_locked=True)
    )
    return list(found.scalars())


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


def mappings(connection: Connection, platform: str) -> dict[str, dict[str, str]]:
    """All saved mappings of a platform, by name."""
    c = column_mappings.c
    rows = connection.execute(select(c.name, c.mapping).where(c.platform == platform).order_by(c.name))
    return {row.name: row.mapping for row in rows}


def mapping_names(connection: Connection, platform: str) -> list[str]:
    c = column_mappings.c
    return list(connection.execute(select(c.name).where(c.platform == platform).order_by(c.name)).scalars())
