"""Opens a case record for someone not known yet: the person, the record, the entry on the list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from outreach.domain.call_list import deadline_of
from outreach.domain.case_records import Exposure
from outreach.domain.case_rows import CaseRow
from outreach.ids import new_id
from outreach.services.entry_planning import Listing, place_on_list, purpose_of
from outreach.services.intake_setting import IntakeSetting
from outreach.services.row_indexing import IndexedRow
from outreach.storage.bulk import EncodedRow
from outreach.storage.intake_rows import (
    NewCaseRecord,
    NewEntry,
    NewExposure,
    NewPerson,
    NewPersonKey,
    NewPhone,
    NewReference,
    encoded,
)
from outreach.storage.journal import Event
from outreach.storage.vault import Vault

NOBODY: Set[bytes] = frozenset()
_FACTS_REMEMBERED = 4_096  # contacts of a file are listed alike


class NewCase(NamedTuple):
    """Everything one new person brings, ready to be stored; the exposures still without their positive."""

    case_record_id: UUID
    person: EncodedRow
    key: EncodedRow
    phones: list[EncodedRow]
    record: EncodedRow
    reference: EncodedRow
    exposures: list[EncodedRow]
    entry: EncodedRow
    lines: list[EncodedRow]


class NewListing(NamedTuple):
    """An entry for the call list and its journal line."""

    entry: EncodedRow
    line: EncodedRow


@dataclass(frozen=True)
class CallNumber:
    """Which of a person's numbers is called first."""

    position: int
    index: bytes | None


NO_NUMBER = CallNumber(0, None)


def new_case(
    vault: Vault, row: IndexedRow, setting: IntakeSetting, opted_out: Set[bytes] = NOBODY
) -> NewCase:
    """Seal and plan for a row whose person is new. `opted_out`: indexes of numbers that sent STOP."""
    case, person_id = row.case, new_id()
    key, wrapped = vault.new_person_key(person_id)
    record = new_record(setting, case, person_id)
    entry, listed = _listing(row, case, record, setting, opted_out)
    return NewCase(
        case_record_id=record.id,
        person=_person(row, case, person_id, key.seal(case.person.to_sealed()), setting),
        key=encoded(NewPersonKey(person_id, wrapped)),
        phones=_phones(row, case, person_id),
        record=encoded(record),
        reference=_reference(row, record.id, setting),
        exposures=[encoded(new_exposure(setting, record.id, told)) for told in case.exposures],
        entry=entry,
        lines=[opening_line(setting, record), listed],
    )


def _person(
    row: IndexedRow, case: CaseRow, person_id: UUID, sealed: bytes, setting: IntakeSetting
) -> EncodedRow:
    return encoded(
        NewPerson(
            id=person_id,
            platform=setting.platform,
            sealed=sealed,
            name_birth_index=row.name_birth_index,
            language=case.person.language,
            time_zone=case.place.zone,
            phone_region=case.place.phone_region,
            adult=case.adult,
            created_at=setting.now,
        )
    )


def _phones(row: IndexedRow, case: CaseRow, person_id: UUID) -> list[EncodedRow]:
    """A person's numbers as the file orders them."""
    zone = case.place.zone
    numbered = enumerate(zip(case.person.phones, row.number_indexes, strict=True))
    return [
        encoded(NewPhone(at, phone.line_type, phone.can_sms, phone.zone or zone, person_id, index))
        for at, (phone, index) in numbered
    ]


def _reference(row: IndexedRow, case_record_id: UUID, setting: IntakeSetting) -> EncodedRow:
    return encoded(
        NewReference(
            platform=setting.platform,
            source=setting.source,
            external_id=row.external_id,
            case_record_id=case_record_id,
            content_digest=row.content_digest,
            created_at=setting.now,
        )
    )


def _listing(
    row: IndexedRow, case: CaseRow, record: NewCaseRecord, setting: IntakeSetting, opted_out: Set[bytes]
) -> NewListing:
    phones = case.person.phones
    listing = Listing(
        purpose=purpose_of(case.kind),
        place=case.place,
        opened_at=record.result_at or record.listed_at,
        deadline=record.deadline,
        has_number=bool(phones),
        can_sms=any(phone.can_sms for phone in phones),
        opted_out=not opted_out.isdisjoint(row.number_indexes),
        adult=case.adult,
        household=case.household,
        collective_setting=case.collective_setting,
        vulnerable=case.vulnerable,
        last_exposure_on=case.last_exposure_on,
    )
    number = CallNumber(0, row.number_indexes[0]) if row.number_indexes else NO_NUMBER
    return new_listing(setting, listing, record.id, record.person_id, case.person.language, number)


def new_record(setting: IntakeSetting, case: CaseRow, person_id: UUID) -> NewCaseRecord:
    """A case record for someone; `opening_line` is its journal line."""
    now = setting.now
    return NewCaseRecord(
        id=new_id(),
        platform=setting.platform,
        person_id=person_id,
        kind=case.kind,
        sampled_at=case.sampled_at,
        result_at=case.result_at,
        listed_at=now,
        deadline=deadline_of(case.result_at or now),
        last_exposure_on=case.last_exposure_on,
        household=case.household,
        collective_setting=case.collective_setting,
        vulnerable=case.vulnerable,
    )


def opening_line(setting: IntakeSetting, record: NewCaseRecord) -> EncodedRow:
    """The journal line of a new case record."""
    facts = _opening_facts(
        record.kind, setting.source, record.listed_at, record.deadline, record.result_at, setting.import_id
    )
    return setting.line(Event.CASE_CREATED, facts, record.id)


@lru_cache(_FACTS_REMEMBERED)
def _opening_facts(
    kind: str,
    source: str,
    listed_at: datetime,
    deadline: datetime,
    result_at: datetime | None,
    import_id: UUID | None,
) -> str:
    told = {
        "kind": kind,
        "source": source,
        "listed_at": listed_at.isoformat(),
        "deadline": deadline.isoformat(),
    }
    told |= {"result_at": result_at.isoformat()} if result_at else {}
    return json.dumps(told | ({"import_id": str(import_id)} if import_id else {}))


def new_exposure(setting: IntakeSetting, contact_id: UUID, told: Exposure) -> NewExposure:
    """An exposure whose positive is still to be found."""
    return NewExposure(
        id=new_id(),
        contact_id=contact_id,
        positive_reference=setting.reference(told.positive_reference) if told.positive_reference else "",
        last_contact_on=told.last_contact_on,
        nature=told.nature or "",
        created_at=setting.now,
        positive_id=None,
    )


def new_listing(
    setting: IntakeSetting,
    listing: Listing,
    case_record_id: UUID,
    person_id: UUID,
    language: str,
    number: CallNumber,
) -> NewListing:
    """An entry that puts a record on the call list, with its journal line."""
    planned, level = place_on_list(listing, setting)
    entry = NewEntry(
        id=new_id(),
        platform=setting.platform,
        case_record_id=case_record_id,
        person_id=person_id,
        purpose=planned.purpose,
        state=planned.state,
        queue=planned.queue,
        language=language,
        call_class=planned.call_class,
        front=planned.front,
        effective_deadline=planned.effective_deadline,
        tie_break=planned.tie_break,
        deadline=planned.deadline,
        shed_level=level,
        not_before=planned.not_before,
        ready_until=planned.ready_until,
        number_index=number.index,
        phone_position=number.position,
        entered_at=setting.now,
    )
    facts = _listed_facts(entry.purpose, entry.queue, entry.call_class, entry.effective_deadline)
    return NewListing(encoded(entry), setting.line(Event.ENTRY_ADDED, facts, case_record_id, entry.id))


@lru_cache(_FACTS_REMEMBERED)
def _listed_facts(purpose: str, queue: str, call_class: int, effective_deadline: datetime) -> str:
    told = {
        "purpose": purpose,
        "queue": queue,
        "call_class": call_class,
        "effective_deadline": effective_deadline.isoformat(),
    }
    return json.dumps(told)


@dataclass(frozen=True)
class NewCases:
    """The new people of a group of rows. `ready`: those prepared beforehand, by row number."""

    vault: Vault
    setting: IntakeSetting
    opted_out: Set[bytes]
    ready: Mapping[int, NewCase]

    def of(self, row: IndexedRow) -> NewCase:
        """The new case of a row. What was prepared knew nothing of numbers that sent STOP."""
        ready = self.ready.get(row.number)
        if ready is None or not self.opted_out.isdisjoint(row.number_indexes):
            return new_case(self.vault, row, self.setting, self.opted_out)
        return ready
