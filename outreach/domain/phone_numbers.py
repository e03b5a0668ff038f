"""Reads the phone numbers people write: whose number it is, what it can do, or why it cannot be used.

A raw number is read in the plan of the country of residence, then of the department, then of France. When
two plans make two different numbers of it, nobody is called: it is asked (079 123 45 67 is a Swiss mobile,
and in France the mobile of a stranger). The French plan is one plan: a ten-digit number is one line whether
dialled from Paris or Cayenne, so its overseas ranges are never ambiguous with metropolitan ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType
from phonenumbers import timezone as number_zones

from outreach.domain.territories import phone_region_of


class LineType(StrEnum):
    """What kind of line a usable number is."""

    MOBILE = "MOBILE"
    FIXED = "FIXED"
    FIXED_OR_MOBILE = "FIXED_OR_MOBILE"  # countries whose numbers do not tell
    VOIP = "VOIP"


class Refusal(StrEnum):
    """Why a number is not used."""

    NOT_A_NUMBER = "NOT_A_NUMBER"
    NOT_ASSIGNED = "NOT_ASSIGNED"
    SHORT_NUMBER = "SHORT_NUMBER"
    PREMIUM = "PREMIUM"
    SHARED_COST = "SHARED_COST"
    SERVICE = "SERVICE"  # freephone, pager, voicemail, company-wide and personal numbers: not a person's line
    SATELLITE = "SATELLITE"
    AMBIGUOUS = "AMBIGUOUS"


@dataclass(frozen=True)
class PhoneNumber:
    """A line that can be called. `raw` is as written; `zone` only when the number tells exactly one."""

    raw: str
    e164: str
    region: str
    line_type: LineType
    zone: str | None

    @property
    def can_sms(self) -> bool:
        return self.line_type in (LineType.MOBILE, LineType.FIXED_OR_MOBILE)


@dataclass(frozen=True)
class UnusablePhone:
    """A number that is kept as written and not called; AMBIGUOUS ones carry their E.164 `candidates`."""

    raw: str
    refusal: Refusal
    candidates: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return REASONS[self.refusal][0]

    @property
    def mend(self) -> str:
        return REASONS[self.refusal][1]


REASONS = {
    Refusal.NOT_A_NUMBER: ("not a phone number", "write the digits only, or + and the country code"),
    Refusal.NOT_ASSIGNED: ("no line has this number", "check the digits with the doctor or the laboratory"),
    Refusal.SHORT_NUMBER: ("a short code is not a person's phone", "give the person's own number"),
    Refusal.PREMIUM: ("premium-rate numbers are not called", "give the person's own number"),
    Refusal.SHARED_COST: ("shared-cost numbers are not called", "give the person's own number"),
    Refusal.SERVICE: ("a service number is not a person's phone", "give the person's own number"),
    Refusal.SATELLITE: ("satellite numbers are not called", "give another number"),
    Refusal.AMBIGUOUS: (
        "two countries have this number: a stranger may answer",
        "write it with + and the country code",
    ),
}

_LINE_TYPES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: LineType.VOIP,
}
_REFUSALS = {
    PhoneNumberType.PREMIUM_RATE: Refusal.PREMIUM,
    PhoneNumberType.SHARED_COST: Refusal.SHARED_COST,
    PhoneNumberType.UNKNOWN: Refusal.NOT_ASSIGNED,
}
# One national plan, five numbering regions with a country code of their own.
FRENCH_OVERSEAS = ("GP", "MQ", "GF", "RE", "YT")
FRENCH_PLAN = ("FR", *FRENCH_OVERSEAS)
_ONLY_FRANCE = ("FR",)
_SAME_PLAN = {"BL": "GP", "MF": "GP"}
# In these regions the first digits decide: three in France and Switzerland, five in the overseas ranges and
# in two French blocks (a test compares every prefix with the number library).
_PREFIX_REGIONS = {"FR": 33, "GP": 590, "MQ": 596, "GF": 594, "RE": 262, "YT": 262, "CH": 41}
_WIDE_REGIONS = ("FR", "CH")
_NARROW_BLOCKS = ("836", "639")
# Where the overseas regions' lines begin in the French plan.
_NON_GEOGRAPHIC = "8"  # 08: services, never a person, wherever they are called from
_OVERSEAS_BLOCKS = re.compile("26[2389]|58[789]|59[0468]|639|69[0-467]|709")
_NATIONAL = re.compile(r"0[1-9]\d{8}", re.ASCII)
_FRENCH_ABROAD = re.compile(r"(?:\+|00)33([1-9]\d{8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " .-/()\t\u00a0\u202f\u2009\u2011\u2010\u2013")
_SHORTEST_NATIONAL = 6
# The regulator keeps 06 39 98 for fiction; the number library calls it unassigned. Demos, training cases and
# tests use it so that they can never ring a real person.
FICTIONAL_MOBILES = "+3363998"
_FICTIONAL_LENGTH = 12
_SATELLITE_CODES = (870, 881, 882, 883)


class _Reading(NamedTuple):
    """What one plan makes of the digits: a line, or the refusal."""

    e164: str
    region: str
    line: LineType | Refusal
    zone: str | None


def parse(
    raw: str, *, residence_country: str | None = None, department: str | None = None
) -> PhoneNumber | UnusablePhone:
    """Read one number written by someone living there; never raises."""
    text = raw.translate(_SEPARATORS) if "(0)" not in raw else raw.replace("(0)", "").translate(_SEPARATORS)
    regions = _regions(residence_country, department)
    if regions == _ONLY_FRANCE and _NATIONAL.fullmatch(text):  # nearly every number: one plan, one reading
        reading = _french(text, ())
        if isinstance(reading.line, LineType):
            return PhoneNumber(raw, reading.e164, reading.region, reading.line, reading.zone)
    return _judge(raw, _readings(text, regions), text)


@lru_cache(maxsize=1024)
def _regions(residence_country: str | None, department: str | None) -> tuple[str, ...]:
    overseas = phone_region_of(department)
    named = [residence_country, overseas, "FR"]
    if residence_country == "FR":
        named = [overseas, "FR"]  # the department says more than the country
    return tuple(dict.fromkeys(_SAME_PLAN.get(region, region) for region in named if region))


def _readings(text: str, regions: tuple[str, ...]) -> list[_Reading]:
    if not _NATIONAL.fullmatch(text):
        abroad = _FRENCH_ABROAD.fullmatch(text)
        return [_french(f"0{abroad[1]}", ())] if abroad else _slow_readings(text, regions)
    departments = tuple(region for region in regions if region in FRENCH_OVERSEAS)
    found = [_french(text, departments)] if departments or "FR" in regions else []
    foreign = [r for r in regions if r not in FRENCH_PLAN]
    others = [reading for region in foreign if (reading := _national(text, region))]
    return others + found


def _french(text: str, departments: tuple[str, ...]) -> _Reading:
    """The one line a ten-digit number is in the French plan: overseas ranges first, they are the narrower.

    `departments`: overseas regions of the person's own, which come before the others.
    """
    if text[1] == _NON_GEOGRAPHIC or (not departments and not _OVERSEAS_BLOCKS.match(text, 1)):
        return _neighbour(text, "FR")
    return _neighbour(text, _french_region(text[1:6], departments))


@lru_cache(maxsize=200_000)
def _french_region(prefix: str, department_regions: tuple[str, ...]) -> str:
    for region in department_regions:
        if isinstance(_prefix_facts(prefix, region)[1], LineType):
            return region
    for region in FRENCH_OVERSEAS:
        if _prefix_facts(prefix, region)[1] in (LineType.FIXED, LineType.MOBILE):
            return region
    return "FR"


def _neighbour(text: str, region: str) -> _Reading:
    wide = region in _WIDE_REGIONS and text[1:4] not in _NARROW_BLOCKS
    found, line, zone = _prefix_facts(text[1:4] if wide else text[1:6], region)
    return _Reading(f"+{_PREFIX_REGIONS[region]}{text[1:]}", found, line, zone)


@lru_cache(maxsize=400_000)
def _prefix_facts(prefix: str, region: str) -> tuple[str, LineType | Refusal, str | None]:
    """Region, line and zone shared by all national numbers that begin so."""
    number = phonenumbers.PhoneNumber(_PREFIX_REGIONS[region], int(prefix.ljust(9, "0")))
    reading = _reading(number)
    return reading.region, reading.line, reading.zone


def _national(text: str, region: str) -> _Reading | None:
    if region in _PREFIX_REGIONS:
        return _neighbour(text, region)
    return _parsed(text, region)


@lru_cache(maxsize=50_000)
def _parsed(text: str, region: str) -> _Reading | None:
    """What the number library reads; None when it sees no number, or one its region does not have."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return _reading(number)


def _slow_readings(text: str, regions: tuple[str, ...]) -> list[_Reading]:
    if not text.isascii() or not text.removeprefix("+").isdigit():
        return []  # letters too: the number library would dial them as on an old keypad
    if text.startswith(("+", "00")):
        return [reading for reading in [_parsed(text, regions[-1])] if reading]
    french = "FR" in regions and len(text) == 9 and _NATIONAL.fullmatch(f"0{text}")
    if french:  # a spreadsheet ate the leading zero
        return _readings(f"0{text}", regions)
    return [reading for region in regions if (reading := _parsed(text, region))]


def _reading(number: phonenumbers.PhoneNumber) -> _Reading:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if e164.startswith(FICTIONAL_MOBILES) and len(e164) == _FICTIONAL_LENGTH:
        return _Reading(e164, "FR", LineType.MOBILE, "Europe/Paris")
    region = phonenumbers.region_code_for_number(number) or ""
    return _Reading(e164, region, _line(number), _only_zone(number))


def _line(number: phonenumbers.PhoneNumber) -> LineType | Refusal:
    if number.country_code in _SATELLITE_CODES:
        return Refusal.SATELLITE
    kind = phonenumbers.number_type(number)
    line = _LINE_TYPES.get(kind)
    return line if line else _REFUSALS.get(kind, Refusal.SERVICE)


def _only_zone(number: phonenumbers.PhoneNumber) -> str | None:
    zones = number_zones.time_zones_for_number(number)
    return zones[0] if len(zones) == 1 and zones[0] != number_zones.UNKNOWN_TIMEZONE else None


def _judge(raw: str, readings: list[_Reading], text: str) -> PhoneNumber | UnusablePhone:
    lines = list({r.e164: r for r in readings if isinstance(r.line, LineType)}.values())
    if len(lines) > 1:
        return UnusablePhone(raw, Refusal.AMBIGUOUS, tuple(line.e164 for line in lines))
    if lines and isinstance(lines[0].line, LineType):
        return PhoneNumber(raw, lines[0].e164, lines[0].region, lines[0].line, lines[0].zone)
    return UnusablePhone(raw, _refusal(readings, text))


def _refusal(readings: list[_Reading], text: str) -> Refusal:
    if text.isascii() and text.isdigit() and len(text) < _SHORTEST_NATIONAL:
        return Refusal.SHORT_NUMBER
    refusals = [r.line for r in readings if isinstance(r.line, Refusal)]
    told = [refusal for refusal in refusals if refusal is not Refusal.NOT_ASSIGNED]
    return told[0] if told else refusals[0] if refusals else Refusal.NOT_A_NUMBER


def in_full(written: str) -> str | None:
    """A number of ours, written with + and the country's code, as E.164; None for anything else."""
    text = written.translate(_SEPARATORS)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text, re.ASCII):
        return None
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    return text if phonenumbers.is_possible_number(number) else None


def mask(e164: str) -> str:
    """A number fit for a screen or a report: "+33 6 ** ** ** 34"."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return "*" * len(e164)
    national = phonenumbers.national_significant_number(number)
    pairs = (len(national) - 3 + 1) // 2
    return " ".join([f"+{number.country_code}", national[0], *(["**"] * pairs), national[-2:]])


@lru_cache(maxsize=1024)
def spaced(e164: str) -> str:
    """A number as people write it: "09 74 75 76 78" in France, "+41 79 123 45 67" elsewhere."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    french = number.country_code == _FRANCE
    form = phonenumbers.PhoneNumberFormat.NATIONAL if french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


_FRANCE = 33
