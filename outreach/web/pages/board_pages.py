"""The supervisor's board, an agent's page beside it, and the acts on their work."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.board import AgentState
from outreach.domain.call_list import Queue
from outreach.domain.supervision import ListenHow
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError, TelephonyError
from outreach.queues.job_queue import QueueName
from outreach.services.access import Asker
from outreach.services.board import BoardView
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageAlarmClearer, PageCaller, PageSupervisor, platform_of
from outreach.web.pages.board_parts import Drawings, board_values, calls_chart, free_first
from outreach.web.pages.board_words import reason_named
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.words import speaking
from outreach.web.problems import status_of

router = page_router("/board")
MOST_SIDE_BY_SIDE = 30


@router.get("")
def show(request: Request, app: TheApp, asker: PageSupervisor, platform: str = "") -> Response:
    """The board of one platform."""
    code = platform_of(asker, platform)
    view = app.board.view(code)
    return draw(
        request,
        asker,
        "board/board.html",
        platforms=asker.platforms,
        chart=_chart(request, app, view),
        **board_values(view),
    )


@router.get("/now")
def show_now(request: Request, app: TheApp, asker: PageSupervisor, platform: str) -> Response:
    """Its live part: drawn once for all who watch."""
    asker.need_platform(platform)
    drawings: Drawings = request.app.state.drawings
    return drawings.shared(request, platform, "board", lambda: _draw_now(request, app, platform))


@router.get("/chart")
def show_chart(request: Request, app: TheApp, asker: PageSupervisor, platform: str) -> Response:
    """Calls of the last 24 hours."""
    asker.need_platform(platform)
    drawings: Drawings = request.app.state.drawings

    def drawn() -> Any:
        view = app.board.view(platform)
        return draw(request, None, "board/_chart.html", chart=_chart(request, app, view), view=view)

    return drawings.shared(request, platform, "chart", drawn)


@router.get("/all")
def show_all(request: Request, app: TheApp, asker: PageSupervisor) -> Response:
    """Several platforms side by side."""
    views = [app.board.view(code) for code in asker.platforms[:MOST_SIDE_BY_SIDE]]
    template = "board/_all.html" if is_part(request) else "board/all.html"
    return draw(request, asker, template, views=views, states=AgentState, words=board_words)


@router.get("/agents/{user_id}")
def show_agent(
    request: Request, app: TheApp, asker: PageSupervisor, user_id: UUID, platform: str
) -> Response:
    """One agent, and what a supervisor may do."""
    return _draw_agent(request, app, asker, platform, user_id)


@router.get("/agents/{user_id}/now")
def show_agent_now(
    request: Request, app: TheApp, asker: PageSupervisor, user_id: UUID, platform: str
) -> Response:
    """The live part of an agent's page."""
    asker.need_platform(platform)
    values = _agent_values(app.board.view(platform), asker, user_id)
    return draw(request, None, "board/_agent.html", **values)


@router.get("/agents/{user_id}/acts")
def show_acts(request: Request, app: TheApp, asker: PageSupervisor, user_id: UUID, platform: str) -> Response:
    """The buttons that fit what the agent does now."""
    asker.need_platform(platform)
    values = _agent_values(app.board.view(platform), asker, user_id)
    return draw(request, None, "board/_acts.html", **values)


@router.post("/agents/{user_id}/listen")
def listen(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    attempt: Annotated[UUID, Form()],
    how: Annotated[ListenHow, Form()],
) -> Response:
    """Listen, whisper or join; the same again to change how."""

    def act() -> None:
        app.supervision.listening.listen(asker, attempt, how)

    return _acted(request, app, asker, platform, user_id, act)


@router.post("/agents/{user_id}/stop")
def stop(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    attempt: Annotated[UUID, Form()],
) -> Response:
    """Leave the room."""
    return _acted(
        request, app, asker, platform, user_id, lambda: app.supervision.listening.stop(asker, attempt)
    )


@router.post("/agents/{user_id}/end-wrap-up")
def end_wrap_up(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    attempt: Annotated[UUID, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """For an agent who does not."""

    def act() -> None:
        app.supervision.end_wrap_up(asker, attempt, reason_named(reason))
        app.jobs.nudge(QueueName.OUTBOX)

    return _acted(request, app, asker, platform, user_id, act)


@router.post("/agents/{user_id}/take-back")
def take_back(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    entry: Annotated[UUID, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Out of their hands, back to the list."""
    return _acted(
        request,
        app,
        asker,
        platform,
        user_id,
        lambda: app.supervision.take_back(asker, entry, reason_named(reason)),
    )


@router.post("/agents/{user_id}/reassign")
def reassign(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    entry: Annotated[UUID, Form()],
    login: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """To another agent."""

    def act() -> None:
        app.supervision.reassign(asker, entry, login, reason_named(reason))

    return _acted(request, app, asker, platform, user_id, act)


@router.post("/agents/{user_id}/move")
def move(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    user_id: UUID,
    platform: Annotated[str, Form()],
    entry: Annotated[UUID, Form()],
    queue: Annotated[Queue, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """To another queue: out of the agent's hands first."""

    def act() -> None:
        app.supervision.move(asker, entry, queue, reason_named(reason))

    return _acted(request, app, asker, platform, user_id, act)


@router.post("/alarms/clear")
def clear_alarms(
    request: Request,
    app: TheApp,
    asker: PageAlarmClearer,
    platform: Annotated[str, Form()],
    alarm: Annotated[list[UUID], Form()],
) -> Response:
    """Someone looked at them."""
    asker.need_platform(platform)
    for alarm_id in alarm:
        app.alarms.clear(alarm_id, by=asker.user_id, platforms=asker.platforms)
    return _draw_now(request, app, platform) if is_part(request) else go(f"/board?platform={platform}")


@router.get("/with-me")
def show_with_me(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """For the agent's own desk: who is beside them, and what was done with their work."""
    return _draw_with_me(request, app, asker)


@router.post("/with-me/seen")
def note_seen(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """They read it."""
    app.supervision.note_seen(asker.user_id)
    return _draw_with_me(request, app, asker) if is_part(request) else go("/desk")


def _draw_with_me(request: Request, app: App, asker: Asker) -> Response:
    values: dict[str, Any] = {
        "beside": app.supervision.listening.with_agent(asker.user_id),
        "told": app.supervision.told(asker.user_id),
        "words": board_words,
    }
    return draw(request, asker, "board/_with_me.html", **values)


def _draw_now(request: Request, app: App, platform: str) -> Any:
    return draw(request, None, "board/_now.html", **board_values(app.board.view(platform)))


def _chart(request: Request, app: App, view: BoardView) -> Any:
    with speaking(language_of(request)):
        return calls_chart(app.board.calls_by_hour(view.platform), view.zone)


def _acted(request: Request, app: App, asker: Asker, platform: str, user_id: UUID, act: Any) -> Response:
    """Do it, then the agent's page again; what could not be done is said on it."""
    asker.need_platform(platform)
    try:
        act()
    except (Conflict, InvalidInput, NotFound, TelephonyError) as problem:
        return _draw_agent(request, app, asker, platform, user_id, problem=problem)
    return go(f"/board/agents/{user_id}?platform={platform}")


def _draw_agent(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    user_id: UUID,
    *,
    problem: OutreachError | None = None,
) -> Response:
    asker.need_platform(platform)
    values = _agent_values(app.board.view(platform), asker, user_id)
    status = 200 if problem is None else int(status_of(problem))
    return draw(request, asker, "board/agent.html", status=status, problem=problem, **values)


def _agent_values(view: BoardView, asker: Asker, user_id: UUID) -> dict[str, Any]:
    live = next((each for each in view.agents if each.row.user_id == user_id), None)
    if live is None:
        raise NotFound("This agent is not on shift on this platform today.")
    mine = next((each for each in live.listeners if each.user_id == asker.user_id), None)
    return {
        "view": view,
        "now": view.at,
        "zone": view.zone,
        "live": live,
        "mine": mine,
        "others": free_first([each for each in view.at_work if each is not live]),
        "queues": [each for each in Queue if each is not Queue.AGENTS],
        "hows": list(ListenHow),
        "words": board_words,
    }
