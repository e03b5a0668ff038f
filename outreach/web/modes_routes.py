"""The mode of a platform: in force, what each would do, the switch, its undo, and switches to come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.services.forecasting import OneMode
from outreach.services.mode_progress import Standstill
from outreach.storage.mode_store import SwitchedBy, SwitchesAsked
from outreach.web.access import ModeReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.paging import Cursor, Page, PageSize, line_after, line_key, page_of

router = APIRouter(prefix="/api/v1/platforms/{platform}", tags=["modes"], route_class=ApiRoute)
ModesWanted = Annotated[list[Mode] | None, Query(description="Any of these.")]
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]


class ModeNow(BaseModel):
    """`mode` as of now; after `ends_at` it is NORMAL under the same version."""

    platform: str
    mode: Mode
    version: int
    reason: str
    starts_at: datetime
    ends_at: datetime | None

    @classmethod
    def of(cls, row: ModeInForce, now: datetime) -> ModeNow:
        return cls(
            platform=row.platform,
            mode=row.at(now),
            version=row.version,
            reason=row.reason,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )


class Switch(BaseModel):
    """`version` is the one you saw: another switch meanwhile answers 409 with who, when and why."""

    mode: Mode
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    version: int
    ends_at: AwareDatetime | None = None


class Undo(BaseModel):
    """`version` is the one you saw. `reason`: the switch that is undone when left out."""

    version: int
    reason: Annotated[str, Field(max_length=500)] = ""


class Preview(BaseModel):
    """What a mode would do now (`called`, `texted`, `waiting`; `classes`: the called by class) and lead to.

    Shares are of those due within 72 hours, with their ranges; null when nobody is. `late_from`: the hour at
    which positives start to be late. `hours_freed`: what calling the texted would take agents.
    `one_more_agent`, `one_fewer_agent`: positives called in time with another number of agents.
    """

    mode: Mode
    called: int
    texted: int
    waiting: int
    classes: dict[int, int]
    segments: int
    euros: Decimal
    hours_freed: float
    positives_called: float | None
    positives_called_range: tuple[float, float] | None
    positives_reached: float | None
    contacts_informed: float | None
    contacts_informed_range: tuple[float, float] | None
    late_from: datetime | None
    one_more_agent: float | None
    one_fewer_agent: float | None

    @classmethod
    def of(cls, one: OneMode) -> Preview:
        ahead = one.forecast
        return cls(
            **vars(one.preview),
            segments=one.segments_now,
            euros=one.euros_now,
            hours_freed=round(one.hours_freed, 1),
            positives_called=ahead.called_in_time,
            positives_called_range=ahead.called_range,
            positives_reached=ahead.reached_in_time,
            contacts_informed=ahead.informed_in_time,
            contacts_informed_range=ahead.informed_range,
            late_from=ahead.late_from,
            one_more_agent=one.one_more,
            one_fewer_agent=one.one_fewer,
        )


class Progress(BaseModel):
    """`texted`, `returned`: contacts turned into SMS and back into calls since `counted_from`: the last
    change of the mode (`began_at`), or a day ago; `to_text`, `to_return`: those to be moved still.

    `done_at`: when the last of them was. `standstill`: why nobody is texted now, until `goes_on_at`.
    """

    model_config = ConfigDict(from_attributes=True)

    platform: str
    mode: Mode
    version: int
    began_at: datetime
    counted_from: datetime
    to_text: int
    to_return: int
    texted: int
    returned: int
    a_minute: float
    ends_about: datetime | None
    done_at: datetime | None
    standstill: Standstill | None
    goes_on_at: datetime | None


class Plan(BaseModel):
    """A switch to come."""

    mode: Mode
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None


class Planned(BaseModel):
    """`state`: PLANNED, DONE, CANCELLED, or REFUSED with the sentence in `because`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    platform: str
    mode: Mode
    reason: str
    starts_at: datetime
    ends_at: datetime | None
    state: str
    because: str


class Sent(BaseModel):
    """SMS that stood for calls of contacts, and what became of them."""

    model_config = ConfigDict(from_attributes=True)

    messages: int
    delivered: int
    read: int
    called_after_all: int


class PastSwitch(BaseModel):
    """`by`: a login, or '' for the program; `until`: null while in force.

    `facts`: mode, version, reason, ends_at, previous; undoes, territory, planned, proposal where they apply.
    """

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    until: datetime | None
    by: str
    actor: str
    facts: dict[str, Any]
    texted: Sent


@router.get("/mode")
def read_mode(app: TheApp, asker: ModeReader, platform: PlatformCode) -> ModeNow:
    """The mode in force."""
    asker.need_platform(platform)
    return ModeNow.of(app.switch.show(platform), app.clock.now())


@router.put("/mode", responses={409: {"description": "Someone switched since."}})
def switch_mode(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: Switch) -> ModeNow:
    """Put a mode in force from now on."""
    asker.need_platform(platform)
    after = app.switch.switch(
        platform,
        body.mode,
        reason=body.reason,
        author_id=asker.user_id,
        expected_version=body.version,
        ends_at=body.ends_at,
    )
    return ModeNow.of(after, app.clock.now())


@router.post("/mode/undo", responses={409: {"description": "Someone switched since, or nothing to undo."}})
def undo_mode(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: Undo) -> ModeNow:
    """Back to the mode before the last switch, with the end it had; one step."""
    asker.need_platform(platform)
    after = app.switch.undo(
        platform, author_id=asker.user_id, expected_version=body.version, reason=body.reason
    )
    return ModeNow.of(after, app.clock.now())


@router.get("/mode/progress")
def read_progress(app: TheApp, asker: ModeReader, platform: PlatformCode) -> Progress:
    """How far the change of the mode is: contacts turned into SMS, and back into calls."""
    asker.need_platform(platform)
    return Progress.model_validate(app.modes.progress.show(platform))


@router.get("/mode/preview")
def preview_modes(app: TheApp, asker: ModeReader, platform: PlatformCode) -> list[Preview]:
    """What each mode would do now, and where it leads in 72 hours."""
    asker.need_platform(platform)
    return [Preview.of(one) for one in app.modes.forecasting.look_ahead(platform).modes]


@router.get("/mode/planned")
def list_planned(app: TheApp, asker: ModeReader, platform: PlatformCode) -> list[Planned]:
    """Switches to come first, then those that were (the newest 100)."""
    asker.need_platform(platform)
    return [Planned.model_validate(each) for each in app.modes.planned.of_platform(platform)]


@router.post("/mode/planned", status_code=201)
def plan_switch(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: Plan) -> Planned:
    """Put a mode in force at a moment to come, whatever is switched until then."""
    asker.need_platform(platform)
    planned = app.modes.planned.plan(
        platform,
        body.mode,
        reason=body.reason,
        author_id=asker.user_id,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    return Planned.model_validate(planned)


@router.delete("/mode/planned/{planned_id}", status_code=204)
def cancel_planned(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, planned_id: UUID) -> None:
    """It will not come."""
    asker.need_platform(platform)
    app.modes.planned.cancel(platform, planned_id, by=asker.user_id)


@router.get("/mode/history")
def mode_history(
    app: TheApp,
    asker: ModeReader,
    platform: PlatformCode,
    mode: ModesWanted = None,
    by: SwitchedBy | None = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[PastSwitch]:
    """Switches, newest first; `by`: those of people, or of the program."""
    asker.need_platform(platform)
    asked = SwitchesAsked(mode or (), by, line_after(cursor))
    past = app.modes.history.page(platform, asked, most=limit + 1)
    return page_of(past, limit, shown=PastSwitch.model_validate, key=lambda row: line_key(row.at, row.id))
