"""Notices as supervisors write them: to whom, until when, who has not acknowledged, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.notices import LONGEST_TEXT, LONGEST_TITLE, NewNotice, NoticeState, ReadingState
from outreach.errors import InvalidInput, NotFound, OutreachError
from outreach.services.access import Asker
from outreach.storage.notice_store import PublishedNotice, ReadersAsked
from outreach.web.access import TheApp
from outreach.web.notices_routes import reader_after, reader_key
from outreach.web.pages.access import PageSupervisor, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.mode_forms import moment_of
from outreach.web.paging import Cursor, id_after, next_mark
from outreach.web.problems import status_of

router = page_router("/notices/publish")
Text = Annotated[str, Form(max_length=LONGEST_TEXT * 2)]
SHOWN = 20
READERS = 50
Asked = Annotated[str, Query(max_length=20)]


@router.get("")
def show(
    request: Request, app: TheApp, asker: PageSupervisor, state: Asked = "", cursor: Cursor = ""
) -> Response:
    """The form, and the notices of the asker's platforms."""
    return _page(request, app, asker, state=state, cursor=cursor)


def notice_state(written: str) -> NoticeState | None:
    """What the form says; None: all."""
    return NoticeState(written) if written in set(NoticeState) else None


@router.post("")
def publish(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    title: Text = "",
    text: Text = "",
    place: Text = "",
    starts_at: Text = "",
    ends_at: Text = "",
) -> Response:
    """Tell every agent of a platform or a region."""
    typed = {"title": title, "text": text, "place": place, "starts_at": starts_at, "ends_at": ends_at}
    try:
        notice = _notice(app, asker, typed)
        app.steering.notices.publish(notice, author_id=asker.user_id, platforms=asker.platforms)
    except (InvalidInput, NotFound) as error:
        return _page(request, app, asker, error=error, typed=typed)
    return go("/notices/publish")


@router.get("/{notice_id}")
def show_readers(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    notice_id: UUID,
    state: Asked = "",
    cursor: Cursor = "",
) -> Response:
    """Who has acknowledged it, and who has not."""
    asked = ReadersAsked(reading_state(state), reader_after(cursor), READERS + 1)
    found = app.steering.notices.readers(notice_id, asker.platforms, asked)
    return draw(
        request,
        asker,
        "notice_publishing/readers.html",
        notice=_one(app, asker, notice_id),
        readers=found[:READERS],
        next=next_mark(found, READERS, reader_key),
        is_first=not cursor,
        state=asked.reading.value if asked.reading else "",
        states=list(ReadingState),
        zone=_zone(app, asker),
    )


def reading_state(written: str) -> ReadingState | None:
    """What the form says; None: all."""
    return ReadingState(written) if written in set(ReadingState) else None


@router.post("/{notice_id}/withdraw")
def withdraw(app: TheApp, asker: PageSupervisor, notice_id: UUID) -> Response:
    """It concerns nobody any more."""
    app.steering.notices.withdraw(notice_id, by=asker.user_id, platforms=asker.platforms)
    return go("/notices/publish")


def _notice(app: App, asker: Asker, typed: Mapping[str, str]) -> NewNotice:
    kind, _, code = typed["place"].partition(":")
    zone = _zone(app, asker)
    return NewNotice(
        title=typed["title"],
        text=typed["text"],
        starts_at=moment_of(typed["starts_at"], zone, "starts_at") if typed["starts_at"] else app.clock.now(),
        ends_at=moment_of(typed["ends_at"], zone, "ends_at") if typed["ends_at"] else None,
        platform=code if kind == "platform" else "",
        region=code if kind == "region" else "",
    )


def _one(app: App, asker: Asker, notice_id: UUID) -> PublishedNotice:
    """Raises NotFound."""
    return app.steering.notices.one_published(notice_id, asker.platforms)


def _zone(app: App, asker: Asker) -> str:
    return app.modes.territories.platform(platform_of(asker, None)).time_zone


def _page(
    request: Request,
    app: App,
    asker: Asker,
    *,
    state: str = "",
    cursor: str = "",
    error: OutreachError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    only, place = notice_state(state), id_after(cursor)
    found = app.steering.notices.published(asker.platforms, before=place, most=SHOWN + 1, state=only)
    places = app.modes.territories.every_platform()
    mine = [each for each in places if each.code in asker.platforms]
    regions = sorted({each.region for each in mine if each.region})
    whole = [r for r in regions if {p.code for p in places if p.region == r} <= set(asker.platforms)]
    return draw(
        request,
        asker,
        "notice_publishing/notices.html",
        status=HTTPStatus.OK if error is None else status_of(error),
        notices=found[:SHOWN],
        next=next_mark(found, SHOWN, lambda notice: str(notice.id)),
        is_first=not cursor,
        state=only.value if only else "",
        states=list(NoticeState),
        mine=mine,
        regions=whole,
        longest_title=LONGEST_TITLE,
        longest_text=LONGEST_TEXT,
        zone=_zone(app, asker),
        error=error,
        typed=typed or {},
    )
