"""Rows as an intake writes them: each field is a column of the same name.

New ones are encoded for COPY where they are made, which for a large file is another process.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table

from outreach.storage import tables
from outreach.storage.bulk import EncodedRow, row_encoder


class NewPerson(NamedTuple):
    id: UUID
    platform: str
    sealed: bytes
    name_birth_index: bytes | None
    language: str
    time_zone: str
    phone_region: str
    adult: bool
    created_at: datetime


class NewPersonKey(NamedTuple):
    person_id: UUID
    wrapped_key: bytes


class NewPhone(NamedTuple):
    person_id: UUID
    position: int
    number_index: bytes
    line_type: str
    can_sms: bool
    time_zone: str


class NewCaseRecord(NamedTuple):
    id: UUID
    platform: str
    person_id: UUID
    kind: str
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool


class NewReference(NamedTuple):
    platform: str
    source: str
    external_id: str
    case_record_id: UUID
    content_digest: bytes
    created_at: datetime


class NewExposure(NamedTuple):
    id: UUID
    contact_id: UUID
    positive_reference: str
    last_contact_on: date | None
    nature: str
    created_at: datetime
    positive_id: UUID | None  # last: who prepares the row leaves it null (bulk.with_last_uuid)


class NewEntry(NamedTuple):
    id: UUID
    platform: str
    case_record_id: UUID
    person_id: UUID
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
    number_index: bytes | None
    phone_position: int
    entered_at: datetime


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
_TABLES: dict[type[Any], Table] = {
    NewPerson: tables.persons,
    NewPersonKey: tables.person_keys,
    NewPhone: tables.person_phones,
    NewCaseRecord: tables.case_records,
    NewReference: tables.case_references,
    NewExposure: tables.exposures,
    NewEntry: tables.call_list_entries,
}
_ENCODERS = {kind: row_encoder(table, kind._fields) for kind, table in _TABLES.items()}


def encoded(row: NewRow) -> EncodedRow:
    """A row as COPY carries it."""
    return _ENCODERS[type(row)](row)
