"""Answers: read by the type of their question, and what they say of the case record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from outreach.domain.interview_rules import (
    ADDRESS_CONFIRMED,
    BIRTH_DATE_CONFIRMED,
    MAY_BE_TOLD,
    NAME_CONFIRMED,
    SPEAKING_WITH,
)
from outreach.domain.interviews import AnswerType, Outline, Question
from outreach.domain.row_values import read_date, read_yes_no
from outreach.domain.scripts import LONGEST_VALUE, Value, Variable, VariableKind
from outreach.errors import InvalidInput

AnswerValue = bool | date | int | str | None  # None: the answer was taken back


@dataclass(frozen=True)
class Findings:
    """What the answers say of the case; None where nothing was answered."""

    symptom_onset: date | None = None
    exposure_on: date | None = None
    household_size: int | None = None
    contacts_to_name: int | None = None
    needs_sick_leave: bool | None = None
    in_hospital: bool | None = None
    collective_setting: bool | None = None
    vulnerable: bool | None = None
    vaccinated: bool | None = None


# Which question says it.
_SAID_BY: Mapping[str, str] = {
    "symptom_onset": "symptom_onset",
    "exposure_on": "exposure_on",
    "household_size": "household_size",
    "contacts_to_name": "contacts_to_name",
    "needs_sick_leave": "needs_sick_leave",
    "in_hospital": "in_hospital",
    "collective_setting": "works_in_collective_setting",
    "vulnerable": "vulnerable_health",
    "vaccinated": "vaccinated",
}


def findings_of(answers: Mapping[str, AnswerValue]) -> Findings:
    """The case as the answers tell it."""
    return Findings(**{name: answers.get(key) for name, key in _SAID_BY.items()})  # type: ignore[arg-type]


def identity_confirmed(answers: Mapping[str, AnswerValue]) -> bool:
    """Whether this call may say why it was made: the person, or who answers for them, gave two proofs."""
    return (
        answers.get(SPEAKING_WITH) in MAY_BE_TOLD
        and answers.get(NAME_CONFIRMED) is True
        and True in (answers.get(BIRTH_DATE_CONFIRMED), answers.get(ADDRESS_CONFIRMED))
    )


def read_answer(question: Question, given: object, *, today: date) -> AnswerValue:
    """The answer in the type of its question; null takes it back. Raises InvalidInput with what to give."""
    if given is None:
        return None
    match question.kind:
        case AnswerType.YES_NO:
            return _yes_no(question, given)
        case AnswerType.DATE:
            return _date(question, given, today)
        case AnswerType.CHOICE:
            return _choice(question, given)
        case AnswerType.NUMBER:
            return _number(question, given)
        case AnswerType.TEXT:
            return _text(question, given)
        case _:
            assert_never(question.kind)


def stored_form(value: AnswerValue) -> bool | int | str | None:
    """As JSON keeps it; `read_answer` reads it back."""
    return value.isoformat() if isinstance(value, date) else value


def still_fits(question: Question, stored: object, *, today: date) -> AnswerValue:
    """A stored answer as the question of today takes it; None where its type or choices changed since."""
    try:
        return read_answer(question, stored, today=today)
    except InvalidInput:
        return None


def answer_variables(outline: Outline) -> dict[str, Variable]:
    """What conditions of this script may compare: each question by its key.

    A yes_no is "yes", "no" or "", a choice its key or "", a number 0 until answered; the others are texts.
    """
    return {each.key: _variable(each) for each in outline.questions}


def as_values(outline: Outline, answers: Mapping[str, AnswerValue]) -> dict[str, Value]:
    """The answers as `answer_variables` has them."""
    return {each.key: _value(each, answers.get(each.key)) for each in outline.questions}


def _variable(question: Question) -> Variable:
    match question.kind:
        case AnswerType.YES_NO:
            return Variable(question.key, VariableKind.CHOICE, "yes", ("yes", "no", ""))
        case AnswerType.CHOICE:
            keys = tuple(each.key for each in question.choices)
            return Variable(question.key, VariableKind.CHOICE, max(keys, key=len), (*keys, ""))
        case AnswerType.NUMBER:
            return Variable(question.key, VariableKind.NUMBER, question.most or 0)
        case AnswerType.DATE:
            return Variable(question.key, VariableKind.TEXT, date.max.isoformat())
        case AnswerType.TEXT:
            return Variable(question.key, VariableKind.TEXT, "x" * min(question.most or 0, LONGEST_VALUE))
        case _:
            assert_never(question.kind)


def _value(question: Question, answer: AnswerValue) -> Value:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if question.kind is AnswerType.NUMBER:
        return answer if isinstance(answer, int) else 0
    return "" if answer is None else str(answer)[:LONGEST_VALUE]


def _refused(question: Question, mend: str) -> InvalidInput:
    return InvalidInput(
        f"This is no answer to {question.key}.", field="value", mend=mend, code="not_an_answer"
    )


def _yes_no(question: Question, given: object) -> bool:
    said = given if isinstance(given, bool) else read_yes_no(given) if isinstance(given, str) else None
    if said is None:
        raise _refused(question, "true or false")
    return said


def _date(question: Question, given: object, today: date) -> date:
    day = read_date(given) if isinstance(given, str) else None
    if day is None:
        raise _refused(question, "a day, as 2021-03-16")
    if question.past and day > today:
        raise _refused(question, f"a day up to today, {today.isoformat()}")
    return day


def _choice(question: Question, given: object) -> str:
    keys = [each.key for each in question.choices]
    if not isinstance(given, str) or given not in keys:
        raise _refused(question, "one of " + ", ".join(keys))
    return given


def _number(question: Question, given: object) -> int:
    least, most = question.least or 0, question.most or 0
    if isinstance(given, str) and given.strip().isdecimal() and len(given) <= 9:
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise _refused(question, f"a whole number from {least} to {most}")
    return given


def _text(question: Question, given: object) -> str:
    if not isinstance(given, str) or len(given) > (question.most or 0):
        raise _refused(question, f"a text of at most {question.most} characters")
    return given.strip()
