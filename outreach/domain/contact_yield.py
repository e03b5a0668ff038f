"""Contacts named per positive: how many, by how people were asked, and when a mode lowers it.

When positives were asked by SMS and a form in 2022, nine in ten named nobody: a mode that saves time by
losing contacts must be seen within days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

BASELINE_DAYS = timedelta(days=28)  # of interviews under NORMAL, before the days looked at
LOOKED_AT = timedelta(days=7)
LEAST_INTERVIEWS = 30  # on either side: below it a share says nothing
LEAST_DROP = 0.05  # of the share who name somebody
CRITICAL = 2.326  # one-sided test of two proportions, wrong once in a hundred


@dataclass(frozen=True)
class YieldCounts:
    """Positives interviewed, the contacts they named, and how many named nobody."""

    positives: int
    contacts: int
    nobody: int

    def __add__(self, other: YieldCounts) -> YieldCounts:
        return YieldCounts(
            self.positives + other.positives, self.contacts + other.contacts, self.nobody + other.nobody
        )

    @property
    def per_positive(self) -> float | None:
        return round(self.contacts / self.positives, 3) if self.positives else None

    @property
    def nobody_share(self) -> float | None:
        return round(self.nobody / self.positives, 4) if self.positives else None


NOTHING = YieldCounts(0, 0, 0)


@dataclass(frozen=True)
class YieldGroup:
    """Asked alike. `script`: with " light" where the short one was read; `agents`: OWN, or HELPER of another
    platform; `channel`: CALL, or INBOUND when the positive called us."""

    mode: str
    script: str
    channel: str
    agents: str


def is_lowered(baseline: YieldCounts, seen: YieldCounts) -> bool:
    """Whether significantly fewer positives name somebody than at the platform's own normal.

    Both sides hold 30 interviews or more, the share drops by 5 points or more, and by chance alone that would
    happen less than once in a hundred times (one-sided z-test of two proportions, pooled).
    """
    if min(baseline.positives, seen.positives) < LEAST_INTERVIEWS:
        return False
    before = 1 - baseline.nobody / baseline.positives
    now = 1 - seen.nobody / seen.positives
    if before - now < LEAST_DROP:
        return False
    pooled = 1 - (baseline.nobody + seen.nobody) / (baseline.positives + seen.positives)
    spread = sqrt(pooled * (1 - pooled) * (1 / baseline.positives + 1 / seen.positives))
    return spread > 0 and (before - now) / spread > CRITICAL
