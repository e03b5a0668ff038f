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
from outreach.domain.interview_variables import unanswered
from outreach.domain.interviews import AnswerType, Outline, Question
from outreach.domain.row_values import read_date, read_yes_no
from outreach.domain.scripts import LONGEST_VALUE, Value
from outreach.errors import InvalidInput

AnswerValue = bool | date | int | str | None  # None: the answer was taken back
StoredValue = bool | int | str | None  # a day as ISO text


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


# Answers that the case record takes over at once; what is health stays sealed with the others.
SICK_LEAVE, CONTACTS_TO_NAME = "needs_sick_leave", "contacts_to_name"
# A yes makes the person more urgent from now on; a no changes nothing that others told us.
RAISED_BY = {"works_in_collective_setting": "collective_setting", "vulnerable_health": "vulnerable"}


def findings_of(answers: Mapping[str, object]) -> Findings:
    """The case as the stored answers tell it; a day under a condition that no longer holds does not count."""
    ill = answers.get("has_symptoms") is not False
    elsewhen = answers.get("confirms_exposure") is False
    return Findings(
        symptom_onset=_day(answers.get("symptom_onset")) if ill else None,
        exposure_on=_day(answers.get("exposure_on")) if elsewhen else None,
        household_size=_count(answers.get("household_size")),
        contacts_to_name=_count(answers.get(CONTACTS_TO_NAME)),
        needs_sick_leave=_flag(answers.get(SICK_LEAVE)),
        in_hospital=_flag(answers.get("in_hospital")),
        collective_setting=_flag(answers.get("works_in_collective_setting")),
        vulnerable=_flag(answers.get("vulnerable_health")),
        vaccinated=_flag(answers.get("vaccinated")),
    )


def _day(stored: object) -> date | None:
    return read_date(stored) if isinstance(stored, str) else None


def _count(stored: object) -> int | None:
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else None


def _flag(stored: object) -> bool | None:
    return stored if isinstance(stored, bool) else None


def identity_confirmed(answers: Mapping[str, object]) -> bool:
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


def stored_form(value: AnswerValue) -> StoredValue:
    """As JSON keeps it; `read_answer` reads it back."""
    return value.isoformat() if isinstance(value, date) else value


def still_fits(question: Question, stored: object, *, today: date) -> AnswerValue:
    """A stored answer as the question of today takes it; None where its type or choices changed since."""
    try:
        return read_answer(question, stored, today=today)
    except InvalidInput:
        return None


def as_values(outline: Outline, answers: Mapping[str, AnswerValue]) -> dict[str, Value]:
    """The answers as conditions see them (domain/interview_variables.py)."""
    return {each.key: _value(each, answers.get(each.key)) for each in outline.questions}


def _value(question: Question, answer: AnswerValue) -> Value:
    if answer is None:
        return unanswered(question)
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer[:LONGEST_VALUE] if isinstance(answer, str) else answer


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
