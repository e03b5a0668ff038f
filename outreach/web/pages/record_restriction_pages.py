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
        try:
            return draw_acts(request, app, asker, case_record_id, error=error, given=given, status=422)
        except NotAllowed as restricted:  # by then, and the end of its claim is named anew
            if restricted.code != RESTRICTED:
                raise
            return draw_glass(request, app, asker, case_record_id, error=error, given=given, status=422)
    return go(f"/records/{case_record_id}?done=restricted")


@router.post("/{case_record_id}/lift")
def lift(app: TheApp, asker: PageCaseWriter, case_record_id: UUID) -> Response:
    """A record like any other again."""
    asker.need(Scope.CALLS_SUPERVISE)
    app.break_glass.lift(case_record_id, by=asker.user_id, platforms=asker.platforms)
    return go(f"/records/{case_record_id}?done=lifted")


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
