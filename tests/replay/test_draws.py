"""Draws conserve people and keep to their shares."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from outreach.replay.draws import poisson, some_of, split

SHARES = st.lists(st.floats(0.01, 1), min_size=1, max_size=9).map(
    lambda parts: [p / sum(parts) for p in parts]
)


@given(st.integers(0, 100_000), SHARES, st.integers(0, 99))
def test_a_split_loses_and_invents_nobody(size: int, shares: list[float], seed: int) -> None:
    counts = split(Random(seed), size, shares)
    assert sum(counts) == size
    assert min(counts) >= 0
    assert len(counts) == len(shares)


@given(st.integers(0, 100_000), st.floats(-1, 2), st.integers(0, 99))
def test_some_of_a_crowd_are_no_more_than_the_crowd(size: int, share: float, seed: int) -> None:
    assert 0 <= some_of(Random(seed), size, share) <= size


def test_few_and_many_are_drawn_to_the_same_share() -> None:
    random = Random(7)
    few = sum(some_of(random, 20, 0.3) for _ in range(5000)) / 100_000
    many = sum(some_of(random, 1000, 0.3) for _ in range(100)) / 100_000
    assert abs(few - 0.3) < 0.01
    assert abs(many - 0.3) < 0.01


def test_events_come_as_often_as_expected() -> None:
    random = Random(7)
    assert poisson(random, 0) == 0
    assert abs(sum(poisson(random, 1.7) for _ in range(10_000)) / 10_000 - 1.7) < 0.06
    assert abs(poisson(random, 1_000_000) - 1_000_000) < 6_000
