"""Service level: the live figures on case records, and the same recomputed from the journal alone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, func, update

from outreach.domain.outcomes import CallOutcome
from outreach.domain.service_level import Marks
from outreach.storage import tables

cases = tables.case_records


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
