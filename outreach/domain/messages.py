"""What an SMS is for and how it moves: one table of allowed moves, read by every report and every command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum, StrEnum


class MessagePurpose(StrEnum):
    """Why we write to someone. Each has one template, of its name; CAMPAIGN and ANSWER choose theirs."""

    CONTACT_INFORMED = "CONTACT_INFORMED"  # stands for the call of a contact whom the mode sheds
    MISSED_CALL = "MISSED_CALL"
    MISSED_AGAIN = "MISSED_AGAIN"  # the second time nobody answered
    CALLBACK_AGREED = "CALLBACK_AGREED"
    PREPARE_CONTACTS = "PREPARE_CONTACTS"  # a positive lists whom they met while they wait for the call
    REMINDER = "REMINDER"  # of an SMS that was not read
    CAMPAIGN = "CAMPAIGN"
    ANSWER = "ANSWER"  # an agent answers what the person wrote


# These speak of a call to come: once the person is spoken to, they are not sent any more.
ABOUT_A_CALL = frozenset(
    {
        MessagePurpose.MISSED_CALL,
        MessagePurpose.MISSED_AGAIN,
        MessagePurpose.CALLBACK_AGREED,
        MessagePurpose.PREPARE_CONTACTS,
    }
)


class Urgency(IntEnum):
    """Who is sent first; bulk never overtakes."""

    AT_ONCE = 0
    CONTACT = 1
    BULK = 2


class MessageStatus(StrEnum):
    """Where a message stands."""

    QUEUED = "QUEUED"  # in our own queue; the phone company knows nothing of it
    SENDING = "SENDING"  # claimed by a live sender, which posts it once
    UNCERTAIN = "UNCERTAIN"  # posted perhaps: no answer, or its sender died
    ACCEPTED = "ACCEPTED"  # the phone company gave it a sid
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"  # link opened, reply received, or the carrier says so
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"  # its fate could not be settled: the person is called, never texted again blindly
    CANCELLED = "CANCELLED"  # by us, before it was posted
    EXPIRED = "EXPIRED"  # no longer useful before it could be posted


_BY_THE_CARRIER = frozenset(
    {
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
        MessageStatus.READ,
        MessageStatus.UNDELIVERED,
        MessageStatus.FAILED,
    }
)
_FINAL: frozenset[MessageStatus] = frozenset()

MOVES: Mapping[MessageStatus, frozenset[MessageStatus]] = {
    MessageStatus.QUEUED: frozenset({MessageStatus.SENDING, MessageStatus.CANCELLED, MessageStatus.EXPIRED}),
    # A report may overtake the answer to our own request.
    MessageStatus.SENDING: _BY_THE_CARRIER
    | {MessageStatus.ACCEPTED, MessageStatus.QUEUED, MessageStatus.UNCERTAIN},
    MessageStatus.UNCERTAIN: _BY_THE_CARRIER | {MessageStatus.ACCEPTED, MessageStatus.UNKNOWN},
    MessageStatus.ACCEPTED: _BY_THE_CARRIER,
    MessageStatus.SENT: _BY_THE_CARRIER - {MessageStatus.SENT},
    MessageStatus.DELIVERED: frozenset({MessageStatus.READ}),
    MessageStatus.UNKNOWN: _BY_THE_CARRIER | {MessageStatus.ACCEPTED},  # better known too late than never
    MessageStatus.READ: _FINAL,
    MessageStatus.UNDELIVERED: _FINAL,
    MessageStatus.FAILED: _FINAL,
    MessageStatus.CANCELLED: _FINAL,
    MessageStatus.EXPIRED: _FINAL,
}

ENDED = frozenset(status for status, moves in MOVES.items() if not moves)
NOT_TOLD = frozenset(
    {MessageStatus.UNDELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.EXPIRED}
)
TOLD = frozenset({MessageStatus.DELIVERED, MessageStatus.READ})

# The phone company's words. Its own queueing is one status to us: it took the message.
STATUS_OF_WORD: Mapping[str, MessageStatus] = {
    "accepted": MessageStatus.ACCEPTED,
    "scheduled": MessageStatus.ACCEPTED,
    "queued": MessageStatus.ACCEPTED,
    "sending": MessageStatus.ACCEPTED,
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "undelivered": MessageStatus.UNDELIVERED,
    "failed": MessageStatus.FAILED,
    "canceled": MessageStatus.FAILED,
}

USEFUL_FOR: Mapping[MessagePurpose, timedelta] = {
    MessagePurpose.CONTACT_INFORMED: timedelta(hours=24),
    MessagePurpose.MISSED_CALL: timedelta(hours=4),
    MessagePurpose.MISSED_AGAIN: timedelta(hours=4),
    MessagePurpose.CALLBACK_AGREED: timedelta(hours=12),
    MessagePurpose.PREPARE_CONTACTS: timedelta(hours=12),
    MessagePurpose.REMINDER: timedelta(hours=24),
    MessagePurpose.CAMPAIGN: timedelta(hours=48),
    MessagePurpose.ANSWER: timedelta(hours=12),
}
URGENCY_OF: Mapping[MessagePurpose, Urgency] = {
    MessagePurpose.CONTACT_INFORMED: Urgency.CONTACT,
    MessagePurpose.MISSED_CALL: Urgency.AT_ONCE,
    MessagePurpose.MISSED_AGAIN: Urgency.AT_ONCE,
    MessagePurpose.CALLBACK_AGREED: Urgency.AT_ONCE,
    MessagePurpose.PREPARE_CONTACTS: Urgency.AT_ONCE,
    MessagePurpose.REMINDER: Urgency.BULK,
    MessagePurpose.CAMPAIGN: Urgency.BULK,
    MessagePurpose.ANSWER: Urgency.AT_ONCE,
}


def may_move(current: MessageStatus, to: MessageStatus) -> bool:
    """Whether the table allows the move; a late or repeated report asks for one it does not."""
    return to in MOVES[current]


def sources_of(to: MessageStatus) -> frozenset[MessageStatus]:
    """Every status from which `to` may be reached."""
    return frozenset(status for status, moves in MOVES.items() if to in moves)
