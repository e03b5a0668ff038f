"""The supervisor's board, an agent's page beside it, and the acts on their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.board import AgentState
from outreach.domain.call_list import Queue
from outreach.domain.supervision import ListenHow
from outreach.errors import NotFound, OutreachError
from outreach.queues.job_queue import QueueName
from outreach.services.access import Asker
from outreach.services.board import BoardView
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageAlarmClearer, PageCaller, PageSupervisor, platform_of
from outreach.web.pages.board_acts import Act, EntryOf, TheAct
from outreach.web.pages.board_parts import board_values, calls_chart, free_first, state_asked
from outreach.web.pages.desk_surroundings import beside
from outreach.web.pages.drawing import draw, drawn, language_of
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.pages.mode_charts import curves
from outreach.web.pages.shared_drawings import SharedDrawings
from outreach.web.pages.words import speaking
from outreach.web.problems import status_of

router = page_router("/board")
MOST_SIDE_BY_SIDE = 30


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageSupervisor, platform: str = "", doing: str = ""
) -> Response:
    """The board of one platform."""
    code = platform_of(asker, platform)
    view = app.board.view(code)
    return draw(
        request,
        asker,
        "board/board.html",
        platforms=asker.platforms,
        chart=_chart(request, app, view),
        **board_values(view, state_asked(doing)),
    )


@router.get("/now")
async def show_now(
    request: Request, app: TheApp, asker: PageSupervisor, platform: str, doing: str = ""
) -> Response:
    """Its live part: drawn once for all who watch the same."""
    asker.need_platform(platform)
    drawings: SharedDrawings = request.app.state.drawings
    only = state_asked(doing)

    def made() -> str:
        return drawn(request, None, "board/_now.html", **board_values(app.board.view(platform), only))

    return await drawings.shared(request, f"platform:{platform}", f"board {only or ''}", made)


@router.get("/chart")
async def show_chart(request: Request, app: TheApp, asker: PageSupervisor, platform: str) -> Response:
    """Calls of the last 24 hours."""
    asker.need_platform(platform)
    drawings: SharedDrawings = request.app.state.drawings

    def made() -> str:
        view = app.board.view(platform)
        return drawn(request, None, "board/_chart.html", chart=_chart(request, app, view), view=view)

    return await drawings.shared(request, f"platform:{platform}", "chart", made)


@router.get("/ahead")
async def show_ahead(request: Request, app: TheApp, asker: PageSupervisor, platform: str) -> Response:
    """When it goes wrong without a change, and how many will wait until then."""
    asker.need_platform(platform)
    drawings: SharedDrawings = request.app.state.drawings

    def made() -> str:
        ahead = app.modes.forecasting.without_a_change(platform)
        zone = app.modes.territories.platform(platform).time_zone
        with speaking(language_of(request)):
            chart = curves(ahead, None, zone)[0]
        late_from = ahead.modes[0].forecast.late_from
        return drawn(request, None, "board/_ahead.html", chart=chart, late_from=late_from, platform=platform)

    return await drawings.shared(request, f"orders:{platform}", "ahead", made)


@router.get("/all")
def show_all(request: Request, app: TheApp, asker: PageSupervisor) -> Response:
    """Several platforms side by side."""
    views = app.side_by_side.heads(asker.platforms[:MOST_SIDE_BY_SIDE])
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
    asker: PageSupervisor,
    act: TheAct,
    user_id: UUID,
    attempt: Annotated[UUID, Form()],
    how: Annotated[ListenHow, Form()],
) -> Response:
    """Listen, whisper or join; the same again to change how."""

    def do() -> None:
        act.app.supervision.listening.listen(asker, attempt, how)

    return _on_agent(act, asker, user_id, do)


@router.post("/agents/{user_id}/stop")
def stop(asker: PageSupervisor, act: TheAct, user_id: UUID, attempt: Annotated[UUID, Form()]) -> Response:
    """Leave the room."""
    return _on_agent(act, asker, user_id, lambda: act.app.supervision.listening.stop(asker, attempt))


@router.post("/agents/{user_id}/end-wrap-up")
def end_wrap_up(
    asker: PageSupervisor, act: TheAct, user_id: UUID, attempt: Annotated[UUID, Form()]
) -> Response:
    """For an agent who does not."""

    def do() -> None:
        act.app.supervision.end_wrap_up(asker, attempt, act.why)
        act.app.jobs.nudge(QueueName.OUTBOX)

    return _on_agent(act, asker, user_id, do)


@router.post("/agents/{user_id}/take-back")
def take_back(asker: PageSupervisor, act: TheAct, user_id: UUID, entry: EntryOf) -> Response:
    """Out of their hands, back to the list."""
    return _on_agent(act, asker, user_id, lambda: act.app.supervision.take_back(asker, entry, act.why))


@router.post("/agents/{user_id}/reassign")
def reassign(
    asker: PageSupervisor, act: TheAct, user_id: UUID, entry: EntryOf, login: Annotated[str, Form()] = ""
) -> Response:
    """To another agent."""
    return _on_agent(act, asker, user_id, lambda: act.reassign(asker, entry, login))


@router.post("/agents/{user_id}/move")
def move(
    asker: PageSupervisor, act: TheAct, user_id: UUID, entry: EntryOf, queue: Annotated[Queue, Form()]
) -> Response:
    """To another queue: out of the agent's hands first."""
    return _on_agent(act, asker, user_id, lambda: act.move(asker, entry, queue))


@router.post("/alarms/clear")
def clear_alarms(
    request: Request,
    app: TheApp,
    asker: PageAlarmClearer,
    platform: Annotated[str, Form()],
    alarm: Annotated[list[UUID], Form()],
    older: Annotated[UUID | None, Form()] = None,
    doing: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Someone looked at them; `older`: and at all of a kind that were raised before this one."""
    asker.need_platform(platform)
    if older is not None:
        app.alarms.clear_older(older, by=asker.user_id, platforms=[platform])
    for alarm_id in alarm:
        app.alarms.clear(alarm_id, by=asker.user_id, platforms=asker.platforms)
    if not is_part(request):
        return go(f"/board?{urlencode({'platform': platform, 'doing': doing})}")
    values = board_values(app.board.view(platform), state_asked(doing))
    return draw(request, None, "board/_now.html", **values)


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
    return draw(request, asker, "board/_with_me.html", **beside(app, asker))


def _chart(request: Request, app: App, view: BoardView) -> Any:
    with speaking(language_of(request)):
        return calls_chart(app.board.calls_by_hour(view.platform), view.zone)


def _on_agent(act: Act, asker: Asker, user_id: UUID, do: Callable[[], None]) -> Response:
    """Do it, then the agent's page again."""
    back = f"/board/agents/{user_id}?platform={act.platform}"

    def drawn_again(problem: OutreachError) -> Response:
        return _draw_agent(act.request, act.app, asker, act.platform, user_id, problem=problem)

    return act.done(asker, do, back, drawn_again)


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
