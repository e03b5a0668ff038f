"""Whoever is to be called, by time left, class, queue and state: given to an agent, sent on, taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Form, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.board import TimeLeft
from outreach.domain.call_list import CallClass, Queue
from outreach.errors import OutreachError
from outreach.services.access import Asker
from outreach.storage.list_view_store import Sought
from outreach.web.access import TheApp
from outreach.web.call_list_routes import entries_sheet
from outreach.web.entry_cursors import key_of, place_after
from outreach.web.pages import board_words
from outreach.web.pages.access import PageSupervisor, platform_of
from outreach.web.pages.board_acts import Act, EntryOf, TheAct
from outreach.web.pages.board_parts import free_first
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import page_router
from outreach.web.pages.words import N_
from outreach.web.paging import Cursor, next_mark
from outreach.web.problems import status_of

router = page_router("/board")
ANY, RISK, LATE = "", "risk", "late"
LISTS: Mapping[str, str] = {
    ANY: N_("Everybody to call"),
    RISK: N_("At risk: under 4 h left"),
    LATE: N_("Late: their deadline has passed"),
}
LEFT: Mapping[str, tuple[TimeLeft, ...]] = {
    ANY: (),
    RISK: (TimeLeft.HOUR, TimeLeft.FOUR_HOURS),
    LATE: (TimeLeft.LATE,),
    **{left.value: (left,) for left in TimeLeft if left is not TimeLeft.LATE},
}
STATES = ("READY", "WAITING", "LEASED", "TEXTED")
MOST = 50
Code = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class Wanted:
    """What the form says, as it travels in the address. `which`: a key of LEFT."""

    platform: str
    which: str
    call_class: str
    queue: str
    state: str
    first: str

    @property
    def sought(self) -> Sought:
        call_class = int(self.call_class) if self.call_class else None
        return Sought(LEFT[self.which], call_class, self.queue, self.state, first=bool(self.first))

    def address(self, path: str = "/board/entries", **other: str) -> str:
        """Where this is found."""
        given = {**vars(self), **other}
        told = {name: value for name, value in given.items() if value or name == "which"}
        return f"{path}?{urlencode(told)}"


def _wanted(
    platform: Code = "",
    which: Code = RISK,
    call_class: Code = "",
    queue: Code = "",
    state: Code = "",
    first: Code = "",
) -> Wanted:
    return Wanted(
        platform,
        which if which in LEFT else RISK,
        call_class if call_class in CLASSES else "",
        queue if queue in list(Queue) else "",
        state if state in STATES else "",
        "1" if first else "",
    )


CLASSES = {str(each.value): each.value for each in CallClass}
WantedNow = Annotated[Wanted, Depends(_wanted)]


def _wanted_back(platform: Annotated[str, Form()], back: Annotated[str, Form(max_length=300)] = "") -> Wanted:
    """From a form: what was shown beside it."""
    given = dict(parse_qsl(back, keep_blank_values=True))
    names = ("which", "call_class", "queue", "state", "first")
    return _wanted(platform, **{name: given[name] for name in names if name in given})


WantedBack = Annotated[Wanted, Depends(_wanted_back)]


@router.get("/entries")
def show(
    request: Request, app: TheApp, asker: PageSupervisor, wanted: WantedNow, cursor: Cursor = ""
) -> Response:
    """A page of the list, most urgent first."""
    here = replace(wanted, platform=platform_of(asker, wanted.platform))
    return _page(request, app, asker, here, cursor=cursor)


@router.get("/entries.csv", response_class=StreamingResponse)
def export(app: TheApp, asker: PageSupervisor, wanted: WantedNow) -> Response:
    """The same, whole."""
    return entries_sheet(app, platform_of(asker, wanted.platform), wanted.sought)


@router.post("/entries/reassign")
def reassign(
    asker: PageSupervisor, act: TheAct, wanted: WantedBack, entry: EntryOf, login: Annotated[str, Form()] = ""
) -> Response:
    """To an agent."""
    return _on_list(act, asker, wanted, lambda: act.reassign(asker, entry, login))


@router.post("/entries/move")
def move(
    asker: PageSupervisor, act: TheAct, wanted: WantedBack, entry: EntryOf, queue: Annotated[Queue, Form()]
) -> Response:
    """To another queue."""
    return _on_list(act, asker, wanted, lambda: act.move(asker, entry, queue))


def _on_list(act: Act, asker: Asker, wanted: Wanted, do: Callable[[], None]) -> Response:
    def drawn_again(problem: OutreachError) -> Response:
        return _page(act.request, act.app, asker, wanted, problem=problem)

    return act.done(asker, do, wanted.address(), drawn_again)


def _page(
    request: Request,
    app: App,
    asker: Asker,
    wanted: Wanted,
    *,
    cursor: str = "",
    problem: OutreachError | None = None,
) -> Response:
    rows = app.list_view.found([wanted.platform], wanted.sought, after=place_after(cursor), most=MOST + 1)
    view, shown = app.board.view(wanted.platform), rows[:MOST]
    following = next_mark(rows, MOST, key_of)
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
        next=following,
        is_first=not cursor,
        wanted=wanted,
        lists=LISTS,
        columns=[left for left in TimeLeft if left is not TimeLeft.LATE],
        classes=list(CallClass),
        states=STATES,
        others=free_first(view.at_work),
        queues=list(Queue),
        words=board_words,
        problem=problem,
    )
