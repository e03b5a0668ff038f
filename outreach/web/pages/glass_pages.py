"""Reading a record beyond one's reach, or restricted: what it means, the reason, the record for an hour."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.domain.reasons import RestrictionReason
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput, NotFound
from outreach.services.access import Asker
from outreach.storage.restriction_store import Restriction
from outreach.web.access import TheApp
from outreach.web.pages.access import PageGlassBreaker
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router

router = page_router("/break-glass")
RECORDS = "/records"


@router.get("/{case_record_id}")
def ask(request: Request, app: TheApp, asker: PageGlassBreaker, case_record_id: UUID) -> Response:
    """What it means, and the field for the reason."""
    return draw_glass(request, app, asker, case_record_id, status=200)


def draw_glass(
    request: Request, app: App, asker: Asker, case_record_id: UUID, *, status: int = 403, **more: Any
) -> Response:
    """Instead of the record. Whoever restricts records may lift a restriction here: nobody is read for it."""
    steers = {Scope.CALLS_SUPERVISE, Scope.CASES_WRITE} <= asker.scopes
    values = restriction_words(app, asker, case_record_id) if steers else {"restrictions": []}
    return draw(
        request,
        asker,
        "audit/break_glass.html",
        status=status,
        case_record_id=case_record_id,
        **{"error": None, "given": {}, "done": "", **values, **more},
    )


def restriction_words(app: App, asker: Asker, case_record_id: UUID) -> dict[str, Any]:
    """What `records/_restriction.html` needs, beside `error` and `given`."""
    return {
        "restrictions": _restrictions(app, asker, case_record_id),
        "restriction_reasons": list(RestrictionReason),
    }


def _restrictions(app: App, asker: Asker, case_record_id: UUID) -> list[Restriction]:
    """None of a record of another platform."""
    try:
        return app.break_glass.restrictions(case_record_id, asker.platforms)
    except NotFound:
        return []


@router.post("/{case_record_id}")
def break_glass(
    request: Request,
    app: TheApp,
    asker: PageGlassBreaker,
    case_record_id: UUID,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """To the record, which may be read for an hour."""
    try:
        app.break_glass.open(case_record_id, reason, by=asker.user_id)
    except InvalidInput:
        shown = {"reason": reason, "too_short": True}
        return draw_glass(request, app, asker, case_record_id, status=422, **shown)
    return go(f"{RECORDS}/{case_record_id}")
