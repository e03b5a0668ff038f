"""How long health data of a case record is kept once it is no longer useful (docs/rules.md, "Retention")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.domain.case_records import CaseKind
from outreach.errors import InvalidInput

# Three months: French decree 2020-551 of 12 May 2020, on the systems of contact tracing.
USUAL_DAYS = 90
# Personal links in SMS open for two weeks; beyond a year no text ever allowed to keep anything.
FEWEST_DAYS, MOST_DAYS = 14, 365
LONGEST_CLAIM = timedelta(days=365)  # then it is named anew, or over
REMINDED_BEFORE = (timedelta(days=14), timedelta(days=2))  # its end


class Hold(StrEnum):
    """What keeps a person although the time of all their records has passed."""

    OPEN_ENTRY = "OPEN_ENTRY"  # somebody is still to call them
    LIVE_CALL = "LIVE_CALL"
    MESSAGE_ON_ITS_WAY = "MESSAGE_ON_ITS_WAY"
    OPEN_QUESTION = "OPEN_QUESTION"  # they wrote, and nobody answered yet
    RESTRICTED = "RESTRICTED"  # a claim of theirs stands (GDPR, article 18), until the day that was named


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


def check_claim(kept_until: datetime, now: datetime) -> None:
    """Raises InvalidInput: nobody's data is kept for a claim without an end."""
    if not now < kept_until <= now + LONGEST_CLAIM:
        raise InvalidInput(
            "A claim has an end.",
            field="kept_until",
            mend="Name a day to come, a year ahead at most; it can be named again.",
        )


def reminders_due(kept_until: datetime, now: datetime) -> int:
    """How many reminders of the end of a claim are due by now."""
    return sum(kept_until - before <= now for before in REMINDED_BEFORE)
