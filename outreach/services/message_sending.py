"""Posts messages, each once: claim and commit, post, save the answers; killing it at any moment loses nobody.

A sender proves that it lives by a session advisory lock, not by a clock: its end frees the lock at once, and
what it had claimed becomes UNCERTAIN, to be settled by a report, by the provider's list, or by a call.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.clock import Clock, monotonic
from outreach.domain.case_records import Person
from outreach.domain.messages import MessagePurpose, MessageStatus
from outreach.domain.sms_hours import SHORTEST_VALIDITY, validity_seconds
from outreach.log import get_logger
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.services.message_failures import FailedMessage, follow_failures
from outreach.services.message_settings import MessageSettings
from outreach.services.shedding import Claim, Prepared, Shedding
from outreach.storage import journal, message_queue_store, message_store, mode_store, sender_store, shed_store
from outreach.storage.database import Connection, Database
from outreach.storage.message_store import Claimed, Move, Moved
from outreach.storage.vault import CannotOpen, Vault
from outreach.telephony.provider import (
    FailureClass,
    MessageOrder,
    SendAnswer,
    SendVerdict,
    TelephonyProvider,
)

log = get_logger("message_sending")

SENDER = journal.by_system("sender")
PAUSE = timedelta(seconds=1)  # before a message that was never processed is posted again
POLL_SECONDS = 0.2
SLOW = (FailureClass.SLOW_DOWN, FailureClass.QUEUE_FULL)


@dataclass(frozen=True)
class Sent:
    """What a run of the sender did."""

    posted: int = 0
    accepted: int = 0
    again: int = 0  # never processed: queued again
    failed: int = 0
    uncertain: int = 0

    def plus(self, other: Sent) -> Sent:
        return Sent(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Batch:
    """What one claim took; `waits`: there is work, but the pace does not allow it yet."""

    prepared: tuple[Prepared, ...] = ()
    waits: bool = False


@dataclass(frozen=True)
class MessageSending:
    """The sender; several may run at once. `checkpoint` is told each step, so that tests can kill there."""

    database: Database
    vault: Vault
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    shedding: Shedding
    settings: MessageSettings
    checkpoint: Callable[[str], None] = lambda _step: None

    def send_due(self, *, most_seconds: float = 20.0) -> Sent:
        """Send what is due, until nothing is or the time is up.

        While one lane waits for the phone company, another claims and a third saves.
        """
        deadline, total = monotonic() + most_seconds, Sent()
        if not self._has_work():
            return total
        with ThreadPoolExecutor(self.settings.lanes) as pool:
            lanes = [pool.submit(self._lane, deadline) for _ in range(self.settings.lanes)]
        for lane in lanes:
            total = total.plus(lane.result())
        return total

    def _has_work(self) -> bool:
        """Cheap: most nudges find nothing."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return any(
                message_store.has_work(connection, sender, self._shedding(connection, sender, now), now=now)
                for sender in sender_store.names(connection, self.settings.sender)
            )

    def _shedding(self, connection: Connection, sender: str, now: datetime) -> list[str]:
        """The platforms of a sender whose mode sheds."""
        modes = mode_store.of_sender(connection, sender, is_default=sender == self.settings.sender)
        return [mode.platform for mode in modes if mode.level(now) > 0]

    def _lane(self, deadline: float) -> Sent:
        """Batch after batch of every sender in turn, under a lock of its own."""
        total = Sent()
        with self.database.session() as session:
            claimed_by = _prove_alive(session)
            while monotonic() < deadline:
                sent, waits = self._round(session, claimed_by)
                total = total.plus(sent)
                if sent.posted == 0 and not waits:
                    break
                if sent.posted == 0:
                    self.clock.wait(POLL_SECONDS)
        return total

    def _round(self, session: Connection, claimed_by: int) -> tuple[Sent, bool]:
        """One batch of each sender."""
        with self.database.begin() as connection:
            senders = sender_store.names(connection, self.settings.sender)
        total, waits = Sent(), False
        for sender in senders:
            batch = self._claim(Claim(sender, claimed_by, self.clock.now()))
            waits = waits or batch.waits
            if batch.prepared:
                self.checkpoint("claimed")
                total = total.plus(self._send(session, sender, batch.prepared))
        return total, waits

    def _claim(self, claim: Claim) -> _Batch:
        """Take what the pace allows, in one commit: queued messages, then entries the mode sheds."""
        with self.database.begin() as connection:
            pace = sender_store.lock(
                connection, claim.sender, most=self.settings.segments_per_second, now=claim.now
            ).refilled(claim.now)
            allowance = pace.allowance(claim.now)
            modes = mode_store.of_sender(
                connection, claim.sender, is_default=claim.sender == self.settings.sender
            )
            if allowance == 0:
                waits = pace.stopped_because is None and message_store.has_work(
                    connection, claim.sender, [m.platform for m in modes if m.level(claim.now)], now=claim.now
                )
                return _Batch(waits=waits)
            prepared = self._take(connection, claim, allowance)
            for mode in modes:
                room = self._room(prepared, allowance)
                prepared += self.shedding.shed(connection, claim, mode, most=room)
            spent = pace.spent(sum(message.segments for message in prepared))
            sender_store.put(connection, claim.sender, spent)
        return _Batch(tuple(prepared))

    def _take(self, connection: Connection, claim: Claim, allowance: int) -> list[Prepared]:
        claimed = message_store.claim_queued(
            connection,
            claim.sender,
            claimed_by=claim.claimed_by,
            zones=self._open_zones(connection, claim),
            allowance=allowance,
            most=self.settings.batch,
            now=claim.now,
            useful_for=SHORTEST_VALIDITY,
        )
        opened = [(message, self._opened(message)) for message in claimed]
        closed = [
            Move(m.message_id, MessageStatus.FAILED, code="cannot_open") for m, p in opened if p is None
        ]
        failed = message_store.move(connection, closed, actor=SENDER, now=claim.now)
        self._follow(connection, [FailedMessage(m, FailureClass.LATER) for m in failed], claim.now)
        return [prepared for _, prepared in opened if prepared is not None]

    def _open_zones(self, connection: Connection, claim: Claim) -> list[str]:
        """Where an SMS may arrive now; what is due elsewhere waits for its next opening."""
        hours, zones = self.settings.hours, shed_store.zones_of_callees(connection)
        open_now = hours.open_zones(zones, claim.now)
        soon = claim.now + SHORTEST_VALIDITY
        closed = {zone: hours.next_open(zone, soon) for zone in zones if zone not in open_now}
        message_queue_store.await_opening(connection, claim.sender, closed, now=claim.now)
        return open_now

    def _opened(self, message: Claimed) -> Prepared | None:
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
        )

    def _room(self, prepared: Sequence[Prepared], allowance: int) -> int:
        """How many more messages fit into this batch and this allowance."""
        left = allowance - sum(message.segments for message in prepared)
        each = self.shedding.catalog.entry(MessagePurpose.CONTACT_INFORMED).most_segments
        return min(self.settings.batch - len(prepared), -(-left // each))

    def _send(self, session: Connection, sender: str, prepared: Sequence[Prepared]) -> Sent:
        """Post the batch and save its answers. Raises, having posted nothing, when our lock is gone."""
        now = self.clock.now()
        orders = [self._order(sender, message, now) for message in prepared]
        sender_store.check_alive(session)  # the deadline counts from here
        answers = self.provider.send_messages(orders, deadline_seconds=self.settings.deadline_seconds)
        self.checkpoint("posted")
        sent = self._save(sender, list(zip(prepared, answers, strict=True)))
        self.checkpoint("saved")
        log.info("messages.sent", **vars(sent))
        return sent

    def _order(self, sender: str, message: Prepared, now: datetime) -> MessageOrder:
        closes = self.settings.hours.closes_at(message.time_zone, now)
        return MessageOrder(
            to=message.to,
            body=message.body,
            sender=sender,
            status_callback=self.urls.of(Webhook.MESSAGE_STATUS, message.send_id),
            validity_seconds=validity_seconds(message.useful_until, closes, now),
        )

    def _save(self, sender: str, answered: Sequence[tuple[Prepared, SendAnswer]]) -> Sent:
        """All answers in one transaction; what a report moved meanwhile stays as the report says."""
        now = self.clock.now()
        moves = [_move_for(message, answer) for message, answer in answered]
        failures = {message.message_id: answer.failure for message, answer in answered}
        with self.database.begin() as connection:
            moved = message_store.move(connection, moves, actor=SENDER, now=now)
            again = [m.message_id for m in moved if m.status is MessageStatus.QUEUED]
            message_queue_store.postpone(connection, again, now + PAUSE)
            failed = [_failed(m, failures[m.message_id]) for m in moved if m.status is MessageStatus.FAILED]
            self._follow(connection, failed, now)
            self._learn_pace(connection, sender, slowed_down=bool(again), now=now)
        return Sent(
            posted=len(answered),
            accepted=sum(move.to is MessageStatus.ACCEPTED for move in moves),
            again=len(again),
            failed=len(failed),
            uncertain=sum(move.to is MessageStatus.UNCERTAIN for move in moves),
        )

    def _follow(self, connection: Connection, failed: Sequence[FailedMessage], now: datetime) -> None:
        follow_failures(connection, failed, default_sender=self.settings.sender, now=now)

    def _learn_pace(self, connection: Connection, sender: str, *, slowed_down: bool, now: datetime) -> None:
        most = self.settings.segments_per_second
        pace = sender_store.read(connection, sender, most=most)
        if pace is not None and not slowed_down and pace.pace == most:
            return  # at full speed already: the claims of other lanes need not wait for us
        held = sender_store.lock(connection, sender, most=most, now=now)
        sender_store.put(connection, sender, held.after_batch(slowed_down=slowed_down, now=now))


def _prove_alive(session: Connection) -> int:
    """Hold a lock of our own until this session ends, however it ends."""
    key = secrets.randbits(62)
    sender_store.hold(session, key)
    return key


def _move_for(message: Prepared, answer: SendAnswer) -> Move:
    match answer.verdict:
        case SendVerdict.ACCEPTED:
            return Move(message.message_id, MessageStatus.ACCEPTED, sid=answer.sid, segments=answer.segments)
        case SendVerdict.UNCERTAIN:
            return Move(message.message_id, MessageStatus.UNCERTAIN, code=answer.code)
        case SendVerdict.SLOW_DOWN:
            return Move(message.message_id, MessageStatus.QUEUED)
        case SendVerdict.REFUSED:
            again = answer.failure in SLOW
            to = MessageStatus.QUEUED if again else MessageStatus.FAILED
            return Move(message.message_id, to, code=answer.code)


def _failed(message: Moved, failure: FailureClass | None) -> FailedMessage:
    return FailedMessage(message, failure or FailureClass.OUR_FAULT)
