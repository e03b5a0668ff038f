"""Nobody gets a bill that nobody meant: bulk stops before a budget ends, and all of it at its end."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from outreach.domain.messages import Urgency
from outreach.domain.sms_price import euros_of, segments_for
from outreach.domain.spend_limits import (
    Breaker,
    Gate,
    Span,
    SpendLimits,
    Spent,
    budget_gate,
    prefix_of,
    span_start,
    trips,
)

PRICE = Decimal("0.10")
DAY, MONTH = Breaker.DAILY_BUDGET, Breaker.MONTHLY_BUDGET


def limits(daily: int | None = 100, monthly: int | None = None) -> SpendLimits:
    def euros(amount: int | None) -> Decimal | None:
        return None if amount is None else Decimal(amount)

    return SpendLimits(euros(daily), euros(monthly))


@pytest.mark.parametrize(
    ("given", "spent", "gate"),
    [
        (limits(None), Spent(10**9, 10**9), Gate(Urgency.BULK)),
        (limits(), Spent(0, 0), Gate(Urgency.BULK, 800, 1000)),
        (limits(), Spent(799, 0), Gate(Urgency.BULK, 1, 201)),
        (limits(), Spent(800, 0), Gate(Urgency.CONTACT, 0, 200, (DAY,))),
        (limits(), Spent(999, 0), Gate(Urgency.CONTACT, 0, 1, (DAY,))),
        (limits(), Spent(1000, 0), Gate(None, 0, 0, (DAY,), (DAY,))),
        (limits(None, 200), Spent(0, 1600), Gate(Urgency.CONTACT, 0, 400, (MONTH,))),
        (limits(100, 200), Spent(10, 1990), Gate(Urgency.CONTACT, 0, 10, (MONTH,))),
        (limits(100, 200), Spent(850, 1700), Gate(Urgency.CONTACT, 0, 150, (DAY, MONTH))),
        (limits(100, 200), Spent(1000, 1000), Gate(None, 0, 0, (DAY,), (DAY,))),
        (limits(100, 200), Spent(1000, 1700), Gate(None, 0, 0, (DAY, MONTH), (DAY,))),
        (limits(0), Spent(0, 0), Gate(None, 0, 0, (DAY,), (DAY,))),
    ],
)
def test_what_a_budget_lets_through(given: SpendLimits, spent: Spent, gate: Gate) -> None:
    assert budget_gate(given, spent, PRICE) == gate


def test_segments_that_cost_nothing_are_not_limited_by_a_budget() -> None:
    assert budget_gate(limits(1), Spent(10**6, 0), Decimal(0)).room is None


@pytest.mark.parametrize(
    ("number", "prefix"),
    [
        ("+33639980001", "+33"),
        ("+594694201234", "+594"),
        ("+41791234567", "+41"),
        ("+352691123456", "+352"),
        ("+351912345678", None),  # Portugal shares no border
        ("+3312", "+33"),
        ("+979123456789", None),  # international premium rate
        ("+88212345678", None),  # satellite
        ("+242066123456", None),
    ],
)
def test_only_the_platforms_regions_and_their_neighbours_are_texted(number: str, prefix: str | None) -> None:
    assert prefix_of(number, SpendLimits()) == prefix


def test_a_longer_prefix_has_its_own_limit() -> None:
    given = SpendLimits(per_hour={"+33": 1000, "+33700": 0})
    assert prefix_of("+33700123456", given) == "+33700"
    assert trips("+33700", 0, given)
    assert [trips("+33", used, given) for used in (999, 1000)] == [False, True]


@pytest.mark.parametrize(
    ("span", "at", "zone", "start"),
    [
        (Span.HOUR, "2021-03-16T09:59", "Indian/Reunion", "2021-03-16T09:00"),
        (Span.DAY, "2021-03-16T09:00", "Europe/Paris", "2021-03-15T23:00"),
        (Span.DAY, "2021-03-16T02:00", "America/Cayenne", "2021-03-15T03:00"),
        (Span.DAY, "2021-03-28T12:00", "Europe/Paris", "2021-03-27T23:00"),  # clocks change
        (Span.MONTH, "2021-03-31T23:00", "Europe/Paris", "2021-03-31T22:00"),
        (Span.MONTH, "2021-03-16T09:00", "Europe/Paris", "2021-02-28T23:00"),
    ],
)
def test_days_and_months_are_the_platforms_own(span: Span, at: str, zone: str, start: str) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert span_start(span, utc(at), zone) == utc(start)


def test_prices_are_told_to_the_cent_and_sums_buy_whole_segments() -> None:
    assert euros_of(1000, Decimal("0.0798")) == Decimal("79.80")
    assert segments_for(Decimal(1), Decimal("0.0798")) == 12
