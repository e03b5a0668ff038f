"""Merges of case records by hand, as long as they can be told apart again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, metadata, needed, reference

merged_records = Table(
    "merged_records",
    metadata,
    Column("other_id", Uuid, ForeignKey("case_records.id"), primary_key=True),  # the one merged away
    reference("case_records", "kept_id", index=True),
    reference("persons", "kept_person_id", index=True),
    reference("persons", "other_person_id", index=True),
    Column("merged_at", Moment, nullable=False, index=True),
    needed("sealed", LargeBinary),  # the kept person before and after, under their key
    needed("before", JSONB),  # rows as they stood, by name; nothing that names anybody
    Column("after", JSONB),  # the kept record's facts once merged
)
