"""Changes a known case record, by a row or by hand: a correction, another name, a contact turned positive."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain.call_list import CallClass, EntryState, Queue, deadline_of
from outreach.domain.case_records import (
    CaseKind,
    CaseState,
    Person,
    could_be_same_person,
    earlier_result,
    is_adult,
    latest_day,
    merged_person,
)
from outreach.domain.case_rows import Place, place_of
from outreach.domain.intake import converts, kind_after
from outreach.domain.load_shedding import NEVER_SHED
from outreach.domain.purposes import Purpose
from outreach.services.entry_planning import Listing, place_on_list, purpose_of
from outreach.services.intake_batch import CONVERTED, IntakeBatch
from outreach.services.new_cases import NO_NUMBER, CallNumber, new_listing, new_record
from outreach.services.row_indexing import IndexedRow, name_birth_index
from outreach.storage.case_store import KnownCase, KnownPhone
from outreach.storage.intake_entry_store import OpenEntry, ReorderedEntry
from outreach.storage.intake_rows import (
    ChangedCaseRecord,
    ChangedPerson,
    NewCaseRecord,
    NewPhone,
    encoded,
)
from outreach.storage.journal import Event
from outreach.storage.vault import PersonKey, Vault


@dataclass(frozen=True)
class _Change:
    """Something new on its way into one known record."""

    kind: CaseKind  # told now
    known: KnownCase
    person: Person
    place: Place
    record: ChangedCaseRecord
    phones: tuple[KnownPhone, ...]

    @property
    def converts(self) -> bool:
        return converts(self.known.situation.kind, self.kind)


@dataclass(frozen=True)
class ChangedCases:
    """Adds changes of known records to a batch. `open_entries`: theirs, by record."""

    vault: Vault
    batch: IntakeBatch
    opted_out: Set[bytes]
    open_entries: Mapping[UUID, list[OpenEntry]]

    def opened(self, known: KnownCase) -> tuple[PersonKey, Person] | None:
        """The person in the clear; None once erased."""
        if known.sealed is None or known.wrapped_key is None:
            return None
        key = self.vault.person_key(known.person_id, known.wrapped_key)
        return key, Person.from_sealed(key.open(known.sealed))

    def is_someone_else(self, row: IndexedRow, known: KnownCase) -> bool:
        """Whether an identifier we know now speaks of another person, or of one who was erased."""
        opened = self.opened(known)
        return opened is None or not could_be_same_person(opened[1], row.case.person)

    def update(self, row: IndexedRow, known: KnownCase) -> None:
        """The same identifier says something new: it wins."""
        self._change(row, known, new_wins=True)

    def merge(self, row: IndexedRow, known: KnownCase) -> None:
        """Another identifier for the same person: it adds what was not known."""
        self._change(row, known, new_wins=False)
        told = {"source": self.batch.setting.source, "external_id": row.external_id}
        self.batch.note(Event.CASE_MERGED, known.id, told)

    def open_again(self, row: IndexedRow, known: KnownCase) -> UUID:
        """The same identifier tells of something new after its record was closed: the person gets another
        record, and the identifier stands for that one from now on."""
        change = self._change_of_person(row, known, new_wins=True)
        if change is None:
            return known.id
        record = new_record(self.batch.setting, row.case, known.person_id)
        self.batch.open_record(record)
        self.batch.rename(row, record.id, row.kind)
        self._add_entry(change, record, record.listed_at)
        return record.id

    def rewrite(self, known: KnownCase, person: Person, record: ChangedCaseRecord) -> None:
        """The record and its person are as given from now on. `person`: numbers are only ever added."""
        change = self._rewritten(known, person, record)
        if change is not None:
            self._change_record(change)
            self._change_list(change)

    def list_again(
        self, known: KnownCase, person: Person, record: ChangedCaseRecord, purpose: Purpose
    ) -> None:
        """A record that no open entry stands for is on the call list again."""
        change = self._rewritten(known, person, record)
        if change is not None:
            self._change_record(change)
            self._add_entry(change, record, known.situation.listed_at, purpose)

    def _rewritten(self, known: KnownCase, person: Person, record: ChangedCaseRecord) -> _Change | None:
        """None once erased."""
        opened = self.opened(known)
        if opened is None:
            return None
        key, old = opened
        place = place_of(person, self.batch.setting.rows)
        phones = (*known.phones, *self._added_phones(known, old, person, place.zone))
        change = _Change(CaseKind(record.kind), known, person, place, record, phones)
        self._change_person(change, key, old)
        return change

    def _change(self, row: IndexedRow, known: KnownCase, *, new_wins: bool) -> None:
        change = self._change_of_person(row, known, new_wins=new_wins)
        if change is None:
            return
        self._change_record(change)
        self._change_list(change)
        self.batch.rename(row, known.id, CaseKind(change.record.kind))

    def _change_of_person(self, row: IndexedRow, known: KnownCase, *, new_wins: bool) -> _Change | None:
        """The person as the row makes them, added to the batch; None once erased."""
        opened = self.opened(known)
        if opened is None:
            return None
        key, old = opened
        person = merged_person(old, row.case.person, new_wins=new_wins)
        change = _Change(
            kind=row.case.kind,
            known=known,
            person=person,
            place=place_of(person, self.batch.setting.rows),
            record=self._record(row, known, new_wins=new_wins),
            phones=(*known.phones, *self._added_phones(known, old, person, row.case.place.zone)),
        )
        self._change_person(change, key, old)
        return change

    def _added_phones(self, known: KnownCase, old: Person, person: Person, zone: str) -> list[KnownPhone]:
        """Numbers that are new; the known ones keep their positions."""
        added = list(enumerate(person.phones))[len(old.phones) :]
        index_of = {phone.e164: self.vault.number_index(phone.e164) for _, phone in added}
        self.batch.phones += [
            encoded(
                NewPhone(at, p.line_type.value, p.can_sms, p.zone or zone, known.person_id, index_of[p.e164])
            )
            for at, p in added
        ]
        return [KnownPhone(at, index_of[p.e164], p.can_sms, bad=False) for at, p in added]

    def _change_person(self, change: _Change, key: PersonKey, old: Person) -> None:
        if change.person == old:
            return
        self.batch.changed_people.append(
            ChangedPerson(
                id=change.known.person_id,
                sealed=key.seal(change.person.to_sealed()),
                name_birth_index=name_birth_index(self.vault, change.person),
                language=change.person.language,
                time_zone=change.place.zone,
                phone_region=change.place.phone_region,
                adult=is_adult(change.person.birth_date, self.batch.setting.rows.today),
            )
        )

    def _record(self, row: IndexedRow, known: KnownCase, *, new_wins: bool) -> ChangedCaseRecord:
        case, now = row.case, self.batch.setting.now
        turned = converts(known.situation.kind, case.kind)
        kind = kind_after(known.situation.kind, case.kind)
        result_at = earlier_result(known.situation.result_at, case.result_at)
        flags = {
            name: getattr(case, name) or (not new_wins and getattr(known, name))
            for name in ("household", "collective_setting", "vulnerable")
        }
        return ChangedCaseRecord(
            id=known.id,
            kind=kind.value,
            state=CaseState.OPEN if turned else known.situation.state,
            closed_because=None if turned else known.closed_because,
            sampled_at=case.sampled_at or known.sampled_at,
            result_at=result_at,
            deadline=deadline_of(result_at) if result_at else known.deadline,
            last_exposure_on=latest_day((known.situation.last_exposure_on, case.last_exposure_on)),
            converted_at=now if turned else known.converted_at,
            **flags,
        )

    def _change_record(self, change: _Change) -> None:
        changed = [
            name
            for name, value in change.record._asdict().items()
            if name != "id" and value != _stored(change.known, name)
        ]
        if not changed:
            return
        self.batch.changed_records.append(change.record)
        if change.converts and change.record.result_at:
            told = {
                "result_at": change.record.result_at.isoformat(),
                "deadline": change.record.deadline.isoformat(),
            }
            self.batch.note(Event.CASE_CONVERTED, change.known.id, told)
        else:
            facts: dict[str, object] = {"fields": changed}
            if "result_at" in changed and change.record.result_at:
                facts |= {
                    "result_at": change.record.result_at.isoformat(),
                    "deadline": change.record.deadline.isoformat(),
                }
            self.batch.note(Event.CASE_UPDATED, change.known.id, facts)

    def _change_list(self, change: _Change) -> None:
        entries = self.open_entries.get(change.known.id, [])
        if not change.converts:
            for entry in entries:
                self._reorder(change, entry)
            return
        for entry in entries:
            if not entry.in_call:
                self.batch.converted_entries.append(entry.id)
                self.batch.note(
                    Event.ENTRY_CLOSED, change.known.id, {"because": CONVERTED}, entry_id=entry.id
                )
        self._add_entry(change, change.record, change.known.situation.listed_at)

    def _add_entry(
        self,
        change: _Change,
        record: ChangedCaseRecord | NewCaseRecord,
        listed_at: datetime,
        purpose: Purpose | None = None,
    ) -> None:
        phone = _number_to_call(change.phones)
        purpose = purpose or purpose_of(CaseKind(record.kind))
        listing = new_listing(
            self.batch.setting,
            self._listing(change, record, listed_at, purpose, phone),
            record.id,
            change.known.person_id,
            change.person.language,
            CallNumber(phone.position, phone.number_index) if phone else NO_NUMBER,
        )
        self.batch.list_again(listing)

    def _listing(
        self,
        change: _Change,
        record: ChangedCaseRecord | NewCaseRecord,
        listed_at: datetime,
        purpose: Purpose,
        phone: KnownPhone | None,
    ) -> Listing:
        return Listing(
            purpose=purpose,
            place=change.place,
            opened_at=record.result_at or listed_at,
            deadline=record.deadline,
            has_number=phone is not None,
            can_sms=any(each.can_sms and not each.bad for each in change.phones),
            opted_out=change.known.opted_out
            or not self.opted_out.isdisjoint(each.number_index for each in change.phones),
            adult=is_adult(change.person.birth_date, self.batch.setting.rows.today),
            household=record.household,
            collective_setting=record.collective_setting,
            vulnerable=record.vulnerable,
            last_exposure_on=record.last_exposure_on,
        )

    def _reorder(self, change: _Change, entry: OpenEntry) -> None:
        found = _number_to_call(change.phones) if _waits_for_number(entry) else None
        phone = found or next((p for p in change.phones if p.position == entry.phone_position), None)
        listing = self._listing(
            change, change.record, change.known.situation.listed_at, entry.purpose, phone
        )._replace(
            callback_at=entry.callback_at,
            sms_returned=entry.call_class is CallClass.SMS_RETURNED,
        )
        planned, level = place_on_list(listing, self.batch.setting)
        place = ReorderedEntry(
            id=entry.id,
            state=planned.state.value if found else entry.state.value,
            queue=planned.queue.value if found else entry.queue.value,
            language=change.person.language,
            call_class=planned.call_class.value,
            effective_deadline=planned.effective_deadline,
            tie_break=planned.tie_break,
            deadline=planned.deadline,
            shed_level=level if found or entry.queue is Queue.AGENTS else NEVER_SHED,
            not_before=planned.not_before if found else entry.not_before,
            ready_until=planned.ready_until if found else entry.ready_until,
            number_index=found.number_index if found else entry.number_index,
            phone_position=found.position if found else entry.phone_position,
        )
        self._note_place(change, entry, place)

    def _note_place(self, change: _Change, entry: OpenEntry, place: ReorderedEntry) -> None:
        if all(getattr(entry, name) == value for name, value in place._asdict().items()):
            return
        self.batch.reordered.append(place)
        if entry.state is EntryState.LEASED and place.state != EntryState.LEASED:
            found = {"because": "NUMBER_FOUND"}
            self.batch.note(Event.ENTRY_RELEASED, change.known.id, found, entry_id=entry.id)
        told = {
            "call_class": place.call_class,
            "effective_deadline": place.effective_deadline.isoformat(),
            "because": "RECORD_CHANGED",
        }
        self.batch.note(Event.ENTRY_RECLASSED, change.known.id, told, entry_id=entry.id)


def _number_to_call(phones: tuple[KnownPhone, ...]) -> KnownPhone | None:
    return next((phone for phone in phones if not phone.bad), None)


def _waits_for_number(entry: OpenEntry) -> bool:
    """Also in the hands of whoever looks for it: the number found, their search is over."""
    return entry.queue is Queue.SEARCH and entry.state is not EntryState.TEXTED and not entry.in_call


def _stored(known: KnownCase, name: str) -> object:
    return getattr(known.situation, name) if hasattr(known.situation, name) else getattr(known, name)
