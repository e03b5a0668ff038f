"""Refused rows of imports, sealed, until someone mends them or their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, case, delete, func, insert, select, update

from outreach.domain.case_rows import Severity
from outreach.domain.intake import Verdict
from outreach.storage.import_store import NewFinding
from outreach.storage.tables import import_findings, import_rows, imports

rows = import_rows.c


class KeptRow(NamedTuple):
    """A refused row as it was sent, sealed."""

    row: int
    sealed: bytes


def keep(
    connection: Connection, import_id: UUID, kept: Sequence[tuple[int, bytes]], *, until: datetime
) -> None:
    """Refused rows of an import that ended."""
    if kept:
        values = [
            {"import_id": import_id, "row": row, "sealed": sealed, "kept_until": until}
            for row, sealed in kept
        ]
        connection.execute(insert(import_rows), values)


def page(connection: Connection, import_id: UUID, *, after: int, most: int) -> list[KeptRow]:
    """Rows still to be mended, in the order of the file."""
    found = connection.execute(
        select(rows.row, rows.sealed)
        .where(rows.import_id == import_id, rows.row > after)
        .order_by(rows.row)
        .limit(most)
    )
    return [KeptRow(*row) for row in found]


def lock(connection: Connection, import_id: UUID, row: int) -> KeptRow | None:
    """One of them, held until the transaction ends; None when it was mended already."""
    found = connection.execute(
        select(rows.row, rows.sealed).where(rows.import_id == import_id, rows.row == row).with_for_update()
    ).one_or_none()
    return None if found is None else KeptRow(*found)


def replace(connection: Connection, import_id: UUID, row: int, sealed: bytes) -> None:
    """What was tried last, so that it is not typed twice."""
    connection.execute(
        update(import_rows).where(rows.import_id == import_id, rows.row == row).values(sealed=sealed)
    )


def mended(connection: Connection, import_id: UUID, row: int, verdict: Verdict) -> None:
    """The row was taken in: it is forgotten here, and counts for what became of it."""
    connection.execute(delete(import_rows).where(rows.import_id == import_id, rows.row == row))
    told = imports.c[verdict.value]
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values({imports.c.rejected: imports.c.rejected - 1, told: told + 1})
    )


def replace_findings(connection: Connection, import_id: UUID, row: int, found: Sequence[NewFinding]) -> None:
    """What is wrong with a row now; the numbers of `found` begin at 0."""
    c = import_findings.c
    connection.execute(delete(import_findings).where(c.import_id == import_id, c.row == row))
    last = connection.execute(select(func.max(c.number)).where(c.import_id == import_id)).scalar()
    first = 0 if last is None else last + 1
    if found:
        values = [each._replace(number=first + each.number)._asdict() for each in found]
        connection.execute(insert(import_findings), values)


def errors_of(connection: Connection, import_id: UUID, numbers: Sequence[int]) -> dict[int, list[NewFinding]]:
    """The errors of some rows, by row."""
    c = import_findings.c
    found = connection.execute(
        select(*(c[name] for name in NewFinding._fields))
        .where(c.import_id == import_id, c.row.in_(numbers), c.severity == Severity.ERROR.value)
        .order_by(c.row, c.number)
    )
    by_row: dict[int, list[NewFinding]] = {number: [] for number in numbers}
    for line in found:
        by_row[line.row].append(NewFinding(*line))
    return by_row


def findings_page(
    connection: Connection,
    import_id: UUID,
    *,
    severity: str | None,
    reason: str | None,
    after: int,
    most: int,
) -> list[NewFinding]:
    """Findings in the order in which they were made; of one severity or reason where asked."""
    c = import_findings.c
    query = select(*(c[name] for name in NewFinding._fields)).where(
        c.import_id == import_id, c.number > after
    )
    if severity is not None:
        query = query.where(c.severity == severity)
    if reason is not None:
        query = query.where(c.reason == reason)
    return [NewFinding(*row) for row in connection.execute(query.order_by(c.number).limit(most))]


class FindingCount(NamedTuple):
    """How often one reason was found."""

    severity: str
    reason: str
    field: str
    mend: str
    rows: int


def reasons(connection: Connection, import_id: UUID) -> list[FindingCount]:
    """What was found, by reason; errors first, the most frequent first."""
    c = import_findings.c
    how_many = func.count(c.row.distinct())
    found = connection.execute(
        select(c.severity, c.reason, func.min(c.field), func.min(c.mend), how_many)
        .where(c.import_id == import_id)
        .group_by(c.severity, c.reason)
        .order_by(case((c.severity == Severity.ERROR.value, 0), else_=1), how_many.desc(), c.reason)
    )
    return [FindingCount(*row) for row in found]


def forget_expired(connection: Connection, now: datetime) -> int:
    """Rows nobody mended in time; how many."""
    return connection.execute(delete(import_rows).where(rows.kept_until <= now)).rowcount
