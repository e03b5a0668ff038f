"""Breakers against bills and toll fraud: budgets in euros, segments an hour to a prefix, allowed prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from outreach.domain.messages import Urgency
from outreach.domain.sms_price import segments_for

BULK_SHARE = Decimal("0.8")  # of a budget: the rest is kept for what is urgent
# Segments an hour: at home, three times what one switch of 60,000 contacts takes.
_HOME, _BORDER = 400_000, 1_000
# The French plan's codes, then the countries that share a border with one of its territories.
_FRENCH = ("+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689")
_BORDERING = ("+31", "+32", "+34", "+352", "+376", "+377", "+39", "+41", "+49", "+55", "+597", "+1721")
USUAL_PREFIXES: Mapping[str, int] = dict.fromkeys(_FRENCH, _HOME) | dict.fromkeys(_BORDERING, _BORDER)
LONGEST_PREFIX = 8
ALL = ""  # in place of a prefix: the platform's budget has ended
LARGEST_BUDGET = Decimal(10_000_000)  # euros


class Breaker(StrEnum):
    """What stops SMS before someone gets a bill; each says what it must, no more."""

    DAILY_BUDGET = "DAILY_BUDGET"
    MONTHLY_BUDGET = "MONTHLY_BUDGET"
    PREFIX_RATE = "PREFIX_RATE"


class Span(StrEnum):
    """What segments are counted over."""

    HOUR = "HOUR"  # for each prefix
    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True)
class SpendLimits:
    """A platform's limits; None: no such budget. `per_hour` is also the list of allowed prefixes."""

    daily_euros: Decimal | None = None
    monthly_euros: Decimal | None = None
    per_hour: Mapping[str, int] = field(default_factory=lambda: USUAL_PREFIXES)


@dataclass(frozen=True)
class Spent:
    """Segments claimed since the day and the month began, less what a supervisor forgave."""

    day: int = 0
    month: int = 0


@dataclass(frozen=True)
class PlatformBudget:
    """Where a platform stands; `stopped`: prefixes whose hourly rate tripped, until someone resets them.

    ALL among them: its people know that a budget has ended, and its contacts are called.
    """

    limits: SpendLimits = field(default_factory=SpendLimits)
    spent: Spent = field(default_factory=Spent)
    stopped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Gate:
    """What may be claimed for a platform, down to which urgency (`least` None: nothing).

    `bulk_room`, `room`: segments left for bulk, and for everything; None: no end. `tripped`: the budgets that
    hold something back; `ended`: those of them that hold back everything.
    """

    least: Urgency | None = Urgency.BULK
    bulk_room: int | None = None
    room: int | None = None
    tripped: tuple[Breaker, ...] = ()
    ended: tuple[Breaker, ...] = ()

    def room_for(self, urgency: Urgency) -> int | None:
        return self.bulk_room if urgency is Urgency.BULK else self.room


OPEN = Gate()


def span_start(span: Span, at: datetime, zone: str) -> datetime:
    """When the hour, or the platform's own day or month, that holds `at` began."""
    if span is Span.HOUR:
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    local = at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (local.replace(day=1) if span is Span.MONTH else local).astimezone(UTC)


def prefix_of(e164: str, limits: SpendLimits) -> str | None:
    """The longest allowed prefix that a number begins with; None when it may not be texted."""
    for length in range(min(LONGEST_PREFIX, len(e164)), 1, -1):
        if e164[:length] in limits.per_hour:
            return e164[:length]
    return None


def budget_gate(limits: SpendLimits, spent: Spent, price: Decimal) -> Gate:
    """Bulk stops at four fifths of a budget, everything at its end."""
    gates = [
        _gate(Breaker.DAILY_BUDGET, limits.daily_euros, spent.day, price),
        _gate(Breaker.MONTHLY_BUDGET, limits.monthly_euros, spent.month, price),
    ]
    if any(gate.least is None for gate in gates):
        least = None
    else:
        least = min(gate.least for gate in gates if gate.least is not None)
    return Gate(
        least,
        min((gate.bulk_room for gate in gates if gate.bulk_room is not None), default=None),
        min((gate.room for gate in gates if gate.room is not None), default=None),
        tuple(breaker for gate in gates for breaker in gate.tripped),
        tuple(breaker for gate in gates for breaker in gate.ended),
    )


def _gate(breaker: Breaker, euros: Decimal | None, spent: int, price: Decimal) -> Gate:
    most = None if euros is None else segments_for(euros, price)
    if most is None:
        return OPEN
    room, bulk_room = max(0, most - spent), max(0, int(most * BULK_SHARE) - spent)
    if bulk_room > 0:
        return Gate(Urgency.BULK, bulk_room, room)
    if room > 0:
        return Gate(Urgency.CONTACT, 0, room, (breaker,))
    return Gate(None, 0, room, (breaker,), (breaker,))


def trips(prefix: str, used: int, limits: SpendLimits) -> bool:
    """Whether so many segments in one hour to one prefix are more than anyone meant to send."""
    return used >= limits.per_hour.get(prefix, 0)


_PREFIX = re.compile(r"\+[1-9]\d{0,6}")


def problems_of(limits: SpendLimits) -> list[str]:
    """Why these cannot be limits, in sentences; an empty list when they can."""
    problems = [f"{prefix!r} is no prefix." for prefix in limits.per_hour if not _PREFIX.fullmatch(prefix)]
    if not limits.per_hour:
        problems.append("No prefix may be texted: name one at least.")
    if any(most < 0 for most in limits.per_hour.values()):
        problems.append("Segments an hour cannot be fewer than none.")
    budgets = [euros for euros in (limits.daily_euros, limits.monthly_euros) if euros is not None]
    if any(not euros.is_finite() or not 0 <= euros <= LARGEST_BUDGET for euros in budgets):
        problems.append(f"A budget is a sum from nothing to {LARGEST_BUDGET:,} euros.")
    return problems
