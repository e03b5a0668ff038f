"""The watch list page: records that nothing confirmed, by kind and age; resolved with a word."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.watch_list import BY_HAND, Missing, Resolution
from outreach.errors import InvalidInput, OutreachError
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageSupervisor, platform_of
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router
from outreach.web.paging import Cursor, id_after, next_mark
from outreach.web.problems import status_of

router = page_router("/watch")
Code = Annotated[str, Query(max_length=20)]
TypedCode = Annotated[str, Form(max_length=20)]
AGES = (0, 3, 7, 14, 30)
SHOWN = 50


@router.get("")
def show(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    platform: Code = "",
    why: Annotated[str, Query(pattern="^(NO_RESULT|NO_POSITIVE|)$")] = "",
    days: Annotated[int, Query(ge=0, le=365)] = 0,
    cursor: Cursor = "",
) -> Response:
    """Who is on the list, the oldest records first."""
    code = platform_of(asker, platform)
    return _page(request, app, asker, code, why=Missing(why) if why else None, days=days, cursor=cursor)


@router.post("/days")
def set_days(
    request: Request,
    app: TheApp,
    asker: PageSupervisor,
    days: Annotated[str, Form(max_length=10)],
    platform: TypedCode = "",
) -> Response:
    """After how many days a record comes on the list."""
    code = platform_of(asker, platform)
    try:
        app.steering.watch_list.set_days(code, int(days) if days.strip().isdecimal() else 0)
    except InvalidInput as error:
        return _page(request, app, asker, code, error=error, after_days=days)
    return go(f"/watch?platform={code}")


@router.post("/{case_record_id}/resolve")
def resolve(
    app: TheApp,
    asker: PageSupervisor,
    case_record_id: UUID,
    because: Annotated[Resolution, Form()],
    platform: TypedCode = "",
) -> Response:
    """Someone asked, and knows."""
    watch_list = app.steering.watch_list
    watch_list.resolve(case_record_id, because, by=asker.user_id, platforms=asker.platforms)
    return go(f"/watch?platform={platform_of(asker, platform)}")


def _page(
    request: Request,
    app: App,
    asker: Asker,
    platform: str,
    *,
    why: Missing | None = None,
    days: int = 0,
    cursor: str = "",
    error: OutreachError | None = None,
    after_days: str = "",
) -> Response:
    watch_list = app.steering.watch_list
    found = watch_list.records(platform, after=id_after(cursor), most=SHOWN + 1, why=why, days=days)
    return draw(
        request,
        asker,
        "watch/watch.html",
        status=HTTPStatus.OK if error is None else status_of(error),
        records=found[:SHOWN],
        next=next_mark(found, SHOWN, lambda row: str(row.case_record_id)),
        is_first=not cursor,
        counts=watch_list.counts(platform),
        why=why,
        days=days,
        ages=AGES,
        after_days=after_days or watch_list.days(platform),
        ways=sorted(BY_HAND),
        platform=app.modes.territories.platform(platform),
        platforms=asker.platforms,
        error=error,
    )
