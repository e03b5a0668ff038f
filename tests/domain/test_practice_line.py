"""The line of a practice call: hold, help and transfer, and what is marked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import pytest

from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import NOBODY_TO_TELL, Scenario, practice_case, surprise
from outreach.domain.practice_call import MOVES, STEPS, Act, Colleague, Line, LineState, Slip, line_after
from outreach.domain.practice_marks import right_outcome
from outreach.domain.practice_partner import said_on
from outreach.errors import Conflict

DAY = date(2021, 3, 16)
CALLED = Line(0, machine=False).after(Act.CALL)
MEDICAL = practice_case(1, DAY, Scenario.MEDICAL).line
UPSET = practice_case(1, DAY, Scenario.UPSET).line


def _slips(line: Line, *acts: Act) -> set[Slip]:
    return set(line_after(acts, line).said().slips)


def test_every_button_has_what_it_does_and_every_state_its_buttons() -> None:
    assert set(STEPS) == set(Act)
    assert set(MOVES) == set(LineState)
    assert set().union(*MOVES.values()) == set(Act)


@pytest.mark.parametrize(
    ("acts", "slips"),
    [
        ([Act.ASK_TO_WAIT, Act.HOLD, Act.RESUME], set()),
        ([Act.HOLD, Act.RESUME], {Slip.HELD_UNTOLD}),
        ([Act.ASK_TO_WAIT, Act.HOLD, Act.RESUME, Act.HOLD, Act.RESUME], {Slip.HELD_UNTOLD}),
        ([Act.ASK_TO_WAIT, Act.HOLD, Act.HANG_UP], {Slip.LEFT_ON_HOLD}),
        ([Act.BRING_ADVISER, Act.SUMMARISE, Act.HAND_OVER], set()),
        ([Act.ASK_TO_WAIT, Act.HOLD, Act.BRING_ADVISER, Act.SUMMARISE, Act.RESUME, Act.HAND_OVER], set()),
        ([Act.BRING_ADVISER, Act.HAND_OVER], {Slip.NO_SUMMARY}),
        ([Act.BRING_ADVISER, Act.SUMMARISE, Act.HANG_UP], set()),
        ([Act.ASK_HELP, Act.HANG_UP], set()),
    ],
)
def test_what_was_done_badly_on_the_line_is_marked(acts: Sequence[Act], slips: set[Slip]) -> None:
    assert _slips(CALLED, *acts) == slips


@pytest.mark.parametrize(
    ("line", "acts", "slips"),
    [
        (MEDICAL, [Act.HANG_UP], {Slip.NO_ADVISER}),
        (MEDICAL, [Act.ASK_HELP, Act.HANG_UP], {Slip.NO_ADVISER}),
        (MEDICAL, [Act.BRING_ADVISER, Act.SUMMARISE, Act.HAND_OVER], set()),
        (UPSET, [Act.HANG_UP], {Slip.NO_HELP}),
        (UPSET, [Act.ASK_HELP, Act.HANG_UP], set()),
    ],
)
def test_whom_the_call_needs_is_brought_in(line: Line, acts: Sequence[Act], slips: set[Slip]) -> None:
    while not line.reached:
        line = line.after(Act.CALL if Act.CALL in line.may else Act.NEXT_NUMBER)
    assert _slips(line, *acts) == slips


@pytest.mark.parametrize("scenario", sorted(NOBODY_TO_TELL))
def test_a_doctor_comes_to_nobody_but_the_person(scenario: Scenario) -> None:
    line = practice_case(1, DAY, scenario).line
    while not line.reached:
        line = line.after(Act.CALL if Act.CALL in line.may else Act.NEXT_NUMBER)
    assert _slips(line, Act.BRING_ADVISER) == {Slip.ADVISER_TO_A_STRANGER}


def test_nobody_who_was_not_reached_is_missed_by_a_colleague() -> None:
    assert _slips(MEDICAL) == _slips(UPSET) == set()


@pytest.mark.parametrize(
    ("acts", "refused"),
    [
        ([], Act.SUMMARISE),
        ([], Act.HAND_OVER),
        ([Act.ASK_HELP], Act.BRING_ADVISER),
        ([Act.BRING_ADVISER], Act.ASK_HELP),
        ([Act.BRING_ADVISER, Act.SUMMARISE], Act.SUMMARISE),
        ([Act.BRING_ADVISER, Act.ASK_TO_WAIT, Act.HOLD], Act.HAND_OVER),
        ([Act.BRING_ADVISER, Act.HAND_OVER], Act.HANG_UP),
    ],
)
def test_one_colleague_comes_at_a_time_and_leaving_takes_an_adviser(acts: list[Act], refused: Act) -> None:
    with pytest.raises(Conflict):
        line_after(acts, CALLED).after(refused)


def test_a_question_for_a_doctor_goes_to_the_doctors_list() -> None:
    case = practice_case(1, DAY, Scenario.MEDICAL)
    assert right_outcome(case, case.line) is CallOutcome.ESCALATE_MEDICAL
    assert case.line.needs is Colleague.ADVISER


def test_a_surprise_may_be_one_that_came_later_and_no_seed_makes_another_person_for_it() -> None:
    drawn = {surprise(random.Random(seed)) for seed in range(200)}
    assert drawn == {None, Scenario.MEDICAL, Scenario.UPSET}
    later = {Scenario.MEDICAL, Scenario.UPSET}
    assert {practice_case(seed, DAY).scenario for seed in range(300)} == set(Scenario) - later


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_colleague_speaks_the_language_of_the_call_and_hears_whom_it_is_about(language: str) -> None:
    case = practice_case(1, DAY, Scenario.MEDICAL)
    told = {act: said_on(act, case, language, kept=4) for act in Act}
    spoken = {act for act, words in told.items() if words}
    assert spoken == {Act.ASK_TO_WAIT, Act.ASK_HELP, Act.BRING_ADVISER, Act.SUMMARISE}
    assert case.person.family_name.title() in told[Act.SUMMARISE]
    assert "4" in told[Act.SUMMARISE]
    assert said_on(Act.ASK_TO_WAIT, practice_case(1, DAY, Scenario.VOICEMAIL), language, kept=0) == ""
