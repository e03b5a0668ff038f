"""For those who steer: the list from above, queues beside it, and what leaves for others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.call_list import Queue
from outreach.domain.roles import Role
from outreach.errors import InvalidInput, NotAllowed
from outreach.services.access import Asker
from outreach.services.csv_cells import csv_line
from outreach.services.handing_out import ROLES_OF_QUEUE
from outreach.storage.case_progress_store import HandedRecord
from outreach.web.access import Caller, Exporter, Supervisor, TheApp
from outreach.web.entry_cursors import key_of, place_after
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, page_of

router = APIRouter(prefix="/api/v1", tags=["steering"], route_class=ApiRoute)
PlatformCode = Annotated[str, Query(min_length=1, max_length=20)]
Word = Annotated[str, Field(min_length=1, max_length=60, pattern="^[A-Z_]+$")]
STEERING = frozenset({Role.SUPERVISOR, Role.PILOT})


class ClassCounts(BaseModel):
    """Open entries of one class; late and at risk are in nobody's hands."""

    model_config = ConfigDict(from_attributes=True)

    platform: str
    call_class: int
    ready: int
    waiting: int
    leased: int
    texted: int
    at_risk: int
    late: int


class Listed(BaseModel):
    """`restricted`: whoever reads this person's records must say why first."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    platform: str
    case_record_id: UUID
    purpose: str
    state: str
    queue: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    not_before: datetime | None
    tries: int
    restricted: bool


class Escalated(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    platform: str
    case_record_id: UUID
    purpose: str
    state: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    entered_at: datetime


class Move(BaseModel):
    """`because`: a word in capitals, kept in the journal."""

    queue: Queue
    because: Word = "MOVED"


class Return(BaseModel):
    because: Word = "RETURNED"


@router.get("/call-list")
def view_call_list(app: TheApp, asker: Supervisor, platform: PlatformCode) -> list[ClassCounts]:
    """How many of each class are ready, waiting, in hand, texted, at risk and late."""
    asker.need_platform(platform)
    return [ClassCounts.model_validate(each) for each in app.list_view.by_class([platform])]


@router.get("/call-list/late")
def list_late(
    app: TheApp, asker: Supervisor, platform: PlatformCode, cursor: Cursor = "", limit: PageSize = 50
) -> Page[Listed]:
    """Deadline passed and in nobody's hands, in the order of the list."""
    asker.need_platform(platform)
    rows = app.list_view.late([platform], after=place_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=Listed.model_validate, key=key_of)


@router.get("/call-list/at-risk")
def list_at_risk(
    app: TheApp, asker: Supervisor, platform: PlatformCode, cursor: Cursor = "", limit: PageSize = 50
) -> Page[Listed]:
    """Less than four hours left, and in nobody's hands."""
    asker.need_platform(platform)
    rows = app.list_view.at_risk([platform], after=place_after(cursor), most=limit + 1)
    return page_of(rows, limit, shown=Listed.model_validate, key=key_of)


@router.get("/queues/{queue}")
def view_queue(app: TheApp, asker: Caller, queue: Queue) -> list[Escalated]:
    """Who waits beside the agents' own list (the first 200), most urgent first."""
    _need_queue(asker, queue)
    return [Escalated.model_validate(each) for each in app.handover.escalated(queue, asker.platforms)]


@router.post("/entries/{entry_id}/queue", status_code=204)
def move_entry(app: TheApp, asker: Supervisor, entry_id: UUID, body: Move) -> None:
    """Send an entry to another queue; its deadline stays."""
    app.list_view.queue_of(entry_id, asker.platforms)
    app.handover.move_to(entry_id, body.queue, by=asker.user_id, because=body.because)


@router.post("/entries/{entry_id}/return", status_code=204)
def return_entry(app: TheApp, asker: Caller, entry_id: UUID, body: Return) -> None:
    """Back to the agents, its order unchanged."""
    queue = app.list_view.queue_of(entry_id, asker.platforms)
    _need_queue(asker, queue)
    app.handover.move_to(entry_id, Queue.AGENTS, by=asker.user_id, because=body.because)


@router.get("/exports/ars.csv", response_class=PlainTextResponse)
def export_to_ars(
    app: TheApp, asker: Exporter, platform: PlatformCode, since: AwareDatetime, until: AwareDatetime
) -> PlainTextResponse:
    """Records handed to the regional health agency: record numbers and moments, no name."""
    asker.need_platform(platform)
    if until <= since:
        raise InvalidInput("The span ends before it begins.", field="until", mend="Choose a later end.")
    return _csv("ars", app.handover.to_ars([platform], since=since, until=until))


@router.get("/exports/sick-leave.csv", response_class=PlainTextResponse)
def export_sick_leave(app: TheApp, asker: Exporter, platform: PlatformCode) -> PlainTextResponse:
    """Who asked for sick leave, by record number."""
    asker.need_platform(platform)
    return _csv("sick-leave", app.handover.sick_leave([platform]))


def _need_queue(asker: Asker, queue: Queue) -> None:
    if not (ROLES_OF_QUEUE[queue] | STEERING) & asker.roles:
        raise NotAllowed(f"The queue {queue.value} is not for your role.", code="not_your_queue")


def _csv(name: str, records: Sequence[HandedRecord]) -> PlainTextResponse:
    lines = [csv_line(["source", "record_number", "kind", "result_at", "at"])]
    for record in records:
        moments = [at.isoformat() if at else "" for at in (record.result_at, record.at)]
        lines.append(csv_line([record.source, record.external_id, record.kind, *moments]))
    return PlainTextResponse(
        "\ufeff" + "".join(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
