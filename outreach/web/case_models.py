"""What the API shows of a case record and its person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from outreach.services.case_reading import CaseSheet
from outreach.storage.case_sheet_store import CaseCard
from outreach.storage.person_store import OpenedPerson

Model = TypeVar("Model", bound=BaseModel)


class Phone(BaseModel):
    """`position` is what a call names."""

    position: int
    number: str
    line_type: str
    can_sms: bool
    bad: bool


class Person(BaseModel):
    """Personal data: shown, never kept by the asker."""

    family_name: str
    given_names: str
    birth_date: date | None
    sex: str
    address: str
    postcode: str
    town: str
    country: str
    language: str
    doctor: str
    time_zone: str
    opted_out: bool
    phones: list[Phone]
    unusable_phones: list[str]

    @classmethod
    def of(cls, opened: OpenedPerson) -> Person:
        person = opened.person
        return cls(
            family_name=person.family_name,
            given_names=person.given_names,
            birth_date=person.birth_date,
            sex=person.sex,
            address=person.address,
            postcode=person.postcode,
            town=person.town,
            country=person.country,
            language=opened.language,
            doctor=person.doctor,
            time_zone=opened.time_zone,
            opted_out=opened.opted_out,
            phones=[
                Phone(
                    position=line.position,
                    number=person.number_at(line.position),
                    line_type=line.line_type,
                    can_sms=line.can_sms,
                    bad=line.bad,
                )
                for line in opened.lines
            ],
            unusable_phones=[phone.raw for phone in person.unusable_phones],
        )


class Facts(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str
    kind: str
    state: str
    closed_because: str | None
    sampled_at: datetime | None
    result_at: datetime | None
    listed_at: datetime
    deadline: datetime
    last_exposure_on: date | None
    household: bool
    collective_setting: bool
    vulnerable: bool
    needs_sick_leave: bool
    first_called_at: datetime | None
    reached_at: datetime | None
    informed_at: datetime | None
    last_outcome: str | None
    restricted: bool


class Card(BaseModel):
    """`person` is null once they were erased."""

    case_record: Facts
    person: Person | None

    @classmethod
    def of(cls, card: CaseCard) -> Card:
        return cls(
            case_record=Facts.model_validate(card.facts),
            person=Person.of(card.person) if card.person else None,
        )


class Reference(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    source: str
    external_id: str


class ListEntry(BaseModel):
    id: UUID
    purpose: str
    state: str
    queue: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    not_before: datetime | None
    callback_at: datetime | None
    tries: int
    closed_because: str | None


class PastAttempt(BaseModel):
    id: UUID
    agent_id: UUID
    status: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    outcome_at: datetime | None
    script: str
    script_version: int
    note: str | None


class PastMessage(BaseModel):
    id: UUID
    purpose: str
    status: str
    segments: int
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    error_code: str | None


class Reply(BaseModel):
    """A text from the person; `meaning` as the program understood it."""

    id: UUID
    meaning: str
    received_at: datetime
    body: str


class Sheet(Card):
    """`contacts`: how many a positive named."""

    references: list[Reference]
    contacts: int
    entries: list[ListEntry]
    attempts: list[PastAttempt]
    messages: list[PastMessage]
    replies: list[Reply]

    @classmethod
    def of_sheet(cls, sheet: CaseSheet) -> Sheet:
        return cls(
            **dict(Card.of(sheet.card)),
            references=[Reference.model_validate(each) for each in sheet.references],
            contacts=sheet.contacts,
            entries=_all(ListEntry, sheet.entries),
            attempts=_all(PastAttempt, sheet.attempts),
            messages=_all(PastMessage, sheet.messages),
            replies=_all(Reply, sheet.replies),
        )


def _all(model: type[Model], rows: list[dict[str, Any]]) -> list[Model]:
    return [model.model_validate(row) for row in rows]
