"""Rows as an intake writes them: each field is a column of the same name."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


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
    positive_id: UUID | None
    positive_reference: str
    last_contact_on: date | None
    nature: str
    created_at: datetime


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
