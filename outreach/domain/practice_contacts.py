"""The contacts grid of a practice call: lines typed by the agent, compared with whom the partner named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outreach.domain.case_records import normalised_name
from outreach.domain.phone_numbers import PhoneNumber, parse
from outreach.domain.row_values import read_date, read_yes_no
from outreach.errors import InvalidInput

MOST_CONTACTS = 30
LONGEST_NAME = 120
# The fields of a line, as the desk's grid has them.
FIELDS = ("family_name", "given_names", "birth_date", "phone_1", "last_contact_on", "household")


@dataclass(frozen=True)
class PracticeContact:
    """Somebody met. `number` "": none was given."""

    family_name: str
    given_names: str
    birth_date: date | None
    number: str
    last_contact_on: date | None
    household: bool

    @property
    def name(self) -> str:
        return normalised_name(self.family_name, self.given_names)


@dataclass(frozen=True)
class GridMarks:
    """How the grid was filled. `wrong`: places of people named, with the fields kept otherwise than said.

    `missing`: places of people who were named and not kept; `extra`: lines about nobody who was named.
    """

    right: int = 0
    wrong: tuple[tuple[int, tuple[str, ...]], ...] = ()
    missing: tuple[int, ...] = ()
    extra: int = 0

    @property
    def all_right(self) -> bool:
        return not (self.wrong or self.missing or self.extra)


def read_contact(typed: Mapping[str, str]) -> PracticeContact:
    """A line of the grid. Raises InvalidInput with the field and what to mend."""
    told = {name: typed.get(name, "").strip() for name in FIELDS}
    if not told["family_name"] or len(told["family_name"] + told["given_names"]) > LONGEST_NAME:
        raise InvalidInput("A contact needs a family name.", field="family_name", mend="give the family name")
    return PracticeContact(
        family_name=told["family_name"],
        given_names=told["given_names"],
        birth_date=_day(told, "birth_date"),
        number=_number(told["phone_1"]),
        last_contact_on=_day(told, "last_contact_on"),
        household=bool(read_yes_no(told["household"])),
    )


def as_kept(contact: PracticeContact) -> dict[str, str]:
    """As it is sealed; `read_contact` reads it back."""
    return {
        "family_name": contact.family_name,
        "given_names": contact.given_names,
        "birth_date": contact.birth_date.isoformat() if contact.birth_date else "",
        "phone_1": contact.number,
        "last_contact_on": contact.last_contact_on.isoformat() if contact.last_contact_on else "",
        "household": "1" if contact.household else "",
    }


def grid_marks(named: Sequence[PracticeContact], kept: Sequence[PracticeContact]) -> GridMarks:
    """Each line counts for the person of its name, else of its number."""
    left = list(kept)
    wrong: list[tuple[int, tuple[str, ...]]] = []
    missing: list[int] = []
    for place, person in enumerate(named):
        line = _line_of(person, left)
        if line is None:
            missing.append(place)
            continue
        left.remove(line)
        if fields := _different(person, line):
            wrong.append((place, fields))
    right = len(named) - len(wrong) - len(missing)
    return GridMarks(right, tuple(wrong), tuple(missing), len(left))


def _line_of(person: PracticeContact, lines: Sequence[PracticeContact]) -> PracticeContact | None:
    by_name = (line for line in lines if line.name == person.name)
    number = _number(person.number)
    by_number = (line for line in lines if line.number and line.number == number)
    return next(by_name, None) or next(by_number, None)


def _different(person: PracticeContact, line: PracticeContact) -> tuple[str, ...]:
    same = {
        "family_name": line.name == person.name,
        "birth_date": line.birth_date == person.birth_date,
        "phone_1": line.number == _number(person.number),
        "last_contact_on": line.last_contact_on == person.last_contact_on,
        "household": line.household is person.household,
    }
    return tuple(field for field, alike in same.items() if not alike)


def _day(told: Mapping[str, str], field: str) -> date | None:
    if not told[field]:
        return None
    day = read_date(told[field])
    if day is None:
        raise InvalidInput("This is no day.", field=field, mend="a day, as 2021-03-16")
    return day


def _number(text: str) -> str:
    if not text:
        return ""
    read = parse(text)
    if not isinstance(read, PhoneNumber):
        raise InvalidInput("This number cannot be called.", field="phone_1", mend="check it, or leave it out")
    return read.e164
