"""Notices over HTTP: published, read, acknowledged; who has not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.notices import LONGEST_TEXT, LONGEST_TITLE, NewNotice, NoticeState, ReadingState
from outreach.storage.notice_store import Reader, ReadersAsked
from outreach.web.access import Caller, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, as_word, id_after, page_of, place_after

router = APIRouter(prefix="/api/v1", tags=["notices"], route_class=ApiRoute)


class Publication(BaseModel):
    """For a platform or a region. No name, number or address of anybody."""

    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    platform: Annotated[str, Field(max_length=20)] = ""
    region: Annotated[str, Field(max_length=20)] = ""
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class Published(BaseModel):
    id: UUID


class NoticeShown(BaseModel):
    """`acknowledged_at`: by you."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str | None
    region: str | None
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    published_at: datetime
    acknowledged_at: datetime | None


class PublishedShown(BaseModel):
    """`concerned`: who calls on your platforms; `acknowledged`: of them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str | None
    region: str | None
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None
    author: str
    concerned: int
    acknowledged: int


class ReaderShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    login: str
    acknowledged_at: datetime | None


@router.post("/notices", status_code=201)
def publish_notice(app: TheApp, asker: Supervisor, body: Publication) -> Published:
    """Tell every agent of a platform or a region."""
    notice = NewNotice(
        title=body.title,
        text=body.text,
        starts_at=body.starts_at or app.clock.now(),
        ends_at=body.ends_at,
        platform=body.platform,
        region=body.region,
    )
    notice_id = app.steering.notices.publish(notice, author_id=asker.user_id, platforms=asker.platforms)
    return Published(id=notice_id)


@router.get("/notices")
def list_notices(
    app: TheApp, asker: Caller, cursor: Cursor = "", limit: PageSize = 50, past: bool = False
) -> Page[NoticeShown]:
    """What concerns you now, newest first, and whether you acknowledged it; `past`: what is over too."""
    notices = app.steering.notices
    read = notices.told if past else notices.in_force
    rows = read(asker.user_id, asker.platforms, before=id_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=NoticeShown.model_validate, key=lambda notice: str(notice.id))


@router.get("/notices/published")
def list_published(
    app: TheApp,
    asker: Supervisor,
    state: NoticeState | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[PublishedShown]:
    """Notices for your platforms, newest first; UNREAD: in force, and not acknowledged by all."""
    notices, place = app.steering.notices, id_after(cursor)
    rows = notices.published(asker.platforms, before=place, state=state, most=limit + 1)
    return page_of(rows, limit, shown=PublishedShown.model_validate, key=lambda notice: str(notice.id))


@router.post("/notices/{notice_id}/acknowledge", status_code=204)
def acknowledge_notice(app: TheApp, asker: Caller, notice_id: UUID) -> None:
    """You have read it."""
    app.steering.notices.acknowledge(notice_id, by=asker.user_id, platforms=asker.platforms)


@router.get("/notices/{notice_id}/readers")
def list_readers(
    app: TheApp,
    asker: Supervisor,
    notice_id: UUID,
    state: ReadingState | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[ReaderShown]:
    """Whom it concerns on your platforms; who has not acknowledged it comes first."""
    asked = ReadersAsked(state, reader_after(cursor), limit + 1)
    found = app.steering.notices.readers(notice_id, asker.platforms, asked)
    return page_of(found, limit, shown=ReaderShown.model_validate, key=reader_key)


@router.delete("/notices/{notice_id}", status_code=204)
def withdraw_notice(app: TheApp, asker: Supervisor, notice_id: UUID) -> None:
    """It concerns nobody any more."""
    app.steering.notices.withdraw(notice_id, by=asker.user_id, platforms=asker.platforms)


def reader_after(cursor: str) -> tuple[bool, str] | None:
    """Where a page of readers begins. Raises InvalidInput."""
    return place_after(cursor, _reader_place)


def reader_key(reader: Reader) -> str:
    """What the mark of a page of readers stands for."""
    return f"{int(reader.acknowledged_at is not None)} {reader.login}"


def _reader_place(key: str) -> tuple[bool, str]:
    done, login = key.split(" ", 1)
    if done not in {"0", "1"}:
        raise ValueError
    return done == "1", as_word(login)
