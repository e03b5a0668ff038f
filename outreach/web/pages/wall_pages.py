"""The wall screen: a platform's figures in big type, without names or acts, for days on end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.board import AgentState
from outreach.errors import NotFound
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageFigureReader, PageSupervisor, platform_of
from outreach.web.pages.board_parts import alarm_groups
from outreach.web.pages.drawing import draw, drawn
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.shared_drawings import SharedDrawings
from outreach.web.pages.static_files import STATIC
from outreach.web.paging import Cursor, id_after, next_mark

router = page_router("/board/wall")
screens = page_router("/wall")  # whoever holds the address
MOST_PLATFORMS = 12
SHOWN = 20
SHOWN_STATES = (AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.IDLE, AgentState.PAUSED)


@router.get("")
def show(request: Request, app: TheApp, asker: PageFigureReader, platform: str = "") -> Response:
    """One platform, or all of the asker's in turn."""
    platforms = [platform_of(asker, platform)] if platform else list(asker.platforms[:MOST_PLATFORMS])
    first = platform_of(asker, platforms[0] if platforms else "")
    values: dict[str, Any] = {
        "platforms": platforms,
        "now_at": "/board/wall/now",
        "live": True,
        **_values(app, first),
    }
    return draw(request, asker, "board/wall.html", **values)


@router.get("/now")
async def show_now(request: Request, app: TheApp, asker: PageFigureReader, platform: str) -> Response:
    """What is on the wall now: drawn once for all who watch."""
    asker.need_platform(platform)
    return await _shared(request, app, platform)


@router.get("/passes")
def show_passes(request: Request, app: TheApp, asker: PageSupervisor, cursor: Cursor = "") -> Response:
    """Addresses for screens that nobody signs in on."""
    return _draw_passes(request, app, asker, cursor=cursor)


@router.post("/passes")
def make_pass(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """A new one: its address is shown this once."""
    _, token = app.wall_passes.make(asker, platform or [])
    return _draw_passes(request, app, asker, address=f"{app.settings.public_url}/wall/{token}")


@router.post("/passes/{pass_id}/end")
def end_pass(app: TheApp, asker: PageSupervisor, pass_id: UUID) -> Response:
    """The address shows nothing any more."""
    app.wall_passes.end(asker, pass_id)
    return go("/board/wall/passes")


@screens.get("/{token}")
def show_screen(request: Request, app: TheApp, token: str) -> Response:
    """A screen on a wall."""
    platforms = app.wall_passes.platforms_of(token)
    values: dict[str, Any] = {"platforms": platforms, "now_at": f"/wall/{token}/now", "live": False}
    return draw(request, None, "board/wall.html", **values, **_values(app, platforms[0]))


@screens.get("/{token}/now")
async def show_screen_now(request: Request, app: TheApp, token: str, platform: str) -> Response:
    """What is on it now."""
    if platform not in await run_in_threadpool(app.wall_passes.platforms_of, token):
        raise NotFound("There is no such platform among yours.")
    return await _shared(request, app, platform)


def _draw_passes(
    request: Request, app: App, asker: Asker, *, address: str = "", cursor: str = ""
) -> Response:
    found = app.wall_passes.good(asker, before=id_after(cursor), most=SHOWN + 1)
    values: dict[str, Any] = {
        "passes": found[:SHOWN],
        "next": next_mark(found, SHOWN, lambda each: str(each.id)),
        "is_first": not cursor,
        "platforms": asker.platforms,
        "address": address,
    }
    return draw(request, asker, "board/passes.html", **values)


async def _shared(request: Request, app: App, platform: str) -> Response:
    drawings: SharedDrawings = request.app.state.drawings
    return await drawings.shared(
        request,
        f"platform:{platform}",
        "wall",
        lambda: drawn(request, None, "board/_wall.html", **_values(app, platform)),
    )


def _values(app: App, platform: str) -> dict[str, Any]:
    view = app.board.view(platform)
    return {
        "view": view,
        "now": view.at,
        "zone": view.zone,
        "groups": alarm_groups(view),
        "states": SHOWN_STATES,
        "words": board_words,
        "version": STATIC.version,
    }
