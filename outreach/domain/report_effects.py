"""What a report of the phone company did to our rows."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """Reports come in any order, twice, late or never; each is told apart and kept."""

    MOVED = "MOVED"
    LATE = "LATE"  # true, but we know more already
    REPEATED = "REPEATED"
    UNKNOWN = "UNKNOWN"  # names nothing of ours
