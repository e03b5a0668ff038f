"""What the machine of sending knows of messages, and what it asks of the ledger inside one transaction.

Two ledgers keep this promise: the tables of PostgreSQL, and the one in memory that the simulator of sending
runs on (tests/sending_model).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from outreach.domain.load_shedding import ModeInForce
from outreach.domain.messages import MessagePurpose, MessageStatus, Urgency
from outreach.domain.report_effects import Effect
from outreach.domain.send_answers import FailureClass
from outreach.domain.send_pace import SenderPace
from outreach.domain.spend_limits import Breaker, PlatformBudget


@dataclass(frozen=True)
class Claim:
    """Who claims (by the lock that proves its life), when, for which sender."""

    sender: str
    claimed_by: int
    now: datetime


@dataclass(frozen=True)
class Prepared:
    """A claimed message ready to be posted once."""

    message_id: UUID
    send_id: UUID
    to: str
    body: str
    segments: int
    time_zone: str
    useful_until: datetime
    platform: str = ""
    urgency: Urgency = Urgency.BULK


@dataclass(frozen=True)
class Allowance:
    """Segments one claim may take: in all, and for those who can wait (a missed call cannot)."""

    segments: int
    bulk: int


@dataclass(frozen=True)
class Move:
    """A wish to move one message; empty values leave the column as it is."""

    message_id: UUID
    to: MessageStatus
    sid: str = ""
    code: str = ""
    segments: int = 0


@dataclass(frozen=True)
class Moved:
    """A message that did move."""

    message_id: UUID
    platform: str
    person_id: UUID
    purpose: MessagePurpose
    status: MessageStatus
    number_index: bytes
    sender: str
    code: str


@dataclass(frozen=True)
class MessageState:
    """What a report needs to know of a message."""

    message_id: UUID
    status: MessageStatus
    provider_sid: str | None


@dataclass(frozen=True)
class Doubtful:
    """A message to ask the provider about; `to` is None once its person was erased."""

    message_id: UUID
    to: str | None
    body: str
    provider_sid: str | None
    claimed_at: datetime | None
    uncertain_since: datetime


@dataclass(frozen=True)
class FailedMessage:
    """A message that will not arrive, and what its code asks of us."""

    message: Moved
    failure: FailureClass


@dataclass(frozen=True)
class Report:
    """What the carrier says of one message, in a callback or in its list."""

    to: MessageStatus
    sid: str
    code: str


class Because(StrEnum):
    """Why people for whom an SMS stood are on the call list again."""

    UNREAD = "SMS_UNREAD"
    UNKNOWN = "SMS_UNKNOWN"
    FAILED = "SMS_FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    STOPPED = "SMS_STOPPED"


class ReportLedger(Protocol):
    """What a report needs: find the message and hold it, move it, and let follow what follows."""

    def lock_by_send_id(self, send_id: UUID) -> MessageState | None: ...

    def lock_by_sid(self, sid: str) -> MessageState | None: ...

    def move_by_report(self, move: Move, now: datetime) -> list[Moved]: ...

    def follow_report(self, moved: Sequence[Moved], now: datetime) -> None:
        """A delivered contact is informed, one who read is done, a failed message gives a call."""
        ...


class ClaimLedger(Protocol):
    """What a claim needs; all of one claim is one transaction."""

    def sender_names(self) -> list[str]: ...

    def lock_pace(self, sender: str, now: datetime) -> SenderPace:
        """Held until the transaction ends, so that the claims of one sender never cross."""
        ...

    def put_pace(self, sender: str, pace: SenderPace) -> None: ...

    def modes(self, sender: str, now: datetime, *, may_end: Sequence[str] = ()) -> list[ModeInForce]:
        """Of the platforms whose contacts it texts now; none is switched until the transaction ends.

        `may_end`: platforms whose budget this claim may end, and whose mode it may then switch itself: claims
        that could do so take turns.
        """
        ...

    def has_work(self, sender: str, shedding: Sequence[str], now: datetime) -> bool: ...

    def budgets(self, now: datetime) -> Mapping[str, PlatformBudget]:
        """What each platform may spend and has spent."""
        ...

    def hold_back(
        self, sender: str, platform: str, *, above: Urgency | None, until: datetime, now: datetime
    ) -> None:
        """What is due and less urgent than `above` (None: all of it) waits until then."""
        ...

    def hold(self, message_ids: Sequence[UUID], until: datetime) -> None:
        """These wait until then, or until the breaker that holds them back is reset."""
        ...

    def count_segments(
        self, segments: Mapping[tuple[str, str], int], now: datetime
    ) -> Mapping[tuple[str, str], int]:
        """Add to the hour, day and month of platform and prefix; the totals of this hour."""
        ...

    def trip(self, platform: str, breaker: Breaker, prefix: str, *, everything: bool, now: datetime) -> None:
        """A breaker stops something from now on (`everything`: the platform's last SMS), and says so."""
        ...

    def zones(self) -> list[str]: ...

    def await_opening(self, sender: str, opens: Mapping[str, datetime], now: datetime) -> None: ...

    def take_queued(
        self, claim: Claim, *, zones: Sequence[str], allowance: Allowance, most: int
    ) -> tuple[list[Prepared], list[UUID]]:
        """The most urgent queued messages, now SENDING; and those whose seal no longer opens."""
        ...

    def shed(self, claim: Claim, mode: ModeInForce, *, zones: Sequence[str], most: int) -> list[Prepared]:
        """Entries that the mode texts, now SENDING messages."""
        ...


class SaveLedger(Protocol):
    """What saving the answers needs."""

    def move(self, moves: Sequence[Move], now: datetime) -> list[Moved]:
        """Make those moves that the table allows; what did move."""
        ...

    def postpone(self, message_ids: Sequence[UUID], until: datetime) -> None: ...

    def refund(self, messages: Sequence[Prepared], now: datetime) -> None:
        """Their claim counted segments that were not used: the next claim of them counts again."""
        ...

    def follow_failures(self, failed: Sequence[FailedMessage], now: datetime) -> None: ...

    def read_pace(self, sender: str) -> SenderPace | None: ...


class RepairLedger(Protocol):
    """What the sweeps look for and mend."""

    def lock_message(self, message_id: UUID) -> MessageState: ...

    def messages_of_dead(self, most: int) -> list[UUID]:
        """SENDING under a lock that nobody holds any more."""
        ...

    def uncertain(self, *, until: datetime, most: int) -> list[Doubtful]: ...

    def silent(
        self, *, accepted_before: datetime, asked_before: datetime, now: datetime, most: int
    ) -> list[Doubtful]:
        """Accepted, without a receipt, and not asked about lately; noted as asked about now."""
        ...

    def known_sids(self, sids: Sequence[str]) -> set[str]:
        """Which of these belong to a message of ours already."""
        ...

    def give_up_waiting(self, *, accepted_before: datetime, now: datetime, most: int) -> list[UUID]: ...

    def useless(self, *, until: datetime, most: int) -> list[UUID]: ...

    def unwanted(self, most: int) -> list[UUID]:
        """Queued for people who want no SMS any more."""
        ...

    def unsent_not_shed(self, now: datetime, most: int) -> list[UUID]: ...

    def return_entries(
        self, message_ids: Sequence[UUID], *, because: Because, owed: bool, now: datetime
    ) -> None:
        """To the call list, with their own deadline; `owed`: a call stands in for an SMS that failed them."""
        ...

    def report(self, message_id: UUID, report: Report, now: datetime) -> Effect: ...


class SendLedger(ClaimLedger, SaveLedger, RepairLedger, Protocol):
    """All of it."""
