"""Answers of an interview as a record's page shows them: the question's words, and the answer's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from outreach.domain.interviews import AnswerType
from outreach.services.answer_history import GivenAnswer
from outreach.web.pages.filters import full_day
from outreach.web.pages.words import N_, translated

YES, NO, TAKEN_BACK = N_("Yes"), N_("No"), N_("taken back")


class ShownAnswer(NamedTuple):
    asked: str
    said: str


def shown_answers(answers: Iterable[GivenAnswer]) -> list[ShownAnswer]:
    """In the language that is spoken now. A question whose script is gone is shown by its code."""
    return [
        ShownAnswer(each.asked or each.question.replace("_", " ").capitalize(), _said(each))
        for each in answers
    ]


def _said(answer: GivenAnswer) -> str:
    match answer.value:
        case None:
            return translated(TAKEN_BACK)
        case bool(value):
            return translated(YES if value else NO)
        case str(value) if answer.kind == AnswerType.DATE:
            return full_day(date.fromisoformat(value))
        case value:
            return answer.said or str(value)
