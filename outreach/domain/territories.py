"""French departments and neighbouring countries: the phone plan and the time zone of an address."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from babel import Locale

# Departments and collectivities with a phone region of their own (ISO 3166) and their time zone.
OVERSEAS = {
    "971": ("GP", "America/Guadeloupe"),
    "972": ("MQ", "America/Martinique"),
    "973": ("GF", "America/Cayenne"),
    "974": ("RE", "Indian/Reunion"),
    "975": ("PM", "America/Miquelon"),
    "976": ("YT", "Indian/Mayotte"),
    "977": ("BL", "America/St_Barthelemy"),
    "978": ("MF", "America/Marigot"),
    "986": ("WF", "Pacific/Wallis"),
    "987": ("PF", "Pacific/Tahiti"),
    "988": ("NC", "Pacific/Noumea"),
}
FRENCH_TERRITORIES = frozenset({"FR", *(region for region, _ in OVERSEAS.values())})
# Countries of frontier workers and travellers that keep one time zone (Spain and Portugal: the mainland's).
ZONE_OF_COUNTRY = {
    **dict(OVERSEAS.values()),
    "FR": "Europe/Paris",
    "AD": "Europe/Andorra",
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "DZ": "Africa/Algiers",
    "ES": "Europe/Madrid",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "LI": "Europe/Vaduz",
    "LU": "Europe/Luxembourg",
    "MA": "Africa/Casablanca",
    "MC": "Europe/Monaco",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest",
    "SR": "America/Paramaribo",
    "TN": "Africa/Tunis",
}
# What files write beside the names that Unicode's tables know.
OTHER_NAMES = {
    "FRANCEMETROPOLITAINE": "FR",
    "GUYANE": "GF",
    "REUNION": "RE",
    "ROYAUMEUNI": "GB",
    "ANGLETERRE": "GB",
    "PAYSBAS": "NL",
    "HOLLANDE": "NL",
    "ETATSUNIS": "US",
    "USA": "US",
}


def folded(text: str) -> str:
    """Letters and digits only, upper case, no accents: "Côte d'Ivoire" -> "COTEDIVOIRE"."""
    return "".join(fold_words(text))


def fold_words(text: str) -> list[str]:
    """The words of a text, upper case, without accents; hyphens and apostrophes separate words."""
    if text.isascii():
        return text.upper().translate(_APART).split()
    spelled = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE").upper()
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in plain).split()


_APART = {code: " " for code in range(128) if not chr(code).isalnum()}


@cache
def _countries() -> dict[str, str]:
    codes = {str(code) for code in Locale("fr").territories}
    codes = {code for code in codes if len(code) == 2 and code.isalpha() and code != "ZZ"}
    named = {
        folded(str(name)): str(code)
        for language in ("en", "fr")
        for code, name in Locale(language).territories.items()
        if code in codes
    }
    return {
        **{code: code for code in codes},
        **named,
        **{folded(name): code for name, code in OTHER_NAMES.items()},
    }


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """ISO code of a country named by its code or its French or English name; None when not known."""
    return _countries().get(folded(text)) if text.strip() else None


@lru_cache(maxsize=8192)
def department_of(postcode: str) -> str | None:
    """The French department of a five-digit postcode ("97310" -> "973"); None for other postcodes.

    Saint-Barthélemy and Saint-Martin share Guadeloupe's postcodes, its phone plan and its hours.
    """
    digits = postcode.replace(" ", "")
    if len(digits) == 4 and digits[0] != "0" and digits.isdigit():
        digits = f"0{digits}"  # a spreadsheet ate the zero of "01000"
    if len(digits) != 5 or not digits.isdigit():
        return None
    return digits[:3] if digits[:2] in ("97", "98") else digits[:2]


def phone_region_of(department: str | None) -> str | None:
    """The overseas phone region of a department; None for metropolitan France and for unknown ones."""
    overseas = OVERSEAS.get(department or "")
    return overseas[0] if overseas else None


def zone_of_address(country: str | None, department: str | None) -> str | None:
    """The IANA zone of an address, department first; None when the address does not tell."""
    if country is None or country in FRENCH_TERRITORIES:
        overseas = OVERSEAS.get(department or "")
        if overseas:
            return overseas[1]
        if department:
            return "Europe/Paris"
    return ZONE_OF_COUNTRY.get(country or "")
