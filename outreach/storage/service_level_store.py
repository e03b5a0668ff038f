"""Service level: the live figures on case records, and the same recomputed from the journal alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, TextClause, func, text, update

from outreach.domain.import_undo import UNDONE
from outreach.domain.outcomes import CallOutcome
from outreach.domain.service_level import Marks
from outreach.storage import tables
from outreach.storage.journal import Event
from outreach.storage.undo_store import STANDS

cases = tables.case_records


@dataclass(frozen=True)
class FigureLine:
    """A journal line that figures depend on."""

    case_record_id: UUID
    at: datetime
    event: Event
    entry_id: UUID | None
    facts: Mapping[str, Any]


def keep_figures(connection: Connection, case_record_id: UUID, outcome: CallOutcome, marks: Marks) -> None:
    """Advance a case record's live figures; the first moment of each kind stays."""
    firsts = {
        column: func.coalesce(cases.c[column], moment)
        for column, moment in (
            ("first_called_at", marks.called_at),
            ("reached_at", marks.reached_at),
            ("informed_at", marks.informed_at),
        )
        if moment is not None
    }
    connection.execute(
        update(cases).where(cases.c.id == case_record_id).values(last_outcome=outcome.value, **firsts)
    )


def marks_as_facts(marks: Marks) -> dict[str, str]:
    """The marks as the journal keeps them, in ATTEMPT_OUTCOME; absent where there is none."""
    return {name: moment.isoformat() for name, moment in vars(marks).items() if moment is not None}


# Of every record that had, at some time, a result or a listing in the period.
_LINES = f"""
    with wanted as (
      select distinct platform, case_record_id from journal
      where {{which}} and event in ('CASE_CREATED', 'CASE_UPDATED', 'CASE_CONVERTED')
        and (cast(facts ->> 'result_at' as timestamptz) >= :since
               and cast(facts ->> 'result_at' as timestamptz) < :until
             or cast(facts ->> 'listed_at' as timestamptz) >= :since
               and cast(facts ->> 'listed_at' as timestamptz) < :until)
    )
    select wanted.platform, j.case_record_id, j.at, j.event, j.entry_id, j.facts
    from journal j join wanted on wanted.case_record_id = j.case_record_id
    where j.event in ('CASE_CREATED', 'CASE_UPDATED', 'CASE_CONVERTED', 'ENTRY_ADDED', 'ENTRY_RECLASSED')
      or (j.event in ('ENTRY_ESCALATED', 'ATTEMPT_OUTCOME') and {STANDS})
      or (j.event = 'CASE_CLOSED' and j.facts ->> 'because' = '{UNDONE}')
      or (j.event = 'RECORDS_MERGED' and j.facts ->> 'into' is not null) or j.event = 'RECORDS_SPLIT'
    order by wanted.platform, j.case_record_id, j.id
    """  # noqa: S608 - a constant
_LINES_OF_PLATFORM = text(_LINES.format(which="platform = :platform"))
_LINES_OF_PLATFORMS = text(_LINES.format(which="platform = any(:platforms)"))


_LINES_OF_RECORDS = text(
    """
    select j.case_record_id, j.at, j.event, j.entry_id, j.facts
    from journal j where j.case_record_id = any(:records)
      and j.event in ('CASE_CREATED', 'CASE_UPDATED', 'CASE_CONVERTED', 'ENTRY_ADDED', 'ENTRY_RECLASSED',
        'ENTRY_ESCALATED', 'ATTEMPT_OUTCOME')
    order by j.case_record_id, j.id
    """
)


def lines_of_records(connection: Connection, records: Sequence[UUID]) -> Iterator[FigureLine]:
    """The same of some records."""
    for row in connection.execute(_LINES_OF_RECORDS, {"records": list(records)}):
        yield FigureLine(row.case_record_id, row.at, Event(row.event), row.entry_id, row.facts)


def lines_of_period(
    connection: Connection, platform: str, since: datetime, until: datetime
) -> Iterator[FigureLine]:
    """The journal lines that figures depend on, record by record, oldest first.

    Of every record that had, at some time, a result or a listing in the period: [since, until).
    """
    asked = {"platform": platform, "since": since, "until": until}
    for _, line in _lines(connection, _LINES_OF_PLATFORM, asked):
        yield line


def lines_of_platforms(
    connection: Connection, platforms: Sequence[str], since: datetime, until: datetime
) -> Iterator[tuple[str, FigureLine]]:
    """The same for many platforms, one platform after the other."""
    asked = {"platforms": list(platforms), "since": since, "until": until}
    return _lines(connection, _LINES_OF_PLATFORMS, asked)


def _lines(
    connection: Connection, statement: TextClause, asked: Mapping[str, Any]
) -> Iterator[tuple[str, FigureLine]]:
    rows = connection.execution_options(yield_per=5_000).execute(statement, asked)
    for row in rows:
        yield row.platform, FigureLine(row.case_record_id, row.at, Event(row.event), row.entry_id, row.facts)
