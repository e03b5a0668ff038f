"""Two records of one person made one: the values chosen, both histories kept, the call list safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import deadline_of
from outreach.domain.case_records import (
    CaseKind,
    Person,
    could_be_same_person,
    earlier_result,
    latest_day,
    merged_person,
)
from outreach.domain.column_mappings import Field
from outreach.domain.intake import converts, kind_after
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.record_edits import PERSON_FIELDS
from outreach.errors import Conflict, InvalidInput
from outreach.services.access import Asker
from outreach.services.held_record import HeldRecord, changes_of, hold, hold_entries
from outreach.services.settling import Settlement, settle
from outreach.storage import (
    call_list_store,
    case_sheet_store,
    intake_entry_store,
    journal,
    merge_store,
    message_queue_store,
    message_store,
    person_store,
    split_store,
)
from outreach.storage.database import Connection, Database
from outreach.storage.intake_rows import ChangedCaseRecord
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.message_store import Move
from outreach.storage.vault import Vault

MERGED = "MERGED"  # why a record and its entries are closed


@dataclass(frozen=True)
class Difference:
    """A field that the two records tell differently."""

    field: Field
    kept: str
    other: str


@dataclass(frozen=True)
class MergePreview:
    """Two records side by side, and the version of each."""

    differences: tuple[Difference, ...]
    version: str
    other_version: str


@dataclass(frozen=True)
class RecordMerging:
    """The record that is kept stands for both from then on. All raise NotFound, NotAllowed, Conflict."""

    database: Database
    vault: Vault
    clock: Clock

    def preview(self, kept_id: UUID, other_id: UUID, asker: Asker) -> MergePreview:
        """What has to be chosen. Raises InvalidInput for records of two people."""
        with self.database.begin() as connection:
            kept, other = self._hold_both(connection, kept_id, other_id, asker, self.clock.now())
            differences = tuple(
                Difference(field, mine, theirs)
                for field in PERSON_FIELDS
                if (mine := _shown(kept.person, field)) != (theirs := _shown(other.person, field))
            )
            connection.rollback()
        return MergePreview(differences, kept.version, other.version)

    def merge(
        self,
        kept_id: UUID,
        other_id: UUID,
        asker: Asker,
        *,
        from_other: frozenset[Field] = frozenset(),
        version: str | None = None,
    ) -> None:
        """`from_other`: the fields whose value the other record gives; elsewhere it fills what is empty."""
        now = self.clock.now()
        with self.database.begin() as connection:
            message_queue_store.hold_queued_about(connection, [kept_id, other_id])  # before entries
            waiting = merge_store.queued_messages(connection, other_id)
            kept, other = self._hold_both(connection, kept_id, other_id, asker, now)
            kept.need_version(version, ["merge"])
            for held in (kept, other):
                held.need_out_of_hand()
            person = _chosen(
                merged_person(kept.person, other.person, new_wins=False), other.person, from_other
            )
            self._remember(connection, kept, other, person, now)
            self._take_over(connection, kept, other, waiting, asker, now)
            self._rewrite(connection, kept, other, person)
            self._close_if_told(connection, kept_id, other_id, asker, now)
            split_store.note_after(connection, kept_id, other_id)

    def _hold_both(
        self, connection: Connection, kept_id: UUID, other_id: UUID, asker: Asker, now: datetime
    ) -> tuple[HeldRecord, HeldRecord]:
        hold_entries(connection, [kept_id, other_id], asker, now)
        if kept_id == other_id:
            raise InvalidInput("A record is not merged with itself.", field="other")
        kept, other = (hold(connection, self.vault, each, asker, now) for each in (kept_id, other_id))
        if kept.setting.platform != other.setting.platform:
            raise Conflict(
                "These records are on two platforms: hand one of them over first.", code="two_platforms"
            )
        same = kept.known.person_id == other.known.person_id
        if not same and not could_be_same_person(kept.person, other.person):
            raise InvalidInput(
                "These records have neither name, birth date nor number in common.",
                field="other",
                mend="Correct one of them first, if they are of one person.",
            )
        return kept, other

    def _remember(
        self, connection: Connection, kept: HeldRecord, other: HeldRecord, person: Person, now: datetime
    ) -> None:
        """So that a wrong merge can be taken back (record_splitting.py)."""
        key = person_store.person_key(connection, self.vault, kept.known.person_id)
        sealed = key.seal({"before": kept.person.to_sealed(), "after": person.to_sealed()})
        split_store.keep(connection, kept.known.id, other.known.id, sealed=sealed, now=now)

    def _rewrite(self, connection: Connection, kept: HeldRecord, other: HeldRecord, person: Person) -> None:
        indexes = [self.vault.number_index(phone.e164) for phone in person.phones]
        batch, changes = changes_of(connection, self.vault, kept, indexes)
        changes.rewrite(kept.known, person, _together(kept, other))
        batch.write(connection, {})

    def _take_over(
        self,
        connection: Connection,
        kept: HeldRecord,
        other: HeldRecord,
        waiting: Sequence[UUID],
        asker: Asker,
        now: datetime,
    ) -> None:
        """The other record closes, and its names, exposures and numbers are the kept one's."""
        actor = journal.by_user(asker.user_id)
        moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
        message_store.move(connection, moves, actor=actor, now=now)
        for open_entry in other.entries:
            entry = call_list_store.lock(connection, open_entry.id)
            call_list_store.close(connection, entry, because=MERGED, actor=actor, now=now, tries=entry.tries)
        merge_store.take_over(connection, kept.known.id, other.known.id, because=MERGED)
        if kept.known.person_id != other.known.person_id:
            merge_store.take_over_person(connection, kept.known.person_id, other.known.person_id)
        journal.write(
            connection,
            _line(kept, actor, now, {"from": str(other.known.id)}),
            _line(other, actor, now, {"into": str(kept.known.id)}),
        )

    def _close_if_told(
        self, connection: Connection, kept_id: UUID, other_id: UUID, asker: Asker, now: datetime
    ) -> None:
        """Whoever was reached about the same under the other record is not called again."""
        kept, other = (case_sheet_store.facts(connection, each) for each in (kept_id, other_id))
        told = other.reached_at if kept.kind == CaseKind.POSITIVE else other.informed_at
        if kept.kind != other.kind or told is None or kept.reached_at or kept.informed_at:
            return
        for entry in intake_entry_store.open_entries(connection, [kept_id]):
            outcome = CallOutcome.ALREADY_DONE
            actor = journal.by_user(asker.user_id)
            said = Settlement(entry.id, outcome, actor, now, called_at=other.first_called_at, spoke_at=told)
            settle(connection, said)


def _together(kept: HeldRecord, other: HeldRecord) -> ChangedCaseRecord:
    """The earliest result, the latest exposure, and each reason for care."""
    known, theirs = kept.known, other.known
    kind = kind_after(known.situation.kind, theirs.situation.kind)
    result_at = earlier_result(known.situation.result_at, theirs.situation.result_at)
    turned = converts(known.situation.kind, kind)
    record = kept.unchanged()._replace(
        kind=kind.value,
        sampled_at=known.sampled_at or theirs.sampled_at,
        result_at=result_at,
        deadline=deadline_of(result_at) if result_at else known.deadline,
        last_exposure_on=latest_day((known.situation.last_exposure_on, theirs.situation.last_exposure_on)),
        household=known.household or theirs.household,
        collective_setting=known.collective_setting or theirs.collective_setting,
        vulnerable=known.vulnerable or theirs.vulnerable,
    )
    if turned:
        record = record._replace(state="OPEN", closed_because=None, converted_at=kept.setting.now)
    return record


def _chosen(person: Person, other: Person, from_other: frozenset[Field]) -> Person:
    taken: dict[str, Any] = {
        field.value: getattr(other, field.value) for field in PERSON_FIELDS if field in from_other
    }
    return replace(person, **taken)


def _shown(person: Person, field: Field) -> str:
    value = getattr(person, field.value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


def _line(held: HeldRecord, actor: str, now: datetime, facts: dict[str, str]) -> JournalEntry:
    return JournalEntry(
        now, held.setting.platform, Event.RECORDS_MERGED, actor, case_record_id=held.known.id, facts=facts
    )
