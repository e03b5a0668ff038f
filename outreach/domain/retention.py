"""How long health data of a case record is kept once it is no longer useful (docs/rules.md, "Retention")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.case_records import CaseKind
from outreach.errors import InvalidInput

# Three months: French decree 2020-551 of 12 May 2020, on the systems of contact tracing.
USUAL_DAYS = 90
# Personal links in SMS open for two weeks; beyond a year no text ever allowed to keep anything.
FEWEST_DAYS, MOST_DAYS = 14, 365


class Hold(StrEnum):
    """What keeps a person although the time of all their records has passed."""

    OPEN_ENTRY = "OPEN_ENTRY"  # somebody is still to call them
    LIVE_CALL = "LIVE_CALL"
    MESSAGE_ON_ITS_WAY = "MESSAGE_ON_ITS_WAY"
    OPEN_QUESTION = "OPEN_QUESTION"  # they wrote, and nobody answered yet
    RESTRICTED = "RESTRICTED"  # a supervisor restricted a record: only a person decides on it


@dataclass(frozen=True)
class RetentionRule:
    """Records of a kind are kept for so many days, on one platform."""

    platform: str
    kind: CaseKind
    days: int = USUAL_DAYS


def check_days(days: int) -> None:
    """Raises InvalidInput."""
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise InvalidInput(
            "Records cannot be kept for so many days.",
            field="days",
            mend=f"Give {FEWEST_DAYS} to {MOST_DAYS}.",
        )
