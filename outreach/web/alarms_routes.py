"""Alarms and undelivered write-backs: what someone must look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from outreach.bootstrap import App
from outreach.services.access import Asker
from outreach.storage.alarm_store import AlarmKind, AlarmsAsked
from outreach.web.access import AlarmClearer, FigureReader, TheApp, platforms_asked
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, page_of, row_after, row_key
from outreach.web.sheets import sheet, whole

router = APIRouter(prefix="/api/v1", tags=["alarms"], route_class=ApiRoute)


class Alarm(BaseModel):
    """`platform` is null when it concerns the whole installation; `subject` is an id."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str | None
    kind: str
    subject: str
    facts: dict[str, Any]
    raised_at: datetime


class PastAlarm(Alarm):
    """`cleared_by`: a login; null while it is open, and for what settled itself."""

    cleared_at: datetime | None
    cleared_by: str | None


def _asked(
    asker: FigureReader,
    platform: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[list[AlarmKind], Query(description="Any of these.")] = [],  # noqa: B006
    open: Annotated[bool | None, Query(description="Only open ones, or only cleared ones.")] = None,
) -> AlarmsAsked:
    return AlarmsAsked(platforms_asked(asker, platform), tuple(each.value for each in kind), open)


TheAsked = Annotated[AlarmsAsked, Depends(_asked)]


class DeadLetter(BaseModel):
    """An outcome the case system refused for too long."""

    id: UUID
    platform: str
    kind: str
    created_at: datetime
    dead_at: datetime
    last_error: str | None


@router.get("/alarms")
def list_alarms(app: TheApp, asker: FigureReader) -> list[Alarm]:
    """Open alarms of your platforms, newest first (the first 200)."""
    rows = app.alarms.open(asker.platforms)
    return [Alarm.model_validate(_told(app, asker, row)) for row in rows]


@router.get("/alarms/history")
def list_past_alarms(
    app: TheApp, asker: FigureReader, asked: TheAsked, cursor: Cursor = "", limit: PageSize = 50
) -> Page[PastAlarm]:
    """Open and cleared ones of your platforms and of the whole installation, newest first."""
    rows = app.alarms.page(replace(asked, before=row_after(cursor)), most=limit + 1)
    return page_of(rows, limit, shown=lambda row: past_alarm(app, asker, row), key=alarm_key)


@router.get("/alarms/history.csv", response_class=StreamingResponse)
def export_past_alarms(app: TheApp, asker: FigureReader, asked: TheAsked) -> StreamingResponse:
    """The same for a spreadsheet, whole."""
    return alarms_sheet(app, asker, asked)


def alarms_sheet(app: App, asker: Asker, asked: AlarmsAsked) -> StreamingResponse:
    """Every alarm that is like this."""

    def read(last: dict[str, Any] | None, most: int) -> list[dict[str, Any]]:
        before = None if last is None else (last["raised_at"], last["id"])
        return app.alarms.page(replace(asked, before=before), most=most)

    return sheet("alarms", PastAlarm, (past_alarm(app, asker, row) for row in whole(read)))


def alarm_key(row: Mapping[str, Any]) -> str:
    """An alarm's place in the history; old ones are forgotten between two pages."""
    return row_key(row["raised_at"], row["id"])


def past_alarm(app: App, asker: Asker, row: Mapping[str, Any]) -> PastAlarm:
    """As the asker may see it."""
    return PastAlarm.model_validate({**_told(app, asker, row), "cleared_by": row["cleared_by_login"]})


@router.post("/alarms/{alarm_id}/clear", status_code=204)
def clear_alarm(app: TheApp, asker: AlarmClearer, alarm_id: UUID) -> None:
    """Someone looked at it. Clearing it again changes nothing."""
    app.alarms.clear(alarm_id, by=asker.user_id, platforms=asker.platforms)


@router.get("/write-backs/dead")
def list_dead_letters(app: TheApp, asker: FigureReader) -> list[DeadLetter]:
    """Write-backs that were given up (the newest 100)."""
    return [DeadLetter.model_validate(row) for row in app.write_back.dead_letters(asker.platforms)]


@router.post("/write-backs/replay")
def replay_dead_letters(app: TheApp, asker: AlarmClearer) -> dict[str, int]:
    """Deliver your platforms' dead letters again."""
    return {"replayed": sum(app.write_back.replay_dead(platform=each) for each in asker.platforms)}


def _told(app: App, asker: Asker, row: Mapping[str, Any]) -> dict[str, Any]:
    """Who may read no case record knows one by its pseudonym alone: in facts, and within the subject."""
    record = row["facts"].get("case_record_id")
    if record is None:
        return dict(row)
    shown = app.audit.name_of(asker, UUID(record))
    subject = row["subject"].replace(record, shown)
    return {**row, "subject": subject, "facts": {**row["facts"], "case_record_id": shown}}
