"""What a claim may spend: who is held back before it, what of it is sent, held or refused; without I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from outreach.domain.messages import MessageStatus, Urgency
from outreach.domain.send_answers import FailureClass
from outreach.domain.send_ledger import Claim, FailedMessage, Move, Prepared, SendLedger
from outreach.domain.spend_limits import ALL, Breaker, Gate, PlatformBudget, budget_gate, prefix_of, trips

MOST_OVERDRAWN = 20  # segments of the last message, which may begin inside the allowance and end outside
HELD_FOR = timedelta(minutes=10)  # then it is looked at again: a new day, or a supervisor, may have let it go


class Refusal(StrEnum):
    """Why a message is not sent at all: its person is called."""

    PREFIX_NOT_ALLOWED = "prefix_not_allowed"
    PREFIX_STOPPED = "prefix_stopped"
    BUDGET_ENDED = "budget_ended"


@dataclass
class _Sorted:
    """One claim, message by message."""

    sent: list[Prepared] = field(default_factory=list)
    held: list[Prepared] = field(default_factory=list)
    refused: dict[Refusal, list[Prepared]] = field(default_factory=dict)
    segments: Counter[tuple[str, str]] = field(default_factory=Counter)  # by platform and prefix
    spent: Counter[str] = field(default_factory=Counter)  # by platform

    def send(self, message: Prepared, prefix: str) -> None:
        self.sent.append(message)
        self.segments[message.platform, prefix] += message.segments
        self.spent[message.platform] += message.segments

    def hold(self, message: Prepared, refusal: Refusal) -> None:
        """A text that stands for a call is refused in place of waiting: the person is called."""
        if message.urgency is Urgency.CONTACT:
            self.refuse(message, refusal)
        else:
            self.held.append(message)

    def refuse(self, message: Prepared, refusal: Refusal) -> None:
        self.refused.setdefault(refusal, []).append(message)


@dataclass(frozen=True)
class Limits:
    """The budgets of all platforms at one claim; a platform without one here has no limit."""

    budgets: Mapping[str, PlatformBudget]
    price: Decimal

    def gate(self, platform: str) -> Gate:
        budget = self.budgets.get(platform)
        return Gate() if budget is None else budget_gate(budget.limits, budget.spent, self.price)

    def texts_contacts(self, platform: str) -> bool:
        least = self.gate(platform).least
        return least is not None and least >= Urgency.CONTACT

    def may_end(self, segments: int) -> list[str]:
        """Platforms whose budget is over, or would be after so many segments more."""
        rooms = {platform: self.gate(platform).room for platform in self.budgets}
        return [p for p, room in rooms.items() if room is not None and room <= segments + MOST_OVERDRAWN]

    def hold_back(self, ledger: SendLedger, sender: str, now: datetime) -> None:
        """What a budget stops waits, so that no claim walks over it again and again.

        A budget that was lowered, or that two claims ended together, is told to have ended here.
        """
        for platform, budget in self.budgets.items():
            gate = self.gate(platform)
            if gate.least is not Urgency.BULK:
                ledger.hold_back(sender, platform, above=gate.least, until=now + HELD_FOR, now=now)
            for breaker in () if ALL in budget.stopped else gate.ended:
                ledger.trip(platform, breaker, "", everything=True, now=now)

    def apply(self, ledger: SendLedger, claim: Claim, prepared: Sequence[Prepared]) -> list[Prepared]:
        """Count what is sent, in the claim's own transaction; hold or refuse the rest. What may be posted."""
        told = self._sorted(prepared)
        ledger.move([Move(m.message_id, MessageStatus.QUEUED) for m in told.held], claim.now)
        ledger.hold([m.message_id for m in told.held], claim.now + HELD_FOR)
        for refusal, messages in told.refused.items():
            moves = [Move(m.message_id, MessageStatus.FAILED, code=refusal.value) for m in messages]
            failed = [FailedMessage(moved, FailureClass.LATER) for moved in ledger.move(moves, claim.now)]
            ledger.follow_failures(failed, claim.now)
        if told.segments:
            self._count(ledger, claim.now, told)
        return told.sent

    def _sorted(self, prepared: Sequence[Prepared]) -> _Sorted:
        told, gates = _Sorted(), {platform: self.gate(platform) for platform in self.budgets}
        for message in prepared:  # the most urgent come first
            budget = self.budgets.get(message.platform)
            if budget is None:
                told.sent.append(message)
                continue
            prefix = prefix_of(message.to, budget.limits)
            room = gates[message.platform].room_for(message.urgency)
            if prefix is None:
                told.refuse(message, Refusal.PREFIX_NOT_ALLOWED)
            elif room is not None and told.spent[message.platform] >= room:
                told.hold(message, Refusal.BUDGET_ENDED)
            elif prefix in budget.stopped and message.urgency is not Urgency.AT_ONCE:
                told.hold(message, Refusal.PREFIX_STOPPED)
            else:
                told.send(message, prefix)
        return told

    def _count(self, ledger: SendLedger, now: datetime, told: _Sorted) -> None:
        this_hour = ledger.count_segments(told.segments, now)
        for (platform, prefix), used in this_hour.items():
            budget = self.budgets[platform]
            if trips(prefix, used, budget.limits) and prefix not in budget.stopped:
                ledger.trip(platform, Breaker.PREFIX_RATE, prefix, everything=False, now=now)
        for platform, spent in sorted(told.spent.items()):
            self._trip_budgets(ledger, platform, spent, now)

    def _trip_budgets(self, ledger: SendLedger, platform: str, segments: int, now: datetime) -> None:
        """Told once, when the claim crosses the line."""
        budget, before = self.budgets[platform], self.gate(platform)
        spent = replace(budget.spent, day=budget.spent.day + segments, month=budget.spent.month + segments)
        after = budget_gate(budget.limits, spent, self.price)
        for breaker in after.tripped:
            ended = breaker in after.ended
            if breaker not in before.tripped or (ended and breaker not in before.ended):
                ledger.trip(platform, breaker, "", everything=ended, now=now)
