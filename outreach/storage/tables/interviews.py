"""What people answered in interviews, sealed, and the figures it gives."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text, Uuid, text

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

# Append-only: a corrected answer is another row. Which question it answers is sealed with it, since what was
# asked tells what was answered before.
interview_answers = Table(
    "interview_answers",
    metadata,
    id_column(),
    platform_column(),
    reference("case_records", "case_record_id", index=True),
    reference("persons", "person_id", index=True),
    reference("call_attempts", "attempt_id"),
    needed("script", Text),
    needed("script_version", Integer),
    Column("sealed", LargeBinary),  # {"question", "value"} under the person's key; null once erased
    reference("users", "answered_by"),
    needed("answered_at", Moment),
)

interview_figures = Table(  # counts alone, of case records without a name
    "interview_figures",
    metadata,
    Column("case_record_id", Uuid, ForeignKey("case_records.id"), primary_key=True),
    platform_column(),
    Column("contacts_to_name", SmallInteger),
    needed("answered_at", Moment),
    Index(
        "interview_figures_to_name_idx",
        "platform",
        "case_record_id",
        postgresql_where=text("contacts_to_name > 0"),
    ),
)
