"""Notices and changed scripts as agents meet them: a banner on the desk, a page with what is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.errors import InvalidInput
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaller
from outreach.web.pages.desk_surroundings import unread_notices
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, is_part, page_router
from outreach.web.paging import Cursor, id_after, page_of

router = page_router("/notices")
NOTICES = "/notices"
PAGE = 20


@router.get("")
def show(
    request: Request,
    app: TheApp,
    asker: PageCaller,
    cursor: Cursor = "",
) -> Response:
    """What is to be read first, then everything that was told, newest first."""
    notices = app.steering.notices
    rows = notices.told(asker.user_id, asker.platforms, before=id_after(cursor), most=PAGE + 1)
    shown = page_of(rows, PAGE, shown=lambda row: row, key=lambda row: str(row.id))
    news = app.script_news.unread(asker.user_id, asker.platforms)
    return draw(
        request,
        asker,
        "notices/notices.html",
        unread=unread_notices(app, asker),
        notices=shown.items,
        next=shown.next,
        cursor=cursor,
        news=news,
        opened=True,
    )


@router.get("/unread")
def show_unread(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """The banner: nothing when everything was read."""
    return draw(request, asker, "notices/_unread.html", unread=unread_notices(app, asker))


@router.get("/script-changes")
def show_script_changes(request: Request, app: TheApp, asker: PageCaller) -> Response:
    """What changed in the scripts: nothing when it was read."""
    news = app.script_news.unread(asker.user_id, asker.platforms)
    return draw(request, asker, "notices/_changes.html", news=news, opened=False)


@router.post("/script-changes/acknowledge")
def acknowledge_changes(
    request: Request, app: TheApp, asker: PageCaller, until: Annotated[str, Form(max_length=40)]
) -> Response:
    """They have read what changed up to a moment."""
    app.script_news.acknowledge(asker.user_id, _moment(until))
    if is_part(request):
        return show_script_changes(request, app, asker)
    return go(NOTICES)


@router.post("/{notice_id}/acknowledge")
def acknowledge(request: Request, app: TheApp, asker: PageCaller, notice_id: UUID) -> Response:
    """They have read it."""
    app.steering.notices.acknowledge(notice_id, by=asker.user_id, platforms=asker.platforms)
    if is_part(request):
        return show_unread(request, app, asker)
    return go(NOTICES)


def _moment(text: str) -> datetime:
    """Raises InvalidInput."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise InvalidInput(
            "This moment cannot be read.", field="until", mend="Load the page again."
        ) from None
