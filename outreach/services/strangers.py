"""A stranger's replies are found to be somebody's: the number becomes theirs, and what was said too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import Person
from outreach.domain.phone_numbers import PhoneNumber, parse
from outreach.errors import Conflict, InvalidInput
from outreach.services.inbox import Answerer, held
from outreach.services.replies import SEALED_FOR
from outreach.storage import case_sheet_store, inbox_store, journal, person_store, stranger_store
from outreach.storage.database import Connection, Database
from outreach.storage.inbox_store import Conversation
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.person_store import OpenedPerson
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class Strangers:
    """Agents' use case on conversations with nobody we know."""

    database: Database
    vault: Vault
    clock: Clock

    def name(self, conversation_id: UUID, by: Answerer, case_record_id: UUID) -> Conversation:
        """The number is that of this record's person. Raises NotFound, Conflict, InvalidInput."""
        now = self.clock.now()
        with self.database.begin() as connection:
            conversation = held(connection, conversation_id, by)
            number = self._number(connection, conversation)
            facts = case_sheet_store.facts(connection, case_record_id)
            platform = by.own_platform(facts.platform)
            stranger_store.lock_person(connection, facts.person_id)
            person = person_store.open_person(connection, self.vault, facts.person_id)
            self._add_number(connection, person, number)
            self._give_replies(connection, person.id, conversation.number_index, platform)
            inbox_store.name_stranger(connection, conversation, person.id, platform)
            _note(connection, conversation, case_record_id, platform, by, now)
            return inbox_store.read(connection, conversation_id)

    def _number(self, connection: Connection, conversation: Conversation) -> PhoneNumber:
        if conversation.person_id is not None:
            raise Conflict("This conversation is somebody's already.", code="not_a_stranger")
        sealed = inbox_store.stranger_number(connection, conversation.id)
        if sealed is None:
            raise Conflict("The number was not kept: add it on the record.", code="number_not_kept")
        number = parse(self.vault.open_system(SEALED_FOR, sealed).decode())
        if not isinstance(number, PhoneNumber):
            raise InvalidInput(f"This number cannot be called: {number.reason}.", field="case_record_id")
        return number

    def _add_number(self, connection: Connection, opened: OpenedPerson, number: PhoneNumber) -> None:
        if any(phone.e164 == number.e164 for phone in opened.person.phones):
            return
        person: Person = replace(opened.person, phones=(*opened.person.phones, number))
        key = person_store.person_key(connection, self.vault, opened.id)
        line = person_store.PhoneLine(
            position=len(opened.person.phones),
            number_index=self.vault.number_index(number.e164),
            line_type=number.line_type.value,
            can_sms=number.can_sms,
            time_zone=number.zone or opened.time_zone,
            bad=False,
        )
        stranger_store.add_number(connection, opened.id, key.seal(person.to_sealed()), line)

    def _give_replies(self, connection: Connection, person_id: UUID, number: bytes, platform: str) -> None:
        """Sealed anew under the person's key: erased with them."""
        key = person_store.person_key(connection, self.vault, person_id)
        for reply_id, sealed in stranger_store.replies_of_nobody(connection, number):
            words = self.vault.open_system(SEALED_FOR, sealed).decode()
            stranger_store.give_reply(connection, reply_id, person_id, platform, key.seal_text(words))


def _note(
    connection: Connection,
    conversation: Conversation,
    case_record_id: UUID,
    platform: str,
    by: Answerer,
    now: datetime,
) -> None:
    facts = {"conversation_id": str(conversation.id)}
    actor = journal.by_user(by.user_id)
    line = JournalEntry(now, platform, Event.STRANGER_NAMED, actor, case_record_id, facts=facts)
    journal.write(connection, line)
