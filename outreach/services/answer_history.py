"""Answers of a case record in the clear: opened with the person's key, and which of them count in a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.domain.interview_answers import StoredValue
from outreach.domain.interviews import Outline
from outreach.storage.answer_store import StoredAnswer
from outreach.storage.vault import PersonKey


@dataclass(frozen=True)
class GivenAnswer:
    """One answer in the clear, and where it comes from; `value` None: it was taken back.

    `asked`, `said`, `kind`: the question's words, the chosen answer's, the question's type (answer_words.py).
    """

    question: str
    value: StoredValue
    attempt_id: UUID
    script: str
    script_version: int
    answered_by: UUID
    answered_at: datetime
    asked: str = ""
    said: str = ""
    kind: str = ""


def opened_answers(key: PersonKey, rows: Iterable[StoredAnswer]) -> list[GivenAnswer]:
    """The answers as stored, in their order."""
    answers = []
    for row in rows:
        opened = key.open(row.sealed)
        answers.append(
            GivenAnswer(
                opened["question"],
                opened["value"],
                row.attempt_id,
                row.script,
                row.script_version,
                row.answered_by,
                row.answered_at,
            )
        )
    return answers


def latest(answers: Iterable[GivenAnswer]) -> dict[str, GivenAnswer]:
    """The last answer to each question."""
    return {each.question: each for each in answers}


def values_of(answers: Mapping[str, GivenAnswer]) -> dict[str, StoredValue]:
    return {key: each.value for key, each in answers.items()}


def counting(
    outline: Outline, here: Mapping[str, GivenAnswer], before: Mapping[str, GivenAnswer]
) -> tuple[dict[str, GivenAnswer], dict[str, GivenAnswer]]:
    """The answers that count in this call, and earlier ones to what is asked anew."""
    questions = outline.by_key
    anew = {key: each for key, each in before.items() if key in questions and questions[key].anew}
    kept = {key: each for key, each in before.items() if key in questions and key not in anew}
    mine = {key: each for key, each in here.items() if key in questions}
    standing = {key: each for key, each in {**kept, **mine}.items() if each.value is not None}
    return standing, {key: each for key, each in anew.items() if each.value is not None}
