"""Answers of a record in words: each question as its script asked it, each choice as the agent read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from outreach.domain.interviews import Outline, Question
from outreach.errors import NotFound
from outreach.services.answer_history import GivenAnswer
from outreach.services.interview_texts import InterviewTexts
from outreach.storage import attempt_store
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Connection

_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")  # what each call fills in otherwise


@dataclass(frozen=True)
class AnswerWords:
    """Reads scripts only."""

    texts: InterviewTexts

    def told(
        self, connection: Connection, answers: Sequence[GivenAnswer], language: str
    ) -> list[GivenAnswer]:
        """The same answers with their words: in the reader's language as the script was then, else as it was
        read. Those of a script that is no longer kept stay without."""
        outlines: dict[object, list[Outline]] = {}
        worded = []
        for answer in answers:
            if answer.attempt_id not in outlines:
                attempt = attempt_store.read(connection, answer.attempt_id)
                outlines[answer.attempt_id] = self._outlines(connection, attempt, language)
            worded.append(_worded(answer, outlines[answer.attempt_id]))
        return worded

    def _outlines(self, connection: Connection, attempt: Attempt, language: str) -> list[Outline]:
        """Where to look for a question, in this order."""
        try:
            read = self.texts.of(connection, attempt, attempt.started_at).outline
            if language == attempt.script_language:
                return [read]
            script = self.texts.scripts.in_force(
                connection,
                attempt.script,
                language=language,
                platform=attempt.platform,
                now=attempt.started_at,
            )
        except NotFound:
            return []
        return [self.texts.ready(script).outline, read]


def _worded(answer: GivenAnswer, outlines: Sequence[Outline]) -> GivenAnswer:
    for outline in outlines:
        question = outline.by_key.get(answer.question)
        if question is not None:
            asked = " ".join(_FILLED_IN.sub("…", question.text).split())
            return replace(answer, asked=asked, said=_said(question, answer), kind=question.kind.value)
    return answer


def _said(question: Question, answer: GivenAnswer) -> str:
    return next((choice.label for choice in question.choices if choice.key == answer.value), "")
