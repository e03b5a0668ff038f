"""The watch list over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.watch_list import MOST_DAYS, Missing, Resolution
from outreach.web.access import Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, id_after, page_of

router = APIRouter(prefix="/api/v1", tags=["watch list"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]


class WatchedRecord(BaseModel):
    """`why`: what is missing; `since`: on the list."""

    model_config = ConfigDict(from_attributes=True)

    case_record_id: UUID
    kind: str
    why: Missing
    listed_at: datetime
    since: datetime


class Resolved(BaseModel):
    because: Resolution


class Days(BaseModel):
    """After so many days without what is missing."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


@router.get("/platforms/{platform}/watch-list")
def list_watched(
    app: TheApp,
    asker: Supervisor,
    platform: PlatformCode,
    why: Missing | None = None,
    days: Annotated[int, Query(ge=0, le=365)] = 0,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[WatchedRecord]:
    """Records that nothing has confirmed yet; `days`: only those that came in at least so long ago."""
    asker.need_platform(platform)
    rows = app.steering.watch_list.records(
        platform, after=id_after(cursor), most=limit + 1, why=why, days=days
    )
    return page_of(rows, limit, shown=WatchedRecord.model_validate, key=lambda row: str(row.case_record_id))


@router.post("/watch-list/{case_record_id}/resolve", status_code=204)
def resolve_watched(app: TheApp, asker: Supervisor, case_record_id: UUID, body: Resolved) -> None:
    """Someone asked and knows."""
    app.steering.watch_list.resolve(case_record_id, body.because, by=asker.user_id, platforms=asker.platforms)


@router.get("/platforms/{platform}/watch-list/counts")
def count_watched(app: TheApp, asker: Supervisor, platform: PlatformCode) -> dict[Missing, int]:
    """How many records lack what."""
    asker.need_platform(platform)
    return app.steering.watch_list.counts(platform)


@router.get("/platforms/{platform}/watch-list/days")
def read_days(app: TheApp, asker: Supervisor, platform: PlatformCode) -> Days:
    """After how many days a record is watched."""
    asker.need_platform(platform)
    return Days(days=app.steering.watch_list.days(platform))


@router.put("/platforms/{platform}/watch-list/days", status_code=204)
def set_days(app: TheApp, asker: Supervisor, platform: PlatformCode, body: Days) -> None:
    """Choose it for the platform."""
    asker.need_platform(platform)
    app.steering.watch_list.set_days(platform, body.days)
