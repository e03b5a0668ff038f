"""Practice calls: the same script and outcomes, marks at the end, and nothing that could reach anybody."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

import outreach.services.training as training_module
from outreach.domain.interviews import ItemKind
from outreach.domain.outcomes import CallOutcome
from outreach.domain.phone_numbers import FICTIONAL_MOBILES
from outreach.domain.practice import NOBODY_TO_TELL, PracticeCase, Scenario, practice_case
from outreach.domain.practice_lines import reply
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.training import PracticeView
from outreach.storage import tables
from tests.call_world import PLATFORM, CallWorld

DAY = date(2021, 3, 16)
OUR_MODULES = (
    "services/training.py",
    "domain/practice.py",
    "domain/practice_lines.py",
    "storage/training_store.py",
)
FICTION = ("063998", "053649", "046571", "035301", "026191")


def _begin(world: CallWorld, scenario: Scenario) -> PracticeView:
    return world.app.training.begin(world.agent_id, PLATFORM, scenario=scenario)


def _questions(view: PracticeView) -> list[str]:
    return [
        item.question.key
        for section in view.sections
        for item in section.items
        if item.kind is ItemKind.QUESTION and item.question is not None
    ]


def _follow_the_script(world: CallWorld, view: PracticeView, *, wrongly: str = "") -> PracticeView:
    """Ask each question as it comes up, and keep the truth; of one question the opposite."""
    training, session_id = world.app.training, view.session.id
    view = training.call(world.agent_id, session_id)
    done: set[str] = set()
    while left := [key for key in _questions(view) if key not in done]:
        key = left[0]
        done.add(key)
        training.ask(world.agent_id, session_id, key)
        truth = view.case.truth.get(key)
        value = not truth if key == wrongly else truth
        view = training.answer(world.agent_id, session_id, key, value)
    return view


def _everything(world: CallWorld) -> dict[str, int]:
    """How many rows each table has, but for practice calls."""
    with world.app.database.begin() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
            if table.name != "training_sessions"
        }


@pytest.mark.parametrize("scenario", list(Scenario))
def test_a_practice_call_leaves_no_trace_outside_and_rings_nobody(
    calls: CallWorld, scenario: Scenario
) -> None:
    before, stats = _everything(calls), calls.company.stats()
    view = _follow_the_script(calls, _begin(calls, scenario))
    right = min(view.case.right_outcomes)
    ended = calls.app.training.finish(calls.agent_id, view.session.id, right)
    assert ended.session.marks is not None
    assert ended.session.marks.all_right
    assert _everything(calls) == before
    assert calls.company.stats()["calls"] == stats["calls"] == {}
    assert calls.company.stats()["messages"] == {}


def test_no_module_of_training_knows_a_phone_company_a_message_or_the_list() -> None:
    root = Path(training_module.__file__).parent.parent
    named = {
        name
        for module in OUR_MODULES
        for node in ast.walk(ast.parse((root / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in (node.module or "", *(f"{node.module}.{each.name}" for each in node.names))
    }
    forbidden = (
        "telephony",
        "queues",
        "message",
        "call_list",
        "attempt_store",
        "person_store",
        "outbox",
        "journal",
    )
    assert [name for name in named if any(word in name for word in forbidden)] == []


def test_invented_numbers_are_nobodys() -> None:
    for seed in range(200):
        digits = "".join(filter(str.isdigit, practice_case(seed, DAY).number))
        assert digits.startswith(FICTION), digits
    assert FICTIONAL_MOBILES == "+3363998"


def test_a_person_is_the_same_however_often_they_are_looked_at() -> None:
    assert practice_case(5, DAY) == practice_case(5, DAY)
    assert {practice_case(seed, DAY).scenario for seed in range(300)} == set(Scenario)


def test_until_the_identity_is_confirmed_the_rest_of_the_script_is_withheld(calls: CallWorld) -> None:
    begun = _begin(calls, Scenario.THIRD_PARTY)
    assert begun.sections == ()
    view = calls.app.training.call(calls.agent_id, begun.session.id)
    assert [section.key for section in view.sections] == ["identity"]
    assert view.withheld > 0
    view = calls.app.training.answer(calls.agent_id, begun.session.id, "speaking_with", "other")
    assert view.withheld > 0


def test_a_wrong_answer_a_missing_one_and_a_wrong_outcome_are_marked(calls: CallWorld) -> None:
    view = _follow_the_script(calls, _begin(calls, Scenario.WILLING), wrongly="vulnerable_health")
    calls.app.training.answer(calls.agent_id, view.session.id, "household_size", None)
    calls.clock.advance(timedelta(minutes=4))
    ended = calls.app.training.finish(calls.agent_id, view.session.id, CallOutcome.REFUSED)
    told = ended.session.marks
    assert told is not None
    assert not told.outcome_right
    assert [each.question for each in told.wrong] == ["vulnerable_health"]
    assert told.missing == ("household_size",)
    (result,) = calls.app.training.results([PLATFORM], most=10)
    assert (result.login, result.session.seconds) == ("agent", 240)


def test_an_agent_has_one_practice_call_at_a_time_and_only_their_own(calls: CallWorld) -> None:
    view = _begin(calls, Scenario.WILLING)
    assert _begin(calls, Scenario.REFUSES).session.id == view.session.id
    other: UUID = calls.colleague("other", "agent", "+33199000009")
    assert calls.app.training.current(other) is None
    with pytest.raises(NotFound):
        calls.app.training.read(other, view.session.id)
    calls.app.training.give_up(calls.agent_id, view.session.id)
    assert calls.app.training.current(calls.agent_id) is None
    assert calls.app.training.results([PLATFORM], most=10) == []


def test_what_is_out_of_turn_is_refused(calls: CallWorld) -> None:
    training, view = calls.app.training, _begin(calls, Scenario.WILLING)
    agent, session_id = calls.agent_id, view.session.id
    with pytest.raises(Conflict):
        training.ask(agent, session_id, "speaking_with")
    with pytest.raises(Conflict):
        training.answer(agent, session_id, "speaking_with", "person")
    with pytest.raises(Conflict):
        training.finish(agent, session_id, CallOutcome.COMPLETED)
    training.call(agent, session_id)
    with pytest.raises(NotFound):
        training.ask(agent, session_id, "has_symptoms")
    with pytest.raises(InvalidInput):
        training.answer(agent, session_id, "speaking_with", "a dog")
    training.hang_up(agent, session_id)
    with pytest.raises(Conflict):
        training.ask(agent, session_id, "speaking_with")
    training.finish(agent, session_id, CallOutcome.NO_ANSWER)
    with pytest.raises(Conflict):
        training.call(agent, session_id)


def test_the_partner_answers_in_both_languages_and_tells_only_what_is_true() -> None:
    for seed in range(40):
        case: PracticeCase = practice_case(seed, DAY, Scenario.WILLING)
        for language in ("fr", "en"):
            said = {key: reply(case, key, language) for key in case.truth}
            assert all(said.values())
            assert reply(case, "no_such_question", language) not in (said["has_symptoms"], "")
        if case.truth["has_symptoms"]:
            assert reply(case, "has_symptoms", "fr").startswith("Oui")


def test_who_is_not_the_person_tells_nothing_of_them() -> None:
    for scenario in NOBODY_TO_TELL:
        case = practice_case(3, DAY, scenario)
        assert case.person.family_name.title() not in reply(case, "name_confirmed", "fr")
