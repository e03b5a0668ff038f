"""Entries in nobody's hands that are late or soon will be: given to an agent, or sent to another queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.call_list import Queue
from outreach.errors import OutreachError
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages import board_words
from outreach.web.pages.access import PageSupervisor
from outreach.web.pages.board_acts import Act, EntryOf, TheAct
from outreach.web.pages.board_parts import free_first
from outreach.web.pages.drawing import draw, language_of
from outreach.web.pages.frame import page_router
from outreach.web.pages.words import N_, speaking, translated
from outreach.web.problems import status_of

router = page_router("/board/entries")
LATE, RISK = "late", "risk"
LISTS: Mapping[str, str] = {RISK: N_("At risk: under 4 h left"), LATE: N_("Late, in nobody's hands")}
MOST = 50
Which = Annotated[str, Form()]


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
    asker: PageSupervisor, act: TheAct, which: Which, entry: EntryOf, login: Annotated[str, Form()] = ""
) -> Response:
    """To an agent."""
    return _on_list(act, asker, which, lambda: act.reassign(asker, entry, login))


@router.post("/move")
def move(
    asker: PageSupervisor, act: TheAct, which: Which, entry: EntryOf, queue: Annotated[Queue, Form()]
) -> Response:
    """To another queue."""
    return _on_list(act, asker, which, lambda: act.move(asker, entry, queue))


def _on_list(act: Act, asker: Asker, which: str, do: Callable[[], None]) -> Response:
    back = f"/board/entries?platform={act.platform}&which={which if which in LISTS else RISK}"

    def drawn_again(problem: OutreachError) -> Response:
        return _page(act.request, act.app, asker, act.platform, which, problem=problem)

    return act.done(asker, do, back, drawn_again)


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
