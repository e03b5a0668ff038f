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
from outreach.domain.spend_limits import Breaker, Gate, PlatformBudget, budget_gate, prefix_of, trips

HELD_FOR = timedelta(minutes=10)  # then it is looked at again: a new day, or a supervisor, may have let it go


class Refusal(StrEnum):
    """Why a message is not sent at all: its person is called."""

    PREFIX_NOT_ALLOWED = "prefix_not_allowed"
    PREFIX_STOPPED = "prefix_stopped"


@dataclass
class _Sorted:
    """One claim, message by message."""

    sent: list[Prepared] = field(default_factory=list)
    held: list[Prepared] = field(default_factory=list)
    refused: dict[Refusal, list[Prepared]] = field(default_factory=dict)
    segments: Counter[tuple[str, str]] = field(default_factory=Counter)  # by platform and prefix


@dataclass(frozen=True)
class Limits:
    """The budgets of all platforms at one claim; a platform without one here has no limit."""

    budgets: Mapping[str, PlatformBudget]
    price: Decimal

    def gate(self, platform: str) -> Gate:
        budget = self.budgets.get(platform)
        return Gate() if budget is None else budget_gate(budget.limits, budget.spent, self.price)

    def room(self) -> int | None:
        """Segments until the first budget holds more back; those that let nothing through do not count."""
        gates = [self.gate(platform) for platform in self.budgets]
        return min((gate.room for gate in gates if gate.room), default=None)

    def texts_contacts(self, platform: str) -> bool:
        least = self.gate(platform).least
        return least is not None and least >= Urgency.CONTACT

    def hold_back(self, ledger: SendLedger, sender: str, now: datetime) -> None:
        """What a budget stops waits, so that no claim walks over it again and again."""
        for platform in self.budgets:
            least = self.gate(platform).least
            if least is not Urgency.BULK:
                ledger.hold_back(sender, platform, above=least, until=now + HELD_FOR, now=now)

    def apply(self, ledger: SendLedger, claim: Claim, prepared: Sequence[Prepared]) -> list[Prepared]:
        """Count what is sent, in the claim's own transaction; hold or refuse the rest. What may be posted."""
        told = self._sorted(prepared)
        ledger.move([Move(m.message_id, MessageStatus.QUEUED) for m in told.held], claim.now)
        ledger.postpone([m.message_id for m in told.held], claim.now + HELD_FOR)
        for refusal, messages in told.refused.items():
            moves = [Move(m.message_id, MessageStatus.FAILED, code=refusal.value) for m in messages]
            failed = [FailedMessage(moved, FailureClass.LATER) for moved in ledger.move(moves, claim.now)]
            ledger.follow_failures(failed, claim.now)
        if told.segments:
            self._count(ledger, claim.now, told.segments)
        return told.sent

    def _sorted(self, prepared: Sequence[Prepared]) -> _Sorted:
        told = _Sorted()
        for message in prepared:
            budget = self.budgets.get(message.platform)
            if budget is None:
                told.sent.append(message)
                continue
            prefix = prefix_of(message.to, budget.limits)
            if prefix is None:
                told.refused.setdefault(Refusal.PREFIX_NOT_ALLOWED, []).append(message)
            elif prefix not in budget.stopped or message.urgency is Urgency.AT_ONCE:
                told.sent.append(message)
                told.segments[message.platform, prefix] += message.segments
            elif message.urgency is Urgency.BULK:
                told.held.append(message)
            else:
                told.refused.setdefault(Refusal.PREFIX_STOPPED, []).append(message)
        return told

    def _count(self, ledger: SendLedger, now: datetime, segments: Mapping[tuple[str, str], int]) -> None:
        this_hour = ledger.count_segments(segments, now)
        for (platform, prefix), used in this_hour.items():
            budget = self.budgets[platform]
            if trips(prefix, used, budget.limits) and prefix not in budget.stopped:
                ledger.trip(platform, Breaker.PREFIX_RATE, prefix, everything=False, now=now)
        for platform in sorted({platform for platform, _ in segments}):
            self._trip_budgets(
                ledger, platform, sum(n for (p, _), n in segments.items() if p == platform), now
            )

    def _trip_budgets(self, ledger: SendLedger, platform: str, segments: int, now: datetime) -> None:
        """Told once, when the claim crosses the line."""
        budget, before = self.budgets[platform], self.gate(platform)
        spent = replace(budget.spent, day=budget.spent.day + segments, month=budget.spent.month + segments)
        after = budget_gate(budget.limits, spent, self.price)
        for breaker in after.tripped:
            if breaker not in before.tripped or (after.least is None) != (before.least is None):
                ledger.trip(platform, breaker, "", everything=after.least is None, now=now)
