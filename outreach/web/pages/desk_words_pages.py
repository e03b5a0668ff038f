"""What an agent types at their desk: answers, drafts, how the call went, and the keys they chose."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import JSONResponse, Response

from outreach.bootstrap import App
from outreach.domain.desk_keys import DEFAULT_KEYS
from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role
from outreach.errors import Conflict, InvalidInput, NotAllowed
from outreach.log import get_logger
from outreach.queues.job_queue import QueueName
from outreach.services.access import Asker
from outreach.services.wrap_up import Report
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller
from outreach.web.pages.desk_pages import DESK, take_next
from outreach.web.pages.desk_view import CONTACT_FIELD, draw_desk, draw_script, reader_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router

log = get_logger("desk")
router = page_router("/desk")
SEEN = "draft-seen"  # among the fields of a draft: the version that the screen knows
TOLD = "told."  # and the entry of somebody else behind the number
KEYS_OFFERED = (*(f"Key{chr(letter)}" for letter in range(ord("A"), ord("Z") + 1)), "Slash", "Comma")


async def _form(request: Request) -> dict[str, str]:
    """Every field of a form whose names only the page knows; of several values the last."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


AnyForm = Annotated[dict[str, str], Depends(_form)]


@router.post("/attempts/{attempt_id}/answers/{question}")
def save_answer(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    attempt_id: UUID,
    question: str,
    value: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep one answer; other questions may follow from it."""
    error: InvalidInput | None = None
    try:
        app.interviews.save(asker.user_id, attempt_id, question, value or None)
    except InvalidInput as refused:
        error = refused
    if not is_part(request) and error is None:
        return go(f"{DESK}#script")
    interview = app.interviews.read(attempt_id, reader_of(asker))
    return draw_script(request, app, asker, interview, error=error, question=question, typed=value)


@router.post("/entries/{entry_id}/draft")
def change_draft(app: TheApp, asker: PageCaller, entry_id: UUID, typed: AnyForm) -> Response:
    """The fields that changed; what another screen typed since comes back. 409: the person is not in hand."""
    seen = typed.pop(SEEN, "")
    try:
        answer = app.desk_work.words.change_draft(asker.user_id, entry_id, typed, seen=seen)
    except Conflict as gone:
        log.info("draft.dropped", entry_id=str(entry_id))
        return JSONResponse({"code": gone.code}, HTTPStatus.CONFLICT)
    return JSONResponse({"version": answer.version, "theirs": answer.theirs})


@router.post("/attempts/{attempt_id}/outcome")
def say_outcome(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    attempt_id: UUID,
    typed: AnyForm,
) -> Response:
    """How the call went; then the next person, where the agent asks for it."""
    _keep_said(app, asker, attempt_id, typed)
    try:
        app.wrap_up.record(asker.user_id, attempt_id, _report(asker, typed))
    except (InvalidInput, NotAllowed) as error:
        return draw_desk(request, app, asker, refused=error)
    app.jobs.nudge(QueueName.OUTBOX)
    return take_next(app, asker) if typed.get("then") == "next" else go(DESK)


def _keep_said(app: App, asker: Asker, attempt_id: UUID, typed: dict[str, str]) -> None:
    """The words of an outcome that is undone stand in the fields again, to the last letter."""
    attempt = app.call_bar.read(asker.user_id, attempt_id)
    if attempt.open:
        words = app.desk_work.words
        said = {name: text for name, text in typed.items() if name != "then"}
        beside = {  # contacts that are half typed
            name: text
            for name, text in words.draft(asker.user_id, attempt.entry_id).items()
            if CONTACT_FIELD.match(name)
        }
        words.save_draft(asker.user_id, attempt.entry_id, beside | said)


@router.post("/attempts/{attempt_id}/undo")
def undo_outcome(app: TheApp, asker: PageCaller, attempt_id: UUID) -> Response:
    """The person is the agent's again, the outcome to be said anew."""
    app.desk_work.undo.undo(asker.user_id, attempt_id)
    return go(DESK)


@router.get("/keys")
def show_keys(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """The shortcuts, to be changed."""
    return _draw_keys(request, app, asker)


@router.post("/keys")
def change_keys(request: Request, app: TheApp, asker: PageCaller, typed: AnyForm) -> Response:
    """Choose other keys."""
    known = {command.value for command in DEFAULT_KEYS}
    try:
        app.desk_work.words.change_keys(
            asker.user_id, {name: key for name, key in typed.items() if name in known}
        )
    except InvalidInput as refused:
        return _draw_keys(request, app, asker, error=refused, typed=typed)
    return go(DESK)


def _draw_keys(
    request: Request,
    app: App,
    asker: Asker,
    *,
    error: InvalidInput | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    keys = {command.value: key for command, key in app.desk_work.words.keys(asker.user_id).items()}
    return draw(
        request,
        asker,
        "desk/keys.html",
        status=422 if error else 200,
        keys=keys | (typed or {}),
        commands=list(DEFAULT_KEYS),
        offered=KEYS_OFFERED,
        error=error,
    )


def _moment(written: str) -> datetime:
    """With its zone. Raises ValueError."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment


def _report(asker: Asker, typed: dict[str, str]) -> Report:
    """Raises InvalidInput for what no form of ours sends."""
    try:
        said = CallOutcome(typed["outcome"]) if typed.get("outcome") else None
        at = _moment(typed["callback_at"]) if typed.get("callback_at") else None
        told = tuple(UUID(name.removeprefix(TOLD)) for name in typed if name.startswith(TOLD))
    except ValueError:
        raise InvalidInput("Some fields cannot be read.", field="outcome") from None
    return Report(
        outcome=said,
        note=typed.get("note", "").strip(),
        callback_at=at if said is CallOutcome.CALLBACK_AT else None,
        for_me_only=typed.get("for_me_only") == "1",
        by_supervisor=Role.SUPERVISOR in asker.roles,
        needs_sick_leave=typed.get("needs_sick_leave") == "1",
        household=told,
    )
