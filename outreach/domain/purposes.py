"""Why a person stands on the call list."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What the call is for; it decides the calling hours, the script and the plan of attempts."""

    INTERVIEW = "INTERVIEW"  # of a positive
    INFORM = "INFORM"  # a contact
    FOLLOW_UP = "FOLLOW_UP"
    CAMPAIGN = "CAMPAIGN"
