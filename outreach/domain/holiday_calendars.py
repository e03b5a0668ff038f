"""Public holidays where the callee lives, overseas departments and neighbouring countries included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

METROPOLE = ("FR", None)

# Department (or territory) -> calendar of the `holidays` library: country and subdivision.
_DEPARTMENTS: dict[str, tuple[str, str | None]] = {
    "57": ("FR", "57"),
    "67": ("FR", "6AE"),
    "68": ("FR", "6AE"),
    "971": ("FR", "971"),
    "972": ("FR", "972"),
    "973": ("FR", "973"),
    "974": ("FR", "974"),
    "975": ("FR", "PM"),
    "976": ("FR", "976"),
    "977": ("FR", "BL"),
    "978": ("FR", "MF"),
    "986": ("FR", "WF"),
    "987": ("FR", "PF"),
    "988": ("FR", "NC"),
}

# The zone speaks only where no region is known.
_ZONES = {
    "America/Guadeloupe": "971",
    "America/Martinique": "972",
    "America/Cayenne": "973",
    "Indian/Reunion": "974",
    "America/Miquelon": "975",
    "Indian/Mayotte": "976",
    "America/St_Barthelemy": "977",
    "America/Marigot": "978",
    "Pacific/Wallis": "986",
    "Pacific/Tahiti": "987",
    "Pacific/Noumea": "988",
    "Europe/Zurich": "CH",
    "Europe/Luxembourg": "LU",
    "Europe/Brussels": "BE",
    "Europe/Monaco": "MC",
}

# How the library calls the languages of our pages.
_LANGUAGES = {"fr": "fr", "en": "en_US"}


@lru_cache(maxsize=2048)
def holidays_of(region: str, zone: str, year: int) -> frozenset[date]:
    """Holidays of a year; `region` is a French department ("57", "974") or a country ("CH", "GF")."""
    return frozenset(_of_year(region.upper() or _ZONES.get(zone, ""), year))


@lru_cache(maxsize=256)
def holiday_names(region: str, zone: str, year: int, language: str = "fr") -> Mapping[date, str]:
    """What the holidays of a year are called, where the library knows it in this language."""
    return _of_year(region.upper() or _ZONES.get(zone, ""), year, _LANGUAGES.get(language, language))


def _of_year(region: str, year: int, language: str | None = None) -> Mapping[date, str]:
    # Brought in where a calendar is asked for: every command would wait for all of the library's.
    import holidays

    if region not in _DEPARTMENTS and region in holidays.list_supported_countries():
        country, subdivision = region, None
    else:
        country, subdivision = _DEPARTMENTS.get(region, METROPOLE)
    found = holidays.country_holidays(country, subdiv=subdivision, years=year, language=language)
    return dict(found.items())
