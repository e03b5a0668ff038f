"""What people write to us, by SMS or on their page: kept sealed, followed, answered by a call or an agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from outreach.domain.conversations import (
    STATE_AFTER,
    ConversationState,
    ReplyChannel,
    answer_by_itself,
    answer_due,
    wants_call,
)
from outreach.domain.load_shedding import shed_level
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.replies import Reading, ReplyMeaning, Suggestion, reading_of
from outreach.domain.report_effects import Effect
from outreach.ids import new_id
from outreach.services.asked_calls import ask_for_call
from outreach.services.message_failures import stop_numbers
from outreach.services.settling import Settlement, inform, settle
from outreach.storage import (
    alarm_store,
    inbox_store,
    journal,
    message_store,
    mode_store,
    number_store,
    person_store,
    platform_store,
    reply_store,
    shed_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.asked_call_store import AskedCall
from outreach.storage.database import Connection
from outreach.storage.inbox_store import Heard
from outreach.storage.message_store import Move, Moved
from outreach.storage.reply_store import Reply, Writer
from outreach.storage.vault import Vault
from outreach.telephony.webhooks import InboundMessage

BY_REPLY = journal.by_system("replies")
SEALED_FOR = "inbound-message"  # of a number that nobody on our records has


@dataclass(frozen=True)
class Written:
    """A reply in the clear. `sid` names it once; `to`: our number, `sender`: theirs; '' on the page."""

    sid: str
    number: bytes
    body: str
    channel: ReplyChannel
    to: str = ""
    sender: str = ""


@dataclass(frozen=True)
class Replies:
    """Works in the caller's transaction. Locks: the number and its messages, entries, the conversation."""

    vault: Vault

    def hear_sms(self, connection: Connection, received: InboundMessage, now: datetime) -> Effect:
        """Read a reply and do what it asks."""
        number = self.vault.number_index(received.sender)
        written = Written(received.sid, number, received.body, ReplyChannel.SMS, received.to, received.sender)
        return self.hear(connection, written, reading_of(received.body), now)

    def hear(
        self,
        connection: Connection,
        written: Written,
        reading: Reading,
        now: datetime,
        *,
        due_at: datetime | None = None,
    ) -> Effect:
        """The same reply twice is one; a stranger's is kept, and shown to agents when it asks for something.

        `due_at`: the moment they chose for a call; None: as soon as possible.
        """
        reply_store.hold_number(connection, written.number)
        writer = reply_store.writer_of(connection, written.number)
        reply = self._reply(connection, written, reading, writer, now)
        if not reply_store.keep(connection, reply):
            return Effect.REPEATED
        reply_store.journal_reply(
            connection,
            written.number,
            meaning=reading.meaning.value,
            channel=written.channel.value,
            now=now,
        )
        self._follow(connection, written.number, reading.meaning, now)
        called = writer is not None and _call(connection, written, reading, writer, due_at or now, now)
        self._converse(connection, written, reading, writer, called=called, now=now)
        if reading.in_distress:
            _raise_alarm(connection, written.number, now)
        return Effect.MOVED if writer else Effect.UNKNOWN

    def _reply(
        self,
        connection: Connection,
        written: Written,
        reading: Reading,
        writer: Writer | None,
        now: datetime,
    ) -> Reply:
        return Reply(
            id=new_id(),
            sid=written.sid,
            platform=writer.platform if writer else None,
            person_id=writer.person_id if writer else None,
            meaning=reading.meaning.value,
            sealed_body=self._sealed(connection, writer, written.body),
            received_at=now,
            number_index=written.number,
            channel=written.channel.value,
        )

    def _sealed(self, connection: Connection, writer: Writer | None, body: str) -> bytes:
        if writer is None:
            return self.vault.seal_system(SEALED_FOR, body.encode())
        return person_store.person_key(connection, self.vault, writer.person_id).seal_text(body)

    def _sealed_number(self, written: Written) -> bytes | None:
        """A stranger's, until an agent says whose it is."""
        return self.vault.seal_system(SEALED_FOR, written.sender.encode()) if written.sender else None

    def _follow(self, connection: Connection, number: bytes, meaning: ReplyMeaning, now: datetime) -> None:
        """Whoever replies has read; what they ask comes on top."""
        standing = reply_store.messages_to(connection, number)
        match meaning:
            case ReplyMeaning.STOP:
                stop_numbers(connection, [number], because="REPLY", now=now)
                _mark_read(connection, standing, now)
                left = [*standing, *inbox_store.messages_read(connection, number)]
                shed_store.return_entries(
                    connection, left, because=CallOutcome.SMS_STOPPED.value, owed=True, now=now
                )
            case ReplyMeaning.START:
                _start_again(connection, number, now)
            case ReplyMeaning.CALL_ME | ReplyMeaning.QUESTION | ReplyMeaning.UNCLEAR:
                inform(connection, standing, CallOutcome.SMS_REPLIED, now)
                _mark_read(connection, standing, now)
            case ReplyMeaning.READ:
                moved = _mark_read(connection, standing, now)
                close_told(connection, [message.message_id for message in moved], CallOutcome.SMS_READ, now)
            case _:
                assert_never(meaning)

    def _converse(
        self,
        connection: Connection,
        written: Written,
        reading: Reading,
        writer: Writer | None,
        *,
        called: bool,
        now: datetime,
    ) -> None:
        answered_with = answer_by_itself(reading, written.channel, called=called)
        platform = writer.platform if writer else _platform_of_number(connection, written.to)
        if platform is None or (writer is None and answered_with is not None):
            return
        heard = Heard(
            platform=platform,
            number=written.number,
            person_id=writer.person_id if writer else None,
            answered_with=answered_with,
            suggestion=reading.suggestion.value if reading.suggestion else "",
            due_at=answer_due(now),
            sealed_number=None if writer else self._sealed_number(written),
        )
        state = STATE_AFTER[answered_with] if answered_with else ConversationState.OPEN
        inbox_store.hear(connection, heard, conversation_id=new_id(), state=state, now=now)


def close_told(
    connection: Connection,
    message_ids: list[UUID],
    outcome: CallOutcome,
    now: datetime,
    *,
    actor: str = BY_REPLY,
) -> None:
    """The entries for which these messages stand are done: their people read, or were answered."""
    for entry_id in shed_store.entries_of(connection, message_ids):
        settle(connection, Settlement(entry_id, outcome, actor, now))


def _call(
    connection: Connection,
    written: Written,
    reading: Reading,
    writer: Writer,
    due_at: datetime,
    now: datetime,
) -> bool:
    """A call where it is asked for; what an agent may answer by a text waits for the agent."""
    if not wants_call(reading, written.channel):
        return False
    because = Suggestion.DISTRESS.value if reading.in_distress else reading.meaning.value
    asked = AskedCall(written.number, writer, because, asked_at=now, due_at=due_at)
    return ask_for_call(connection, asked, now=now)


def _raise_alarm(connection: Connection, number: bytes, now: datetime) -> None:
    """Once for a conversation, until an agent answers it or a supervisor clears it."""
    conversation = inbox_store.of_number(connection, number)
    if conversation is not None:
        alarm_store.raise_alarm(
            connection,
            AlarmKind.DISTRESS,
            str(conversation.id),
            platform=conversation.platform,
            now=now,
        )


def _mark_read(connection: Connection, messages: list[UUID], now: datetime) -> list[Moved]:
    moves = [Move(message_id, MessageStatus.READ) for message_id in messages]
    return message_store.move(connection, moves, actor=BY_REPLY, now=now)


def _start_again(connection: Connection, number: bytes, now: datetime) -> None:
    """SMS are wanted again: contacts who wait for a call may be shed as before."""
    if number_store.opt_in(connection, number, now=now):
        contacts = number_store.contacts_of_number(connection, number)
        rules = {each: mode_store.rules_of(connection, each) for each in {c.platform for c in contacts}}
        levels = {c.entry_id: shed_level(c.facts, rules[c.platform]) for c in contacts}
        number_store.put_shed_levels(connection, levels)


def _platform_of_number(connection: Connection, ours: str) -> str | None:
    """Whose agents read a stranger: those of the number written to, else the first platform's."""
    platform = platform_store.of_caller_id(connection, ours) if ours else None
    known = platform or next(iter(platform_store.all_platforms(connection)), None)
    return known.code if known else None
