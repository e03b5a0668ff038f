"""Erasure: a person's data goes for good, in backups too; what was done stays, without a name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import EntryState
from outreach.domain.reasons import ErasureReason
from outreach.errors import Conflict, NotFound
from outreach.services.message_queueing import MessageQueueing
from outreach.storage import call_list_store, case_sheet_store, case_store, erasure_store, journal
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

ERASED = "ERASED"


@dataclass(frozen=True)
class Erasure:
    """Destroys keys."""

    database: Database
    clock: Clock
    queueing: MessageQueueing

    def erase_named(
        self, platform: str, source: str, external_id: str, *, actor: str, because: ErasureReason
    ) -> UUID:
        """Erase the person of a record by its outside name; the person's id. Raises NotFound."""
        with self.database.begin() as connection:
            known = case_store.references(connection, platform, source, [external_id]).get(external_id)
            if known is None:
                raise NotFound("There is no such case record.")
            person_id = case_sheet_store.facts(connection, known.case_record_id).person_id
        self.erase(person_id, actor=actor, because=because)
        return person_id

    def erase(self, person_id: UUID, *, actor: str, because: ErasureReason) -> None:
        """Destroy the person's key and all that was sealed under it; their open entries are closed.

        Raises Conflict while an agent has them in hand. Erasing twice changes nothing. A number's wish to get
        no SMS (STOP) outlives the person: it is a keyed index that nothing else can be read from.
        """
        with self.database.begin() as connection:
            self.queueing.stop_all(connection, person_id, now=self.clock.now())
            self._close_entries(connection, person_id, actor)
            for record in erasure_store.destroy(connection, [person_id], self.clock.now()):
                journal.write(
                    connection,
                    JournalEntry(
                        self.clock.now(),
                        record.platform,
                        Event.PERSON_ERASED,
                        actor,
                        case_record_id=record.case_record_id,
                        facts={"because": because.value},
                    ),
                )

    def _close_entries(self, connection: Connection, person_id: UUID, actor: str) -> None:
        now = self.clock.now()
        for entry_id, state in erasure_store.open_entries(connection, person_id):
            if state is EntryState.LEASED:
                raise Conflict("An agent has this person in hand now; try again later.", code="in_hand")
            entry = call_list_store.lock(connection, entry_id)
            call_list_store.close(connection, entry, because=ERASED, actor=actor, now=now, tries=entry.tries)
            call_list_store.close_case_if_done(connection, entry, because=ERASED, actor=actor, now=now)
