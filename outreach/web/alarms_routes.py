"""Alarms and undelivered write-backs: what someone must look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from outreach.bootstrap import App
from outreach.services.access import Asker
from outreach.web.access import AlarmClearer, FigureReader, TheApp
from outreach.web.idempotency import ApiRoute

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
    return [Alarm.model_validate({**row, "facts": _facts(app, asker, row["facts"])}) for row in rows]


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


def _facts(app: App, asker: Asker, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Who may read no case record knows one by its pseudonym alone, as in the journal."""
    if "case_record_id" not in facts:
        return dict(facts)
    return {**facts, "case_record_id": app.audit.shown_record(asker, UUID(facts["case_record_id"]))}
