"""How messages are posted, each once: claim and commit, check that we live, post, save the answers.

The machine does no I/O: it asks for steps (send_steps.py). Dying at any of them loses nobody:
a claim is committed before its first post, so that whoever comes after knows what may have been posted;
a sender proves that it lives by a lock, and the one deadline of its posts counts from that proof;
an answer that never came is UNCERTAIN, and only message_repairs.py may settle it. Nothing is posted again but
what was never processed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import assert_never

from outreach.domain.load_shedding import ModeInForce
from outreach.domain.messages import MessageStatus
from outreach.domain.send_answers import FailureClass, SendAnswer, SendVerdict
from outreach.domain.send_ledger import Allowance, Claim, FailedMessage, Move, Moved, Prepared, SendLedger
from outreach.domain.send_limits import Limits
from outreach.domain.send_pace import SenderPace
from outreach.domain.send_steps import CheckLock, Commit, HoldLock, Monotonic, Now, Post, Posting, Steps, Wait
from outreach.domain.sms_hours import SHORTEST_VALIDITY, SmsHours, validity_seconds

PAUSE = timedelta(seconds=1)  # before a message that was never processed is posted again
POLL_SECONDS = 0.2
SLOW = (FailureClass.SLOW_DOWN, FailureClass.QUEUE_FULL)


@dataclass(frozen=True)
class SendRules:
    """The choices of a platform's operator that the machine obeys.

    `segments_of_shed`: the most segments of the text that stands for a call.
    """

    default_sender: str
    hours: SmsHours = field(default_factory=SmsHours)
    batch: int = 200
    segments_of_shed: int = 3
    segment_price: Decimal = Decimal(0)  # euros
    deadline_seconds: float = 20.0
    grace: timedelta = timedelta(seconds=120)
    receipt_after: timedelta = timedelta(minutes=15)
    unread_after: timedelta = timedelta(hours=24)


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
class Batch:
    """What one claim took; `waits`: there is work, but the pace does not allow it yet."""

    prepared: tuple[Prepared, ...] = ()
    waits: bool = False


@dataclass(frozen=True)
class Sending:
    """The machine of one lane. Each method is a safeguard of its own; the simulator removes them in turn."""

    rules: SendRules

    def has_work(self) -> Steps[bool]:
        """Cheap: most nudges find nothing."""
        now = yield from Now()
        return (yield from Commit("looked", partial(self._has_work, now=now)))

    def lane(self, until: float, *, beside: Callable[[], bool] | None = None) -> Steps[Sent]:
        """Batch after batch of every sender in turn, under a lock of its own, until nothing is due.

        With `beside` it is an urgent lane: it leaves to the others what can wait, so that no slow post of
        theirs holds up a missed call, and goes on while `beside` says that they do.
        """
        urgent = beside is not None
        total = Sent()
        lock = yield from HoldLock()
        while (yield from Monotonic()) < until:
            sent, waits = yield from self.turn(lock, urgent=urgent)
            total = total.plus(sent)
            if sent.posted == 0 and not (waits or (beside is not None and beside())):
                break
            if sent.posted == 0:
                yield from Wait(POLL_SECONDS)
        return total

    def turn(self, lock: int, *, urgent: bool = False) -> Steps[tuple[Sent, bool]]:
        """One batch of each sender; and whether some must wait for their pace."""
        senders = yield from Commit("listed", lambda ledger: ledger.sender_names())
        total, waits = Sent(), False
        for sender in senders:
            batch = yield from self.claim(sender, lock, urgent=urgent)
            waits = waits or batch.waits
            if batch.prepared:
                total = total.plus((yield from self.send(sender, batch.prepared)))
        return total, waits

    def claim(self, sender: str, lock: int, *, urgent: bool = False) -> Steps[Batch]:
        """Take what the pace allows, in one commit, before anything is posted."""
        now = yield from Now()
        claim = Claim(sender, lock, now)
        return (yield from Commit("claimed", partial(self._claim, claim=claim, urgent=urgent)))

    def send(self, sender: str, prepared: Sequence[Prepared]) -> Steps[Sent]:
        """Post a claimed batch and save its answers. Posts nothing when our lock is gone."""
        checked_at = yield from CheckLock()
        now = yield from Now()
        closing = self.closing_times(prepared, now)
        fit = [m for m in prepared if self.may_be_posted(m, closing[m.time_zone], now)]
        postings = [self.posting(m, closing[m.time_zone], now) for m in fit]
        until = checked_at + self.rules.deadline_seconds
        answers = (yield from Post(sender, postings, until)) if postings else []
        posted = {message.message_id for message in fit}
        unfit = [message for message in prepared if message.message_id not in posted]
        return (yield from self.save(sender, list(zip(fit, answers, strict=True)), unfit))

    def save(
        self, sender: str, answered: Sequence[tuple[Prepared, SendAnswer]], unfit: Sequence[Prepared]
    ) -> Steps[Sent]:
        """All answers in one commit; what a report moved meanwhile stays as the report says."""
        now = yield from Now()
        work = partial(self._save, sender=sender, answered=answered, unfit=unfit, now=now)
        return (yield from Commit("saved", work))

    def closing_times(self, prepared: Sequence[Prepared], now: datetime) -> dict[str, datetime]:
        """For each zone, when the hours for SMS that hold `now` end; `now` itself outside them."""
        hours = self.rules.hours
        zones = {message.time_zone for message in prepared}
        return {zone: hours.closes_at(zone, now) if hours.is_open(zone, now) else now for zone in zones}

    def may_be_posted(self, message: Prepared, closes: datetime, now: datetime) -> bool:
        """Still useful and at a decent hour when its post ends: we may have been frozen since the claim."""
        ends = now + timedelta(seconds=self.rules.deadline_seconds)
        return ends <= min(message.useful_until, closes)

    def posting(self, message: Prepared, closes: datetime, now: datetime) -> Posting:
        """The phone company may try until the text is useless or the hours for SMS end."""
        return Posting(message, validity_seconds(message.useful_until, closes, now))

    def move_for(self, message: Prepared, answer: SendAnswer) -> Move:
        """What an answer says of its message."""
        match answer.verdict:
            case SendVerdict.ACCEPTED:
                return Move(
                    message.message_id, MessageStatus.ACCEPTED, sid=answer.sid, segments=answer.segments
                )
            case SendVerdict.UNCERTAIN:
                return Move(message.message_id, MessageStatus.UNCERTAIN, code=answer.code)
            case SendVerdict.SLOW_DOWN:
                return Move(message.message_id, MessageStatus.QUEUED)
            case SendVerdict.REFUSED:
                again = answer.failure in SLOW
                to = MessageStatus.QUEUED if again else MessageStatus.FAILED
                return Move(message.message_id, to, code=answer.code)
            case _:
                assert_never(answer.verdict)

    def _has_work(self, ledger: SendLedger, now: datetime) -> bool:
        for sender in ledger.sender_names():
            shedding = [mode.platform for mode in ledger.modes(sender, now) if mode.level(now) > 0]
            if ledger.has_work(sender, shedding, now):
                return True
        return False

    def _claim(self, ledger: SendLedger, claim: Claim, *, urgent: bool) -> Batch:
        """Queued messages first, then entries the mode sheds: what pace and budgets allow."""
        pace = ledger.lock_pace(claim.sender, claim.now).refilled(claim.now)
        limits = Limits(ledger.budgets(claim.now), self.rules.segment_price)
        allowance = self.allowance(pace, claim.now, urgent=urgent)
        held = ledger.modes(claim.sender, claim.now, may_end=limits.may_end(allowance.segments))
        modes = [mode for mode in held if mode.level(claim.now) > 0]
        prepared: list[Prepared] = []
        if allowance.segments > 0:
            limits.hold_back(ledger, claim.sender, claim.now)
            texted = [mode for mode in modes if limits.texts_contacts(mode.platform)]
            claimed = self._claimed(ledger, claim, texted, allowance)
            prepared = limits.apply(ledger, claim, claimed)
            ledger.put_pace(claim.sender, pace.spent(sum(message.segments for message in prepared)))
        waits = (
            not prepared
            and not urgent
            and allowance.bulk == 0
            and pace.stopped_because is None
            and ledger.has_work(claim.sender, [mode.platform for mode in modes], claim.now)
        )
        return Batch(tuple(prepared), waits)

    def allowance(self, pace: SenderPace, now: datetime, *, urgent: bool) -> Allowance:
        """What the pace allows; a part of it is kept for urgent messages."""
        return Allowance(pace.allowance(now), 0 if urgent else pace.bulk_allowance(now))

    def _claimed(
        self, ledger: SendLedger, claim: Claim, modes: Sequence[ModeInForce], allowance: Allowance
    ) -> list[Prepared]:
        zones = self.open_zones(ledger, claim)
        prepared = self._take(ledger, claim, zones, allowance)
        for mode in modes:
            room = self._room(prepared, allowance.bulk)
            if zones and room > 0:
                prepared += ledger.shed(claim, mode, zones=zones, most=room)
        return prepared

    def open_zones(self, ledger: SendLedger, claim: Claim) -> list[str]:
        """Where an SMS may arrive now; what is due elsewhere waits for its next opening."""
        hours, zones = self.rules.hours, ledger.zones()
        open_now = hours.open_zones(zones, claim.now)
        soon = claim.now + SHORTEST_VALIDITY
        closed = {zone: hours.next_open(zone, soon) for zone in zones if zone not in open_now}
        ledger.await_opening(claim.sender, closed, claim.now)
        return open_now

    def _take(
        self, ledger: SendLedger, claim: Claim, zones: Sequence[str], allowance: Allowance
    ) -> list[Prepared]:
        prepared, sealed = ledger.take_queued(claim, zones=zones, allowance=allowance, most=self.rules.batch)
        lost = [Move(message_id, MessageStatus.FAILED, code="cannot_open") for message_id in sealed]
        failed = ledger.move(lost, claim.now)
        ledger.follow_failures([FailedMessage(m, FailureClass.LATER) for m in failed], claim.now)
        return prepared

    def _room(self, prepared: Sequence[Prepared], allowance: int) -> int:
        """How many more messages fit into this batch and this allowance."""
        left = allowance - sum(message.segments for message in prepared)
        return min(self.rules.batch - len(prepared), -(-left // self.rules.segments_of_shed))

    def _save(
        self,
        ledger: SendLedger,
        sender: str,
        answered: Sequence[tuple[Prepared, SendAnswer]],
        unfit: Sequence[Prepared],
        now: datetime,
    ) -> Sent:
        moves = [self.move_for(message, answer) for message, answer in answered]
        never_posted = [Move(message.message_id, MessageStatus.QUEUED) for message in unfit]
        classes = {message.message_id: answer.failure for message, answer in answered}
        moved = ledger.move(moves + never_posted, now)
        again = [m.message_id for m in moved if m.status is MessageStatus.QUEUED]
        ledger.postpone(again, now + PAUSE)
        slowed_down = any(move.to is MessageStatus.QUEUED for move in moves)
        failed = [_failed(m, classes[m.message_id]) for m in moved if m.status is MessageStatus.FAILED]
        ledger.follow_failures(failed, now)
        self._learn_pace(ledger, sender, slowed_down=slowed_down, now=now)
        # Last, as in a claim: whoever holds what was spent waits for no sender.
        unused = set(again)
        ledger.refund([m for m in (*unfit, *(a for a, _ in answered)) if m.message_id in unused], now)
        return Sent(
            posted=len(answered),
            accepted=sum(move.to is MessageStatus.ACCEPTED for move in moves),
            again=len(again),
            failed=len(failed),
            uncertain=sum(move.to is MessageStatus.UNCERTAIN for move in moves),
        )

    def _learn_pace(self, ledger: SendLedger, sender: str, *, slowed_down: bool, now: datetime) -> None:
        pace = ledger.read_pace(sender)
        if pace is not None and not slowed_down and pace.pace == pace.most:
            return  # at full speed already: the claims of other lanes need not wait for us
        held = ledger.lock_pace(sender, now)
        ledger.put_pace(sender, held.after_batch(slowed_down=slowed_down, now=now))


def _failed(message: Moved, failure: FailureClass | None) -> FailedMessage:
    return FailedMessage(message, failure or FailureClass.OUR_FAULT)
