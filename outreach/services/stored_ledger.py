"""The ledger of sending in PostgreSQL: each question of the machine is one intention of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain.case_records import Person
from outreach.domain.load_shedding import ModeInForce
from outreach.domain.messages import MessageStatus, Urgency
from outreach.domain.report_effects import Effect
from outreach.domain.send_ledger import (
    Allowance,
    Because,
    Claim,
    Doubtful,
    FailedMessage,
    MessageState,
    Move,
    Moved,
    Prepared,
    Report,
)
from outreach.domain.send_pace import SenderPace
from outreach.domain.sms_hours import SHORTEST_VALIDITY
from outreach.domain.spend_limits import Breaker, PlatformBudget
from outreach.log import get_logger
from outreach.services.message_events import MessageEvents
from outreach.services.message_failures import follow_failures
from outreach.services.message_settings import MessageSettings
from outreach.services.sender_failover import texted_by
from outreach.services.shedding import Shedding
from outreach.services.spending import refund, trip
from outreach.storage import (
    message_queue_store,
    message_store,
    message_sweep_store,
    mode_store,
    platform_sender_store,
    sender_store,
    shed_store,
    spend_store,
)
from outreach.storage.database import Connection
from outreach.storage.message_store import Claimed
from outreach.storage.message_sweep_store import Unsettled
from outreach.storage.vault import CannotOpen, Vault

log = get_logger("messages")


@dataclass(frozen=True)
class StoredLedger:
    """One transaction's view; `actor` is whom the journal names."""

    connection: Connection
    vault: Vault
    settings: MessageSettings
    shedding: Shedding
    events: MessageEvents
    actor: str

    def sender_names(self) -> list[str]:
        return platform_sender_store.names(self.connection, self.settings.sender)

    def lock_pace(self, sender: str, now: datetime) -> SenderPace:
        most = self.settings.segments_per_second
        return sender_store.lock(self.connection, sender, most=most, now=now)

    def read_pace(self, sender: str) -> SenderPace | None:
        return sender_store.read(self.connection, sender, most=self.settings.segments_per_second)

    def put_pace(self, sender: str, pace: SenderPace) -> None:
        sender_store.put(self.connection, sender, pace)

    def modes(self, sender: str, now: datetime, *, may_end: Sequence[str] = ()) -> list[ModeInForce]:
        codes = texted_by(self.connection, sender, default=self.settings.sender, now=now)
        if not may_end:
            return mode_store.of_platforms(self.connection, codes)
        held = mode_store.lock_all(self.connection, sorted({*codes, *may_end}))
        return [mode for mode in held if mode.platform in codes]

    def has_work(self, sender: str, shedding: Sequence[str], now: datetime) -> bool:
        return message_store.has_work(self.connection, sender, shedding, now=now)

    def budgets(self, now: datetime) -> Mapping[str, PlatformBudget]:
        return spend_store.budgets(self.connection, now)

    def hold_back(
        self, sender: str, platform: str, *, above: Urgency | None, until: datetime, now: datetime
    ) -> None:
        spend_store.hold_back(self.connection, sender, platform, above=above, until=until, now=now)

    def hold(self, message_ids: Sequence[UUID], until: datetime) -> None:
        spend_store.hold(self.connection, message_ids, until)

    def count_segments(
        self, segments: Mapping[tuple[str, str], int], now: datetime
    ) -> Mapping[tuple[str, str], int]:
        return spend_store.count(self.connection, segments, now)

    def trip(self, platform: str, breaker: Breaker, prefix: str, *, everything: bool, now: datetime) -> None:
        trip(self.connection, platform, breaker, prefix, everything=everything, now=now)

    def zones(self) -> list[str]:
        return shed_store.zones_of_callees(self.connection)

    def await_opening(self, sender: str, opens: Mapping[str, datetime], now: datetime) -> None:
        message_queue_store.await_opening(self.connection, sender, opens, now=now)

    def take_queued(
        self, claim: Claim, *, zones: Sequence[str], allowance: Allowance, most: int
    ) -> tuple[list[Prepared], list[UUID]]:
        claimed = message_store.claim_queued(
            self.connection,
            claim.sender,
            claimed_by=claim.claimed_by,
            zones=zones,
            allowance=allowance,
            most=most,
            now=claim.now,
            useful_for=SHORTEST_VALIDITY,
        )
        opened = [(message.message_id, self._prepared(message)) for message in claimed]
        return [one for _, one in opened if one is not None], [m for m, one in opened if one is None]

    def shed(self, claim: Claim, mode: ModeInForce, *, zones: Sequence[str], most: int) -> list[Prepared]:
        # Several senders may text one platform; a household hears of it once, so they take turns.
        platform_sender_store.take_turn(self.connection, mode.platform)
        return self.shedding.shed(self.connection, claim, mode, zones=zones, most=most)

    def move(self, moves: Sequence[Move], now: datetime) -> list[Moved]:
        moved = message_store.move(self.connection, moves, actor=self.actor, now=now)
        for one in moved:
            if one.status is MessageStatus.UNKNOWN:
                log.info("message.unknown", message_id=str(one.message_id))
        return moved

    def postpone(self, message_ids: Sequence[UUID], until: datetime) -> None:
        message_queue_store.postpone(self.connection, message_ids, until)

    def refund(self, messages: Sequence[Prepared], now: datetime) -> None:
        refund(self.connection, messages, now)

    def follow_failures(self, failed: Sequence[FailedMessage], now: datetime) -> None:
        follow_failures(self.connection, failed, default_sender=self.settings.sender, now=now)

    def lock_message(self, message_id: UUID) -> MessageState:
        return message_store.lock(self.connection, message_id)

    def messages_of_dead(self, most: int) -> list[UUID]:
        return sender_store.messages_of_dead(self.connection, most=most)

    def uncertain(self, *, until: datetime, most: int) -> list[Doubtful]:
        rows = message_sweep_store.uncertain(self.connection, until=until, most=most)
        return [self._doubtful(row) for row in rows]

    def silent(
        self, *, accepted_before: datetime, asked_before: datetime, now: datetime, most: int
    ) -> list[Doubtful]:
        rows = message_sweep_store.silent(
            self.connection, accepted_before=accepted_before, asked_before=asked_before, now=now, most=most
        )
        return [self._doubtful(row) for row in rows]

    def known_sids(self, sids: Sequence[str]) -> set[str]:
        return message_store.known_sids(self.connection, sids)

    def give_up_waiting(self, *, accepted_before: datetime, now: datetime, most: int) -> list[UUID]:
        return message_sweep_store.give_up_waiting(
            self.connection, accepted_before=accepted_before, now=now, most=most
        )

    def useless(self, *, until: datetime, most: int) -> list[UUID]:
        return message_sweep_store.useless(self.connection, until=until, most=most)

    def unwanted(self, most: int) -> list[UUID]:
        return message_sweep_store.unwanted(self.connection, most=most)

    def unsent_not_shed(self, now: datetime, most: int) -> list[UUID]:
        return shed_store.unsent_not_shed(self.connection, now=now, most=most)

    def return_entries(
        self, message_ids: Sequence[UUID], *, because: Because, owed: bool, now: datetime
    ) -> None:
        shed_store.return_entries(self.connection, message_ids, because=because, owed=owed, now=now)

    def report(self, message_id: UUID, report: Report, now: datetime) -> Effect:
        return self.events.move(self.connection, message_store.lock(self.connection, message_id), report, now)

    def _prepared(self, message: Claimed) -> Prepared | None:
        """None when a sealed value no longer fits: one such message must not hold up the others."""
        try:
            key = self.vault.person_key(message.person_id, message.wrapped_key)
            person = Person.from_sealed(key.open(message.sealed_person))
            to, body = person.number_at(message.phone_position), key.open_text(message.sealed_body)
        except (CannotOpen, IndexError):
            return None
        return Prepared(
            message.message_id,
            message.send_id,
            to,
            body,
            message.segments,
            message.time_zone,
            message.useful_until,
            message.platform,
            Urgency(message.urgency),
        )

    def _doubtful(self, row: Unsettled) -> Doubtful:
        to, body = self._opened(row) or (None, "")
        return Doubtful(row.message_id, to, body, row.provider_sid, row.claimed_at, row.uncertain_since)

    def _opened(self, row: Unsettled) -> tuple[str, str] | None:
        """Number and body; None once the person was erased."""
        if row.sealed_person is None or row.wrapped_key is None or row.sealed_body is None:
            return None
        try:
            key = self.vault.person_key(row.person_id, row.wrapped_key)
            person = Person.from_sealed(key.open(row.sealed_person))
            return person.number_at(row.phone_position), key.open_text(row.sealed_body)
        except (CannotOpen, IndexError):
            return None
