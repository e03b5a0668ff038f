"""What the conditions of an interview may name beside the catalog's variables: its own questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from outreach.domain.interviews import AnswerType, Question, parse_source
from outreach.domain.scripts import Value, Variable, VariableKind

_YES_NO = ("yes", "no")
_KINDS: Mapping[AnswerType, VariableKind] = {
    AnswerType.YES_NO: VariableKind.CHOICE,
    AnswerType.CHOICE: VariableKind.CHOICE,
    AnswerType.DATE: VariableKind.DATE,
    AnswerType.NUMBER: VariableKind.NUMBER,
    AnswerType.TEXT: VariableKind.TEXT,
}
# What stands for a question without an answer yet; no condition on a choice or a number is met by it.
UNANSWERED: Mapping[VariableKind, Value] = {
    VariableKind.CHOICE: "",
    VariableKind.TEXT: "",
    VariableKind.NUMBER: -1,  # an answered 0 is an answer
    VariableKind.DATE: date.min,
}


def question_variables(source: str) -> Mapping[str, Variable]:
    """Every question of a text as a variable; `worst` is what stands for it until it is answered."""
    return {question.key: _variable(question) for question in parse_source(source).questions}


def unanswered(question: Question) -> Value:
    """What stands for a question until it is answered."""
    return UNANSWERED[_KINDS[question.kind]]


def _variable(question: Question) -> Variable:
    kind = _KINDS[question.kind]
    choices = _YES_NO if question.kind is AnswerType.YES_NO else tuple(c.key for c in question.choices)
    return Variable(question.key, kind, unanswered(question), choices)
