"""Queues one SMS in the caller's transaction: text rendered, sealed and counted, its hour chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.domain.messages import URGENCY_OF, USEFUL_FOR, MessagePurpose, MessageStatus
from outreach.domain.scripts import RenderedText, Value, template_of
from outreach.domain.sender_choice import SenderUse, asks_for_answer
from outreach.domain.sms_hours import SHORTEST_VALIDITY
from outreach.ids import new_id
from outreach.services.message_settings import MessageSettings
from outreach.services.personal_links import PersonalLinks
from outreach.services.scripts import Scripts
from outreach.services.sender_failover import sender_for
from outreach.storage import (
    call_list_store,
    journal,
    message_queue_store,
    message_store,
    mode_store,
    number_store,
    person_store,
    shed_store,
)
from outreach.storage.database import Connection
from outreach.storage.message_store import Move, NewMessage
from outreach.storage.person_store import OpenedPerson, PhoneLine
from outreach.storage.vault import Vault

# One "we tried to call you" a day, however often the person is missed.
SAME_TEXT_AFTER = timedelta(hours=20)
QUEUER = journal.by_system("messages")


@dataclass(frozen=True)
class MessageWish:
    """One SMS for somebody. `useful_until` None: as its purpose. `template` '': the one of the purpose.

    The personal link is added where the text names it. `number_index`: to this number of theirs alone.

    `once_in`: not when the same phone, whoever of the household it was for, had such an SMS that lately.
    """

    platform: str
    person_id: UUID
    purpose: MessagePurpose
    variables: Mapping[str, Value] = field(default_factory=dict)
    template: str = ""
    case_record_id: UUID | None = None
    entry_id: UUID | None = None
    useful_until: datetime | None = None
    once_in: timedelta | None = None
    number_index: bytes | None = None


@dataclass(frozen=True)
class MessageQueueing:
    """What other services call when someone is to be written to; the sender posts it after the commit."""

    vault: Vault
    scripts: Scripts
    settings: MessageSettings
    links: PersonalLinks

    def queue_message(self, connection: Connection, wish: MessageWish, *, now: datetime) -> UUID | None:
        """The message's id; None when no SMS is wanted or possible, it is too late, or was just sent."""
        person = person_store.open_person(connection, self.vault, wish.person_id)
        line = _line_for_sms(connection, person, wish.number_index)
        not_before = self.settings.hours.next_open(person.time_zone, now)
        useful_until = wish.useful_until or now + USEFUL_FOR[wish.purpose]
        if person.opted_out or line is None or not_before + SHORTEST_VALIDITY >= useful_until:
            return None
        if wish.once_in is not None and message_queue_store.was_queued_since(
            connection, line.number_index, wish.purpose, now - wish.once_in
        ):
            return None
        message = self._message(connection, wish, person, line, now)
        if message is None:
            return None
        queued = message._replace(not_before=not_before, useful_until=useful_until)
        message_store.add(connection, [queued], actor=QUEUER)
        return queued.id

    def queue_missed_call(self, connection: Connection, *, entry_id: UUID, now: datetime) -> UUID | None:
        """ "We tried to call you", after a positive's first miss: once, and once a day for a household."""
        entry = call_list_store.read(connection, entry_id)
        wish = MessageWish(
            platform=entry.platform,
            person_id=entry.person_id,
            purpose=MessagePurpose.MISSED_CALL,
            once_in=max(SAME_TEXT_AFTER, now - entry.entered_at),
            case_record_id=entry.case_record_id,
            entry_id=entry_id,
        )
        return self.queue_message(connection, wish, now=now)

    def queue_callback_agreed(
        self, connection: Connection, *, entry_id: UUID, callback_at: datetime, now: datetime
    ) -> UUID | None:
        """Confirm an agreed callback, told in the callee's own time; once to a household."""
        entry = call_list_store.read(connection, entry_id)
        person = person_store.open_person(connection, self.vault, entry.person_id)
        line = _line_for_sms(connection, person)
        if line is None or message_queue_store.was_told_of(
            connection, line.number_index, MessagePurpose.CALLBACK_AGREED, callback_at
        ):
            return None
        local = callback_at.astimezone(ZoneInfo(person.time_zone))
        wish = MessageWish(
            platform=entry.platform,
            person_id=entry.person_id,
            purpose=MessagePurpose.CALLBACK_AGREED,
            variables={"callback_day": local.date(), "callback_time": local.time()},
            case_record_id=entry.case_record_id,
            entry_id=entry_id,
            useful_until=callback_at,
        )
        return self.queue_message(connection, wish, now=now)

    def stop_for_good(self, connection: Connection, person_id: UUID, *, because: str, now: datetime) -> None:
        """Nothing is written to this person any more, whatever comes."""
        number_store.opt_out_person(connection, person_id, because=because, now=now)
        self.stop_all(connection, person_id, now=now)

    def stop_all(self, connection: Connection, person_id: UUID, *, now: datetime) -> int:
        """Cancel what is not posted yet for a person; how many messages."""
        waiting = message_queue_store.queued_for_person(connection, person_id)
        moves = [Move(message_id, MessageStatus.CANCELLED) for message_id in waiting]
        cancelled = message_store.move(connection, moves, actor=QUEUER, now=now)
        shed_store.return_entries(
            connection, [m.message_id for m in cancelled], because="CANCELLED", owed=False, now=now
        )
        return len(cancelled)

    def _message(
        self,
        connection: Connection,
        wish: MessageWish,
        person: OpenedPerson,
        line: PhoneLine,
        now: datetime,
    ) -> NewMessage | None:
        """None when no sender of the platform can carry its text."""
        message_id = new_id()
        text, linked = self._text(connection, wish, person, message_id, now)
        use = SenderUse(wish.purpose, asks_for_answer(wish.purpose, text.text), line.number_index)
        sender = sender_for(connection, wish.platform, use, default=self.settings.sender, now=now)
        if sender is None:
            return None
        key = person_store.person_key(connection, self.vault, person.id)
        message = _new_message(message_id, wish, line, text, now)
        return message._replace(
            sender=sender,
            sealed_body=key.seal_text(text.text),
            mode_version=mode_store.version(connection, wish.platform),
            link_digest=self.links.digest_of(message_id) if linked else None,
        )

    def _text(
        self,
        connection: Connection,
        wish: MessageWish,
        person: OpenedPerson,
        message_id: UUID,
        now: datetime,
    ) -> tuple[RenderedText, bool]:
        """The text in the person's language, and whether it carries the message's personal link."""
        name = wish.template or template_of(wish.purpose)
        linked = "personal_link" in self.scripts.catalog.entry(name).variables
        link = {"personal_link": self.links.address_of(message_id)} if linked else {}
        text = self.scripts.render(
            connection,
            name,
            language=person.language,
            platform=wish.platform,
            variables={**wish.variables, **link},
            now=now,
        )
        return text, linked


def _new_message(
    message_id: UUID, wish: MessageWish, line: PhoneLine, text: RenderedText, now: datetime
) -> NewMessage:
    """Its row, without what is sealed and who sends it."""
    return NewMessage(
        id=message_id,
        platform=wish.platform,
        person_id=wish.person_id,
        case_record_id=wish.case_record_id,
        entry_id=wish.entry_id,
        purpose=wish.purpose.value,
        status=MessageStatus.QUEUED.value,
        urgency=int(URGENCY_OF[wish.purpose]),
        number_index=line.number_index,
        phone_position=line.position,
        sender="",
        template=text.template,
        template_version=text.version,
        mode_version=0,
        language=text.language,
        sealed_body=b"",
        segments=text.segments,
        send_id=new_id(),
        tries=0,
        not_before=now,
        useful_until=now,
        claimed_by=None,
        claimed_at=None,
        created_at=now,
        parameters=text.stamp,
        link_digest=None,
    )


def _line_for_sms(
    connection: Connection, person: OpenedPerson, number: bytes | None = None
) -> PhoneLine | None:
    for line in person.good_lines():
        if number is not None and line.number_index != number:
            continue
        if line.can_sms and not number_store.is_opted_out(connection, line.number_index):
            return line
    return None
