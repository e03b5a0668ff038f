"""What the phone company and the people themselves say about our messages: receipts and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain import message_reports
from outreach.domain.message_reports import move_by_report, report_of
from outreach.domain.messages import MessageStatus
from outreach.domain.outcomes import CallOutcome
from outreach.domain.send_ledger import Report
from outreach.services.call_reports import Effect
from outreach.services.message_failures import FailedMessage, follow_failures
from outreach.services.replies import Replies, close_told
from outreach.services.settling import inform
from outreach.storage import journal, message_store
from outreach.storage.database import Connection
from outreach.storage.message_store import MessageState, Move, Moved
from outreach.storage.vault import Vault
from outreach.telephony.failure_codes import failure_class
from outreach.telephony.webhooks import InboundMessage, MessageReport

BY_CARRIER = journal.by_system("phone company")


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
        return Replies(self.vault).hear_sms(connection, received, now)

    def follow(self, connection: Connection, moved: Sequence[Moved], now: datetime) -> None:
        """A delivered contact is informed, one who read is done, a failed message gives its people a call."""
        ids = [message.message_id for message in moved]
        match moved[0].status if moved else None:
            case MessageStatus.DELIVERED:
                inform(connection, ids, CallOutcome.SMS_DELIVERED, now)
            case MessageStatus.READ:
                close_told(connection, ids, CallOutcome.SMS_READ, now, actor=BY_CARRIER)
            case MessageStatus.FAILED | MessageStatus.UNDELIVERED:
                failed = [FailedMessage(message, failure_class(message.code)) for message in moved]
                follow_failures(connection, failed, default_sender=self.default_sender, now=now)
            case _:
                return


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
