"""Reading a record beyond one's reach: what it means, the reason, and the record for an hour."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import Response

from outreach.errors import InvalidInput
from outreach.web.access import TheApp
from outreach.web.pages.access import PageGlassBreaker
from outreach.web.pages.drawing import draw
from outreach.web.pages.frame import go, page_router

router = page_router("/break-glass")
RECORDS = "/records"


@router.get("/{case_record_id}")
def ask(request: Request, asker: PageGlassBreaker, case_record_id: UUID) -> Response:
    """What it means, and the field for the reason."""
    return draw(request, asker, "audit/break_glass.html", case_record_id=case_record_id)


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
        return draw(
            request,
            asker,
            "audit/break_glass.html",
            status=422,
            case_record_id=case_record_id,
            reason=reason,
            too_short=True,
        )
    return go(f"{RECORDS}/{case_record_id}")
