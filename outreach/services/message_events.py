"""What the phone company and the people themselves say about our messages: receipts and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from outreach.domain import message_reports
from outreach.domain.call_list import deadline_of
from outreach.domain.load_shedding import shed_level
from outreach.domain.message_reports import move_by_report, report_of
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.replies import ReplyMeaning, reading_of
from outreach.domain.send_ledger import Report
from outreach.ids import new_id
from outreach.services.call_reports import Effect
from outreach.services.message_failures import FailedMessage, follow_failures, stop_numbers
from outreach.services.settling import Settlement, inform, settle
from outreach.storage import (
    journal,
    message_store,
    number_store,
    person_store,
    reply_store,
    shed_store,
)
from outreach.storage.database import Connection
from outreach.storage.message_store import MessageState, Move, Moved
from outreach.storage.reply_store import Reply, Writer
from outreach.storage.vault import Vault
from outreach.telephony.failure_codes import failure_class
from outreach.telephony.webhooks import InboundMessage, MessageReport

BY_CARRIER = journal.by_system("phone company")
BY_REPLY = journal.by_system("replies")
CALLS_FOR = frozenset({ReplyMeaning.CALL_ME, ReplyMeaning.QUESTION, ReplyMeaning.UNCLEAR})
SEALED_FOR = "inbound-message"  # of a number that nobody on our records has


@dataclass(frozen=True)
class MessageEvents:
    """Applied inside the transaction that stores the raw event."""

    vault: Vault
    default_sender: str

    def apply_report(
        self, connection: Connection, report: MessageReport, send_id: UUID, now: datetime
    ) -> Effect:
        """Move the message by the table. `send_id` comes from the signed address: it settles whoever died."""
        told = report_of(report.status.value, sid=report.sid, code=report.error_code)
        return message_reports.apply_report(_StoredReports(connection, self), send_id, told, now)

    def move(self, connection: Connection, message: MessageState, report: Report, now: datetime) -> Effect:
        """One step told by the carrier, with all that follows from it; `message` is locked."""
        return move_by_report(_StoredReports(connection, self), message, report, now)

    def apply_inbound(self, connection: Connection, received: InboundMessage, now: datetime) -> Effect:
        """Read a reply and do what it asks; kept sealed, so that an agent can read it."""
        number = self.vault.number_index(received.sender)
        meaning = reading_of(received.body).meaning
        writer = reply_store.writer_of(connection, number)
        reply = Reply(
            id=new_id(),
            sid=received.sid,
            platform=writer.platform if writer else None,
            person_id=writer.person_id if writer else None,
            meaning=meaning.value,
            sealed_body=self._sealed(connection, writer, received.body),
            received_at=now,
        )
        if not reply_store.keep(connection, reply):
            return Effect.REPEATED
        reply_store.journal_reply(connection, number, meaning=meaning.value, now=now)
        self._answer(connection, number, meaning, now)
        if writer is not None and meaning in CALLS_FOR:
            self._promise_call(connection, writer, number, meaning, now)
        return Effect.MOVED if writer else Effect.UNKNOWN

    def _sealed(self, connection: Connection, writer: Writer | None, body: str) -> bytes:
        if writer is None:
            return self.vault.seal_system(SEALED_FOR, body.encode())
        return person_store.person_key(connection, self.vault, writer.person_id).seal_text(body)

    def _answer(self, connection: Connection, number: bytes, meaning: ReplyMeaning, now: datetime) -> None:
        """Whoever replies has read; what they ask comes on top."""
        standing = reply_store.messages_to(connection, number)
        match meaning:
            case ReplyMeaning.STOP:
                stop_numbers(connection, [number], because="REPLY", now=now)
                self._mark_read(connection, standing, now)
                shed_store.return_entries(
                    connection, standing, because=CallOutcome.SMS_STOPPED.value, owed=True, now=now
                )
            case ReplyMeaning.START:
                self._start_again(connection, number, now)
            case ReplyMeaning.CALL_ME | ReplyMeaning.QUESTION | ReplyMeaning.UNCLEAR:
                inform(connection, standing, CallOutcome.SMS_REPLIED, now)
                self._mark_read(connection, standing, now)
            case ReplyMeaning.READ:
                moved = self._mark_read(connection, standing, now)
                self._close(connection, [message.message_id for message in moved], now)
            case _:
                assert_never(meaning)

    def _promise_call(
        self, connection: Connection, writer: Writer, number: bytes, meaning: ReplyMeaning, now: datetime
    ) -> None:
        """A callback due now: on the entries that wait, or on a new one when all was done."""
        if reply_store.has_open_entry(connection, number):
            reply_store.promise_call(connection, number, because=meaning.value, now=now)
            return
        reply_store.open_callback(
            connection,
            writer,
            number,
            entry_id=new_id(),
            deadline=deadline_of(now),
            because=meaning.value,
            now=now,
        )

    def _mark_read(self, connection: Connection, messages: list[UUID], now: datetime) -> list[Moved]:
        moves = [Move(message_id, MessageStatus.READ) for message_id in messages]
        return message_store.move(connection, moves, actor=BY_REPLY, now=now)

    def _start_again(self, connection: Connection, number: bytes, now: datetime) -> None:
        """SMS are wanted again: contacts who wait for a call may be shed as before."""
        if number_store.opt_in(connection, number, now=now):
            contacts = number_store.contacts_of_number(connection, number)
            levels = {contact.entry_id: shed_level(contact.facts) for contact in contacts}
            number_store.put_shed_levels(connection, levels)

    def follow(self, connection: Connection, moved: Sequence[Moved], now: datetime) -> None:
        """A delivered contact is informed, one who read is done, a failed message gives its people a call."""
        ids = [message.message_id for message in moved]
        match moved[0].status if moved else None:
            case MessageStatus.DELIVERED:
                inform(connection, ids, CallOutcome.SMS_DELIVERED, now)
            case MessageStatus.READ:
                self._close(connection, ids, now)
            case MessageStatus.FAILED | MessageStatus.UNDELIVERED:
                failed = [FailedMessage(message, failure_class(message.code)) for message in moved]
                follow_failures(connection, failed, default_sender=self.default_sender, now=now)
            case _:
                return

    def _close(self, connection: Connection, messages: list[UUID], now: datetime) -> None:
        for entry_id in shed_store.entries_of(connection, messages):
            settle(connection, Settlement(entry_id, CallOutcome.SMS_READ, BY_REPLY, now))


@dataclass(frozen=True)
class _StoredReports:
    """The ledger of reports, in the transaction of one webhook."""

    connection: Connection
    events: MessageEvents

    def lock_by_send_id(self, send_id: UUID) -> MessageState | None:
        return message_store.lock_by_send_id(self.connection, send_id)

    def lock_by_sid(self, sid: str) -> MessageState | None:
        return message_store.lock_by_sid(self.connection, sid)

    def move_by_report(self, move: Move, now: datetime) -> list[Moved]:
        return message_store.move(self.connection, [move], actor=BY_CARRIER, now=now)

    def follow_report(self, moved: Sequence[Moved], now: datetime) -> None:
        self.events.follow(self.connection, moved, now)
