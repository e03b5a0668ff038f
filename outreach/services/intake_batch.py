"""Gathers what a group of rows changes, then writes it table by table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outreach.domain.case_records import CaseKind, Exposure
from outreach.services.intake_setting import IntakeSetting
from outreach.services.new_cases import NewCase, NewListing, new_exposure, opening_line
from outreach.services.row_indexing import IndexedRow
from outreach.storage import case_store, intake_entry_store, journal
from outreach.storage.bulk import EncodedRow, with_last_uuid
from outreach.storage.database import Connection
from outreach.storage.intake_entry_store import ReorderedEntry
from outreach.storage.intake_rows import (
    ChangedCaseRecord,
    ChangedPerson,
    NewCaseRecord,
    NewExposure,
    NewReference,
    encoded,
)
from outreach.storage.journal import Event

CONVERTED = "CONVERTED"


@dataclass(frozen=True)
class _OfNewContact:
    """An exposure ready to be stored but for its positive, who may be in the same group of rows."""

    contact_id: UUID
    positive_reference: str
    row: EncodedRow


@dataclass
class IntakeBatch:
    """Rows to write, in lists by table; `positives` are the references that exposures may wait for."""

    setting: IntakeSetting
    people: list[EncodedRow] = field(default_factory=list)
    keys: list[EncodedRow] = field(default_factory=list)
    phones: list[EncodedRow] = field(default_factory=list)
    records: list[EncodedRow] = field(default_factory=list)
    references: list[EncodedRow] = field(default_factory=list)
    entries: list[EncodedRow] = field(default_factory=list)
    lines: list[EncodedRow] = field(default_factory=list)
    put_references: list[NewReference] = field(default_factory=list)
    changed_people: list[ChangedPerson] = field(default_factory=list)
    changed_records: list[ChangedCaseRecord] = field(default_factory=list)
    reordered: list[ReorderedEntry] = field(default_factory=list)
    converted_entries: list[UUID] = field(default_factory=list)
    named: dict[str, UUID] = field(default_factory=dict)  # records by the identifiers of this group
    positives: dict[str, UUID] = field(default_factory=dict)
    _of_new: list[_OfNewContact] = field(default_factory=list)
    _of_known: list[tuple[UUID, Exposure]] = field(default_factory=list)

    def add(self, row: IndexedRow, new: NewCase) -> None:
        """A new person, with everything they bring."""
        self.people.append(new.person)
        self.keys.append(new.key)
        self.phones += new.phones
        self.records.append(new.record)
        self.references.append(new.reference)
        self.entries.append(new.entry)
        self.lines += new.lines
        self._of_new += map(
            _OfNewContact, [new.case_record_id] * len(row.exposed_to), row.exposed_to, new.exposures
        )
        self._name(row.external_id, new.case_record_id, row.kind)

    def open_record(self, record: NewCaseRecord) -> None:
        """Another record of someone known."""
        self.records.append(encoded(record))
        self.lines.append(opening_line(self.setting, record))

    def list_again(self, listing: NewListing) -> None:
        """Another entry of someone known."""
        self.entries.append(listing.entry)
        self.lines.append(listing.line)

    def rename(self, row: IndexedRow, case_record_id: UUID, kind: CaseKind) -> None:
        """The row's identifier now stands for this record with this content, and the exposures are kept."""
        setting = self.setting
        self.put_references.append(
            NewReference(
                platform=setting.platform,
                source=setting.source,
                created_at=setting.now,
                external_id=row.external_id,
                case_record_id=case_record_id,
                content_digest=row.content_digest,
            )
        )
        self._of_known += [(case_record_id, exposure) for exposure in row.case.exposures]
        self._name(row.external_id, case_record_id, kind)

    def note(
        self, event: Event, case_record_id: UUID, facts: dict[str, Any], *, entry_id: UUID | None = None
    ) -> None:
        told = json.dumps(facts | self.setting.provenance)
        self.lines.append(self.setting.line(event, told, case_record_id, entry_id))

    def write(self, connection: Connection, known: Mapping[str, UUID]) -> None:
        """Write everything; `known`: the records that references outside this batch stand for."""
        case_store.add_people(connection, self.people, self.keys, self.phones)
        case_store.change_people(connection, self.changed_people)
        case_store.add_case_records(connection, self.records)
        case_store.change_case_records(connection, self.changed_records)
        case_store.add_references(connection, self.references)
        case_store.put_references(connection, self.put_references)
        self._write_exposures(connection, {**known, **self.named})
        self._write_entries(connection)
        journal.copy_all(connection, self.lines)

    def _name(self, external_id: str, case_record_id: UUID, kind: CaseKind) -> None:
        self.named[external_id] = case_record_id
        if kind is CaseKind.POSITIVE:
            self.positives[self.setting.reference(external_id)] = case_record_id

    def _write_exposures(self, connection: Connection, stand_for: Mapping[str, UUID]) -> None:
        case_store.add_exposures(connection, [_settled(told, stand_for) for told in self._of_new])
        case_store.put_exposures(connection, [self._of_known_one(*one, stand_for) for one in self._of_known])
        case_store.settle_exposures(connection, self.setting.platform, self.positives)

    def _of_known_one(self, contact_id: UUID, told: Exposure, stand_for: Mapping[str, UUID]) -> NewExposure:
        positive = stand_for.get(told.positive_reference)
        row = new_exposure(self.setting, contact_id, told)
        return row._replace(positive_id=positive) if positive != contact_id else row

    def _write_entries(self, connection: Connection) -> None:
        intake_entry_store.close_entries(
            connection, self.converted_entries, because=CONVERTED, now=self.setting.now
        )
        intake_entry_store.reorder_entries(connection, self.reordered)
        intake_entry_store.add_entries(connection, self.entries)


def _settled(told: _OfNewContact, stand_for: Mapping[str, UUID]) -> EncodedRow:
    """With its positive, when that record is known by now."""
    positive = stand_for.get(told.positive_reference)
    if positive is None or positive == told.contact_id:
        return told.row
    return with_last_uuid(told.row, positive)
