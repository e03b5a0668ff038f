"""Supervisors beside agents: who is in the room of a call, and acts on agents' work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.supervision import ActKind, ActReason, ListenHow
from outreach.queues.job_queue import QueueName
from outreach.web.access import Caller, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["supervision"], route_class=ApiRoute)


class Listen(BaseModel):
    """LISTEN: nobody hears you; WHISPER: the agent alone; JOIN: everybody."""

    how: ListenHow


class Listener(BaseModel):
    """Someone beside an agent; `in_room_at` is null while their phone rings."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    user_id: UUID
    login: str
    how: ListenHow
    ordered_at: datetime
    in_room_at: datetime | None


class Because(BaseModel):
    reason: ActReason


class Reassign(BaseModel):
    """`login`: of an agent who calls for the entry's platform."""

    login: Annotated[str, Field(min_length=1, max_length=100)]
    reason: ActReason


class Given(BaseModel):
    """`in_hand`: at once; else it is their next entry of its class."""

    model_config = ConfigDict(from_attributes=True)

    agent_id: UUID
    in_hand: bool


class Ended(BaseModel):
    """What followed for the entry."""

    kind: str
    at: datetime | None


class Told(BaseModel):
    """What a supervisor did with your work; `by`: their login."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: ActKind
    reason: ActReason
    by: str
    at: datetime


@router.get("/attempts/current/listeners")
def listeners_with_me(app: TheApp, asker: Caller) -> list[Listener]:
    """Who is beside you in your open call, or on their way."""
    return [Listener.model_validate(each) for each in app.supervision.listening.with_agent(asker.user_id)]


@router.get("/attempts/{attempt_id}/listeners")
def list_listeners(app: TheApp, asker: Supervisor, attempt_id: UUID) -> list[Listener]:
    """Who is beside the agent of a call, or on their way."""
    return [Listener.model_validate(each) for each in app.supervision.listening.of_call(asker, attempt_id)]


@router.post("/attempts/{attempt_id}/listeners", status_code=201)
def listen(app: TheApp, asker: Supervisor, attempt_id: UUID, body: Listen) -> Listener:
    """Your phone rings, then you are beside the agent, who is told at once; again, to change how."""
    return Listener.model_validate(app.supervision.listening.listen(asker, attempt_id, body.how))


@router.delete("/attempts/{attempt_id}/listeners", status_code=204)
def stop_listening(app: TheApp, asker: Supervisor, attempt_id: UUID) -> None:
    """Leave the room. Nothing when you are not in it."""
    app.supervision.listening.stop(asker, attempt_id)


@router.post("/attempts/{attempt_id}/end-wrap-up")
def end_wrap_up(app: TheApp, asker: Supervisor, attempt_id: UUID, body: Because) -> Ended:
    """For an agent who does not: what the line said is recorded, else PARTIAL; the agent is told."""
    step = app.supervision.end_wrap_up(asker, attempt_id, body.reason)
    app.jobs.nudge(QueueName.OUTBOX)
    return Ended(kind=step.kind.value, at=step.at)


@router.post("/entries/{entry_id}/take-back", status_code=204)
def take_back(app: TheApp, asker: Supervisor, entry_id: UUID, body: Because) -> None:
    """Release what an agent holds uncalled; the agent is told."""
    app.supervision.take_back(asker, entry_id, body.reason)


@router.post("/entries/{entry_id}/reassign")
def reassign(app: TheApp, asker: Supervisor, entry_id: UUID, body: Reassign) -> Given:
    """Give an entry to another agent: at once when they are free and it is callable, else as their next."""
    return Given.model_validate(app.supervision.reassign(asker, entry_id, body.login, body.reason))


@router.get("/told")
def told(app: TheApp, asker: Caller) -> list[Told]:
    """What supervisors did with your work and you have not seen yet, newest first."""
    return [Told.model_validate(each) for each in app.supervision.told(asker.user_id)]


@router.post("/told/seen", status_code=204)
def note_seen(app: TheApp, asker: Caller) -> None:
    """You read it."""
    app.supervision.note_seen(asker.user_id)
