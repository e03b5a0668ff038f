"""Reads single cells as files write them (dates, oui and non, languages), and masks what is shown of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from outreach.domain.territories import folded

_FRENCH_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(.*))?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(.*))?", re.ASCII)
_CLOCK = re.compile(
    r"(\d{1,2})[:hH](\d{2})?(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE
)
_OLDEST_YEAR, _LAST_YEAR = 1890, 2200
# A day without an hour ends here: the last minute that still belongs to it.
END_OF_DAY = time(23, 59)
YES = frozenset({"OUI", "O", "YES", "Y", "VRAI", "TRUE", "1", "X"})
NO = frozenset({"NON", "N", "NO", "FAUX", "FALSE", "0"})
_SHOWN_AT_EACH_END = 2
_SHOWN_AT_MOST = 24


def read_date(text: str) -> date | None:
    """dd/MM/yyyy or ISO, an hour after it is ignored; None when it is no date."""
    day, _ = _day_and_clock(text)
    return day


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A day with its hour, in UTC; without a zone of its own the hour is read in `zone`.

    A day without an hour gives its last minute in `zone`.
    """
    day, clock = _day_and_clock(text)
    if day is None:
        return None
    if not clock:
        return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)
    return _at_clock(day, clock, zone)


def is_bare_day(text: str) -> bool:
    """Whether the text is a day that does not tell its hour."""
    day, clock = _day_and_clock(text)
    return day is not None and not clock


@lru_cache(maxsize=20_000)
def _day_and_clock(text: str) -> tuple[date | None, str]:
    stripped = text.strip()
    if french := _FRENCH_DAY.fullmatch(stripped):
        return _date(french[3], french[2], french[1]), french[4] or ""
    if iso := _ISO_DAY.fullmatch(stripped.replace("T", " ", 1)):
        return _date(iso[1], iso[2], iso[3]), iso[4] or ""
    return None, ""


def _date(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _OLDEST_YEAR <= found.year <= _LAST_YEAR else None


def _at_clock(day: date, clock: str, zone: ZoneInfo) -> datetime | None:
    told = _CLOCK.fullmatch(clock.strip())
    if told is None:
        return None
    try:
        hour = time(int(told[1]), int(told[2] or 0), int(told[3] or 0))
    except ValueError:
        return None
    if told[4] is None:
        return datetime.combine(day, hour, zone).astimezone(UTC)
    return datetime.combine(day, hour, UTC) - _offset(told[4])


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta(0)
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


@lru_cache(maxsize=1024)
def read_yes_no(text: str) -> bool | None:
    """oui / non and their usual spellings; None for anything else."""
    word = folded(text)
    if word in YES:
        return True
    return False if word in NO else None


@lru_cache(maxsize=1024)
def read_language(text: str) -> str | None:
    """ISO 639 code of a language named by its code or its French or English name."""
    return _languages().get(folded(text))


@cache
def _languages() -> dict[str, str]:
    codes = {str(code) for code in Locale("fr").languages}
    codes = {code for code in codes if code.isalpha() and len(code) in (2, 3)}
    named = {
        folded(str(name)): str(code)
        for language in ("en", "fr")
        for code, name in Locale(language).languages.items()
        if code in codes
    }
    return named | {folded(code): code for code in codes}


def masked(value: str) -> str:
    """A value fit for a report: its shape and its ends, not what it says ("0612345678" -> "06******78")."""
    shown = " ".join(value.split())[:_SHOWN_AT_MOST]
    tail = _SHOWN_AT_EACH_END if len(shown) > 3 * _SHOWN_AT_EACH_END else 0
    last = len(shown) - tail
    return "".join(
        "*" if c.isalnum() and _SHOWN_AT_EACH_END <= place < last else c for place, c in enumerate(shown)
    )
