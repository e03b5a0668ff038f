"""The rows of the model's ledger, as the tables of PostgreSQL keep them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from outreach.domain.messages import MessagePurpose, MessageStatus

MessageId = UUID


class EntryState(StrEnum):
    """Where a person's entry of the call list stands."""

    LISTED = "LISTED"  # ready or waiting for a call
    LEASED = "LEASED"
    TEXTED = "TEXTED"
    CLOSED = "CLOSED"


@dataclass(slots=True, eq=False)
class Entry:
    """One person on the call list; `number_index` is the number for SMS, None when there is none."""

    entry_id: UUID
    number_index: bytes | None
    zone: str
    shed_level: int
    state: EntryState = EntryState.LISTED
    message_id: MessageId | None = None
    told: bool = False


@dataclass(slots=True, eq=False)
class Row:
    """One message."""

    id: MessageId
    order: int  # ids grow with time
    send_id: UUID
    number: bytes
    purpose: MessagePurpose
    urgency: int
    body: str
    segments: int
    zone: str
    sender: str
    status: MessageStatus
    not_before: datetime
    useful_until: datetime
    created_at: datetime
    claimed_by: int | None = None
    claimed_at: datetime | None = None
    uncertain_since: datetime | None = None
    sid: str | None = None
    code: str = ""
    accepted_at: datetime | None = None
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    returned_at: datetime | None = None
    entries: list[Entry] = field(default_factory=list)
