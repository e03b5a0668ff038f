"""Practice calls: the same script and outcomes, marks at the end, and nothing that could reach anybody."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

import outreach.services.training as training_module
from outreach.domain.interviews import AnswerType, Question, parse_source
from outreach.domain.outcomes import CallOutcome
from outreach.domain.phone_numbers import FICTIONAL_MOBILES
from outreach.domain.practice import Scenario, practice_case
from outreach.domain.practice_call import Act, Colleague, Slip
from outreach.domain.practice_contacts import PracticeContact, as_kept
from outreach.domain.practice_lines import LINES, line
from outreach.domain.practice_marks import right_outcome
from outreach.domain.practice_partner import IDENTITY_QUESTIONS, reply
from outreach.domain.practice_truth import family_of, truth_of
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.training import CONTACTS, PracticeView
from outreach.storage import tables
from tests.call_world import PLATFORM, CallWorld

DAY = date(2021, 3, 16)
OUR_MODULES = (
    "services/training.py",
    "services/practice_scripts.py",
    "domain/practice.py",
    "domain/practice_call.py",
    "domain/practice_contacts.py",
    "domain/practice_lines.py",
    "domain/practice_marks.py",
    "domain/practice_partner.py",
    "domain/practice_truth.py",
    "storage/training_store.py",
)
INTERVIEWS = (
    "positive_full",
    "positive_light",
    "positive_follow_up",
    "retro_tracing",
    "contact_full",
    "contact_light",
    "contact_household",
    "contact_collective",
    "isolation_check",
    "vaccination_invitation",
)
FICTION = ("063998", "053649", "046571", "035301", "026191")


def _begin(world: CallWorld, scenario: Scenario, script: str = "positive_light") -> PracticeView:
    return world.app.training.begin(world.agent_id, PLATFORM, scenario=scenario, script=script)


def _reach(world: CallWorld, view: PracticeView) -> PracticeView:
    """Call, and the next number where the first rings out."""
    training, session_id = world.app.training, view.session.id
    view = training.act(world.agent_id, session_id, Act.CALL)
    while Act.NEXT_NUMBER in view.line.may:
        view = training.act(world.agent_id, session_id, Act.NEXT_NUMBER)
    return view


def _follow_the_script(world: CallWorld, view: PracticeView, *, wrongly: str = "") -> PracticeView:
    """Ask each question as it comes up, and keep the truth; of one question the opposite."""
    training, session_id = world.app.training, view.session.id
    view = _reach(world, view)
    done: set[str] = set()
    while left := [question for key, question in view.questions.items() if key not in done]:
        question = left[0]
        done.add(question.key)
        training.ask(world.agent_id, session_id, question.key)
        truth = truth_of(view.case, question)
        value = not truth if question.key == wrongly else truth
        view = training.answer(world.agent_id, session_id, question.key, value)
    return view


def _fill_the_grid(world: CallWorld, view: PracticeView) -> PracticeView:
    for contact in view.case.met if view.names else ():
        view = world.app.training.add_contact(world.agent_id, view.session.id, as_kept(contact))
    return view


def _bring_in(world: CallWorld, view: PracticeView) -> PracticeView:
    """Whom the call needs: a supervisor who stays, or an adviser who is told and takes it over."""
    acts = {
        None: (),
        Colleague.SUPERVISOR: (Act.ASK_HELP,),
        Colleague.ADVISER: (Act.BRING_ADVISER, Act.SUMMARISE, Act.HAND_OVER),
    }
    for act in acts[view.line.needs]:
        view = world.app.training.act(world.agent_id, view.session.id, act)
    return view


def _everything(world: CallWorld) -> dict[str, int]:
    """How many rows each table has, but for practice calls."""
    with world.app.database.begin() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
            if table.name != "training_sessions"
        }


def _right(view: PracticeView) -> CallOutcome:
    return right_outcome(view.case, view.line)


@pytest.mark.parametrize("scenario", list(Scenario))
def test_a_practice_call_leaves_no_trace_outside_and_rings_nobody(
    calls: CallWorld, scenario: Scenario
) -> None:
    before, stats = _everything(calls), calls.company.stats()
    view = _bring_in(calls, _fill_the_grid(calls, _follow_the_script(calls, _begin(calls, scenario))))
    ended = calls.app.training.finish(calls.agent_id, view.session.id, _right(view))
    assert ended.session.marks is not None
    assert ended.session.marks.all_right, ended.session.marks
    assert _everything(calls) == before
    assert calls.company.stats()["calls"] == stats["calls"] == {}
    assert calls.company.stats()["messages"] == {}


@pytest.mark.parametrize("script", INTERVIEWS)
def test_every_interview_in_force_is_practised_to_its_end(calls: CallWorld, script: str) -> None:
    assert calls.app.training.scripts.names() == list(INTERVIEWS)
    view = _fill_the_grid(calls, _follow_the_script(calls, _begin(calls, Scenario.WILLING, script)))
    assert {"identity", "end"} <= {section.key for section in view.sections}
    spoken = [each.words for each in view.spoken]
    assert len(spoken) >= len(view.questions)
    assert all(spoken)
    ended = calls.app.training.finish(calls.agent_id, view.session.id, _right(view))
    assert ended.session.marks is not None
    assert ended.session.marks.all_right, ended.session.marks


def test_a_script_that_is_no_interview_is_refused(calls: CallWorld) -> None:
    with pytest.raises(InvalidInput):
        _begin(calls, Scenario.WILLING, "contact_informed")


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
    ours = {path.relative_to(root).as_posix() for path in root.glob("*/practice*.py")}
    assert ours <= set(OUR_MODULES)


def test_invented_numbers_are_nobodys() -> None:
    for seed in range(200):
        case = practice_case(seed, DAY)
        for number in (*case.numbers, *(met.number for met in case.met)):
            digits = "".join(filter(str.isdigit, number))
            assert digits.startswith(FICTION), digits
    assert FICTIONAL_MOBILES == "+3363998"


def test_a_person_is_the_same_however_often_they_are_looked_at() -> None:
    assert practice_case(5, DAY) == practice_case(5, DAY)


def test_until_the_identity_is_confirmed_the_rest_of_the_script_is_withheld(calls: CallWorld) -> None:
    begun = _begin(calls, Scenario.THIRD_PARTY)
    assert begun.sections == ()
    view = _reach(calls, begun)
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
    assert told.grid.missing == tuple(range(len(view.case.met)))
    (result,) = calls.app.training.results([PLATFORM], most=10)
    assert (result.login, result.session.seconds) == ("agent", 240)


def test_the_contacts_grid_is_compared_with_whom_the_partner_named(calls: CallWorld) -> None:
    view = _follow_the_script(calls, _begin(calls, Scenario.WILLING))
    training, session_id = calls.app.training, view.session.id
    view = training.ask(calls.agent_id, session_id, CONTACTS)
    assert view.case.met[0].family_name.title() in view.spoken[-1].words
    first, *others = (as_kept(met) for met in view.case.met)
    training.add_contact(calls.agent_id, session_id, {**first, "birth_date": "1901-02-03"})
    for each in others:
        training.add_contact(calls.agent_id, session_id, each)
    training.add_contact(calls.agent_id, session_id, {"family_name": "Personne"})
    with pytest.raises(InvalidInput):
        training.add_contact(calls.agent_id, session_id, {"given_names": "Alix"})
    with pytest.raises(InvalidInput):
        training.add_contact(calls.agent_id, session_id, {"family_name": "Roux", "phone_1": "12"})
    ended = training.finish(calls.agent_id, session_id, CallOutcome.COMPLETED)
    assert ended.session.marks is not None
    grid = ended.session.marks.grid
    assert (grid.right, grid.wrong, grid.missing, grid.extra) == (len(others), ((0, ("birth_date",)),), (), 1)


def test_a_line_of_the_grid_is_taken_away(calls: CallWorld) -> None:
    view = _follow_the_script(calls, _begin(calls, Scenario.WILLING))
    training, session_id = calls.app.training, view.session.id
    for name in ("Roux", "Blanc"):
        training.add_contact(calls.agent_id, session_id, {"family_name": name})
    view = training.remove_contact(calls.agent_id, session_id, 1)
    assert [contact.family_name for contact in view.typed.contacts] == ["Blanc"]
    with pytest.raises(NotFound):
        training.remove_contact(calls.agent_id, session_id, 2)


def test_what_an_agent_types_in_words_is_sealed(calls: CallWorld) -> None:
    view = _follow_the_script(calls, _begin(calls, Scenario.WILLING, "retro_tracing"))
    training, session_id = calls.app.training, view.session.id
    training.answer(calls.agent_id, session_id, "place_1_name", "Chez Zéphyrine Quatrevaux")
    view = training.add_contact(calls.agent_id, session_id, {"family_name": "Boisjoli"})
    assert view.typed.answers["place_1_name"] == "Chez Zéphyrine Quatrevaux"
    with calls.app.database.begin() as connection:
        kept = str(connection.execute(select(tables.training_sessions)).mappings().one())
    assert "Quatrevaux" not in kept
    assert "Boisjoli" not in kept


def _with_two_numbers(calls: CallWorld, scenario: Scenario) -> PracticeView:
    seed = next(n for n in range(100) if practice_case(n, DAY, scenario, script="positive_light").answering)
    view = _begin(calls, scenario)
    with calls.app.database.begin() as connection:
        connection.execute(update(tables.training_sessions).values(seed=seed))
    return calls.app.training.act(calls.agent_id, view.session.id, Act.CALL)


def test_a_number_that_rings_out_leads_to_the_next_one(calls: CallWorld) -> None:
    view = _with_two_numbers(calls, Scenario.WILLING)
    assert view.sections == ()
    assert [each.words for each in view.spoken] == ["(Le numéro sonne, personne ne répond.)"]
    with pytest.raises(Conflict):
        calls.app.training.act(calls.agent_id, view.session.id, Act.HANG_UP)
    view = calls.app.training.act(calls.agent_id, view.session.id, Act.NEXT_NUMBER)
    assert view.line.number == 1
    assert view.sections != ()


def test_whoever_leaves_a_number_untried_is_told(calls: CallWorld) -> None:
    view = _with_two_numbers(calls, Scenario.WILLING)
    ended = calls.app.training.finish(calls.agent_id, view.session.id, CallOutcome.NO_ANSWER)
    assert ended.session.marks is not None
    assert ended.session.marks.slips == (Slip.UNTRIED_NUMBER,)
    assert not ended.session.marks.outcome_right


def test_nobody_is_asked_while_on_hold_and_hanging_up_on_them_is_a_slip(calls: CallWorld) -> None:
    training, view = calls.app.training, _reach(calls, _begin(calls, Scenario.WILLING))
    session_id = view.session.id
    training.act(calls.agent_id, session_id, Act.HOLD)
    with pytest.raises(Conflict, match="hold"):
        training.ask(calls.agent_id, session_id, "speaking_with")
    training.act(calls.agent_id, session_id, Act.RESUME)
    training.ask(calls.agent_id, session_id, "speaking_with")
    training.act(calls.agent_id, session_id, Act.HOLD)
    training.act(calls.agent_id, session_id, Act.HANG_UP)
    ended = training.finish(calls.agent_id, session_id, CallOutcome.PARTIAL)
    assert ended.session.marks is not None
    assert ended.session.marks.slips == (Slip.HELD_UNTOLD, Slip.LEFT_ON_HOLD)


def test_an_adviser_hears_the_summary_and_is_left_with_the_person(calls: CallWorld) -> None:
    training, view = calls.app.training, _reach(calls, _begin(calls, Scenario.MEDICAL))
    session_id = view.session.id
    training.answer(calls.agent_id, session_id, "speaking_with", "person")
    for act in (Act.ASK_TO_WAIT, Act.HOLD, Act.BRING_ADVISER, Act.SUMMARISE, Act.RESUME):
        view = training.act(calls.agent_id, session_id, act)
    assert [each.who for each in view.spoken[-3:]] == [None, Colleague.ADVISER, Colleague.ADVISER]
    assert view.case.person.family_name.title() in view.spoken[-1].words
    assert "réponses gardées : 1" in view.spoken[-1].words
    view = training.act(calls.agent_id, session_id, Act.HAND_OVER)
    assert view.session.hung_up_at is not None
    ended = training.finish(calls.agent_id, session_id, CallOutcome.ESCALATE_MEDICAL)
    assert ended.session.marks is not None
    assert ended.session.marks.all_right


def test_somebody_who_wants_whoever_is_in_charge_answers_once_a_supervisor_came(calls: CallWorld) -> None:
    training, view = calls.app.training, _reach(calls, _begin(calls, Scenario.UPSET))
    session_id = view.session.id
    for question in ("speaking_with", "name_confirmed", "birth_date_confirmed"):
        truth = truth_of(view.case, view.questions[question])
        view = training.answer(calls.agent_id, session_id, question, truth)
    view = training.ask(calls.agent_id, session_id, "breathing_trouble")
    assert "responsable" in view.spoken[-1].words
    view = training.act(calls.agent_id, session_id, Act.ASK_HELP)
    assert view.spoken[-1].who is Colleague.SUPERVISOR
    view = training.ask(calls.agent_id, session_id, "breathing_trouble")
    assert view.spoken[-1].words == line("breathing_trouble.no", "fr")


@pytest.mark.parametrize(
    ("scenario", "left", "slips"),
    [
        (Scenario.VOICEMAIL, True, ()),
        (Scenario.VOICEMAIL, False, ()),
        (Scenario.WILLING, True, (Slip.MESSAGE_TO_A_PERSON,)),
    ],
)
def test_a_message_is_for_a_machine_and_decides_on_the_outcome(
    calls: CallWorld, scenario: Scenario, left: bool, slips: tuple[Slip, ...]
) -> None:
    training, view = calls.app.training, _reach(calls, _begin(calls, scenario))
    view = training.act(calls.agent_id, view.session.id, Act.VOICEMAIL if left else Act.HANG_UP)
    said = CallOutcome.VOICEMAIL_LEFT if left else CallOutcome.VOICEMAIL_NONE
    ended = training.finish(calls.agent_id, view.session.id, said)
    assert ended.session.marks is not None
    assert ended.session.marks.outcome_right is (scenario is Scenario.VOICEMAIL)
    assert ended.session.marks.slips == slips


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
        training.add_contact(agent, session_id, {"family_name": "Roux"})
    with pytest.raises(Conflict):
        training.finish(agent, session_id, CallOutcome.COMPLETED)
    _reach(calls, view)
    with pytest.raises(NotFound):
        training.ask(agent, session_id, "has_symptoms")
    with pytest.raises(NotFound):
        training.ask(agent, session_id, CONTACTS)
    with pytest.raises(Conflict):
        training.add_contact(agent, session_id, {"family_name": "Roux"})
    with pytest.raises(InvalidInput):
        training.answer(agent, session_id, "speaking_with", "a dog")
    training.act(agent, session_id, Act.HANG_UP)
    with pytest.raises(Conflict):
        training.ask(agent, session_id, "speaking_with")
    training.finish(agent, session_id, CallOutcome.NO_ANSWER)
    with pytest.raises(Conflict):
        training.act(agent, session_id, Act.CALL)


def test_a_call_begun_before_scripts_could_be_chosen_is_still_read(calls: CallWorld) -> None:
    view = _begin(calls, Scenario.WILLING)
    now = calls.clock.now()
    with calls.app.database.begin() as connection:
        connection.execute(
            update(tables.training_sessions).values(script="", kind="", called_at=now, hung_up_at=now)
        )
    for seed in range(20):
        with calls.app.database.begin() as connection:
            connection.execute(update(tables.training_sessions).values(seed=seed))
        read = calls.app.training.read(calls.agent_id, view.session.id)
        assert len(read.case.numbers) == 1
    assert read.case.script in ("positive_light", "contact_full")
    assert read.session.acts == (Act.CALL, Act.HANG_UP)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_question_of_every_interview_has_words_of_its_own(calls: CallWorld, language: str) -> None:
    catalog, plain = calls.app.training.scripts.texts.scripts.catalog, set()
    for script in INTERVIEWS:
        case = practice_case(1, DAY, Scenario.WILLING, script=script)
        for question in parse_source(catalog.source(script, language) or "").questions:
            family = family_of(question.key)
            assert reply(case, question, language)
            if question.key not in IDENTITY_QUESTIONS and not {family, f"{family}.yes"} & set(LINES):
                plain.add(question.key)
    assert plain == set()


def test_a_question_that_somebody_writes_tomorrow_is_answered_too() -> None:
    case = practice_case(1, DAY, Scenario.WILLING, script="contact_full")
    for kind, said in ((AnswerType.YES_NO, "yes_no.no"), (AnswerType.TEXT, "text")):
        assert reply(case, Question("brand_new", kind, "?", "end"), "fr") in (
            line(said, "fr"),
            line("yes_no.yes", "fr"),
        )
    number = Question("how_many_doors", AnswerType.NUMBER, "?", "end", least=2, most=4)
    assert truth_of(case, number) in (2, 3, 4)


def test_a_contact_without_a_number_is_a_contact() -> None:
    kept = as_kept(PracticeContact("Roux", "", None, "", None, household=False))
    assert kept["phone_1"] == ""
