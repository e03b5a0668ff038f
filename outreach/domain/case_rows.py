"""One row of a file, as text by field -> a checked case, or what is wrong with it and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from outreach.domain import phone_numbers
from outreach.domain.case_records import CaseKind, Exposure, Person, is_adult
from outreach.domain.column_mappings import Field
from outreach.domain.exposure_natures import nature_of
from outreach.domain.phone_numbers import PhoneNumber, UnusablePhone
from outreach.domain.row_values import (
    is_bare_day,
    masked,
    read_date,
    read_language,
    read_moment,
    read_yes_no,
)
from outreach.domain.territories import (
    FRENCH_TERRITORIES,
    country_code,
    department_of,
    folded,
    phone_region_of,
    zone_of_address,
)

CLOCK_TOLERANCE = timedelta(minutes=15)  # between a laboratory's clock and ours
LONGEST_IDENTIFIER = 200  # characters
LONG_AGO = timedelta(days=60)
RULES = (
    "A result date without a zone is read in the platform's time zone.",
    "A result date without an hour counts as the last minute of that day, or as the moment of import when "
    "that comes first; the call is due 24 hours later.",
    "A phone number without a country code is read in the country of residence, then the department, then "
    "France; when two countries have it, it is asked, not called.",
    "The same person is recognised by a phone number, name and birth date together.",
    "An identifier on several lines is one record: positive if any line says so, from the earliest result, "
    "and with every exposure.",
)

_KINDS = {
    "POSITIF": CaseKind.POSITIVE,
    "POSITIVE": CaseKind.POSITIVE,
    "CASPOSITIF": CaseKind.POSITIVE,
    "PATIENTZERO": CaseKind.POSITIVE,
    "CONTACT": CaseKind.CONTACT,
    "CASCONTACT": CaseKind.CONTACT,
}
_NEGATIVE = frozenset({"NEGATIF", "NEGATIVE", "N", "NEG", "INDETERMINE", "ININTERPRETABLE"})
_PHONE_FIELDS = (Field.PHONE_1, Field.PHONE_2, Field.PHONE_3)
_FRENCH = frozenset({"", *FRENCH_TERRITORIES})
_BETWEEN_NUMBERS = re.compile(r"\s*(?:[;,/|]|\bou\b|\bet\b)\s*")


class Severity(StrEnum):
    ERROR = "ERROR"  # the row is rejected
    WARNING = "WARNING"  # the row is kept


@dataclass(frozen=True)
class Finding:
    """Something to mend in a row; `value` is masked; no field: the row as a whole."""

    severity: Severity
    row: int
    field: Field | None
    value: str
    reason: str
    mend: str


@dataclass(frozen=True)
class RowSetting:
    """What a row is read against: the platform's place and the moment of import."""

    zone: ZoneInfo
    department: str
    now: datetime

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True)
class Place:
    """Where a person lives, as far as calls care: clock, holidays, and the plan their numbers are read in."""

    zone: str
    holiday_region: str  # a French department or a country
    phone_region: str


@dataclass(frozen=True)
class CaseRow:
    """A row that is a case; `number` is its place in the file."""

    number: int
    kind: CaseKind
    external_id: str
    person: Person
    place: Place
    adult: bool
    sampled_at: datetime | None = None
    result_at: datetime | None = None
    last_exposure_on: date | None = None
    exposures: tuple[Exposure, ...] = ()
    household: bool = False
    collective_setting: bool = False
    vulnerable: bool = False


@dataclass
class _Reader:
    """Reads the cells of one row and gathers what it finds wrong."""

    number: int
    cells: Mapping[Field, str]
    setting: RowSetting
    findings: list[Finding] = field(default_factory=list)

    def text(self, name: Field) -> str:
        return self.cells.get(name, "")

    def error(self, name: Field, reason: str, mend: str) -> None:
        self._find(Severity.ERROR, name, self.text(name), reason, mend)

    def warn(self, name: Field, reason: str, mend: str, *, value: str | None = None) -> None:
        self._find(Severity.WARNING, name, self.text(name) if value is None else value, reason, mend)

    def _find(self, severity: Severity, name: Field, value: str, reason: str, mend: str) -> None:
        self.findings.append(Finding(severity, self.number, name, masked(value), reason, mend))


def read_row(
    number: int, cells: Mapping[Field, str], aside: Mapping[str, str], setting: RowSetting
) -> tuple[CaseRow | None, list[Finding]]:
    """The case a row describes, and its findings; no case when one of them is an ERROR."""
    reader = _Reader(number, cells, setting)
    kind = _kind(reader)
    _check_named(reader)
    result_at = _result_at(reader, kind)
    if any(finding.severity is Severity.ERROR for finding in reader.findings) or kind is None:
        return None, reader.findings
    return _case(reader, kind, result_at, aside), reader.findings


def _case(reader: _Reader, kind: CaseKind, result_at: datetime | None, aside: Mapping[str, str]) -> CaseRow:
    person = _person(reader, aside)
    exposure = _exposure(reader) if kind is CaseKind.CONTACT else None
    told = {name: True for name, column in _FLAGS.items() if _flag(reader, column)}
    return CaseRow(
        number=reader.number,
        kind=kind,
        external_id=reader.text(Field.EXTERNAL_ID),
        person=person,
        place=place_of(person, reader.setting),
        adult=is_adult(person.birth_date, reader.setting.today),
        sampled_at=_optional_moment(reader, Field.SAMPLED_AT),
        result_at=result_at,
        last_exposure_on=exposure.last_contact_on if exposure else None,
        exposures=(exposure,) if exposure else (),
        **told,
    )


_FLAGS = {
    "household": Field.HOUSEHOLD,
    "collective_setting": Field.COLLECTIVE_SETTING,
    "vulnerable": Field.VULNERABLE,
}


def _kind(reader: _Reader) -> CaseKind | None:
    kind = _KINDS.get(folded(reader.text(Field.KIND)))
    if kind is None:
        reader.error(Field.KIND, "the type is neither positif nor contact", "write positif or contact")
    return kind


def _check_named(reader: _Reader) -> None:
    if not reader.text(Field.EXTERNAL_ID):
        reader.error(Field.EXTERNAL_ID, "no identifier", "give the record's identifier in its own system")
    if len(reader.text(Field.EXTERNAL_ID)) > LONGEST_IDENTIFIER:
        reader.error(Field.EXTERNAL_ID, "the identifier is too long", "give the identifier only")
    if not folded(reader.text(Field.FAMILY_NAME)):
        reader.error(Field.FAMILY_NAME, "no family name", "give the person's family name")


def _result_at(reader: _Reader, kind: CaseKind | None) -> datetime | None:
    """The moment a positive's 24 hours start."""
    if kind is not CaseKind.POSITIVE:
        return None
    if folded(reader.text(Field.TEST_RESULT)) in _NEGATIVE:
        reader.error(Field.TEST_RESULT, "the test is not positive", "mend the type or the result")
    text = reader.text(Field.RESULT_AT)
    moment = read_moment(text, reader.setting.zone) if text else None
    now = reader.setting.now
    if moment is None:
        reader.error(Field.RESULT_AT, "no valid result date", "write dd/mm/yyyy hh:mm, or yyyy-mm-ddThh:mm")
    elif moment > now and is_bare_day(text) and read_date(text) == reader.setting.today:
        return now
    elif moment > now + CLOCK_TOLERANCE:
        reader.error(Field.RESULT_AT, "the result lies in the future", "check the day and the month")
    elif now - moment > LONG_AGO:
        reader.warn(Field.RESULT_AT, "the result is more than 60 days old", "check the year")
    return moment


def _optional_moment(reader: _Reader, name: Field) -> datetime | None:
    text = reader.text(name)
    moment = read_moment(text, reader.setting.zone) if text else None
    if text and moment is None:
        reader.warn(name, "not a date; left empty", "write dd/mm/yyyy or yyyy-mm-dd")
    return moment


def _optional_date(reader: _Reader, name: Field) -> date | None:
    text = reader.text(name)
    day = read_date(text) if text else None
    if text and (day is None or day > reader.setting.today):
        reader.warn(name, "not a date in the past; left empty", "write dd/mm/yyyy or yyyy-mm-dd")
        return None
    return day


def _flag(reader: _Reader, name: Field) -> bool:
    text = reader.text(name)
    answer = read_yes_no(text) if text else False
    if answer is None:
        reader.warn(name, "neither oui nor non; read as non", "write oui or non")
    return bool(answer)


def _exposure(reader: _Reader) -> Exposure | None:
    reference, told = reader.text(Field.POSITIVE_REFERENCE), reader.text(Field.EXPOSURE_NATURE)
    if len(reference) > LONGEST_IDENTIFIER:
        reader.warn(Field.POSITIVE_REFERENCE, "too long; left empty", "give the identifier only")
        reference = ""
    day = _optional_date(reader, Field.LAST_CONTACT_ON)
    nature = nature_of(told) if told else None
    return Exposure(reference, day, nature) if reference or nature or day else None


def _person(reader: _Reader, aside: Mapping[str, str]) -> Person:
    country = _country(reader)
    usable, unusable = _phones(reader, country)
    told = reader.cells.get
    return Person(
        family_name=told(Field.FAMILY_NAME, ""),
        given_names=told(Field.GIVEN_NAMES, ""),
        birth_date=_optional_date(reader, Field.BIRTH_DATE),
        sex=told(Field.SEX, ""),
        address=told(Field.ADDRESS, ""),
        postcode=told(Field.POSTCODE, ""),
        town=told(Field.TOWN, ""),
        country=country,
        email=told(Field.EMAIL, ""),
        language=_language(reader),
        doctor=told(Field.DOCTOR, ""),
        phones=usable,
        unusable_phones=unusable,
        kept_aside=_kept_aside(reader, aside),
    )


def _kept_aside(reader: _Reader, aside: Mapping[str, str]) -> dict[str, str]:
    """Columns nobody asked for, and the words in which an exposure was told: they may name someone."""
    told = reader.text(Field.EXPOSURE_NATURE)
    return {**aside, **({Field.EXPOSURE_NATURE.value: told} if told else {})}


def _country(reader: _Reader) -> str:
    text = reader.text(Field.COUNTRY)
    code = country_code(text) if text else ""
    if code is None:
        reader.warn(Field.COUNTRY, "unknown country; read as none", "write its name or its two-letter code")
    return code or ""


def _language(reader: _Reader) -> str:
    text = reader.text(Field.LANGUAGE)
    code = read_language(text) if text else "fr"
    if code is None:
        reader.warn(Field.LANGUAGE, "unknown language; read as French", "write its name or two-letter code")
    return code or "fr"


def place_of(person: Person, setting: RowSetting) -> Place:
    """The callee's hours: the address knows best, then the number, then the platform's own."""
    by_number = next((phone.zone for phone in person.phones if phone.zone), None)
    return _place(person.postcode, person.country, by_number or setting.zone.key, setting.department)


@lru_cache(maxsize=8192)
def _place(postcode: str, country: str, zone: str, platform_department: str) -> Place:
    department = department_of(postcode) if country in _FRENCH else None
    return Place(
        zone=zone_of_address(country or None, department) or zone,
        holiday_region=department or country or platform_department,
        phone_region=phone_region_of(department) or country or "FR",
    )


def _phones(reader: _Reader, country: str) -> tuple[tuple[PhoneNumber, ...], tuple[UnusablePhone, ...]]:
    usable: dict[str, PhoneNumber] = {}
    unusable: dict[str, UnusablePhone] = {}
    department = department_of(reader.text(Field.POSTCODE)) if country in _FRENCH else None
    told_department = department or (reader.setting.department if not country else None)
    for name in _PHONE_FIELDS:
        if name not in reader.cells:
            continue
        for phone in _numbers_in(reader.text(name), country or None, told_department):
            if isinstance(phone, PhoneNumber):
                usable.setdefault(phone.e164, phone)
            else:
                unusable.setdefault(phone.raw, phone)
                reader.warn(name, f"number not used: {phone.reason}", phone.mend, value=phone.raw)
    if not usable:
        mend = "find a number: the person waits in the search queue"
        reader.warn(Field.PHONE_1, "no number that can be called", mend)
    return tuple(usable.values()), tuple(unusable.values())


def _numbers_in(text: str, country: str | None, department: str | None) -> list[PhoneNumber | UnusablePhone]:
    """Usually one number; a cell such as "05… / 06…" holds several."""
    whole = phone_numbers.parse(text, residence_country=country, department=department)
    parts = _BETWEEN_NUMBERS.split(text) if isinstance(whole, UnusablePhone) else []
    read = [
        phone_numbers.parse(part, residence_country=country, department=department) for part in parts if part
    ]
    return read if any(isinstance(phone, PhoneNumber) for phone in read) and len(read) > 1 else [whole]
