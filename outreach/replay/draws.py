"""Seeded draws of whole people: how many of n, how n split over shares; fast for one and for a million."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

FEW = 24  # so many are drawn one by one; above, by the normal approximation
MANY_EXPECTED = 30.0


def some_of(random: Random, size: int, share: float) -> int:
    """How many of `size` people something with probability `share` happens to."""
    if share <= 0 or size == 0:
        return 0
    if share >= 1:
        return size
    if size <= FEW:
        return sum(random.random() < share for _ in range(size))
    spread = math.sqrt(size * share * (1 - share))
    return min(size, max(0, round(random.gauss(size * share, spread))))


def split(random: Random, size: int, shares: Sequence[float]) -> list[int]:
    """`size` people over `shares`, which sum to 1; the counts sum to `size`."""
    counts, left, rest = [], size, 1.0
    for share in shares[:-1]:
        taken = some_of(random, left, min(1.0, share / rest)) if rest > 0 else 0
        counts.append(taken)
        left -= taken
        rest -= share
    return [*counts, left]


def poisson(random: Random, expected: float) -> int:
    """How many events where `expected` are."""
    if expected <= 0:
        return 0
    if expected > MANY_EXPECTED:
        return max(0, round(random.gauss(expected, math.sqrt(expected))))
    count, product, floor = 0, random.random(), math.exp(-expected)
    while product > floor:
        count += 1
        product *= random.random()
    return count
