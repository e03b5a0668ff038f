"""Practice calls: invented people, what each of them would answer, and what an agent should make of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from outreach.domain.case_records import CaseKind, Person, is_adult
from outreach.domain.interview_answers import StoredValue
from outreach.domain.interview_choice import CONTACT_FULL, POSITIVE_LIGHT
from outreach.domain.interview_rules import (
    BIRTH_DATE_CONFIRMED,
    NAME_CONFIRMED,
    SPEAKING_WITH,
)
from outreach.domain.invented_people import InventedPeople
from outreach.domain.outcomes import CallOutcome
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
NOBODY_TO_TELL = frozenset({Scenario.THIRD_PARTY, Scenario.VOICEMAIL, Scenario.WRONG_NUMBER})
SCRIPT_OF_KIND = {CaseKind.POSITIVE: POSITIVE_LIGHT, CaseKind.CONTACT: CONTACT_FULL}
_RIGHT: Mapping[Scenario, frozenset[CallOutcome]] = {
    Scenario.THIRD_PARTY: frozenset({CallOutcome.THIRD_PARTY}),
    Scenario.VOICEMAIL: frozenset({CallOutcome.VOICEMAIL_LEFT, CallOutcome.VOICEMAIL_NONE}),
    Scenario.WRONG_NUMBER: frozenset({CallOutcome.WRONG_NUMBER}),
    Scenario.REFUSES: frozenset({CallOutcome.REFUSED}),
    Scenario.LATER: frozenset({CallOutcome.CALLBACK_AT}),
    Scenario.DISTRESS: frozenset({CallOutcome.EMERGENCY}),
    Scenario.HOSPITAL: frozenset({CallOutcome.HOSPITALISED}),
}


@dataclass(frozen=True)
class PracticeCase:
    """An invented person who exists nowhere: drawn anew from the seed whenever the case is looked at.

    `truth`: what they would answer to each question; a question without a truth is not marked.
    """

    kind: CaseKind
    scenario: Scenario
    person: Person
    number: str
    tested_on: date
    exposed_on: date
    truth: Mapping[str, StoredValue]

    @property
    def script(self) -> str:
        return SCRIPT_OF_KIND[self.kind]

    @property
    def right_outcomes(self) -> frozenset[CallOutcome]:
        """What a good agent would say of this call."""
        told = CallOutcome.COMPLETED if self.kind is CaseKind.POSITIVE else CallOutcome.INFO_GIVEN
        return _RIGHT.get(self.scenario, frozenset({told}))


@dataclass(frozen=True)
class WrongAnswer:
    """What the agent kept, and what the person had said."""

    question: str
    given: StoredValue
    truth: StoredValue


@dataclass(frozen=True)
class Marks:
    """How a practice call went. `missing`: questions the script asked to the end, and nobody answered."""

    outcome_right: bool
    right: int
    wrong: tuple[WrongAnswer, ...]
    missing: tuple[str, ...]

    @property
    def all_right(self) -> bool:
        return self.outcome_right and not self.wrong and not self.missing


def practice_case(seed: int, day: date, scenario: Scenario | None = None) -> PracticeCase:
    """The same seed and day make the same person. `scenario`: the one to practise, else drawn."""
    chance = random.Random(seed)  # noqa: S311 - a play, not a secret
    kind = chance.choice((CaseKind.POSITIVE, CaseKind.CONTACT))
    drawn = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    person, number = _adult(InventedPeople(chance, day), day)
    exposed_on = day - timedelta(days=chance.randint(2, 4))
    return PracticeCase(
        kind=kind,
        scenario=scenario or drawn,
        person=person,
        number=number,
        tested_on=day - timedelta(days=1),
        exposed_on=exposed_on,
        truth=_truth(chance, kind, scenario or drawn, day),
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


def _truth(chance: random.Random, kind: CaseKind, scenario: Scenario, day: date) -> dict[str, StoredValue]:
    if scenario in NOBODY_TO_TELL:
        return {SPEAKING_WITH: "other"}
    ill = chance.random() < (0.6 if kind is CaseKind.POSITIVE else 0.2)
    onset = day - timedelta(days=chance.randint(1, 4))
    named = chance.randint(1, 4)
    identity: dict[str, StoredValue] = {
        SPEAKING_WITH: "person",
        NAME_CONFIRMED: True,
        BIRTH_DATE_CONFIRMED: True,
    }
    return identity | {
        "breathing_trouble": scenario is Scenario.DISTRESS,
        "in_hospital": scenario is Scenario.HOSPITAL,
        "has_symptoms": ill,
        "symptom_onset": onset.isoformat(),
        "vulnerable_health": chance.random() < 0.25,
        "vaccinated": chance.random() < 0.5,
        "household_size": chance.randint(1, 5),
        "can_isolate": chance.random() < 0.8,
        "wants_isolation_help": True,
        "isolation_difficulty": "housing",
        "needs_sick_leave": chance.random() < 0.4,
        "works_in_collective_setting": False,
        "contacts_to_name": named,
        "may_give_name": chance.random() < 0.7,
        "knew_exposure": chance.random() < 0.5,
        "confirms_exposure": True,
        "tested_already": False,
        "test_difficulty": chance.random() < 0.1,
    }


def marks(
    case: PracticeCase,
    outcome: CallOutcome,
    answers: Mapping[str, StoredValue],
    asked: Sequence[str],
) -> Marks:
    """Marks for a call. `asked`: the questions that the script showed when it ended."""
    wrong = tuple(
        WrongAnswer(key, given, case.truth[key])
        for key, given in answers.items()
        if key in case.truth and not _same(given, case.truth[key])
    )
    right = sum(key in case.truth for key in answers) - len(wrong)
    ordinary = case.scenario is Scenario.WILLING
    missing = tuple(key for key in asked if key in case.truth and key not in answers) if ordinary else ()
    return Marks(outcome in case.right_outcomes, right, wrong, missing)


def _same(given: StoredValue, truth: StoredValue) -> bool:
    """True is not 1 here."""
    return type(given) is type(truth) and given == truth
