"""Alerts, open and cleared: what was raised when, who saw to it, and the way to what they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from outreach.storage.alarm_store import AlarmKind, AlarmsAsked
from outreach.web.access import TheApp
from outreach.web.alarms_routes import alarm_key, alarms_sheet, past_alarm
from outreach.web.pages import board_words
from outreach.web.pages.access import PageSupervisor, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import page_router
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, next_mark, row_after

router = page_router("/board")
ROWS = 50
STATES = {"": N_("Open and cleared"), "open": N_("Open"), "cleared": N_("Cleared")}
Code = Annotated[str, Query(max_length=40)]


@router.get("/alarms")
def show(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Code = "",
    kind: Code = "",
    state: Code = "",
    cursor: Cursor = "",
) -> Response:
    """A page of them, newest first."""
    code = platform_of(asker, platform)
    rows = app.alarms.page(replace(_asked(code, kind, state), before=row_after(cursor)), most=ROWS + 1)
    return draw(
        request,
        asker,
        "board/past_alarms.html",
        rows=[past_alarm(app, asker, row) for row in rows[:ROWS]],
        next=next_mark(rows, ROWS, alarm_key),
        is_first=not cursor,
        platform=code,
        zone=app.modes.territories.platform(code).time_zone,
        kind=kind,
        state=state,
        kinds=list(AlarmKind),
        states=STATES,
        words=board_words,
    )


@router.get("/alarms.csv", response_class=StreamingResponse)
def export(
    app: TheApp, asker: PageSupervisor, platform: Code = "", kind: Code = "", state: Code = ""
) -> Response:
    """The same, whole."""
    return alarms_sheet(app, asker, _asked(platform_of(asker, platform), kind, state))


def _asked(platform: str, kind: str, state: str) -> AlarmsAsked:
    kinds = (kind,) if kind in AlarmKind.__members__ else ()
    is_open = {"open": True, "cleared": False}.get(state)
    return AlarmsAsked((platform,), kinds, is_open)
