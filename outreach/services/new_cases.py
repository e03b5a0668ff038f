"""Opens a case record for someone not known yet: the person, the record, the entry on the list."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from uuid import UUID

from outreach.domain.call_list import deadline_of
from outreach.domain.case_records import CaseKind
from outreach.domain.case_rows import CaseRow
from outreach.ids import new_id
from outreach.services.entry_planning import Listing, place_on_list, purpose_of
from outreach.services.intake_batch import IntakeBatch, PendingExposure
from outreach.services.intake_setting import IndexedRow
from outreach.storage.intake_entry_store import NewEntry
from outreach.storage.intake_rows import NewCaseRecord, NewPerson, NewPersonKey, NewPhone, NewReference
from outreach.storage.journal import Event


@dataclass(frozen=True)
class NewCases:
    """Adds new people to a batch. `opted_out`: indexes of numbers that sent STOP."""

    batch: IntakeBatch
    opted_out: Set[bytes]

    def open(self, row: IndexedRow) -> UUID:
        """Add everything a new row brings; gives back the record's id."""
        person_id = self._add_person(row)
        record = add_record(self.batch, row.case, person_id)
        self._add_reference(row, record.id)
        self.batch.exposures += [
            PendingExposure(record.id, exposure, contact_is_new=True) for exposure in row.case.exposures
        ]
        self._add_entry(row, record)
        return record.id

    def _add_person(self, row: IndexedRow) -> UUID:
        case, setting, person = row.case, self.batch.setting, row.person
        self.batch.people.append(
            NewPerson(
                id=person.id,
                platform=setting.platform,
                sealed=person.sealed,
                name_birth_index=row.name_birth_index,
                language=case.person.language,
                time_zone=case.place.zone,
                phone_region=case.place.phone_region,
                adult=case.adult,
                created_at=setting.now,
            )
        )
        self.batch.keys.append(NewPersonKey(person.id, person.wrapped_key))
        self.batch.phones += new_phones(row, person.id)
        return person.id

    def _add_reference(self, row: IndexedRow, case_record_id: UUID) -> None:
        setting = self.batch.setting
        self.batch.new_references.append(
            NewReference(
                platform=setting.platform,
                source=setting.source,
                external_id=row.case.external_id,
                case_record_id=case_record_id,
                content_digest=row.content_digest,
                created_at=setting.now,
            )
        )
        if row.case.kind is CaseKind.POSITIVE:
            self.batch.positives[setting.reference(row.case.external_id)] = case_record_id

    def _add_entry(self, row: IndexedRow, record: NewCaseRecord) -> None:
        case = row.case
        listing = Listing(
            purpose=purpose_of(case.kind),
            place=case.place,
            opened_at=record.result_at or record.listed_at,
            deadline=record.deadline,
            has_number=bool(case.person.phones),
            can_sms=any(phone.can_sms for phone in case.person.phones),
            opted_out=not self.opted_out.isdisjoint(row.number_indexes),
            adult=case.adult,
            household=case.household,
            collective_setting=case.collective_setting,
            vulnerable=case.vulnerable,
            last_exposure_on=case.last_exposure_on,
        )
        number_index = row.number_indexes[0] if row.number_indexes else None
        number = CallNumber(0, number_index) if number_index else NO_NUMBER
        add_entry(self.batch, listing, record.id, record.person_id, case.person.language, number)


@dataclass(frozen=True)
class CallNumber:
    """Which of a person's numbers is called first."""

    position: int
    index: bytes | None


NO_NUMBER = CallNumber(0, None)


def add_record(batch: IntakeBatch, case: CaseRow, person_id: UUID) -> NewCaseRecord:
    """Open a case record for someone, with its journal line."""
    now = batch.setting.now
    record = NewCaseRecord(
        id=new_id(),
        platform=batch.setting.platform,
        person_id=person_id,
        kind=case.kind.value,
        sampled_at=case.sampled_at,
        result_at=case.result_at,
        listed_at=now,
        deadline=deadline_of(case.result_at or now),
        last_exposure_on=case.last_exposure_on,
        household=case.household,
        collective_setting=case.collective_setting,
        vulnerable=case.vulnerable,
    )
    batch.records.append(record)
    batch.note(Event.CASE_CREATED, record.id, _facts(record, batch.setting.source))
    return record


def _facts(record: NewCaseRecord, source: str) -> dict[str, str]:
    told = {
        "kind": record.kind,
        "source": source,
        "listed_at": record.listed_at.isoformat(),
        "deadline": record.deadline.isoformat(),
    }
    return told | ({"result_at": record.result_at.isoformat()} if record.result_at else {})


def new_phones(row: IndexedRow, person_id: UUID) -> list[NewPhone]:
    """A person's numbers as the file orders them."""
    zone = row.case.place.zone
    numbered = enumerate(zip(row.case.person.phones, row.number_indexes, strict=True))
    return [
        NewPhone(person_id, at, index, phone.line_type.value, phone.can_sms, phone.zone or zone)
        for at, (phone, index) in numbered
    ]


def add_entry(
    batch: IntakeBatch,
    listing: Listing,
    case_record_id: UUID,
    person_id: UUID,
    language: str,
    number: CallNumber,
) -> None:
    """Put a record on the call list, with its journal line."""
    planned, level = place_on_list(listing, batch.setting)
    entry = NewEntry(
        id=new_id(),
        platform=batch.setting.platform,
        case_record_id=case_record_id,
        person_id=person_id,
        purpose=planned.purpose.value,
        state=planned.state.value,
        queue=planned.queue.value,
        language=language,
        call_class=planned.call_class.value,
        front=planned.front,
        effective_deadline=planned.effective_deadline,
        tie_break=planned.tie_break,
        deadline=planned.deadline,
        shed_level=level,
        not_before=planned.not_before,
        ready_until=planned.ready_until,
        number_index=number.index,
        phone_position=number.position,
        entered_at=batch.setting.now,
    )
    batch.entries.append(entry)
    told = {
        "purpose": entry.purpose,
        "queue": entry.queue,
        "call_class": entry.call_class,
        "effective_deadline": entry.effective_deadline.isoformat(),
    }
    batch.note(Event.ENTRY_ADDED, case_record_id, told, entry_id=entry.id)
