"""Entries in nobody's hands that are late or soon will be: given to an agent, or sent to another queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import Queue
from outreach.errors import Conflict, InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageSupervisor
from outreach.web.pages.board_parts import free_first
from outreach.web.pages.board_words import reason_named
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.words import N_, speaking, translated
from outreach.web.problems import status_of

router = page_router("/board/entries")
LATE, RISK = "late", "risk"
LISTS: Mapping[str, str] = {RISK: N_("At risk: under 4 h left"), LATE: N_("Late, in nobody's hands")}
MOST = 50


@router.get("")
def show(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: str,
    which: str = RISK,
    after: UUID | None = None,
) -> Response:
    """A page of the list, most urgent first."""
    return _page(request, app, asker, platform, which, after=after)


@router.post("/reassign")
def reassign(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Annotated[str, Form()],
    which: Annotated[str, Form()],
    entry: Annotated[UUID, Form()],
    login: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """To an agent."""

    def act() -> None:
        app.supervision.reassign(asker, entry, login, reason_named(reason))

    return _acted(request, app, asker, platform, which, act)


@router.post("/move")
def move(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Annotated[str, Form()],
    which: Annotated[str, Form()],
    entry: Annotated[UUID, Form()],
    queue: Annotated[Queue, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """To another queue."""

    def act() -> None:
        app.supervision.move(asker, entry, queue, reason_named(reason))

    return _acted(request, app, asker, platform, which, act)


def _acted(
    request: Request, app: App, asker: Asker, platform: str, which: str, act: Callable[[], None]
) -> Response:
    asker.need_platform(platform)
    try:
        act()
    except (Conflict, InvalidInput, NotFound) as problem:
        return _page(request, app, asker, platform, which, problem=problem)
    return go(f"/board/entries?platform={platform}&which={which if which in LISTS else RISK}")


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    which: str,
    *,
    after: UUID | None = None,
    problem: OutreachError | None = None,
) -> Response:
    asker.need_platform(platform)
    which = which if which in LISTS else RISK
    read = app.list_view.late if which == LATE else app.list_view.at_risk
    rows = read([platform], after=after, most=MOST + 1)
    view, shown = app.board.view(platform), rows[:MOST]
    with speaking(language_of(request)):
        title = translated(LISTS[which])
    return draw(
        request,
        asker,
        "board/entries.html",
        status=200 if problem is None else int(status_of(problem)),
        view=view,
        now=view.at,
        zone=view.zone,
        rows=shown,
        numbers=app.board.record_numbers([row.case_record_id for row in shown]),
        next=shown[-1].entry_id if len(rows) > MOST else None,
        which=which,
        lists=LISTS,
        title=title,
        others=free_first(view.at_work),
        queues=list(Queue),
        words=board_words,
        problem=problem,
    )
