"""Gathers what a group of rows changes, then writes it table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outreach.domain.case_records import Exposure
from outreach.ids import new_id
from outreach.services.intake_setting import IntakeSetting
from outreach.storage import case_store, intake_entry_store, journal
from outreach.storage.database import Connection
from outreach.storage.intake_entry_store import NewEntry, ReorderedEntry
from outreach.storage.intake_rows import (
    ChangedCaseRecord,
    ChangedPerson,
    NewCaseRecord,
    NewExposure,
    NewPerson,
    NewPersonKey,
    NewPhone,
    NewReference,
)
from outreach.storage.journal import Event, JournalEntry

CONVERTED = "CONVERTED"


@dataclass(frozen=True)
class PendingExposure:
    """An exposure whose positive may be in the same group of rows."""

    contact_id: UUID
    exposure: Exposure
    contact_is_new: bool


@dataclass
class IntakeBatch:
    """Rows to write, in lists by table; `positives` are the references that exposures may wait for."""

    setting: IntakeSetting
    people: list[NewPerson] = field(default_factory=list)
    keys: list[NewPersonKey] = field(default_factory=list)
    phones: list[NewPhone] = field(default_factory=list)
    records: list[NewCaseRecord] = field(default_factory=list)
    new_references: list[NewReference] = field(default_factory=list)
    put_references: list[NewReference] = field(default_factory=list)
    exposures: list[PendingExposure] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)
    changed_people: list[ChangedPerson] = field(default_factory=list)
    changed_records: list[ChangedCaseRecord] = field(default_factory=list)
    reordered: list[ReorderedEntry] = field(default_factory=list)
    converted_entries: list[UUID] = field(default_factory=list)
    positives: dict[str, UUID] = field(default_factory=dict)
    lines: list[JournalEntry] = field(default_factory=list)

    def note(
        self, event: Event, case_record_id: UUID, facts: dict[str, Any], *, entry_id: UUID | None = None
    ) -> None:
        setting = self.setting
        self.lines.append(
            JournalEntry(
                setting.now, setting.platform, event, setting.actor, case_record_id, entry_id, facts=facts
            )
        )

    def write(self, connection: Connection, known: Mapping[str, UUID]) -> None:
        """Write everything; `known`: the records that references outside this batch stand for."""
        case_store.add_people(connection, self.people, self.keys, self.phones)
        case_store.change_people(connection, self.changed_people)
        case_store.add_case_records(connection, self.records)
        case_store.change_case_records(connection, self.changed_records)
        case_store.add_references(connection, self.new_references)
        case_store.put_references(connection, self.put_references)
        self._write_exposures(connection, known)
        self._write_entries(connection)
        journal.copy_all(connection, self.lines)

    def _write_exposures(self, connection: Connection, known: Mapping[str, UUID]) -> None:
        named = (*self.new_references, *self.put_references)
        stand_for = {**known, **{row.external_id: row.case_record_id for row in named}}
        of_new = [self._exposure(e, stand_for) for e in self.exposures if e.contact_is_new]
        of_known = [self._exposure(e, stand_for) for e in self.exposures if not e.contact_is_new]
        case_store.add_exposures(connection, of_new)
        case_store.put_exposures(connection, of_known)
        case_store.settle_exposures(connection, self.setting.platform, self.positives)

    def _exposure(self, pending: PendingExposure, stand_for: Mapping[str, UUID]) -> NewExposure:
        told = pending.exposure
        positive = stand_for.get(told.positive_reference)
        return NewExposure(
            id=new_id(),
            contact_id=pending.contact_id,
            positive_id=positive if positive != pending.contact_id else None,
            positive_reference=self.setting.reference(told.positive_reference)
            if told.positive_reference
            else "",
            last_contact_on=told.last_contact_on,
            nature=told.nature.value if told.nature else "",
            created_at=self.setting.now,
        )

    def _write_entries(self, connection: Connection) -> None:
        intake_entry_store.close_entries(
            connection, self.converted_entries, because=CONVERTED, now=self.setting.now
        )
        intake_entry_store.reorder_entries(connection, self.reordered)
        intake_entry_store.add_entries(connection, self.entries)
