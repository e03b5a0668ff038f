"""One case record held for a change by hand: locked in everybody's order, in the version the asker saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain.case_records import Person
from outreach.errors import Conflict, NotAllowed, SeveralConflicts
from outreach.services.access import Asker
from outreach.services.break_glass import why_read
from outreach.services.changed_cases import ChangedCases
from outreach.services.intake_batch import IntakeBatch
from outreach.services.intake_setting import IntakeSetting, setting_of
from outreach.storage import (
    case_sheet_store,
    case_store,
    intake_entry_store,
    journal,
    mode_store,
    mutual_aid_store,
    platform_store,
    record_store,
)
from outreach.storage.access_store import AccessReason
from outreach.storage.case_store import KnownCase
from outreach.storage.database import Connection
from outreach.storage.intake_entry_store import OpenEntry
from outreach.storage.intake_rows import ChangedCaseRecord
from outreach.storage.vault import Vault

BY_HAND = ""  # no outside system says so


class ChangedMeanwhile(SeveralConflicts):
    """Somebody else changed the record; `conflicts` names the fields whose values differ from those asked."""

    code = "changed_meanwhile"


@dataclass(frozen=True)
class HeldRecord:
    """A record and its person in the clear, until the transaction ends. `entries`: its open ones."""

    known: KnownCase
    person: Person
    entries: list[OpenEntry]
    setting: IntakeSetting
    version: str
    changed_by: str  # whose change was the last, by login; '' for the program

    def unchanged(self) -> ChangedCaseRecord:
        """The record's facts as they are, to be changed with `_replace`."""
        known, situation = self.known, self.known.situation
        return ChangedCaseRecord(
            id=known.id,
            kind=situation.kind.value,
            state=situation.state.value,
            closed_because=known.closed_because,
            sampled_at=known.sampled_at,
            result_at=situation.result_at,
            deadline=known.deadline,
            last_exposure_on=situation.last_exposure_on,
            household=known.household,
            collective_setting=known.collective_setting,
            vulnerable=known.vulnerable,
            converted_at=known.converted_at,
        )

    def need_version(self, version: str | None, differing: list[str]) -> None:
        """Raises ChangedMeanwhile when the asker saw another version and something of theirs differs."""
        if version is not None and version != self.version:
            self.need_seen(differing)

    def need_seen(self, differing: list[str]) -> None:
        """Raises ChangedMeanwhile when fields hold something that the asker did not see."""
        if differing:
            who = self.changed_by or "The program"
            raise ChangedMeanwhile(
                f"{who} changed this record meanwhile; these values are not yours:", differing
            )

    def need_out_of_hand(self) -> None:
        """Raises Conflict while an agent has the person in hand."""
        if any(entry.in_call or entry.state.value == "LEASED" for entry in self.entries):
            raise Conflict("An agent has this person in hand now; try again later.", code="in_hand")


def hold(
    connection: Connection, vault: Vault, case_record_id: UUID, asker: Asker, now: datetime
) -> HeldRecord:
    """Raises NotFound; NotAllowed for a record the asker may only read; Conflict once erased or merged."""
    _need_right(connection, case_record_id, asker, now)
    case_store.lock_intake_of(connection, [case_record_id])
    facts = case_sheet_store.facts(connection, case_record_id)
    intake_entry_store.hold_all(connection, [case_record_id])
    entries = intake_entry_store.open_entries(connection, [case_record_id])
    known = case_store.known_cases(connection, [case_record_id])[case_record_id]
    if known.sealed is None or known.wrapped_key is None:
        raise Conflict("This person's data was erased.", code="erased")
    marks = record_store.marks(connection, case_record_id)
    if marks.merged_into is not None:
        raise Conflict("This record was merged into another one: change that one.", code="merged")
    person = vault.person_key(known.person_id, known.wrapped_key).open(known.sealed)
    setting = setting_of(
        platform_store.read(connection, facts.platform),
        source=BY_HAND,
        actor=journal.by_user(asker.user_id),
        now=now,
        rules=mode_store.rules_of(connection, facts.platform),
    )
    return HeldRecord(
        known, Person.from_sealed(person), entries, setting, marks.version, marks.changed_by or ""
    )


def hold_entries(
    connection: Connection, case_record_ids: Sequence[UUID], asker: Asker, now: datetime
) -> None:
    """Before several records are held: all their entries first, by id. Raises NotFound, NotAllowed."""
    for case_record_id in case_record_ids:
        _need_right(connection, case_record_id, asker, now)
    case_store.lock_intake_of(connection, case_record_ids)
    intake_entry_store.hold_all(connection, case_record_ids)
    case_store.known_cases(connection, case_record_ids)


def _need_right(connection: Connection, case_record_id: UUID, asker: Asker, now: datetime) -> None:
    facts = case_sheet_store.facts(connection, case_record_id)
    why = why_read(connection, facts, reader=asker.user_id, platforms=asker.platforms, now=now)
    own = facts.platform in asker.platforms
    lent = mutual_aid_store.platform_in_hand(connection, asker.user_id, case_record_id)
    if why is AccessReason.BROKEN_GLASS and not own and not lent:
        raise NotAllowed("You may read this record, and change nothing of it.", code="read_only")


def changes_of(
    connection: Connection, vault: Vault, held: HeldRecord, numbers: list[bytes]
) -> tuple[IntakeBatch, ChangedCases]:
    """What carries a change of the record out. `numbers`: indexes of numbers that come with it."""
    batch = IntakeBatch(held.setting)
    known = {phone.number_index for phone in held.known.phones} | set(numbers)
    opted_out = case_store.opted_out_numbers(connection, known) if known else set()
    return batch, ChangedCases(vault, batch, opted_out, {held.known.id: held.entries})
