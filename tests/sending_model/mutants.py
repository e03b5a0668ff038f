"""The machine with one safeguard removed at a time; the simulator must notice each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from outreach.domain.household_texts import ToldNumbers
from outreach.domain.message_repairs import PIECE, Repairs
from outreach.domain.messages import MessageStatus, may_move
from outreach.domain.report_effects import Effect
from outreach.domain.send_answers import SendAnswer, SendVerdict
from outreach.domain.send_ledger import Claim, Doubtful, Move, Prepared, Report, ReportLedger, SendLedger
from outreach.domain.send_steps import CheckLock, Commit, LookUp, Monotonic, Now, Post, Posting, Step, Steps
from outreach.domain.sending import Sending, Sent
from tests.sending_model.carrier import Answer, Carrier
from tests.sending_model.memory_ledger import OF_UNKNOWN_FATE, TAKEN, MemoryLedger
from tests.sending_model.rows import Entry, Row
from tests.sending_model.story import Machine
from tests.sending_model.weather import icy_weather_of, silent_weather_of

Change = Callable[[Step[Any]], Steps[Any]]


def changed(steps: Steps[Any], change: Change) -> Steps[Any]:
    """The same machine, each of whose steps is done another way."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = yield from change(step)


class SendThenSave(MemoryLedger):
    """A claim leaves no trace: what was posted is known only once its answer is saved."""

    def _claimed(self, row: Row, claim: Claim) -> Prepared:
        prepared = super()._claimed(row, claim)
        self._set_status(row, MessageStatus.QUEUED)
        return prepared

    def _text_household(self, number: bytes, household: Sequence[Entry], claim: Claim) -> Prepared:
        prepared = super()._text_household(number, household, claim)
        self._set_status(self.messages[prepared.message_id], MessageStatus.QUEUED)
        return prepared

    def may_move(self, current: MessageStatus, to: MessageStatus) -> bool:
        return current is MessageStatus.QUEUED or super().may_move(current, to)


class DeadlineFromThePost(Sending):
    """The deadline counts from the post, not from the proof that we live."""

    def send(self, sender: str, prepared: Sequence[Prepared]) -> Steps[Sent]:
        return changed(super().send(sender, prepared), self._later)

    def _later(self, step: Step[Any]) -> Steps[Any]:
        if isinstance(step, Post):
            began = yield from Monotonic()
            step = Post(step.sender, step.postings, began + self.rules.deadline_seconds)
        return (yield from step)


class NoProofOfLife(Sending):
    """Posts what it claimed without asking whether its lock is still its own."""

    def send(self, sender: str, prepared: Sequence[Prepared]) -> Steps[Sent]:
        return changed(super().send(sender, prepared), self._unasked)

    def _unasked(self, step: Step[Any]) -> Steps[Any]:
        return (yield from Monotonic() if isinstance(step, CheckLock) else step)


class PostsWhatIsStale(Sending):
    """Frozen between claim and post, it posts all the same."""

    def may_be_posted(self, message: Prepared, closes: datetime, now: datetime) -> bool:
        return True


class TriesAgainBlindly(Sending):
    """What has no answer is queued again."""

    def move_for(self, message: Prepared, answer: SendAnswer) -> Move:
        if answer.verdict is SendVerdict.UNCERTAIN:
            return Move(message.message_id, MessageStatus.QUEUED)
        return super().move_for(message, answer)


class UncertainMeansFailed(Sending):
    """What has no answer is taken for refused."""

    def move_for(self, message: Prepared, answer: SendAnswer) -> Move:
        if answer.verdict is SendVerdict.UNCERTAIN:
            return Move(message.message_id, MessageStatus.FAILED, code="30008")
        return super().move_for(message, answer)


class NobodyIsDoubted(Repairs):
    """What the dead left behind stays where it is."""

    def _doubt(self, ledger: SendLedger, dead: frozenset[UUID], now: datetime) -> int:
        return 0


class DoubtsAsOfBefore(Repairs):
    """The moment of doubt is read before the death is seen."""

    def doubt_the_dead(self) -> Steps[int]:
        now = yield from Now()
        return (yield from Commit("doubted", partial(self._all, now=now)))

    def _all(self, ledger: SendLedger, now: datetime) -> int:
        return self._doubt(ledger, frozenset(ledger.messages_of_dead(PIECE)), now)


class NobodyLooks(Repairs):
    """Gives up without reading the phone company's list."""

    def settle(self, message: Doubtful, now: datetime) -> Steps[bool]:
        return changed(super().settle(message, now), self._unread)

    def _unread(self, step: Step[Any]) -> Steps[Any]:
        return [] if isinstance(step, LookUp) else (yield from step)


class SecondTry(Repairs):
    """Not in the list: posted again."""

    def give_up(self, ledger: SendLedger, message_id: UUID, now: datetime) -> None:
        assert isinstance(ledger, MemoryLedger)
        ledger._set_status(ledger.messages[message_id], MessageStatus.QUEUED)


class NobodyCalls(Repairs):
    """Not in the list: forgotten."""

    def give_up(self, ledger: SendLedger, message_id: UUID, now: datetime) -> None:
        ledger.move([Move(message_id, MessageStatus.UNKNOWN)], now)


class UnreadIsForgotten(Repairs):
    """Nobody is called a day after an SMS that was not read."""

    def _return_unread(self, ledger: SendLedger, now: datetime) -> int:
        return 0


class DeadByTheClock(MemoryLedger):
    """Whoever has had a message for a minute is taken for dead."""

    def is_dead(self, row: Row) -> bool:
        return row.claimed_at is None or row.claimed_at <= self.clock() - timedelta(minutes=1)


class CancelsWhatIsSending(MemoryLedger):
    """A switch back recalls what a sender has in its hands, too."""

    def recallable(self) -> list[Row]:
        return [*super().recallable(), *self.by_status[MessageStatus.SENDING].values()]

    def may_move(self, current: MessageStatus, to: MessageStatus) -> bool:
        return to is MessageStatus.CANCELLED or super().may_move(current, to)


class SameSendId(MemoryLedger):
    """Each try goes by the name of the one before."""

    def renew_send_id(self, row: Row) -> None:
        return


class FirstComeFirstServed(MemoryLedger):
    """A missed call waits behind a campaign."""

    def order_of(self, row: Row) -> tuple[int, datetime, int]:
        return 0, row.created_at, row.order


class NoHouseholds(MemoryLedger):
    """Each person gets an SMS of their own."""

    def told_numbers(self, numbers: set[bytes | None], since: datetime) -> ToldNumbers:
        return ToldNumbers({}, frozenset())


class DoubtedNumbersAreTexted(MemoryLedger):
    """A phone that perhaps has an SMS of the household gets another."""

    def told_numbers(self, numbers: set[bytes | None], since: datetime) -> ToldNumbers:
        return ToldNumbers(super().told_numbers(numbers, since).standing, frozenset())


class StopCancelsNothing(MemoryLedger):
    """Whoever said STOP still gets what is queued."""

    def stop_number(self, number: bytes, now: datetime) -> None:
        self.opted_out.setdefault(number, now)


class RepliesProveEverything(MemoryLedger):
    """A reply is taken for the answer to whatever was posted, or was about to be."""

    def may_be_answered(self, row: Row, rows: Sequence[Row]) -> bool:
        return row.status in TAKEN or row.status in OF_UNKNOWN_FATE


class StopIsForgottenMeanwhile(MemoryLedger):
    """STOP cancels what is queued, and not what comes back into the queue later."""

    def wants_sms(self, number: bytes) -> bool:
        return True


class SdkRetries(Carrier):
    """The client posts again by itself when the answer is an error."""

    def receive(self, posting: Posting, answer: Answer) -> None:
        def heard(first: SendAnswer) -> None:
            if first.verdict is SendVerdict.UNCERTAIN:
                super(SdkRetries, self).receive(posting, answer)
            else:
                answer(first)

        super().receive(posting, heard)


def believe_every_report(ledger: ReportLedger, send_id: UUID, report: Report | None, now: datetime) -> Effect:
    """Reports move a message whatever it is."""
    found = ledger.lock_by_send_id(send_id)
    if found is None or report is None:
        return Effect.UNKNOWN
    move = Move(found.message_id, report.to, sid=report.sid, code=report.code)
    ledger.follow_report(ledger.move_by_report(move, now), now)
    return Effect.MOVED


class AnyMove(MemoryLedger):
    """No table of moves for what is not ours to forbid."""

    def may_move(self, current: MessageStatus, to: MessageStatus) -> bool:
        return may_move(current, to) or to in (MessageStatus.SENT, MessageStatus.DELIVERED)


@dataclass(frozen=True)
class Mutant:
    """`within`: the messages in which the simulator must notice that the safeguard is gone.

    `shown_by`: a seed in which it was noticed, tried first.
    """

    safeguard: str
    machine: Machine
    within: int
    shown_by: int = 0


MUTANTS = [
    Mutant("intent before post", Machine(ledger=SendThenSave), 5_000),
    Mutant("commit before post", Machine(rolls_back_with_its_sender=True), 5_000),
    Mutant(
        "the deadline counts from the proof of life",
        Machine(sending=DeadlineFromThePost, weather=icy_weather_of),
        10_000,
    ),
    Mutant("proof of life before each batch", Machine(sending=NoProofOfLife, weather=icy_weather_of), 50_000),
    Mutant("nothing stale is posted", Machine(sending=PostsWhatIsStale, weather=icy_weather_of), 200_000),
    Mutant("no answer is no leave to try again", Machine(sending=TriesAgainBlindly), 5_000),
    Mutant("no answer is not a refusal", Machine(sending=UncertainMeansFailed), 5_000),
    Mutant("the dead are doubted", Machine(repairs=NobodyIsDoubted), 5_000),
    Mutant("the list is read before giving up", Machine(repairs=NobodyLooks), 5_000),
    Mutant("unknown becomes a call, not a second SMS", Machine(repairs=SecondTry), 20_000),
    Mutant("unknown becomes a call, not silence", Machine(repairs=NobodyCalls), 5_000),
    Mutant("unread becomes a call", Machine(repairs=UnreadIsForgotten), 5_000),
    Mutant("a grace before judging", Machine(rules={"grace": timedelta(0)}), 10_000),
    Mutant("life is a lock, not a clock", Machine(ledger=DeadByTheClock, weather=icy_weather_of), 50_000),
    Mutant(
        "the doubt is younger than the death",
        Machine(repairs=DoubtsAsOfBefore, weather=silent_weather_of),
        100_000,
        shown_by=40,
    ),
    Mutant("only what is queued is cancelled", Machine(ledger=CancelsWhatIsSending), 100_000),
    Mutant("a new name for each try", Machine(ledger=SameSendId), 20_000),
    Mutant("urgent before bulk", Machine(ledger=FirstComeFirstServed), 5_000),
    Mutant("one SMS for a household", Machine(ledger=NoHouseholds), 5_000),
    Mutant(
        "no SMS beside one of unknown fate", Machine(ledger=DoubtedNumbersAreTexted), 200_000, shown_by=73
    ),
    Mutant("STOP cancels what waits", Machine(ledger=StopCancelsNothing), 40_000),
    Mutant(
        "STOP holds for what is queued again", Machine(ledger=StopIsForgottenMeanwhile), 100_000, shown_by=44
    ),
    Mutant("a reply proves what it can only answer", Machine(ledger=RepliesProveEverything), 20_000),
    Mutant("one request for each message", Machine(carrier=SdkRetries), 5_000),
    Mutant("raw events are kept once", Machine(events_are_unique=False), 20_000),
    Mutant("the table of moves", Machine(ledger=AnyMove, apply_report=believe_every_report), 5_000),
]
