"""A record restricted, and the restriction lifted: nobody is read for either."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.reasons import restriction_reason
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput, NotAllowed
from outreach.services.access import Asker
from outreach.web.access import TheApp
from outreach.web.pages.access import PageCaseWriter
from outreach.web.pages.frame import go, page_router
from outreach.web.pages.glass_pages import draw_glass
from outreach.web.pages.record_pages import RESTRICTED, draw_acts

router = page_router("/records")
Word = Annotated[str, Form(max_length=20)]
Sentence = Annotated[str, Form(max_length=500)]


@router.post("/{case_record_id}/restrict")
def restrict(
    request: Request,
    app: TheApp,
    asker: PageCaseWriter,
    case_record_id: UUID,
    restricted_because: Word = "",
    kept_until: Word = "",
) -> Response:
    """Whoever reads it says why from now on; a day puts erasure off to its end."""
    asker.need(Scope.CALLS_SUPERVISE)
    try:
        app.break_glass.restrict(
            case_record_id,
            by=asker.user_id,
            platforms=asker.platforms,
            because=restriction_reason(restricted_because),
            kept_until=_end_of(kept_until, app, asker),
        )
    except InvalidInput as error:
        given = {"restricted_because": restricted_because, "kept_until": kept_until}
        return _draw_again(request, app, asker, case_record_id, error, given)
    return go(f"/records/{case_record_id}?done=restricted")


@router.post("/{case_record_id}/lift")
def lift(
    request: Request, app: TheApp, asker: PageCaseWriter, case_record_id: UUID, lifted_because: Sentence = ""
) -> Response:
    """A record like any other again, for a reason that the platform's supervisors are told."""
    asker.need(Scope.CALLS_SUPERVISE)
    by, platforms = asker.user_id, asker.platforms
    try:
        app.break_glass.lift(case_record_id, lifted_because, by=by, platforms=platforms)
    except InvalidInput as error:
        error.field = "lifted_because"  # the form that opens a record has a reason beside it
        given = {"lifted_because": lifted_because}
        return _draw_again(request, app, asker, case_record_id, error, given)
    return go(f"/records/{case_record_id}?done=lifted")


def _draw_again(
    request: Request, app: App, asker: Asker, case_record_id: UUID, error: InvalidInput, given: dict[str, str]
) -> Response:
    """The page that the form stood on: for whoever may not read the record the one that says so."""
    try:
        return draw_acts(request, app, asker, case_record_id, error=error, given=given, status=422)
    except NotAllowed as restricted:
        if restricted.code != RESTRICTED:
            raise
        return draw_glass(request, app, asker, case_record_id, error=error, given=given, status=422)


def _end_of(written: str, app: App, asker: Asker) -> datetime | None:
    """The end of a day on the clock of the asker's platform; None for no day. Raises InvalidInput."""
    if not written.strip():
        return None
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise InvalidInput(
            "This is not a day.", field="kept_until", mend="Write it like 2021-03-16."
        ) from None
    zone = app.modes.territories.platform(asker.platforms[0]).time_zone
    return datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(days=1)
