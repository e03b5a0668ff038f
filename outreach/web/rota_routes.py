"""The rota over HTTP: files, absences, pauses, who is at work, the minutes ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.roles import Scope
from outreach.domain.rota import AbsenceReason, PauseReason
from outreach.services.access import Asker
from outreach.services.rota_editing import ShiftCells
from outreach.storage import journal
from outreach.web.access import Caller, FigureReader, Supervisor, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1", tags=["rota"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
Login = Annotated[str, Field(max_length=100)]
Positions = Annotated[int, Field(ge=1, le=1_000)]


class RowToMend(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    row: int
    field: str
    reason: str
    mend: str


class RotaReport(BaseModel):
    """With errors nothing was written. `replaced`: shifts that stood in these days before."""

    model_config = ConfigDict(from_attributes=True)

    days: int
    shifts: int
    replaced: int
    errors: list[RowToMend]


class PlannedShift(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    day: date
    starts_at: datetime
    ends_at: datetime
    positions: int | None
    login: str


class Shift(BaseModel):
    """In the platform's time: "08:30", until "24:00" at most; so many positions, or one agent by login."""

    day: date
    starts: Annotated[str, Field(max_length=8)]
    ends: Annotated[str, Field(max_length=8)]
    positions: Annotated[int, Field(ge=0, le=1_000)] | None = None
    agent: Login = ""

    def cells(self) -> ShiftCells:
        positions = "" if self.positions is None else str(self.positions)
        return ShiftCells(self.day.isoformat(), self.starts, self.ends, positions, self.agent)


class NewAbsence(BaseModel):
    """An agent by login, or a number of positions."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: AbsenceReason = AbsenceReason.ABSENT
    agent: Login = ""
    positions: Positions | None = None


class Absent(BaseModel):
    """`reason` null for whoever does not steer agents: why somebody is away is theirs."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    starts_at: datetime
    ends_at: datetime
    positions: int | None
    login: str
    reason: AbsenceReason | None


class PlannedDay(BaseModel):
    """`holiday`: its name, or ''; `known`: whether the rota says anything of it; `hours`: of agents."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    holiday: str
    known: bool
    shifts: list[PlannedShift]
    absences: list[Absent]
    hours: float


class Added(BaseModel):
    id: UUID


class Pause(BaseModel):
    platform: Annotated[str, Field(min_length=1, max_length=20)]
    reason: PauseReason


class AtWork(BaseModel):
    """`paused_since` while the agent is paused; `pause`, why, for whoever steers agents."""

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    login: str
    state: str
    since: datetime
    pause: str | None
    paused_since: datetime | None


class Capacity(BaseModel):
    """`minutes`: of agents in each hour that follows `start`; `planned`: people the rota has at work now."""

    model_config = ConfigDict(from_attributes=True)

    start: datetime
    planned: int
    on_shift: int
    paused: int
    minutes: list[float]


@router.post("/platforms/{platform}/rota")
def import_rota(
    app: TheApp,
    asker: Supervisor,
    platform: PlatformCode,
    file: Annotated[UploadFile, File(description="CSV, XLSX, XLS or ODS.")],
    dry_run: Annotated[bool, Form()] = False,
) -> RotaReport:
    """Send a rota: it replaces the days it names. Nothing is written when a row is to be mended."""
    asker.need_platform(platform)
    actor = journal.by_user(asker.user_id)
    report = app.steering.rota.import_file(file.file.read(), platform=platform, actor=actor, dry_run=dry_run)
    return RotaReport.model_validate(report)


@router.get("/platforms/{platform}/rota")
def read_rota(
    app: TheApp, asker: FigureReader, platform: PlatformCode, since: date, until: date
) -> list[PlannedShift]:
    """Who is planned, day by day; `until` is included, two months at most."""
    asker.need_platform(platform)
    return [PlannedShift.model_validate(each) for each in app.steering.rota.shifts(platform, since, until)]


@router.get("/platforms/{platform}/rota/week")
def read_week(
    app: TheApp, asker: FigureReader, platform: PlatformCode, day: date | None = None
) -> list[PlannedDay]:
    """The week that holds a day (today when left out), from its Monday, with its holidays."""
    asker.need_platform(platform)
    days = [PlannedDay.model_validate(each) for each in app.steering.rota_weeks.week(platform, day).days]
    if not knows_why_away(asker):
        days = [each.model_copy(update={"absences": _without_reasons(each.absences)}) for each in days]
    return days


@router.post("/platforms/{platform}/shifts", status_code=201)
def add_shift(app: TheApp, asker: Supervisor, platform: PlatformCode, body: Shift) -> Added:
    """One shift more."""
    asker.need_platform(platform)
    actor = journal.by_user(asker.user_id)
    return Added(id=app.steering.rota_editing.add(platform, body.cells(), actor=actor))


@router.put("/shifts/{shift_id}", status_code=204)
def change_shift(app: TheApp, asker: Supervisor, shift_id: UUID, body: Shift) -> None:
    """Another day, other hours, other positions or another agent."""
    actor = journal.by_user(asker.user_id)
    app.steering.rota_editing.change(shift_id, body.cells(), platforms=asker.platforms, actor=actor)


@router.delete("/shifts/{shift_id}", status_code=204)
def remove_shift(app: TheApp, asker: Supervisor, shift_id: UUID) -> None:
    """Nobody works then."""
    actor = journal.by_user(asker.user_id)
    app.steering.rota_editing.remove(shift_id, platforms=asker.platforms, actor=actor)


@router.post("/platforms/{platform}/absences", status_code=201)
def add_absence(app: TheApp, asker: Supervisor, platform: PlatformCode, body: NewAbsence) -> Added:
    """Someone planned will not come."""
    asker.need_platform(platform)
    absence_id = app.steering.rota.add_absence(
        platform,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        reason=body.reason,
        login=body.agent,
        positions=body.positions,
        actor=journal.by_user(asker.user_id),
    )
    return Added(id=absence_id)


@router.get("/platforms/{platform}/absences")
def list_absences(
    app: TheApp, asker: FigureReader, platform: PlatformCode, since: AwareDatetime, until: AwareDatetime
) -> list[Absent]:
    """Absences that touch a span of time."""
    asker.need_platform(platform)
    found = [Absent.model_validate(each) for each in app.steering.rota.absences(platform, since, until)]
    return found if knows_why_away(asker) else _without_reasons(found)


@router.delete("/absences/{absence_id}", status_code=204)
def remove_absence(app: TheApp, asker: Supervisor, absence_id: UUID) -> None:
    """They come after all."""
    app.steering.rota.remove_absence(
        absence_id, platforms=asker.platforms, actor=journal.by_user(asker.user_id)
    )


@router.get("/platforms/{platform}/staff")
def view_staff(app: TheApp, asker: FigureReader, platform: PlatformCode) -> list[AtWork]:
    """Who is at work now: on shift, or paused, why and since when."""
    asker.need_platform(platform)
    found = [AtWork.model_validate(each) for each in app.steering.rota.at_work(platform)]
    return found if knows_why_away(asker) else [each.model_copy(update={"pause": None}) for each in found]


@router.get("/platforms/{platform}/capacity")
def view_capacity(
    app: TheApp,
    asker: FigureReader,
    platform: PlatformCode,
    hours: Annotated[int, Query(ge=1, le=336)] = 72,
) -> Capacity:
    """Agents now, and their minutes in each of the hours ahead."""
    asker.need_platform(platform)
    return Capacity.model_validate(app.steering.rota.capacity(platform, hours))


@router.put("/pause", status_code=204)
def pause(app: TheApp, asker: Caller, body: Pause) -> None:
    """Take no calls for a while, and say why; an entry in your hands goes back to its place."""
    asker.need_platform(body.platform)
    app.steering.rota.pause(asker.user_id, body.platform, body.reason)


@router.delete("/pause", status_code=204)
def resume(app: TheApp, asker: Caller) -> None:
    """Back to the calls."""
    app.steering.rota.resume(asker.user_id)


def knows_why_away(asker: Asker) -> bool:
    """Whoever steers agents; others see that somebody is away."""
    return Scope.CALLS_SUPERVISE in asker.scopes


def _without_reasons(absences: Sequence[Absent]) -> list[Absent]:
    return [each.model_copy(update={"reason": None}) for each in absences]
