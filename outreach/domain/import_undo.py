"""Why a case record stays when the import that opened it is taken back."""

from __future__ import annotations

from enum import StrEnum

UNDONE = "IMPORT_UNDONE"  # why its entries and records are closed


class Keeping(StrEnum):
    """The first that holds, in this order."""

    KNOWN_BEFORE = "KNOWN_BEFORE"  # the person has another record, or had this one before the import
    CALLED = "CALLED"
    IN_HAND = "IN_HAND"  # an agent has them now
    TEXTED = "TEXTED"  # or wrote to us
    CHANGED = "CHANGED"  # by hand, by another file, by a campaign
