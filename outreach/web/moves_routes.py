"""Merging and splitting platforms over HTTP, for administrators of both."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from outreach.services.platform_moves import SECONDS
from outreach.storage import journal
from outreach.web.access import TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["platforms"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
Code = Annotated[str, Field(min_length=1, max_length=20)]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class Merge(BaseModel):
    """`into`: the platform that takes them."""

    into: Code
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Record(BaseModel):
    source: Word
    record_number: Word


class Split(Merge):
    """`records`: whose people go."""

    records: Annotated[list[Record], Field(min_length=1, max_length=20_000)]


class Moved(BaseModel):
    """Rows there were and rows moved, by table; `done_at` null while it goes on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    target: str
    kind: str
    expected: dict[str, int]
    counts: dict[str, int]
    done_at: datetime | None


@router.post("/platforms/{platform}/merge")
def merge_platform(app: TheApp, asker: UsersAdmin, platform: PlatformCode, body: Merge) -> Moved:
    """Everybody of a platform, and who works there, into another; entries, calls and messages go on.

    A long one goes on by itself: `done_at` is null, and the list of moves tells how far it is.
    """
    for code in (platform, body.into):
        asker.need_platform(code)
    move = app.steering.moves.merge(
        platform,
        body.into,
        reason=body.reason,
        actor=journal.by_user(asker.user_id),
        by=asker.user_id,
        most_seconds=SECONDS,
    )
    return Moved.model_validate(move)


@router.post("/platforms/{platform}/split")
def split_platform(app: TheApp, asker: UsersAdmin, platform: PlatformCode, body: Split) -> Moved:
    """The people of some records into another platform; nobody when one is unknown."""
    for code in (platform, body.into):
        asker.need_platform(code)
    move = app.steering.moves.split(
        platform,
        body.into,
        [(record.source, record.record_number) for record in body.records],
        reason=body.reason,
        actor=journal.by_user(asker.user_id),
        by=asker.user_id,
        most_seconds=SECONDS,
    )
    return Moved.model_validate(move)


@router.get("/platforms/{platform}/moves")
def list_moves(app: TheApp, asker: UsersAdmin, platform: PlatformCode) -> list[Moved]:
    """The last merges and splits from it or to it, newest first, with how far each is."""
    asker.need_platform(platform)
    return [Moved.model_validate(move) for move in app.steering.moves.of_platform(platform)]
