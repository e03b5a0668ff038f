"""An agent's work: the shift, the next entry, the call, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from outreach.domain.call_attempts import Leg
from outreach.domain.call_list import Queue
from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role
from outreach.queues.job_queue import QueueName
from outreach.services import handing_out
from outreach.services.wrap_up import Report
from outreach.storage.attempt_store import Attempt
from outreach.web.access import Caller, CallerClaim, TheApp
from outreach.web.case_models import Card
from outreach.web.idempotency import ApiRoute
from outreach.web.limits import limits_of

router = APIRouter(prefix="/api/v1", tags=["calls"], route_class=ApiRoute)
Reason = Annotated[str, Field(min_length=1, max_length=60, pattern="^[A-Z_]+$")]
PlatformCode = Annotated[str, Field(min_length=1, max_length=20)]


class Shift(BaseModel):
    platform: PlatformCode


class Beat(BaseModel):
    """`held`: how many entries are in your hands."""

    held: int


class NextEntry(BaseModel):
    """What you would take; left out: all your platforms, and the queue of your role."""

    platforms: list[PlatformCode] | None = None
    queues: Annotated[list[Queue], Field(min_length=1)] | None = None


class Entry(BaseModel):
    """In your hands until `leased_until`, which each heartbeat moves on."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    lease_id: UUID
    leased_until: datetime
    platform: str
    purpose: str
    queue: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    callback_at: datetime | None
    phone_position: int
    tries: int
    mode_version: int


class Household(BaseModel):
    """Someone else behind the same number, to be told in the same call."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    case_record_id: UUID
    purpose: str


class InHand(BaseModel):
    """The entry you hold, and whom it is about; `third_party_text`: to be said to whoever else answers."""

    entry: Entry
    card: Card
    household: list[Household]
    third_party_text: str

    @classmethod
    def of(cls, given: handing_out.InHand) -> InHand:
        return cls(
            entry=Entry.model_validate(given.leased),
            card=Card.of(given.card),
            household=[Household.model_validate(each) for each in given.household],
            third_party_text=given.third_party_text,
        )


class Position(BaseModel):
    """Which of the person's numbers; left out: the entry's."""

    position: Annotated[int, Field(ge=0, le=100)] | None = None


class HangUp(BaseModel):
    leg: Leg = Leg.PERSON


class Hold(BaseModel):
    on: bool


class Transfer(BaseModel):
    role: Role


class Release(BaseModel):
    """`because`: a word in capitals, kept in the journal."""

    because: Reason = "RELEASED"
    lease_id: UUID | None = None


class HowItWent(BaseModel):
    """`outcome` left out confirms what the line suggests; `household`: entries told in the same call."""

    outcome: CallOutcome | None = None
    note: Annotated[str, Field(max_length=4000)] = ""
    callback_at: AwareDatetime | None = None
    for_me_only: bool = False
    needs_sick_leave: bool = False
    household: Annotated[list[UUID], Field(max_length=20)] = []


class Call(BaseModel):
    """One try. `suggested_outcome` is what the line said; `script` and its version what the agent reads."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    entry_id: UUID
    case_record_id: UUID
    status: str
    phone_position: int
    inbound: bool
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    answered_by: str | None
    on_hold: bool
    voicemail_left: bool
    suggested_outcome: CallOutcome | None
    outcome: CallOutcome | None
    script: str
    script_version: int
    version: int


class Step(BaseModel):
    """What follows: null when the same outcome was said before."""

    kind: str | None
    at: datetime | None = None
    queue: str | None = None


@router.post("/shift/start", status_code=204)
def start_shift(app: TheApp, asker: Caller, body: Shift) -> None:
    """You are there to be given entries and transfers."""
    asker.need_platform(body.platform)
    app.call_list.start_shift(asker.user_id, body.platform)


@router.post("/shift/end", status_code=204)
def end_shift(app: TheApp, asker: Caller, body: Shift) -> None:
    """What you hold goes back to the list."""
    asker.need_platform(body.platform)
    app.call_list.end_shift(asker.user_id, body.platform)


@router.post("/shift/heartbeat")
def heartbeat(app: TheApp, asker: Caller) -> Beat:
    """Your page is open: what you hold stays yours. Send one every 20 seconds."""
    return Beat(held=app.call_list.heartbeat(asker.user_id))


@router.post("/calls/next", response_model=InHand | None)
async def next_entry(request: Request, app: TheApp, claim: CallerClaim, body: NextEntry) -> Response:
    """The entry you hold already, else the most urgent one you may call; null when nobody is callable now."""
    take = partial(app.handing_out.next_entry, claim, platforms=body.platforms, queues=body.queues)
    answer = await run_in_threadpool(_answer, take)
    limits_of(request).remember(claim.token)
    return answer


@router.get("/calls/current", response_model=InHand | None)
async def current_entry(app: TheApp, claim: CallerClaim) -> Response:
    """What you hold, on whatever computer you sit at now; null when nothing."""
    return await run_in_threadpool(_answer, partial(app.handing_out.current, claim))


@router.post("/entries/release")
def release(app: TheApp, asker: Caller, body: Release) -> Beat:
    """Give back uncalled what you hold; with a call open it stays."""
    app.call_list.release(asker.user_id, because=body.because, lease_id=body.lease_id)
    return Beat(held=0 if app.call_list.current(asker.user_id) is None else 1)


@router.post("/entries/{entry_id}/calls", status_code=201)
def click_to_call(app: TheApp, asker: Caller, entry_id: UUID, body: Position) -> Call:
    """Your phone rings, then the person's."""
    return Call.model_validate(app.calling.click_to_call(asker.user_id, entry_id, position=body.position))


@router.get("/attempts/current")
def current_attempt(app: TheApp, asker: Caller) -> Call | None:
    """Your open call, or null."""
    return _call(app.call_bar.current(asker.user_id))


@router.get("/attempts/{attempt_id}")
def read_attempt(app: TheApp, asker: Caller, attempt_id: UUID) -> Call:
    """Your call as it stands."""
    return Call.model_validate(app.call_bar.read(asker.user_id, attempt_id))


@router.post("/attempts/{attempt_id}/hang-up", status_code=204)
def hang_up(app: TheApp, asker: Caller, attempt_id: UUID, body: HangUp) -> None:
    """End one side of the call."""
    app.call_bar.hang_up(asker.user_id, attempt_id, leg=body.leg)


@router.post("/attempts/{attempt_id}/hold", status_code=204)
def hold(app: TheApp, asker: Caller, attempt_id: UUID, body: Hold) -> None:
    """Let the person wait, or come back to them."""
    app.call_bar.hold(asker.user_id, attempt_id, on=body.on)


@router.post("/attempts/{attempt_id}/voicemail", status_code=204)
def leave_voicemail(app: TheApp, asker: Caller, attempt_id: UUID) -> None:
    """Drop the neutral message on the machine that answered."""
    app.call_bar.leave_voicemail(asker.user_id, attempt_id)


@router.post("/attempts/{attempt_id}/next-number", status_code=201)
def call_again(app: TheApp, asker: Caller, attempt_id: UUID, body: Position) -> Call:
    """Another try for the same person, at this or another number, while you stay in the room."""
    return Call.model_validate(app.calling.call_again(asker.user_id, attempt_id, position=body.position))


@router.post("/attempts/{attempt_id}/transfer")
def transfer(app: TheApp, asker: Caller, attempt_id: UUID, body: Transfer) -> dict[str, UUID]:
    """Bring a free colleague into the room."""
    return {"user_id": app.call_bar.transfer(asker.user_id, attempt_id, role=body.role.value)}


@router.post("/attempts/{attempt_id}/rejoin", status_code=204)
def rejoin(app: TheApp, asker: Caller, attempt_id: UUID) -> None:
    """Ring you again after your line dropped, while the person waits."""
    app.call_bar.rejoin(asker.user_id, attempt_id)


@router.post("/attempts/{attempt_id}/outcome")
def say_outcome(app: TheApp, asker: Caller, attempt_id: UUID, body: HowItWent) -> Step:
    """How the call went. The same again changes nothing."""
    report = Report(
        outcome=body.outcome,
        note=body.note,
        callback_at=body.callback_at,
        for_me_only=body.for_me_only,
        by_supervisor=Role.SUPERVISOR in asker.roles,
        needs_sick_leave=body.needs_sick_leave,
        household=tuple(body.household),
    )
    step = app.wrap_up.record(asker.user_id, attempt_id, report)
    app.jobs.nudge(QueueName.OUTBOX)
    if step is None:
        return Step(kind=None)
    return Step(kind=step.kind.value, at=step.at, queue=step.queue.value if step.queue else None)


def _answer(take: Callable[[], handing_out.InHand | None]) -> Response:
    """The answer as JSON at once: the framework would read the model again before it writes it."""
    given = take()
    shown = b"null" if given is None else InHand.of(given).model_dump_json().encode()
    return Response(shown, media_type="application/json")


def _call(attempt: Attempt | None) -> Call | None:
    return None if attempt is None else Call.model_validate(attempt)
