"""The numbering plan as the simulated carrier knows it: what exists, and what can receive a text message.

Written apart from the program's own rules on numbers, so that one does not hide the other's mistakes.
Source: the French national numbering plan and ITU-T E.164.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Line(StrEnum):
    """What a number leads to."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    INVALID = "invalid"


_E164 = re.compile(r"\+[1-9]\d{6,14}")
_FRENCH_REGIONS = ("33", "262", "508", "590", "594", "596", "681", "687", "689")

# (country code, pattern of the national number) of lines that can receive text messages.
_FRENCH_MOBILES = (
    ("33", re.compile(r"[67]\d{8}")),
    ("262", re.compile(r"(69[23]|639)\d{6}")),  # La Réunion, Mayotte
    ("590", re.compile(r"69[01]\d{6}")),  # Guadeloupe
    ("594", re.compile(r"694\d{6}")),  # Guyane
    ("596", re.compile(r"69[67]\d{6}")),  # Martinique
    ("508", re.compile(r"(4[0-4]|5[05])\d{4}|708\d{6}")),
    ("681", re.compile(r"[48]\d{5}")),
    ("687", re.compile(r"[5-9]\d{5}")),
    ("689", re.compile(r"8[79]\d{6}")),
)
_FRENCH_LANDLINES = (
    ("33", re.compile(r"[1-59]\d{8}")),
    ("262", re.compile(r"(26[239]|9\d\d)\d{6}")),
    ("590", re.compile(r"(590|9\d\d)\d{6}")),
    ("594", re.compile(r"(594|9\d\d)\d{6}")),
    ("596", re.compile(r"(596|9\d\d)\d{6}")),
    ("508", re.compile(r"(41|43)\d{4}")),
    ("681", re.compile(r"7\d{5}")),
    ("687", re.compile(r"[2-4]\d{5}")),
    ("689", re.compile(r"4\d{7}")),
)


@lru_cache(maxsize=200_000)
def line_of(number: str) -> Line:
    """What an E.164 number leads to; abroad, any number of a possible length passes for a mobile."""
    if not _E164.fullmatch(number):
        return Line.INVALID
    if _matches(number, _FRENCH_MOBILES):
        return Line.MOBILE
    if _matches(number, _FRENCH_LANDLINES):
        return Line.LANDLINE
    french = any(number.startswith(f"+{code}") for code in _FRENCH_REGIONS)
    return Line.INVALID if french else Line.MOBILE


def _matches(number: str, lines: tuple[tuple[str, re.Pattern[str]], ...]) -> bool:
    return any(
        number.startswith(f"+{code}") and pattern.fullmatch(number[len(code) + 1 :])
        for code, pattern in lines
    )
