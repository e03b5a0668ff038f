"""The range of a forecast is learned from those of the past that could teach something."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.learned_doubt import LEAST_FORECASTS, LearnedDoubt, ToldAndSeen, learn_doubt

FIRST = date(2021, 3, 1)


def past(told: float, seen: float, *, days: int = 10, each: int = 12) -> list[ToldAndSeen]:
    return [ToldAndSeen(FIRST + timedelta(days=day), told, seen) for day in range(days) for _ in range(each)]


def test_too_few_forecasts_teach_nothing() -> None:
    assert learn_doubt([]) is None
    assert learn_doubt(past(0.8, 0.7, days=10, each=4)) is None
    assert learn_doubt(past(0.8, 0.7, days=2, each=LEAST_FORECASTS)) is None, "two days are two forecasts"


def test_quiet_days_teach_nothing_of_a_wave() -> None:
    assert learn_doubt(past(1.0, 1.0, days=28, each=24)) is None


def test_a_platform_that_always_hoped_too_much_gets_a_range_below() -> None:
    learned = learn_doubt(past(0.8, 0.7))
    assert learned is not None
    low, high = learned.around(0.8)
    assert low == pytest.approx(0.7)
    assert high == 0.8
    assert learned.forecasts == 120


def test_eight_of_ten_past_forecasts_fell_inside() -> None:
    seen = [0.5 + 0.004 * n for n in range(100)]
    learned = learn_doubt(
        [ToldAndSeen(FIRST + timedelta(days=n % 20), 0.7, each) for n, each in enumerate(seen)]
    )
    assert learned is not None
    low, high = learned.around(0.7)
    assert 0.78 <= sum(low <= each <= high for each in seen) / len(seen) <= 0.82


def test_near_the_end_the_same_doubt_is_fewer_points() -> None:
    doubt = LearnedDoubt(-0.5, 0.5, 100)
    middle, end = doubt.around(0.5), doubt.around(0.98)
    assert end[1] - end[0] < (middle[1] - middle[0]) / 5


@given(st.floats(0, 1), st.floats(-3, 3), st.floats(0, 3))
def test_a_range_holds_what_is_told_and_stays_a_share(share: float, low: float, more: float) -> None:
    lowest, highest = LearnedDoubt(low, low + more, 100).around(share)
    assert 0 <= lowest <= share <= highest <= 1
