"""Those to be called, as a supervisor looks for them: filtered, in pages, and whole for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from outreach.bootstrap import App
from outreach.domain.board import TimeLeft
from outreach.domain.call_list import CallClass, Queue
from outreach.storage.list_view_store import ListedEntry, Sought
from outreach.web.access import Supervisor, TheApp
from outreach.web.entry_cursors import key_of, place_after
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, page_of
from outreach.web.sheets import sheet, whole
from outreach.web.steering_routes import Listed

router = APIRouter(prefix="/api/v1/call-list", tags=["steering"], route_class=ApiRoute)
PlatformCode = Annotated[str, Query(min_length=1, max_length=20)]
OpenState = Literal["READY", "WAITING", "LEASED", "TEXTED"]
Left = Annotated[list[TimeLeft], Query(description="Time left: any of these; none: any.")]


def sought_of(
    left: Left = [],  # noqa: B006 - FastAPI copies it
    call_class: CallClass | None = None,
    queue: Queue | None = None,
    state: OpenState | None = None,
    first: Annotated[bool, Query(description="Only whose record nobody called yet.")] = False,
) -> Sought:
    """Without `state`: READY, WAITING or LEASED, whoever is to be called."""
    return Sought(
        left=tuple(left),
        call_class=None if call_class is None else call_class.value,
        queue="" if queue is None else queue.value,
        state=state or "",
        first=first,
    )


TheSought = Annotated[Sought, Depends(sought_of)]


@router.get("/entries")
def list_entries(
    app: TheApp,
    asker: Supervisor,
    platform: PlatformCode,
    sought: TheSought,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Listed]:
    """Those to be called who are like this, in the order of the list."""
    asker.need_platform(platform)
    rows = app.list_view.found([platform], sought, after=place_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=Listed.model_validate, key=key_of)


@router.get("/entries.csv", response_class=StreamingResponse)
def export_entries(
    app: TheApp, asker: Supervisor, platform: PlatformCode, sought: TheSought
) -> StreamingResponse:
    """The same for a spreadsheet, whole."""
    asker.need_platform(platform)
    return entries_sheet(app, platform, sought)


def entries_sheet(app: App, platform: str, sought: Sought) -> StreamingResponse:
    """By record id: nobody is named."""

    def read(last: ListedEntry | None, most: int) -> list[ListedEntry]:
        return app.list_view.found([platform], sought, after=None if last is None else last.place, most=most)

    found: Iterator[ListedEntry] = whole(read)
    return sheet(f"call-list-{platform}", Listed, map(Listed.model_validate, found))
