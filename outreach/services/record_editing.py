"""A case record changed by hand: person, dates, numbers, conversion; the call list follows at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain import phone_numbers
from outreach.domain.call_list import deadline_of
from outreach.domain.case_records import CaseKind, Person
from outreach.domain.case_rows import CaseRow
from outreach.domain.column_mappings import Field
from outreach.domain.phone_numbers import PhoneNumber, Refusal, UnusablePhone
from outreach.domain.record_edits import EDITABLE, PERSON_FIELDS, cells_of, edited
from outreach.domain.territories import FRENCH_TERRITORIES, department_of
from outreach.errors import Conflict, InvalidInput
from outreach.services.access import Asker
from outreach.services.held_record import HeldRecord, changes_of, hold
from outreach.storage import number_store, person_store, record_store
from outreach.storage.database import Connection, Database
from outreach.storage.intake_rows import ChangedCaseRecord
from outreach.storage.journal import Event
from outreach.storage.vault import Vault

MOST_NUMBERS = 10


class NumberAsked(InvalidInput):
    """Two countries have this number; `candidates` in E.164, one of which is to be chosen."""

    code = "number_asked"

    def __init__(self, found: UnusablePhone) -> None:
        super().__init__("Two countries have this number: say which one is meant.", field="number")
        self.candidates = found.candidates


@dataclass(frozen=True)
class Edited:
    """A record after an edit. `deadline_before` None: the deadline is the same."""

    version: str
    deadline: datetime
    deadline_before: datetime | None


@dataclass(frozen=True)
class RecordEditing:
    """Edits by whoever may write case records. `version` None: whatever stands there.

    All raise NotFound, NotAllowed, and Conflict (also ChangedMeanwhile, when somebody was faster).
    """

    database: Database
    vault: Vault
    clock: Clock

    def edit(
        self,
        case_record_id: UUID,
        asked: Mapping[Field, str],
        asker: Asker,
        *,
        version: str | None = None,
        seen: Mapping[Field, str] | None = None,
    ) -> Edited:
        """Change fields, by name of the API; '' empties one. Raises InvalidInput naming the field.

        Nobody's change is lost: with `seen`, what stood in these fields before, two may change different ones
        at once; with `version` alone, anything changed meanwhile is told.
        """
        unknown = sorted(set(asked) - EDITABLE)
        if unknown:
            raise InvalidInput("This field cannot be edited.", field=unknown[0])

        def change(connection: Connection, held: HeldRecord) -> None:
            cells = cells_now(held)
            differing = [field for field, text in asked.items() if text.strip() != cells.get(field, "")]
            if not differing:
                return
            row = edited(held.person, cells, {field: asked[field] for field in differing}, held.setting.rows)
            if seen is None:
                held.need_version(version, [field.value for field in differing])
            else:
                held.need_seen([f.value for f in differing if f in seen and seen[f] != cells.get(f, "")])
            self._rewrite(connection, held, row.person, _record(held, row, differing))

        return self._with(case_record_id, asker, change)

    def convert(self, case_record_id: UUID, result_at: str, asker: Asker, *, version: str | None) -> Edited:
        """A contact tested positive: their own 24 hours begin with the result. Raises InvalidInput."""

        def change(connection: Connection, held: HeldRecord) -> None:
            if held.known.situation.kind is CaseKind.POSITIVE:
                raise Conflict("This person is a positive already.", code="positive_already")
            held.need_version(version, [Field.KIND.value])
            asked = {Field.RESULT_AT: result_at, Field.KIND: "positif"}
            row = edited(held.person, cells_now(held), asked, held.setting.rows)
            assert row.result_at  # a positive has one
            record = held.unchanged()._replace(
                kind=CaseKind.POSITIVE.value,
                state="OPEN",
                closed_because=None,
                result_at=row.result_at,
                deadline=deadline_of(row.result_at),
                converted_at=held.setting.now,
            )
            self._rewrite(connection, held, held.person, record)

        return self._with(case_record_id, asker, change)

    def add_number(self, case_record_id: UUID, written: str, asker: Asker, *, chosen: str = "") -> Edited:
        """One more number of the person; who waited for one is called.

        `chosen`: E.164, of a number that two countries have. Raises NumberAsked, InvalidInput.
        """

        def change(connection: Connection, held: HeldRecord) -> None:
            phone = _number(written, chosen, held)
            if phone.e164 in {known.e164 for known in held.person.phones}:
                raise Conflict("This number is there already.", code="number_known")
            if len(held.person.phones) >= MOST_NUMBERS:
                raise InvalidInput("This person has many numbers already.", field="number")
            unusable = tuple(each for each in held.person.unusable_phones if each.raw != written.strip())
            person = replace(held.person, phones=(*held.person.phones, phone), unusable_phones=unusable)
            self._rewrite(connection, held, person, held.unchanged())

        return self._with(case_record_id, asker, change)

    def mark_number(self, case_record_id: UUID, position: int, asker: Asker, *, bad: bool) -> Edited:
        """This number does not lead to the person, or does again. Raises InvalidInput."""

        def change(connection: Connection, held: HeldRecord) -> None:
            phone = next((each for each in held.known.phones if each.position == position), None)
            if phone is None:
                raise InvalidInput("There is no such number.", field="position")
            if phone.bad == bad:
                return
            if bad:
                held.need_out_of_hand()
                number_store.mark_bad(connection, [phone.number_index], people=[held.known.person_id])
            else:
                person_store.mark_number_good(connection, held.known.person_id, position)
            now_known = hold(connection, self.vault, case_record_id, asker, held.setting.now)
            self._rewrite(connection, now_known, held.person, held.unchanged(), ["phones"])

        return self._with(case_record_id, asker, change)

    def current(self, case_record_id: UUID, asker: Asker) -> Mapping[Field, str]:
        """The fields as a form shows them. The caller reads the record, and is noted for it."""
        with self.database.begin() as connection:
            return cells_now(hold(connection, self.vault, case_record_id, asker, self.clock.now()))

    def _with(
        self, case_record_id: UUID, asker: Asker, change: Callable[[Connection, HeldRecord], None]
    ) -> Edited:
        now = self.clock.now()
        with self.database.begin() as connection:
            held = hold(connection, self.vault, case_record_id, asker, now)
            change(connection, held)
            marks = record_store.marks(connection, case_record_id)
            deadline = record_store.deadline(connection, case_record_id)
        moved = deadline != held.known.deadline
        return Edited(marks.version, deadline, held.known.deadline if moved else None)

    def _rewrite(
        self,
        connection: Connection,
        held: HeldRecord,
        person: Person,
        record: ChangedCaseRecord,
        changed: list[str] | None = None,
    ) -> None:
        """Person, record and list, with journal lines that name fields and no values."""
        names = [*(changed or []), *_changed_names(held.person, person)]
        batch, changes = changes_of(
            connection, self.vault, held, [self.vault.number_index(phone.e164) for phone in person.phones]
        )
        changes.rewrite(held.known, person, record)
        if names:
            batch.note(Event.CASE_UPDATED, held.known.id, {"fields": names})
        batch.write(connection, {})


def cells_now(held: HeldRecord) -> dict[Field, str]:
    """The record as a form shows it: days and moments in the platform's own time."""
    known, zone = held.known, held.setting.rows.zone
    dates = {
        Field.SAMPLED_AT: known.sampled_at,
        Field.RESULT_AT: known.situation.result_at,
    }
    told = {
        field: moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""
        for field, moment in dates.items()
    }
    last = known.situation.last_exposure_on
    told[Field.LAST_CONTACT_ON] = last.isoformat() if last else ""
    flags = {
        Field.HOUSEHOLD: known.household,
        Field.COLLECTIVE_SETTING: known.collective_setting,
        Field.VULNERABLE: known.vulnerable,
    }
    return cells_of(held.person, kind=known.situation.kind, dates=told, flags=flags)


def _record(held: HeldRecord, row: CaseRow, asked: Collection[Field]) -> ChangedCaseRecord:
    """The record with what was asked alone: forms show moments without their seconds."""
    record = held.unchanged()._replace(
        household=row.household, collective_setting=row.collective_setting, vulnerable=row.vulnerable
    )
    if Field.SAMPLED_AT in asked:
        record = record._replace(sampled_at=row.sampled_at)
    if Field.LAST_CONTACT_ON in asked and row.kind is CaseKind.CONTACT:
        record = record._replace(last_exposure_on=row.last_exposure_on)
    if Field.RESULT_AT in asked and row.result_at is not None:
        record = record._replace(result_at=row.result_at, deadline=deadline_of(row.result_at))
    return record


def _number(written: str, chosen: str, held: HeldRecord) -> PhoneNumber:
    """As a file would read it, where the person lives."""
    person, setting = held.person, held.setting.rows
    french = not person.country or person.country in FRENCH_TERRITORIES
    department = department_of(person.postcode) if french else None
    found = phone_numbers.parse(
        written.strip(),
        residence_country=person.country or None,
        department=department or (setting.department if not person.country else None),
    )
    if isinstance(found, UnusablePhone) and found.refusal is Refusal.AMBIGUOUS:
        if chosen not in found.candidates:
            raise NumberAsked(found)
        found = phone_numbers.parse(chosen)
    if isinstance(found, UnusablePhone):
        raise InvalidInput(found.reason, field="number", mend=found.mend)
    return replace(found, raw=written.strip())


def _changed_names(old: Person, new: Person) -> list[str]:
    names = [field.value for field in PERSON_FIELDS if getattr(old, field.value) != getattr(new, field.value)]
    return names + (["phones"] if old.phones != new.phones else [])
