"""How far a platform's forecasts have been off: the range of the next one, once enough have been scored.

Distances are taken in log-odds, so that a point near 100 % weighs more than one in the middle. A forecast
that said all in time, and was right, says nothing of a wave: only the others teach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log

LEARNS_FROM_DAYS = 28
LEAST_FORECASTS = 48
LEAST_DAYS = 5  # hours that follow each other are nearly the same forecast
INSIDE = 0.8  # of the past forecasts, the share whose truth the range would have held
NEARLY_ALL = 0.995  # beyond it a share is taken as all, and below its opposite as nobody


@dataclass(frozen=True)
class ToldAndSeen:
    """A share as it was forecast, and as it came; `day`: when it was told."""

    day: date
    told: float
    seen: float


@dataclass(frozen=True)
class LearnedDoubt:
    """Distances in log-odds from what is told to the range's two ends; `forecasts`: learned from so many."""

    low: float
    high: float
    forecasts: int

    def around(self, share: float) -> tuple[float, float]:
        """The range of a share; it holds the share itself."""
        told = _log_odds(share)
        return min(share, _share(told + self.low)), max(share, _share(told + self.high))


def learn_doubt(past: Sequence[ToldAndSeen]) -> LearnedDoubt | None:
    """None while too few forecasts, or too few days of them, have taught anything."""
    teaching = [each for each in past if min(each.told, each.seen) < NEARLY_ALL]
    if len(teaching) < LEAST_FORECASTS or len({each.day for each in teaching}) < LEAST_DAYS:
        return None
    off = sorted(_log_odds(each.seen) - _log_odds(each.told) for each in teaching)
    tail = (1 - INSIDE) / 2
    return LearnedDoubt(_quantile(off, tail), _quantile(off, 1 - tail), len(teaching))


def _log_odds(share: float) -> float:
    kept = min(NEARLY_ALL, max(1 - NEARLY_ALL, share))
    return log(kept / (1 - kept))


def _share(log_odds: float) -> float:
    """At the ends of what is told apart, all or nobody."""
    share = 1 / (1 + exp(-log_odds))
    if share >= NEARLY_ALL - 1e-9:
        return 1.0
    return 0.0 if share <= 1 - NEARLY_ALL + 1e-9 else share


def _quantile(ordered: Sequence[float], at: float) -> float:
    place = at * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
