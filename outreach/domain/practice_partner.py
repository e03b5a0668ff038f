"""The practice partner: how they pick up, what they answer, and whom they name, in the script's language.

And whoever is brought in, an invented supervisor or medical adviser.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from outreach.domain.interview_answers import StoredValue
from outreach.domain.interview_rules import (
    ADDRESS_CONFIRMED,
    BIRTH_DATE_CONFIRMED,
    NAME_CONFIRMED,
    SPEAKING_WITH,
)
from outreach.domain.interviews import AnswerType, Question
from outreach.domain.practice import NOBODY_TO_TELL, PracticeCase, Scenario
from outreach.domain.practice_call import Act
from outreach.domain.practice_contacts import PracticeContact
from outreach.domain.practice_lines import LINES, line
from outreach.domain.practice_truth import family_of, truth_of
from outreach.domain.row_values import read_date

IDENTITY_QUESTIONS = frozenset({SPEAKING_WITH, NAME_CONFIRMED, BIRTH_DATE_CONFIRMED, ADDRESS_CONFIRMED})
_DAY = {"fr": "%d/%m/%Y", "en": "%d %B %Y"}


def opening(case: PracticeCase, number: int, language: str) -> str:
    """What is heard when a number is called: the place of the number, among theirs."""
    return line("rings_out" if number < case.answering else f"picks_up.{case.scenario}", language)


def reply(case: PracticeCase, question: Question, language: str, *, with_help: bool = False) -> str:
    """What the person says to a question of the script. `with_help`: a supervisor is on the line."""
    if case.scenario in NOBODY_TO_TELL:
        return line(f"who.{case.scenario}", language)
    if question.key in IDENTITY_QUESTIONS:
        return _who_they_are(case, question.key, language)
    turn = f"turn.{case.scenario}"
    if turn in LINES and not (with_help and case.scenario is Scenario.UPSET):
        return line(turn, language)
    return _answer(question, truth_of(case, question), language)


def names_contacts(case: PracticeCase, language: str) -> str:
    """What they say when asked whom they met."""
    if case.scenario is not Scenario.WILLING:
        return line(f"turn.{case.scenario}" if f"turn.{case.scenario}" in LINES else "met.none", language)
    return " ".join(_named(met, language) for met in case.met)


def said_on(act: Act, case: PracticeCase, language: str, *, kept: int) -> str:
    """What is said when a button of the call bar was pressed; "" for those at which nobody speaks."""
    key = f"line.{act}"
    if key not in LINES or (act is Act.ASK_TO_WAIT and case.scenario is Scenario.VOICEMAIL):
        return ""
    person = case.person
    return line(key, language).format(
        given=person.given_names,
        family=person.family_name.title(),
        birth=_day(person.birth_date, language),
        kept=kept,
    )


def _named(met: PracticeContact, language: str) -> str:
    return line("met.household" if met.household else "met.other", language).format(
        name=f"{met.given_names} {met.family_name.title()}",
        birth=_day(met.birth_date, language),
        seen=_day(met.last_contact_on, language),
        number=met.number,
    )


def _who_they_are(case: PracticeCase, key: str, language: str) -> str:
    person = case.person
    if key == BIRTH_DATE_CONFIRMED and person.birth_date is not None:
        return line("birth", language).format(birth=_day(person.birth_date, language))
    if key == ADDRESS_CONFIRMED:
        return line("address", language).format(address=person.address, town=person.town)
    return line("name", language).format(given=person.given_names, family=person.family_name.title())


def _answer(question: Question, truth: StoredValue, language: str) -> str:
    """In the question's own words where the table has some, else in those of its kind."""
    family, kind = family_of(question.key), question.kind
    ending = "" if not isinstance(truth, bool) else ".yes" if truth else ".no"
    for key in (f"{family}{ending}", f"{kind.value}{ending}"):
        words = LINES.get(key)
        if words is not None:
            return line(key, language).format(value=_spoken(question, truth, language))
    return line("unsure", language)


def _spoken(question: Question, truth: StoredValue, language: str) -> str:
    """A value as it is said: a choice by its label, a day as a day."""
    match question.kind:
        case AnswerType.CHOICE:
            return next((choice.label for choice in question.choices if choice.key == truth), "")
        case AnswerType.DATE:
            return _day(read_date(str(truth)), language)
        case AnswerType.YES_NO | AnswerType.NUMBER | AnswerType.TEXT:
            return str(truth)
        case _:
            assert_never(question.kind)


def _day(day: date | None, language: str) -> str:
    return "" if day is None else day.strftime(_DAY.get(language, _DAY["fr"]))
