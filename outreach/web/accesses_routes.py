"""Who read whose record, for auditors and supervisors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from outreach.errors import InvalidInput
from outreach.web.access import AccessReader, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, after, page_of

router = APIRouter(prefix="/api/v1", tags=["accesses"], route_class=ApiRoute)
HIGHEST = 2**63 - 1


class ShownAccess(BaseModel):
    """`why`: CALL (in hand), SHEET (the whole record) or LETTERS; no login: the command line."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    platform: str
    user_id: UUID | None
    login: str | None
    case_record_id: UUID | None
    why: str


@router.get("/accesses")
def read_accesses(
    app: TheApp,
    asker: AccessReader,
    case_record_id: UUID | None = None,
    user_id: UUID | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[ShownAccess]:
    """Every reading of one case record, or by one user, newest first."""
    rows = app.accesses.page(
        asker.platforms,
        case_record_id=case_record_id,
        user_id=user_id,
        before=_before(cursor),
        most=limit + 1,
    )
    return page_of(rows, limit, shown=ShownAccess.model_validate, key=lambda line: str(line.id))


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    told = after(cursor)
    if not told.isascii() or not told.isdigit() or int(told) > HIGHEST:
        raise InvalidInput(
            "This cursor is not one of ours.", field="cursor", mend="Take `next` of the page before."
        )
    return int(told)
