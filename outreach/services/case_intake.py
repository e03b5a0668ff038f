"""Takes checked rows in: each opens a case record, changes one, joins one, or changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from outreach.domain.case_records import CaseState, Situation, is_same_situation
from outreach.domain.case_rows import Finding, Severity
from outreach.domain.column_mappings import Field
from outreach.domain.intake import Verdict, converts
from outreach.domain.row_values import masked
from outreach.services.changed_cases import ChangedCases
from outreach.services.intake_batch import IntakeBatch
from outreach.services.intake_setting import IntakeSetting
from outreach.services.new_cases import NewCase, NewCases
from outreach.services.row_indexing import IndexedRow
from outreach.storage import case_store, intake_entry_store
from outreach.storage.case_store import KnownCase, KnownReference, Namesake
from outreach.storage.database import Connection
from outreach.storage.intake_entry_store import OpenEntry
from outreach.storage.vault import Vault

NOT_READY: Mapping[int, NewCase] = {}


class RowOutcome(NamedTuple):
    """What became of one row; `case_record_id` is None when it was rejected."""

    number: int
    verdict: Verdict
    case_record_id: UUID | None
    findings: tuple[Finding, ...] = ()
    converted: bool = False


@dataclass(frozen=True)
class _Matches:
    """What a wave of rows meets in the database, by identifier or by person."""

    references: Mapping[str, KnownReference]
    cases: Mapping[UUID, KnownCase]
    entries: Mapping[UUID, list[OpenEntry]]  # the open ones, by record
    record_of: Mapping[int, UUID]  # row number -> known record

    def touched_by(self, row: IndexedRow) -> UUID | None:
        """The known person whom the row changes, or whose record: one person may have several."""
        record_id = self.record_of.get(row.number)
        known = self.cases[record_id] if record_id else self.named(row)
        return known.person_id if known else None

    def named(self, row: IndexedRow) -> KnownCase | None:
        """The record that the row's identifier stood for until now."""
        reference = self.references.get(row.external_id)
        return self.cases[reference.case_record_id] if reference else None


@dataclass(frozen=True)
class CaseIntake:
    """The one way into the case records, for files, for single records and for contacts named in a call."""

    vault: Vault

    def take_in(
        self,
        connection: Connection,
        rows: Sequence[IndexedRow],
        setting: IntakeSetting,
        ready: Mapping[int, NewCase] = NOT_READY,
    ) -> list[RowOutcome]:
        """Write what the rows say. Identifiers must differ between the rows; people may come twice.

        `ready`: what rows bring when their person is new, prepared beforehand, by row number.
        """
        case_store.lock_intake(connection, setting.platform)
        outcomes: list[RowOutcome] = []
        rest = list(rows)
        while rest:
            wave, later = _nobody_twice(rest)
            taken, again = self._take_wave(connection, wave, setting, ready)
            outcomes += taken
            rest = [*again, *later]
        return outcomes

    def _take_wave(
        self,
        connection: Connection,
        wave: Sequence[IndexedRow],
        setting: IntakeSetting,
        ready: Mapping[int, NewCase],
    ) -> tuple[list[RowOutcome], list[IndexedRow]]:
        """The outcomes, and the rows to look at again: two rows may meet in one known person."""
        named = {row.external_id for row in wave} | {name for row in wave for name in row.exposed_to if name}
        references = case_store.references(connection, setting.platform, setting.source, named)
        changed: list[IndexedRow] = []
        unchanged: list[RowOutcome] = []
        for row in wave:
            known = references.get(row.external_id)
            if known is not None and known.content_digest == row.content_digest:
                unchanged.append(RowOutcome(row.number, Verdict.UNCHANGED, known.case_record_id))
            else:
                changed.append(row)
        if not changed:
            return unchanged, []
        matches = self._matches(connection, changed, references, setting)
        now, again = _no_person_twice(changed, matches)
        return unchanged + self._write(connection, now, matches, setting, ready), again

    def _matches(
        self,
        connection: Connection,
        rows: Sequence[IndexedRow],
        references: Mapping[str, KnownReference],
        setting: IntakeSetting,
    ) -> _Matches:
        """The record each row belongs to; a row may also tell news under the identifier of a closed one."""
        named = {
            row.number: references[row.external_id].case_record_id
            for row in rows
            if row.external_id in references
        }
        cases, entries = _locked(connection, set(named.values()))
        news = _news(connection, rows, named, cases, setting)
        record_of = {number: known for number, known in named.items() if number not in news}
        unnamed = [row for row in rows if row.number not in record_of and row.name_birth_index]
        names = {row.name_birth_index for row in unnamed if row.name_birth_index}
        found = case_store.namesakes(connection, setting.platform, names) if names else {}
        for row in unnamed:
            same = _same_person(row, found.get(row.name_birth_index or b"", []), setting)
            if same is not None:
                record_of[row.number] = same
        more_cases, more_entries = _locked(connection, set(record_of.values()) - set(cases))
        return _Matches(references, {**cases, **more_cases}, {**entries, **more_entries}, record_of)

    def _write(
        self,
        connection: Connection,
        rows: Sequence[IndexedRow],
        matches: _Matches,
        setting: IntakeSetting,
        ready: Mapping[int, NewCase],
    ) -> list[RowOutcome]:
        batch = IntakeBatch(setting)
        numbers = {index for row in rows for index in row.number_indexes} | {
            phone.number_index for case in matches.cases.values() for phone in case.phones
        }
        opted_out = case_store.opted_out_numbers(connection, numbers) if numbers else set()
        new = NewCases(self.vault, setting, opted_out, ready)
        changes = ChangedCases(self.vault, batch, opted_out, matches.entries)
        outcomes = [_outcome(row, matches, batch, new, changes) for row in rows]
        known = {name: reference.case_record_id for name, reference in matches.references.items()}
        batch.write(connection, known)
        return outcomes


def _nobody_twice(rows: Sequence[IndexedRow]) -> tuple[list[IndexedRow], list[IndexedRow]]:
    """Who comes again later meets what the earlier row wrote."""
    seen: set[bytes] = set()
    first: list[IndexedRow] = []
    later: list[IndexedRow] = []
    for row in rows:
        (later if row.name_birth_index in seen else first).append(row)
        if row.name_birth_index is not None:
            seen.add(row.name_birth_index)
    return first, later


def _no_person_twice(
    rows: Sequence[IndexedRow], matches: _Matches
) -> tuple[list[IndexedRow], list[IndexedRow]]:
    seen: set[UUID] = set()
    first: list[IndexedRow] = []
    later: list[IndexedRow] = []
    for row in rows:
        person_id = matches.touched_by(row)
        (later if person_id in seen else first).append(row)
        if person_id is not None:
            seen.add(person_id)
    return first, later


def _same_person(row: IndexedRow, namesakes: Sequence[Namesake], setting: IntakeSetting) -> UUID | None:
    """The latest record of a namesake who shares a number and is in the same situation."""
    situation = _situation_of(row, setting)
    for namesake in namesakes:
        shares_number = not namesake.number_indexes.isdisjoint(row.number_indexes)
        if shares_number and is_same_situation(namesake.situation, situation):
            return namesake.case_record_id
    return None


def _situation_of(row: IndexedRow, setting: IntakeSetting) -> Situation:
    return Situation(row.kind, CaseState.OPEN, setting.now, row.result_at, row.last_exposure_on)


def _locked(
    connection: Connection, record_ids: Set[UUID]
) -> tuple[dict[UUID, KnownCase], dict[UUID, list[OpenEntry]]]:
    """Records and their open entries, these first: in the order agents lock them."""
    entries: dict[UUID, list[OpenEntry]] = {}
    if not record_ids:
        return {}, entries
    for entry in intake_entry_store.open_entries(connection, record_ids):
        entries.setdefault(entry.case_record_id, []).append(entry)
    return case_store.known_cases(connection, record_ids), entries


def _news(
    connection: Connection,
    rows: Sequence[IndexedRow],
    named: Mapping[int, UUID],
    cases: Mapping[UUID, KnownCase],
    setting: IntakeSetting,
) -> set[int]:
    """The rows that tell of another situation under the identifier of a closed record."""
    over = {
        row.number: row
        for row in rows
        if row.number in named and _is_over(cases[named[row.number]].situation, _situation_of(row, setting))
    }
    heard = case_store.named_positives(connection, {named[number] for number in over}) if over else {}
    return {
        number
        for number, row in over.items()
        if _tells_news(row, heard.get(named[number], frozenset()), setting)
    }


def _is_over(known: Situation, new: Situation) -> bool:
    return known.state is CaseState.CLOSED and not is_same_situation(known, new)


def _tells_news(row: IndexedRow, heard: Set[str], setting: IntakeSetting) -> bool:
    """Without a day a row may be a mere correction: then only a positive not heard of makes it news."""
    if row.result_at is not None or row.last_exposure_on is not None:
        return True
    return any(setting.reference(name) not in heard for name in row.exposed_to if name)


def _outcome(
    row: IndexedRow, matches: _Matches, batch: IntakeBatch, new: NewCases, changes: ChangedCases
) -> RowOutcome:
    number = row.number
    named, record_id = matches.named(row), matches.record_of.get(number)
    if named is not None and changes.is_someone_else(row, named):
        return RowOutcome(number, Verdict.REJECTED, None, (_identifier_taken(row),))
    if record_id is None and named is not None:
        return RowOutcome(number, Verdict.CREATED, changes.open_again(row, named))
    if record_id is None:
        opened = new.of(row)
        batch.add(row, opened)
        return RowOutcome(number, Verdict.CREATED, opened.case_record_id)
    known = matches.cases[record_id]
    turned = converts(known.situation.kind, row.kind)
    if named is not None and named.id == record_id:
        changes.update(row, known)
        return RowOutcome(number, Verdict.UPDATED, record_id, converted=turned)
    changes.merge(row, known)
    return RowOutcome(number, Verdict.UPDATED if turned else Verdict.MERGED, record_id, converted=turned)


def _identifier_taken(row: IndexedRow) -> Finding:
    return Finding(
        Severity.ERROR,
        row.number,
        Field.EXTERNAL_ID,
        masked(row.external_id),
        "this identifier already stands for someone else",
        "give each person an identifier of their own",
    )
