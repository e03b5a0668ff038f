"""Contacts a positive names during the interview: they stand on the call list before the call is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import CaseKind
from outreach.domain.column_mappings import Field, field_named
from outreach.domain.intake import Verdict
from outreach.errors import Conflict, NotFound
from outreach.ids import new_id
from outreach.services.case_import import CaseImport
from outreach.services.case_intake import RowOutcome
from outreach.services.intake_setting import setting_of
from outreach.storage import (
    case_progress_store,
    case_sheet_store,
    case_store,
    journal,
    mode_store,
    platform_store,
)
from outreach.storage.case_progress_store import RecordNumber
from outreach.storage.case_sheet_store import CaseFacts
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

_SET_HERE = (Field.KIND, Field.POSITIVE_REFERENCE)


@dataclass(frozen=True)
class NamedContacts:
    """Takes contacts in as a file would, under the positive's own outside name."""

    database: Database
    clock: Clock
    case_import: CaseImport

    def name(
        self, positive_id: UUID, fields: Mapping[str, str], *, by: UUID, platforms: Sequence[str]
    ) -> RowOutcome:
        """One contact of a positive; someone known already is recognised and linked.

        A REJECTED outcome carries what to mend. Raises NotFound; Conflict when it is no positive's, and when
        the contact may be known at the other end of a move of people.
        """
        now, actor = self.clock.now(), journal.by_user(by)
        with self.database.begin() as connection:
            case_store.lock_intake_of(connection, [positive_id])  # whose platform is certain from here on
            positive = _positive(connection, positive_id, platforms)
            called = _outside_name(connection, positive_id)
            setting = setting_of(
                platform_store.read(connection, positive.platform),
                source=called.source,
                actor=actor,
                now=now,
                rules=mode_store.rules_of(connection, positive.platform),
            )
            given = {
                **{name: text for name, text in fields.items() if field_named(name) not in _SET_HERE},
                Field.KIND.value: "contact",
                Field.POSITIVE_REFERENCE.value: called.external_id,
            }
            outcome = self.case_import.take_in_record(connection, setting, f"named-{new_id()}", given)
            if outcome.verdict is not Verdict.REJECTED:
                told = {"positive_id": str(positive_id)}
                line = JournalEntry(now, positive.platform, Event.CONTACT_NAMED, actor, facts=told)
                journal.write(connection, replace(line, case_record_id=outcome.case_record_id))
        return outcome


def _positive(connection: Connection, record_id: UUID, platforms: Sequence[str]) -> CaseFacts:
    """Whoever names contacts. Raises NotFound; Conflict for a contact."""
    facts = case_sheet_store.facts(connection, record_id)
    if facts.platform not in platforms:
        raise NotFound("There is no such case record.")
    if facts.kind != CaseKind.POSITIVE:
        raise Conflict("Only a positive names contacts.", code="not_a_positive")
    return facts


def _outside_name(connection: Connection, record_id: UUID) -> RecordNumber:
    """What an outside system calls the record, for contacts to refer to. Raises Conflict when none does."""
    names = case_progress_store.record_numbers(connection, record_id)
    if not names:
        raise Conflict("A later record of this person took over its identifier.", code="superseded")
    return names[0]
