"""What an invented person would answer to a question of any script, whoever wrote it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import assert_never

from outreach.domain.case_records import CaseKind
from outreach.domain.interview_answers import StoredValue
from outreach.domain.interview_rules import BIRTH_DATE_CONFIRMED, NAME_CONFIRMED, SPEAKING_WITH
from outreach.domain.interviews import AnswerType, Question
from outreach.domain.practice import NOBODY_TO_TELL, PracticeCase, Scenario

# Questions whose number is that of the people named into the grid.
COUNTING = frozenset({"contacts_to_name", "co_exposed_count"})
# Of a question that is answered by yes or no: how often yes. Where a yes would end the call otherwise, never.
_YES: Mapping[str, float] = {
    "has_symptoms": 0.5,
    "vulnerable_health": 0.25,
    "can_isolate": 0.8,
    "wants_isolation_help": 1.0,
    "needs_sick_leave": 0.4,
    "works_in_collective_setting": 0.0,
    "confirms_exposure": 1.0,
    "tested_already": 0.3,
    "test_difficulty": 0.1,
    "may_give_name": 0.7,
    "setting_told": 1.0,
    "fever_now": 0.2,
    "household_ill": 0.0,
    "gathering_ill": 0.0,
    "place_n_ill": 0.0,
    "remembers": 1.0,
    "knows_co_exposed": 1.0,
    "vaccinated": 0.4,
}
# Choices that would lead to another end of the call, and that nobody makes here.
_NOT_CHOSEN: Mapping[str, frozenset[str]] = {
    "feels": frozenset({"worse"}),
    "isolation_difficulty": frozenset({"violence"}),
    "test_result": frozenset({"positive"}),
    "vaccine_wish": frozenset({"doctor", "refuses"}),
    "more_places": frozenset({"two"}),
}
_UNKNOWN = frozenset({"contacts_missing_because"})  # what is right depends on how the call goes
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "setting_others": (0, 1),
    "household_size": (1, 5),
    "children": (0, 3),
}
LARGEST_NUMBER = 9
_PLACE = re.compile(r"_\d+_")


def family_of(key: str) -> str:
    """place_2_on is one of place_n_on: the same words, another answer."""
    return _PLACE.sub("_n_", key)


def asks_for_names(asked: Iterable[Question]) -> bool:
    """Whether the script has the agent fill the contacts grid."""
    return any(question.key in COUNTING for question in asked)


def truth_of(case: PracticeCase, question: Question) -> StoredValue:
    """What they would answer; None where no answer is right or wrong, such as a text in their own words."""
    if case.scenario in NOBODY_TO_TELL:
        return "other" if question.key == SPEAKING_WITH else None
    certain = _certain(case)
    if question.key in certain:
        return certain[question.key]
    return None if question.key in _UNKNOWN else _drawn(case, question)


def _drawn(case: PracticeCase, question: Question) -> StoredValue:
    """By the kind of question, the same whenever it is asked."""
    chance = random.Random(f"{case.seed}:{question.key}")  # noqa: S311 - a play, not a secret
    match question.kind:
        case AnswerType.YES_NO:
            return chance.random() < _YES.get(family_of(question.key), 0.5)
        case AnswerType.NUMBER:
            return _number(chance, question)
        case AnswerType.DATE:
            return _day(chance, question, case.day).isoformat()
        case AnswerType.CHOICE:
            return _choice(chance, question)
        case AnswerType.TEXT:
            return None
        case _:
            assert_never(question.kind)


def _certain(case: PracticeCase) -> Mapping[str, StoredValue]:
    """What the scenario decides."""
    met = len(case.met) if case.scenario is Scenario.WILLING else 0
    return {
        SPEAKING_WITH: "person",
        NAME_CONFIRMED: True,
        BIRTH_DATE_CONFIRMED: True,
        "breathing_trouble": case.scenario is Scenario.DISTRESS,
        "in_hospital": case.scenario is Scenario.HOSPITAL,
        **({"has_symptoms": True} if case.scenario is Scenario.DISTRESS else {}),
        **({"has_symptoms": False} if case.kind is CaseKind.CONTACT else {}),
        **({"contacts_to_name": met, "co_exposed_count": met} if met else {}),
    }


def _number(chance: random.Random, question: Question) -> int:
    least, most = _NUMBERS.get(question.key, (question.least or 0, question.most or LARGEST_NUMBER))
    return chance.randint(least, max(least, min(most, least + LARGEST_NUMBER)))


def _day(chance: random.Random, question: Question, day: date) -> date:
    days = timedelta(days=chance.randint(1, 4))
    return day - days if question.past else day + days


def _choice(chance: random.Random, question: Question) -> str:
    avoided = _NOT_CHOSEN.get(family_of(question.key), frozenset())
    keys = [choice.key for choice in question.choices]
    return chance.choice([key for key in keys if key not in avoided] or keys)
