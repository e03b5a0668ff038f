"""Marks for a practice call: the outcome, the answers, the contacts grid, and the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from outreach.domain.interview_answers import StoredValue
from outreach.domain.interviews import Question
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import PracticeCase, Scenario
from outreach.domain.practice_call import Line, Slip
from outreach.domain.practice_contacts import GridMarks, PracticeContact, grid_marks
from outreach.domain.practice_truth import asks_for_names, truth_of

_RIGHT: Mapping[Scenario, CallOutcome] = {
    Scenario.THIRD_PARTY: CallOutcome.THIRD_PARTY,
    Scenario.WRONG_NUMBER: CallOutcome.WRONG_NUMBER,
    Scenario.REFUSES: CallOutcome.REFUSED,
    Scenario.LATER: CallOutcome.CALLBACK_AT,
    Scenario.DISTRESS: CallOutcome.EMERGENCY,
    Scenario.HOSPITAL: CallOutcome.HOSPITALISED,
    Scenario.MEDICAL: CallOutcome.ESCALATE_MEDICAL,
}


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
    grid: GridMarks = field(default_factory=GridMarks)
    slips: tuple[Slip, ...] = ()

    @property
    def all_right(self) -> bool:
        spoken = self.outcome_right and not self.wrong and not self.missing
        return spoken and self.grid.all_right and not self.slips


def right_outcome(case: PracticeCase, line: Line) -> CallOutcome:
    """What a good agent would say of this call."""
    if case.scenario is Scenario.VOICEMAIL:
        return CallOutcome.VOICEMAIL_LEFT if line.voicemail_left else CallOutcome.VOICEMAIL_NONE
    told = CallOutcome.INFO_GIVEN if case.informs else CallOutcome.COMPLETED
    return _RIGHT.get(case.scenario, told)


def marks(
    case: PracticeCase,
    line: Line,
    outcome: CallOutcome,
    answers: Mapping[str, StoredValue],
    contacts: Sequence[PracticeContact],
    asked: Sequence[Question],
) -> Marks:
    """Marks for a call. `asked`: the questions that the script showed when it ended."""
    truths = {question.key: truth_of(case, question) for question in asked}
    known = {key: truth for key, truth in truths.items() if truth is not None}
    given = {key: answer for key, answer in answers.items() if key in known}
    wrong = tuple(
        WrongAnswer(key, answer, known[key]) for key, answer in given.items() if not _same(answer, known[key])
    )
    ordinary = case.scenario is Scenario.WILLING
    grid = grid_marks(case.met, contacts) if ordinary and asks_for_names(asked) else GridMarks()
    return Marks(
        outcome_right=outcome is right_outcome(case, line),
        right=len(given) - len(wrong),
        wrong=wrong,
        missing=tuple(key for key in known if key not in answers) if ordinary else (),
        grid=grid,
        slips=tuple(sorted(line.said().slips)),
    )


def _same(given: StoredValue, truth: StoredValue) -> bool:
    """True is not 1 here."""
    return type(given) is type(truth) and given == truth
