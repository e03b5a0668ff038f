"""Training: practice calls on invented people, and how they went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.domain.interviews import AnswerType, Item
from outreach.domain.outcomes import CallOutcome
from outreach.domain.practice import Scenario
from outreach.domain.practice_call import Act
from outreach.domain.practice_contacts import FIELDS
from outreach.domain.practice_marks import right_outcome
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.services.training import CONTACTS, PracticeView
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller, platform_of
from outreach.web.pages.desk_words_pages import AnyForm
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.paging import id_after, page_of
from outreach.web.problems import status_of

router = page_router("/training")
TRAINING = "/training"
PAGE = 20
# What an agent may say of a practice call: what people on the line lead to.
OUTCOMES = (
    CallOutcome.COMPLETED,
    CallOutcome.INFO_GIVEN,
    CallOutcome.PARTIAL,
    CallOutcome.CALLBACK_AT,
    CallOutcome.REFUSED,
    CallOutcome.THIRD_PARTY,
    CallOutcome.WRONG_NUMBER,
    CallOutcome.VOICEMAIL_LEFT,
    CallOutcome.VOICEMAIL_NONE,
    CallOutcome.NO_ANSWER,
    CallOutcome.LANGUAGE,
    CallOutcome.ESCALATE_MEDICAL,
    CallOutcome.EMERGENCY,
    CallOutcome.HOSPITALISED,
    CallOutcome.DO_NOT_CALL,
)
Text = Annotated[str, Form(max_length=500)]
Cursor = Annotated[str, Query(max_length=200)]


@router.get("")
def show(request: Request, app: TheApp, asker: PageCaller, cursor: Cursor = "", whose: str = "") -> Response:
    """The beginning of a practice call, and the results: one's own, or everybody's for a supervisor."""
    supervises = Scope.CALLS_SUPERVISE in asker.scopes
    everybody = supervises and whose != "mine"
    rows = app.training.results(
        asker.platforms,
        user_id=None if everybody else asker.user_id,
        before=id_after(cursor),
        most=PAGE + 1,
    )
    shown = page_of(rows, PAGE, shown=lambda row: row, key=lambda row: str(row.session.id))
    return draw(
        request,
        asker,
        "training/training.html",
        current=app.training.current(asker.user_id),
        results=shown.items,
        next=shown.next,
        cursor=cursor,
        supervises=supervises,
        everybody=everybody,
        scenarios=list(Scenario),
        interviews=app.training.scripts.names(),
    )


@router.post("")
def begin(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    scenario: Text = "",
    script: Text = "",
    platform: Text = "",
) -> Response:
    """A new invented person, in the language of the page."""
    wanted = Scenario(scenario) if scenario in set(Scenario) else None
    place = platform_of(asker, platform)
    view = app.training.begin(
        asker.user_id, place, language=language_of(request), scenario=wanted, script=script
    )
    return go(f"{TRAINING}/{view.session.id}")


@router.get("/{session_id}")
def show_call(request: Request, app: TheApp, asker: PageCaller, session_id: UUID) -> Response:
    """The practice call: the person, the conversation, the script, the outcomes; then the marks."""
    return _draw(request, asker, app.training.read(asker.user_id, session_id))


@router.post("/{session_id}/line/{act}")
def act_on_line(app: TheApp, asker: PageCaller, session_id: UUID, act: Act) -> Response:
    """A button of the call bar."""
    app.training.act(asker.user_id, session_id, act)
    return go(f"{TRAINING}/{session_id}#spoken")


@router.post("/{session_id}/ask/{question}")
def ask(app: TheApp, asker: PageCaller, session_id: UUID, question: str) -> Response:
    """Put a question to the partner."""
    app.training.ask(asker.user_id, session_id, question)
    place = "contacts" if question == CONTACTS else f"form-{question}"
    return go(f"{TRAINING}/{session_id}#{place}")


@router.post("/{session_id}/answers/{question}")
def answer(
    request: Request, app: TheApp, asker: PageCaller, session_id: UUID, question: str, value: Text = ""
) -> Response:
    """Keep what they said."""
    view = app.training.read(asker.user_id, session_id)
    try:
        app.training.answer(asker.user_id, session_id, question, _typed(view, question, value))
    except InvalidInput as error:
        return _draw(request, asker, view, error=error, at=f"form-{question}")
    return go(f"{TRAINING}/{session_id}#form-{question}")


@router.post("/{session_id}/contacts")
def add_contact(
    request: Request, app: TheApp, asker: PageCaller, session_id: UUID, typed: AnyForm
) -> Response:
    """A line of the contacts grid; what cannot be kept stays typed."""
    given = {name: typed.get(name, "") for name in FIELDS}
    try:
        app.training.add_contact(asker.user_id, session_id, given)
    except InvalidInput as error:
        view = app.training.read(asker.user_id, session_id)
        return _draw(request, asker, view, error=error, at=f"contact-{error.field}", typed=given)
    return go(f"{TRAINING}/{session_id}#contacts")


@router.post("/{session_id}/contacts/{row}/remove")
def remove_contact(app: TheApp, asker: PageCaller, session_id: UUID, row: int) -> Response:
    """Take a line out of the grid."""
    app.training.remove_contact(asker.user_id, session_id, row)
    return go(f"{TRAINING}/{session_id}#contacts")


@router.post("/{session_id}/outcome")
def finish(
    app: TheApp, asker: PageCaller, session_id: UUID, outcome: Annotated[CallOutcome, Form()]
) -> Response:
    """How it went."""
    app.training.finish(asker.user_id, session_id, outcome)
    return go(f"{TRAINING}/{session_id}")


@router.post("/{session_id}/give-up")
def give_up(app: TheApp, asker: PageCaller, session_id: UUID) -> Response:
    """Leave it without marks."""
    app.training.give_up(asker.user_id, session_id)
    return go(TRAINING)


def _draw(
    request: Request,
    asker: Asker,
    view: PracticeView,
    *,
    error: OutreachError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    template = "training/marks.html" if view.session.ended_at else "training/call.html"
    return draw(
        request,
        asker,
        template,
        status=200 if error is None else status_of(error),
        view=view,
        session=view.session,
        case=view.case,
        person=view.case.person,
        said={each.question: each.words for each in view.spoken},
        questions={item.question.key: item.text for item in _items(view) if item.question},
        answers=view.typed.answers,
        acts=[act for act in Act if act in view.line.may],
        right=right_outcome(view.case, view.line),
        outcomes=OUTCOMES,
        error=error,
        at=at,
        typed=typed or {},
    )


def _items(view: PracticeView) -> list[Item]:
    return [item for section in view.sections for item in section.items]


def _typed(view: PracticeView, question: str, value: str) -> object:
    """As the question takes it: fields of a form are text."""
    if value == "":
        return None
    asked = view.questions.get(question)
    if asked is not None and asked.kind is AnswerType.YES_NO:
        return {"true": True, "false": False}.get(value, value)
    return value
