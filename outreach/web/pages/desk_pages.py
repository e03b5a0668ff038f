"""The agent's desk: the page, its top line, the shift, and being given the next person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.domain.rota import PauseReason
from outreach.services.handing_out import queues_for
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller, platform_of, session_token
from outreach.web.pages.desk_view import draw_call_bar, draw_desk, draw_strip
from outreach.web.pages.frame import go, page_router

router = page_router("/desk")
DESK = "/desk"
NOBODY = "/desk?nobody=1"
Text = Annotated[str, Form(max_length=200)]


@router.get("")
def show(request: Request, app: TheApp, asker: PageCaller, nobody: str = "") -> Response:
    """Whom the agent holds, the call, and what they typed."""
    return draw_desk(request, app, asker, looked_in_vain=bool(nobody))


@router.get("/call")
def show_call(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """The call bar alone."""
    return draw_call_bar(request, app, asker)


@router.post("/beat")
def beat(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """The page is open: what the agent holds stays theirs. The top line anew."""
    app.call_list.heartbeat(asker.user_id)
    if app.desk_work.desk.call(asker) is not None:  # whoever talks for an hour types nothing
        app.sessions.asker(session_token(request))
    return draw_strip(request, app, asker)


@router.post("/shift/start")
def start_shift(app: TheApp, asker: PageCaller, platform: Text = "") -> Response:
    """The agent is there to be given people and transfers."""
    app.call_list.start_shift(asker.user_id, platform_of(asker, platform))
    return go(DESK)


@router.post("/shift/end")
def end_shift(app: TheApp, asker: PageCaller, platform: Text = "") -> Response:
    """What the agent holds goes back to the list."""
    app.call_list.end_shift(asker.user_id, platform_of(asker, platform))
    return go(DESK)


@router.post("/pause")
def pause(
    app: TheApp, asker: PageCaller, reason: Annotated[PauseReason, Form()], platform: Text = ""
) -> Response:
    """No call for a while."""
    app.steering.rota.pause(asker.user_id, platform_of(asker, platform), reason)
    return go(DESK)


@router.post("/resume")
def resume(app: TheApp, asker: PageCaller) -> Response:
    """Back to the calls."""
    app.steering.rota.resume(asker.user_id)
    return go(DESK)


@router.post("/next")
def take_next(app: TheApp, asker: PageCaller) -> Response:
    """The most urgent person the agent may call; nobody, to whoever is on a pause or has gone."""
    shift = app.desk_work.desk.shift(asker)
    if shift.paused or not shift.begun:
        return go(DESK)
    leased = app.call_list.next_entry(
        asker.user_id, platforms=asker.platforms, languages=asker.languages, queues=queues_for(asker)
    )
    return go(DESK if leased else NOBODY)


@router.post("/release")
def release(app: TheApp, asker: PageCaller, lease_id: Annotated[UUID, Form()]) -> Response:
    """Back to the list, uncalled."""
    app.call_list.release(asker.user_id, because="RELEASED", lease_id=lease_id)
    return go(DESK)
