"""Rows as an intake writes them: each field is a column of the same name.

New ones are encoded for COPY where they are made, which for a large file is another process; the columns that
many rows have in common stand first.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from outreach.storage import tables
from outreach.storage.bulk import EncodedRow, row_encoder


class NewPerson(NamedTuple):
    platform: str
    language: str
    time_zone: str
    phone_region: str
    adult: bool
    created_at: datetime
    id: UUID
    sealed: bytes
    name_birth_index: bytes | None


class NewPersonKey(NamedTuple):
    person_id: UUID
    wrapped_key: bytes


class NewPhone(NamedTuple):
    position: int
    line_type: str
    can_sms: bool
    time_zone: str
    person_id: UUID
    number_index: bytes


class NewCaseRecord(NamedTuple):
    platform: str
    kind: str
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    id: UUID
    person_id: UUID


class NewReference(NamedTuple):
    platform: str
    source: str
    created_at: datetime
    external_id: str
    case_record_id: UUID
    content_digest: bytes


class NewExposure(NamedTuple):
    last_contact_on: date | None
    nature: str
    created_at: datetime
    id: UUID
    contact_id: UUID
    positive_reference: str
    positive_id: UUID | None  # last: who prepares the row leaves it null (bulk.with_last_uuid)


class NewEntry(NamedTuple):
    platform: str
    purpose: str
    state: str
    queue: str
    language: str
    call_class: int
    front: int
    effective_deadline: datetime
    tie_break: int
    deadline: datetime
    shed_level: int
    not_before: datetime | None
    ready_until: datetime | None
    phone_position: int
    entered_at: datetime
    id: UUID
    case_record_id: UUID
    person_id: UUID
    number_index: bytes | None


class ChangedPerson(NamedTuple):
    id: UUID
    sealed: bytes
    name_birth_index: bytes | None
    language: str
    time_zone: str
    phone_region: str
    adult: bool


class ChangedCaseRecord(NamedTuple):
    id: UUID
    kind: str
    state: str
    closed_because: str | None
    sampled_at: datetime | None
    result_at: datetime | None
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    converted_at: datetime | None


NewRow = NewPerson | NewPersonKey | NewPhone | NewCaseRecord | NewReference | NewExposure | NewEntry
# The table of each, and how many of its first columns hold what other rows hold too.
_STORED: dict[type[Any], tuple[Table, int]] = {
    NewPerson: (tables.persons, 6),
    NewPersonKey: (tables.person_keys, 0),
    NewPhone: (tables.person_phones, 4),
    NewCaseRecord: (tables.case_records, 10),
    NewReference: (tables.case_references, 3),
    NewExposure: (tables.exposures, 3),
    NewEntry: (tables.call_list_entries, 15),
}
_ENCODERS = {
    kind: row_encoder(table, kind._fields, shared=shared) for kind, (table, shared) in _STORED.items()
}


def encoded(row: NewRow) -> EncodedRow:
    """A row as COPY carries it."""
    return _ENCODERS[type(row)](row)
