"""The fixed set of filters of our texts, in the language of the text; none takes an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time

from outreach.domain.phone_numbers import spaced
from outreach.domain.scripts import VariableKind

FALLBACK_LANGUAGE = "fr"
_DAYS = {"fr": ("jour", "jours"), "en": ("day", "days")}


@dataclass(frozen=True)
class TextFilter:
    """What a filter makes of a value, and of which kinds of variable."""

    kinds: frozenset[VariableKind]
    make: Callable[[str, Any], str]  # of the language and the value


def _long_date(language: str, day: date) -> str:
    """mercredi 25 novembre"""
    if language == "fr":
        shown = format_date(day, "EEEE d MMMM", locale="fr")
        return shown.replace(" 1 ", " 1er ") if day.day == 1 else shown
    return format_date(day, "EEEE d MMMM", locale=_locale(language))


def _full_date(language: str, day: date) -> str:
    """16 mars 2021"""
    shown = format_date(day, "d MMMM yyyy", locale=_locale(language))
    return shown.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else shown


def _short_date(language: str, day: date) -> str:
    """25/11/2020"""
    return format_date(day, "dd/MM/yyyy", locale=_locale(language))


def _hour(language: str, moment: time) -> str:
    """14 h 30 in French, as it is written and read aloud; 2:30 PM in English."""
    if language == "fr":
        return f"{moment.hour} h {moment.minute:02}" if moment.minute else f"{moment.hour} h"
    return format_time(moment, "short", locale=_locale(language))


def _days(language: str, count: int) -> str:
    """7 jours; in French nought is singular."""
    one, many = _DAYS.get(language, _DAYS[FALLBACK_LANGUAGE])
    singular = count == 1 or (count == 0 and language != "en")
    return f"{count} {one if singular else many}"


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK_LANGUAGE)


_TEXTS = frozenset({VariableKind.TEXT, VariableKind.CHOICE})

FILTERS: Mapping[str, TextFilter] = {
    "long_date": TextFilter(frozenset({VariableKind.DATE}), _long_date),
    "full_date": TextFilter(frozenset({VariableKind.DATE}), _full_date),
    "short_date": TextFilter(frozenset({VariableKind.DATE}), _short_date),
    "hour": TextFilter(frozenset({VariableKind.TIME}), _hour),
    "days": TextFilter(frozenset({VariableKind.NUMBER}), _days),
    "phone": TextFilter(frozenset({VariableKind.PHONE}), lambda _, number: spaced(number)),
    "capital": TextFilter(_TEXTS, lambda _, text: text[:1].upper() + text[1:]),
    "upper": TextFilter(_TEXTS, lambda _, text: text.upper()),
    "lower": TextFilter(_TEXTS, lambda _, text: text.lower()),
}
