"""Whether a sender does as well as it usually does: judged against its own past, never against others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

FEWEST = 50  # settled messages before a share means anything
WORST_SHARE = 0.6  # of the usual share delivered
WORST_PACE = 0.25  # of the usual pace
LEARNING = 0.1  # how much one good look changes what is usual
FIRST_REST, LONGEST_REST = timedelta(minutes=10), timedelta(hours=2)


class Health(StrEnum):
    """What one look at a sender says."""

    HEALTHY = "HEALTHY"
    SLOW = "SLOW"  # the carrier takes far fewer segments a second than it used to
    UNDELIVERED = "UNDELIVERED"  # far fewer messages arrive than used to


@dataclass(frozen=True)
class Lately:
    """Lately: the learned pace, and of the messages that have a final word, how many arrived."""

    pace: int
    settled: int
    delivered: int


@dataclass(frozen=True)
class Usual:
    """What a sender does when it is well; None before it was ever seen at work."""

    pace: float | None = None
    share: float | None = None


def judge(lately: Lately, usual: Usual) -> Health:
    """Too few messages, or no past yet: healthy."""
    if usual.pace is not None and lately.pace < usual.pace * WORST_PACE:
        return Health.SLOW
    known = usual.share is not None and lately.settled >= FEWEST
    if known and lately.delivered / lately.settled < (usual.share or 0.0) * WORST_SHARE:
        return Health.UNDELIVERED
    return Health.HEALTHY


def learned(usual: Usual, lately: Lately) -> Usual:
    """What is usual from now on; only a healthy look may teach it."""
    moved = replace(usual, pace=_towards(usual.pace, float(lately.pace)))
    if lately.settled < FEWEST:
        return moved
    return replace(moved, share=_towards(usual.share, lately.delivered / lately.settled))


def is_well_again(lately: Lately, rested_for: timedelta) -> bool:
    """Whether a healthy look ends a series of rests: it saw enough, or nothing was amiss for long enough.

    A few first messages after a rest prove nothing, and a bad sender would never rest longer.
    """
    return lately.settled >= FEWEST or (lately.settled > 0 and rested_for >= LONGEST_REST)


def rest_for(rests: int) -> timedelta:
    """How long a sender rests: twice as long each time in a row that it came back no better."""
    doubled: int = 1 << min(rests, 10)
    return min(LONGEST_REST, FIRST_REST * doubled)


def _towards(usual: float | None, seen: float) -> float:
    return seen if usual is None else usual + LEARNING * (seen - usual)
