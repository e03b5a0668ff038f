"""Practice calls: invented people, their numbers and the people they met, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from outreach.domain.case_records import CaseKind, Person, is_adult
from outreach.domain.interview_choice import (
    CONTACT_COLLECTIVE,
    CONTACT_FULL,
    CONTACT_HOUSEHOLD,
    CONTACT_LIGHT,
    POSITIVE_LIGHT,
)
from outreach.domain.invented_people import InventedPeople
from outreach.domain.practice_call import Colleague, Line
from outreach.domain.practice_contacts import PracticeContact
from outreach.domain.row_values import read_date


class Scenario(StrEnum):
    """Who picks up, and in what mood."""

    WILLING = "WILLING"
    THIRD_PARTY = "THIRD_PARTY"
    VOICEMAIL = "VOICEMAIL"
    WRONG_NUMBER = "WRONG_NUMBER"
    REFUSES = "REFUSES"
    LATER = "LATER"
    DISTRESS = "DISTRESS"
    HOSPITAL = "HOSPITAL"
    MEDICAL = "MEDICAL"
    UPSET = "UPSET"


# Most calls are ordinary ones; each of the others comes often enough to be met in a day.
_SHARES = {
    Scenario.WILLING: 10,
    Scenario.THIRD_PARTY: 3,
    Scenario.VOICEMAIL: 2,
    Scenario.WRONG_NUMBER: 2,
    Scenario.REFUSES: 2,
    Scenario.LATER: 2,
    Scenario.DISTRESS: 2,
    Scenario.HOSPITAL: 1,
}
# Those that came later are drawn when a call begins: whom a seed made before stays who they are.
_LATER_SHARES: Mapping[Scenario | None, int] = {None: 24, Scenario.MEDICAL: 2, Scenario.UPSET: 2}
# Whom a good agent brings in.
_NEEDS = {Scenario.MEDICAL: Colleague.ADVISER, Scenario.UPSET: Colleague.SUPERVISOR}
NOBODY_TO_TELL = frozenset({Scenario.THIRD_PARTY, Scenario.VOICEMAIL, Scenario.WRONG_NUMBER})
# Of practice calls begun before a script could be chosen.
_SCRIPT_OF_KIND = {CaseKind.POSITIVE: POSITIVE_LIGHT, CaseKind.CONTACT: CONTACT_FULL}
_INFORMING = frozenset({CONTACT_FULL, CONTACT_LIGHT, CONTACT_HOUSEHOLD, CONTACT_COLLECTIVE})
SECOND_NUMBER_SHARE = 0.3  # of people who are not reached on the first of two numbers
MOST_MET = 4


@dataclass(frozen=True)
class PracticeCase:
    """An invented person who exists nowhere: drawn anew from the seed whenever the case is looked at.

    `answering`: which of the numbers picks up; those before it ring out. `met`: whom they would name.
    """

    seed: int
    day: date
    script: str
    kind: CaseKind
    scenario: Scenario
    person: Person
    numbers: tuple[str, ...]
    tested_on: date
    exposed_on: date
    met: tuple[PracticeContact, ...]

    @property
    def answering(self) -> int:
        return len(self.numbers) - 1

    @property
    def line(self) -> Line:
        """Before anybody is called."""
        return Line(
            self.answering,
            machine=self.scenario is Scenario.VOICEMAIL,
            needs=_NEEDS.get(self.scenario),
            stranger=self.scenario in NOBODY_TO_TELL,
        )

    @property
    def informs(self) -> bool:
        """The script tells a contact what to do: its good end is INFO_GIVEN."""
        return self.script in _INFORMING


def surprise(chance: random.Random) -> Scenario | None:
    """Who picks up where nobody was asked for; None: whom the seed makes."""
    return chance.choices(list(_LATER_SHARES), list(_LATER_SHARES.values()))[0]


def practice_case(
    seed: int,
    day: date,
    scenario: Scenario | None = None,
    *,
    script: str = "",
    kind: CaseKind | None = None,
) -> PracticeCase:
    """The same seed and day make the same person. What is None or "" is drawn."""
    chance = random.Random(seed)  # noqa: S311 - a play, not a secret
    drawn_kind = chance.choice((CaseKind.POSITIVE, CaseKind.CONTACT))
    drawn = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    people = InventedPeople(chance, day)
    person, number = _adult(people, day)
    exposed_on = day - timedelta(days=chance.randint(2, 4))
    two = bool(script) and chance.random() < SECOND_NUMBER_SHARE  # of old, everybody picked up at once
    first = (people.someone()["telephone_1"],) if two else ()
    return PracticeCase(
        seed=seed,
        day=day,
        script=script or _SCRIPT_OF_KIND[drawn_kind],
        kind=kind or drawn_kind,
        scenario=scenario or drawn,
        person=person,
        numbers=(*first, number),
        tested_on=day - timedelta(days=1),
        exposed_on=exposed_on,
        met=tuple(_met(people, chance, day, person) for _ in range(chance.randint(1, MOST_MET))),
    )


def _met(people: InventedPeople, chance: random.Random, day: date, person: Person) -> PracticeContact:
    household = chance.random() < 0.4
    cells = people.someone(family_name=person.family_name if household else None)
    return PracticeContact(
        family_name=cells["nom"],
        given_names=cells["prenoms"],
        birth_date=read_date(cells["date_naissance"]),
        number=cells["telephone_1"],
        last_contact_on=day - timedelta(days=chance.randint(1, 3)),
        household=household,
    )


def _adult(people: InventedPeople, day: date) -> tuple[Person, str]:
    while True:
        cells = people.someone()
        person = _person(cells)
        if is_adult(person.birth_date, day):
            return person, cells["telephone_1"]


def _person(cells: Mapping[str, str]) -> Person:
    return Person(
        family_name=cells["nom"],
        given_names=cells["prenoms"],
        birth_date=read_date(cells["date_naissance"]),
        sex=cells["sexe"],
        address=cells["adresse"],
        postcode=cells["code_postal"],
        town=cells["commune"],
        country=cells["pays"],
    )
