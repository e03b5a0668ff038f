"""The wall screen: a platform's figures in big type, without names or acts, for days on end."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.board import AgentState
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageFigureReader, platform_of
from outreach.web.pages.board_parts import Drawings, alarm_groups
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import page_router
from outreach.web.pages.static_files import STATIC

router = page_router("/board/wall")
MOST_PLATFORMS = 12
SHOWN_STATES = (AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.IDLE, AgentState.PAUSED)


@router.get("")
def show(request: Request, app: TheApp, asker: PageFigureReader, platform: str = "") -> Response:
    """One platform, or all of the asker's in turn."""
    platforms = [platform_of(asker, platform)] if platform else list(asker.platforms[:MOST_PLATFORMS])
    first = platform_of(asker, platforms[0] if platforms else "")
    return draw(request, asker, "board/wall.html", platforms=platforms, **_values(app, first))


@router.get("/now")
def show_now(request: Request, app: TheApp, asker: PageFigureReader, platform: str) -> Response:
    """What is on the wall now: drawn once for all who watch."""
    asker.need_platform(platform)
    drawings: Drawings = request.app.state.drawings
    return drawings.shared(
        request,
        platform,
        "wall",
        lambda: draw(request, None, "board/_wall.html", **_values(app, platform)),
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
