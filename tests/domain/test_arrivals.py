"""Arrivals: the platform's own weeks, drawn to the national weekdays, with half of its growth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.arrivals import (
    RESULT_HOURS,
    WEEKDAYS,
    ArrivalHistory,
    expected_arrivals,
    expected_on,
    weekday_shares,
)
from outreach.replay.assumptions import read_assumptions

TODAY = date(2021, 3, 16)  # a Tuesday
NOW = datetime(2021, 3, 16, 0, tzinfo=UTC)


def history(by_day: dict[date, int], zone: str = "UTC") -> ArrivalHistory:
    return ArrivalHistory(by_day, RESULT_HOURS, zone)


def weeks(per_week: list[int]) -> dict[date, int]:
    """The last weeks, oldest first, spread as in the whole country."""
    return {
        TODAY - timedelta(days=7 * back + n): round(
            week * WEEKDAYS[(TODAY - timedelta(days=7 * back + n)).weekday()]
        )
        for back, week in enumerate(reversed(per_week))
        for n in range(1, 8)
    }


def test_the_hours_of_a_day_sum_to_one_and_are_those_of_the_replays_an_hour_later() -> None:
    assumed = read_assumptions()
    assert sum(RESULT_HOURS) == pytest.approx(1)
    assert pytest.approx((assumed.result_hours[-1], *assumed.result_hours[:-1])) == RESULT_HOURS


def test_without_a_past_nobody_is_expected() -> None:
    assert sum(expected_arrivals(history({}), NOW, 72)) == 0


def test_a_steady_platform_gets_its_weekday() -> None:
    steady = history(weeks([1000] * 4))
    assert expected_on(steady, today=TODAY, day=TODAY) == pytest.approx(170, rel=0.02)
    assert expected_on(steady, today=TODAY, day=date(2021, 3, 21)) == pytest.approx(30, rel=0.05)


def test_growth_carries_on_by_half() -> None:
    doubling = history(weeks([100, 100, 1000, 2000]))
    steady = history(weeks([2000] * 4))
    grown = expected_on(doubling, today=TODAY, day=TODAY)
    usual = expected_on(steady, today=TODAY, day=TODAY)
    assert usual < grown < 2 * usual


def test_a_platforms_own_weekdays_outweigh_the_national_ones() -> None:
    sundays = history({TODAY - timedelta(days=2 + 7 * n): 100 for n in range(4)})
    assert weekday_shares(sundays, TODAY)[6] > 0.7


def test_expected_arrivals_fall_into_local_hours() -> None:
    cayenne = history(weeks([1000] * 4), "America/Cayenne")
    expected = expected_arrivals(cayenne, NOW, 24)
    assert expected[:3] == pytest.approx([0.02 / 0.05 * expected[2], 0, 0], abs=20)
    assert sum(expected[12:24]) > sum(expected[:12])


def test_a_day_has_24_hours() -> None:
    with pytest.raises(ValueError, match="24 hours"):
        ArrivalHistory({}, [1.0], "UTC")


days = st.dictionaries(st.integers(1, 28), st.integers(0, 500))


@given(days)
def test_shares_of_weekdays_sum_to_one(counts: dict[int, int]) -> None:
    seen = history({TODAY - timedelta(days=back): count for back, count in counts.items()})
    assert sum(weekday_shares(seen, TODAY)) == pytest.approx(1)


@given(days, st.integers(1, 7))
def test_more_positives_this_week_never_lower_what_is_expected(counts: dict[int, int], back: int) -> None:
    """Of the day of the week that saw them."""
    seen = {TODAY - timedelta(days=n): count for n, count in counts.items()}
    day = TODAY - timedelta(days=back)
    more = {**seen, day: seen.get(day, 0) + 50}
    ahead = next(
        TODAY + timedelta(days=n) for n in range(7) if (TODAY + timedelta(days=n) - day).days % 7 == 0
    )
    assert (
        expected_on(history(more), today=TODAY, day=ahead)
        >= expected_on(history(seen), today=TODAY, day=ahead) - 1e-9
    )
