"""Reasons that are kept in the clear: codes about a person, words that name nobody about the rest."""

from __future__ import annotations

import re
from enum import StrEnum

from outreach.errors import InvalidInput

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
# Eight digits and more, however grouped: a phone or a record number. Dates and durations are shorter.
_NUMBER = re.compile(r"\+?\d(?:[\s.\-/()]?\d){7,}")
_DATE = re.compile(r"\b(\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}-\d{2}-\d{2})\b")


class ErasureReason(StrEnum):
    """Why somebody is erased by hand: words could name them for ever."""

    ASKED = "ASKED"  # the person asked for it
    MISTAKE = "MISTAKE"  # they should never have been listed
    ORDERED = "ORDERED"  # an authority or a court said so


class RestrictionReason(StrEnum):
    """Why a record is restricted: the four cases of GDPR article 18 (1), and one of ours."""

    CONTESTED = "CONTESTED"  # the person says that the data are wrong
    UNLAWFUL = "UNLAWFUL"  # they should not be held, and the person wants them kept all the same
    CLAIM = "CLAIM"  # the person needs them for a legal claim
    OBJECTED = "OBJECTED"  # the person objected, and this is being looked at
    CURIOSITY = "CURIOSITY"  # somebody whom many would be curious about


def restriction_reason(written: str) -> RestrictionReason:
    """Raises InvalidInput."""
    try:
        return RestrictionReason(written.strip())
    except ValueError:
        raise InvalidInput(
            "Say why this record is restricted.",
            field="restricted_because",
            mend="Choose one of the reasons.",
        ) from None


def erasure_reason(written: str) -> ErasureReason:
    """Raises InvalidInput naming the reasons there are."""
    try:
        return ErasureReason(written.strip())
    except ValueError:
        raise InvalidInput(
            "Say why this person is erased.",
            field="because",
            mend=f"Choose among: {', '.join(ErasureReason)}.",
        ) from None


def holds_contact_details(words: str) -> bool:
    """Whether a phone number, a record number or an e-mail address stands in them."""
    return bool(_ADDRESS.search(words) or _NUMBER.search(_DATE.sub(" ", words)))


def check_plain(words: str, *, field: str = "reason") -> None:
    """Raises InvalidInput: the reason of a decision about a platform is read by many, and kept for good."""
    if holds_contact_details(words):
        raise InvalidInput(
            "A reason holds no number and no address of anybody.",
            field=field,
            mend="leave them out: it is kept in the journal",
        )
