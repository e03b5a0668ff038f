"""Reading a case record: the card beside a call, and the whole sheet; who read it, and why, is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.services.break_glass import why_read
from outreach.services.scripts import Scripts
from outreach.storage import (
    access_store,
    call_list_store,
    case_progress_store,
    case_sheet_store,
    person_store,
)
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.call_list_store import HouseholdEntry
from outreach.storage.case_progress_store import RecordNumber
from outreach.storage.case_sheet_store import CaseCard
from outreach.storage.database import Connection, Database
from outreach.storage.lease_store import Leased
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class CaseSheet:
    """The card with all that was done; notes and replies are in the clear."""

    card: CaseCard
    references: list[RecordNumber]
    contacts: int
    entries: list[dict[str, Any]]
    attempts: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    replies: list[dict[str, Any]]


@dataclass(frozen=True)
class CaseReading:
    """Opens what is sealed for one request. A record of a platform not the reader's is not there for them."""

    database: Database
    vault: Vault
    clock: Clock
    scripts: Scripts

    def in_hand(
        self, connection: Connection, leased: Leased, *, reader: UUID, platforms: Sequence[str]
    ) -> tuple[CaseCard, list[HouseholdEntry]]:
        """The card of whom an agent holds, and who else is behind the same number. Raises NotFound."""
        card = case_sheet_store.card(connection, self.vault, leased.case_record_id, platforms=platforms)
        self._note(connection, card, reader, AccessReason.CALL)
        return card, call_list_store.household_of(connection, leased.entry_id)

    def sheet(self, case_record_id: UUID, *, reader: UUID, platforms: Sequence[str]) -> CaseSheet:
        """For somebody of these platforms, or who holds it, or broke the glass for it.

        Raises NotFound; NotAllowed (restricted_record) until the reader said why.
        """
        now = self.clock.now()
        with self.database.reading_as(platforms, reader=reader, now=now) as connection:
            facts = case_sheet_store.facts(connection, case_record_id)
            why = why_read(connection, facts, reader=reader, platforms=platforms, now=now)
            card = case_sheet_store.card(connection, self.vault, case_record_id, platforms=[facts.platform])
            sheet = CaseSheet(
                card=card,
                references=case_progress_store.record_numbers(connection, case_record_id),
                contacts=case_sheet_store.contacts_of(connection, case_record_id),
                entries=case_sheet_store.entries_of(connection, case_record_id),
                attempts=self._attempts(connection, card),
                messages=case_sheet_store.messages_of(connection, case_record_id),
                replies=self._replies(connection, card),
            )
            self._note(connection, card, reader, why)
        return sheet

    def third_party_text(self, card: CaseCard) -> str:
        """What may be said to whoever else answers this person's phone: nothing of them, nothing of why."""
        language = card.person.language if card.person else card.platform_language
        made = self.scripts.render_cached(
            "third_party", language=language, platform=card.facts.platform, now=self.clock.now()
        )
        return made.text

    def named(self, platform: str, source: str, external_id: str) -> UUID:
        """The record an outside system calls so. Raises NotFound."""
        with self.database.reading_as([platform], now=self.clock.now()) as connection:
            return case_sheet_store.named(connection, platform, source, external_id)

    def _note(self, connection: Connection, card: CaseCard, reader: UUID, why: AccessReason) -> None:
        line = AccessLine(self.clock.now(), card.facts.platform, reader, card.facts.id, why)
        access_store.note(connection, line)

    def _attempts(self, connection: Connection, card: CaseCard) -> list[dict[str, Any]]:
        attempts = case_sheet_store.attempts_of(connection, card.facts.id)
        if card.person is None:
            return [{**attempt, "sealed_note": None, "note": None} for attempt in attempts]
        key = person_store.person_key(connection, self.vault, card.facts.person_id)
        return [
            {**attempt, "note": key.open_text(attempt["sealed_note"]) if attempt["sealed_note"] else None}
            for attempt in attempts
        ]

    def _replies(self, connection: Connection, card: CaseCard) -> list[dict[str, Any]]:
        if card.person is None:
            return []
        key = person_store.person_key(connection, self.vault, card.facts.person_id)
        return [
            {**reply, "body": key.open_text(reply["sealed_body"])}
            for reply in case_sheet_store.replies_of(connection, card.facts.person_id)
        ]
