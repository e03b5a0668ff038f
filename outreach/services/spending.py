"""What SMS may cost: limits, what was spent, which breakers tripped, and setting them again with a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from outreach.clock import Clock
from outreach.domain.messages import Urgency
from outreach.domain.reasons import check_plain
from outreach.domain.send_ledger import Prepared
from outreach.domain.sms_price import euros_of
from outreach.domain.spend_limits import (
    ALL,
    BULK_SHARE,
    Breaker,
    PlatformBudget,
    SpendLimits,
    budget_gate,
    prefix_of,
    problems_of,
)
from outreach.errors import InvalidInput, NotFound
from outreach.services.sender_failover import call_everyone
from outreach.storage import alarm_store, journal, message_queue_store, spend_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry

BUDGET_ENDED = "The SMS budget has ended."


class Sends(StrEnum):
    """What the budgets let out."""

    ALL = "ALL"
    URGENT = "URGENT"  # missed calls, callbacks, contacts; campaigns and reminders wait
    NOTHING = "NOTHING"


_SENDS = {Urgency.BULK: Sends.ALL, Urgency.CONTACT: Sends.URGENT, None: Sends.NOTHING}


@dataclass(frozen=True)
class Tripped:
    """A breaker that holds something back, with what to do."""

    breaker: Breaker
    prefix: str
    advice: str


@dataclass(frozen=True)
class SpendingView:
    """Where a platform stands."""

    platform: str
    limits: SpendLimits
    day_euros: Decimal
    month_euros: Decimal
    this_hour: dict[str, int]
    sends: Sends
    tripped: tuple[Tripped, ...]


@dataclass(frozen=True)
class Spending:
    """`price`: euros a segment. `nudge` wakes the sender after the commit."""

    database: Database
    clock: Clock
    price: Decimal
    nudge: Callable[[str], object]

    def show(self, platform: str) -> SpendingView:
        """Raises NotFound."""
        now = self.clock.now()
        with self.database.begin() as connection:
            budget = self._budget(connection, platform, now)
            hour = spend_store.this_hour(connection, platform, now)
        gate = budget_gate(budget.limits, budget.spent, self.price)
        budgets = [
            Tripped(breaker, "", advice_for(breaker, "", everything=breaker in gate.ended))
            for breaker in gate.tripped
        ]
        prefixes = [
            Tripped(Breaker.PREFIX_RATE, prefix, advice_for(Breaker.PREFIX_RATE, prefix, everything=False))
            for prefix in sorted(budget.stopped - {ALL})
        ]
        return SpendingView(
            platform,
            budget.limits,
            euros_of(budget.spent.day, self.price),
            euros_of(budget.spent.month, self.price),
            hour,
            _SENDS[gate.least],
            (*budgets, *prefixes),
        )

    def limit(self, platform: str, limits: SpendLimits, *, reason: str, actor: str) -> None:
        """Set a platform's limits; what they held back and no longer hold goes. Raises InvalidInput."""
        problems = problems_of(limits)
        if problems:
            raise InvalidInput(" ".join(problems), field="per_hour", mend="Write prefixes as +33, +41…")
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            self._budget(connection, platform, now)
            spend_store.put_limits(connection, platform, limits)
            facts = {
                "daily_euros": None if limits.daily_euros is None else str(limits.daily_euros),
                "monthly_euros": None if limits.monthly_euros is None else str(limits.monthly_euros),
                "prefixes": dict(limits.per_hour),
                "reason": reason,
            }
            line = JournalEntry(now, platform, Event.SPENDING_LIMITED, actor, facts=facts)
            journal.write(connection, line)
            self._let_go(connection, platform, now)
        self.nudge("messages")

    def reset(self, platform: str, breaker: Breaker, *, prefix: str, reason: str, actor: str) -> None:
        """Someone looked: its span counts from zero, and what it held back goes. Raises NotFound.

        `prefix`: for PREFIX_RATE only; a budget is that of all prefixes.
        """
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            self._budget(connection, platform, now)
            if breaker is not Breaker.PREFIX_RATE:
                prefix = ALL
            elif prefix == ALL or not spend_store.reopen(connection, platform, prefix):
                raise NotFound(f"No breaker of platform {platform} holds back the prefix {prefix!r}.")
            segments = spend_store.forgive(connection, platform, breaker, prefix, now)
            facts = {"breaker": breaker.value, "prefix": prefix, "segments": segments, "reason": reason}
            journal.write(connection, JournalEntry(now, platform, Event.SPENDING_RESET, actor, facts=facts))
            self._let_go(connection, platform, now)
        self.nudge("messages")

    def reopen_budgets(self) -> int:
        """A new day or month has begun: platforms whose budget had ended send again."""
        now = self.clock.now()
        with self.database.begin() as connection:
            stopped = spend_store.platforms_stopped(connection)
            return sum(self._let_go(connection, platform, now) for platform in stopped)

    def _budget(self, connection: Connection, platform: str, now: datetime) -> PlatformBudget:
        found = spend_store.budgets(connection, now, platform=platform).get(platform)
        if found is None:
            raise NotFound(f"There is no platform {platform!r}.", code="unknown_platform")
        return found

    def _let_go(self, connection: Connection, platform: str, now: datetime) -> bool:
        """Whether the platform sends something again that it did not."""
        budget = self._budget(connection, platform, now)
        if budget_gate(budget.limits, budget.spent, self.price).least is None:
            return False
        spend_store.let_go(connection, platform, now=now)
        return spend_store.reopen(connection, platform, ALL)


def trip(
    connection: Connection, platform: str, breaker: Breaker, prefix: str, *, everything: bool, now: datetime
) -> None:
    """A breaker stops something from now on: an alarm says what, and what to do.

    When nothing may be sent any more, nobody is left to a text that will not come: back to calls.
    """
    if breaker is Breaker.PREFIX_RATE:
        hour = spend_store.this_hour(connection, platform, now)
        spend_store.stop(connection, platform, prefix, hour.get(prefix, 0), now)
    if everything:
        spend_store.stop(connection, platform, ALL, 0, now)
        call_everyone(connection, platform, because=BUDGET_ENDED, now=now)
    alarm_store.raise_alarm(
        connection,
        AlarmKind.SPENDING_STOPPED,
        ":".join(filter(None, (platform, breaker.value, prefix, "ALL" if everything else ""))),
        platform=platform,
        now=now,
        facts={
            "breaker": breaker.value,
            "prefix": prefix,
            "advice": advice_for(breaker, prefix, everything=everything),
        },
    )


def refund(connection: Connection, messages: Sequence[Prepared], now: datetime) -> None:
    """What the claim of these messages counted was not used: taken off where it was counted."""
    if not messages:
        return
    budgets = spend_store.budgets(connection, now)
    claimed = message_queue_store.claimed_at(connection, [message.message_id for message in messages])
    unused: defaultdict[datetime, Counter[tuple[str, str]]] = defaultdict(Counter)
    for message in messages:
        prefix = prefix_of(message.to, budgets[message.platform].limits)
        if prefix is not None:
            unused[claimed[message.message_id]][message.platform, prefix] += message.segments
    for moment in sorted(unused):
        spend_store.refund(connection, unused[moment], moment)


def advice_for(breaker: Breaker, prefix: str, *, everything: bool) -> str:
    """What is stopped, and what to do, in two sentences."""
    match breaker:
        case Breaker.DAILY_BUDGET | Breaker.MONTHLY_BUDGET:
            span = "day's" if breaker is Breaker.DAILY_BUDGET else "month's"
            if everything:
                stopped = f"The {span} SMS budget has ended: no SMS leaves, contacts are called."
            else:
                stopped = f"{BULK_SHARE:.0%} of the {span} SMS budget is spent: campaigns and reminders wait."
            return f"{stopped} Look at what was sent, then reset the breaker or raise the budget."
        case Breaker.PREFIX_RATE:
            return (
                f"More SMS to {prefix} in one hour than allowed: campaigns to it wait, its contacts are "
                "called, messages about a call still go. See whether the numbers are real, then reset it."
            )
        case _:
            assert_never(breaker)
