"""The watch list: case records that nothing has confirmed days after they came in."""

from __future__ import annotations

from enum import StrEnum

from outreach.domain.column_mappings import SI_DEP
from outreach.errors import InvalidInput

USUAL_DAYS = 3
MOST_DAYS = 90
# Sources that give a result or a doctor's word, beside files read by the platform's own column mappings;
# any other says only that somebody wrote the record.
CONFIRMING = (SI_DEP, "laboratory", "doctor", "secure-mailbox")


class Missing(StrEnum):
    """What a record waits for."""

    NO_RESULT = "NO_RESULT"  # a positive that neither a laboratory nor a doctor sent us
    NO_POSITIVE = "NO_POSITIVE"  # a contact whose positive never came in


class Resolution(StrEnum):
    """How a record left the watch list."""

    IMPORTED = "IMPORTED"  # what was missing came in
    CONFIRMED_BY_DOCTOR = "CONFIRMED_BY_DOCTOR"
    CONFIRMED_BY_LABORATORY = "CONFIRMED_BY_LABORATORY"
    NOT_A_CASE = "NOT_A_CASE"


BY_HAND = frozenset(Resolution) - {Resolution.IMPORTED}


def check_days(days: int) -> None:
    """Raises InvalidInput."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("Records are watched after some days.", field="days", mend=f"1 to {MOST_DAYS}")
