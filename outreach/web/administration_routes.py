"""Platforms, health and retention, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from outreach.domain.calling_hours import CallingHours
from outreach.domain.purposes import Purpose
from outreach.services.administration import NewPlatform, PlatformView, Retained, SweepView
from outreach.services.platform_hours import NewHours, written
from outreach.services.platform_settings import NewSettings
from outreach.web.access import TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute
from outreach.web.senders_routes import ListedSender

router = APIRouter(prefix="/api/v1", tags=["administration"], route_class=ApiRoute)
Word = Annotated[str, Field(max_length=100)]


class PlatformShown(BaseModel):
    """`caller_id`, `sender` "": as the settings say. `users`, `open_records`: how many; `counted_at`: when
    the records were counted."""

    code: str
    name: str
    department: str
    time_zone: str
    caller_id: str
    sender: str
    users: int
    open_records: int
    counted_at: datetime

    @classmethod
    def of(cls, view: PlatformView) -> PlatformShown:
        of_platform = {name: getattr(view.platform, name) for name in _OF_PLATFORM}
        return cls(**of_platform, **vars(view.counts))


_OF_PLATFORM = ("code", "name", "department", "time_zone", "caller_id", "sender")


class PlatformToAdd(BaseModel):
    """`department` left out: the code."""

    code: Word
    name: Word
    department: Word = ""
    caller_id: Word = ""
    sender: Word = ""


class PlatformSet(BaseModel):
    """`caller_id` "": the installation's. `senders` null: they stay; empty: the installation's. `reason`:
    kept in the journal."""

    name: Word
    caller_id: Word = ""
    senders: Annotated[list[ListedSender], Field(max_length=20)] | None = None
    reason: Annotated[str, Field(max_length=300)]


Span = Annotated[str, Field(max_length=20, examples=["08:30-20:00"])]
Day = Annotated[list[Span], Field(max_length=10)]


class HoursOfPurpose(BaseModel):
    """`week`: the spans of each day, Monday first, none where it is closed; `holidays` null: public holidays
    are days like others."""

    week: Annotated[list[Day], Field(min_length=7, max_length=7)]
    holidays: Day | None = None

    @classmethod
    def of(cls, hours: CallingHours) -> HoursOfPurpose:
        on_holidays = None if hours.holidays is None else written(hours.holidays)
        return cls(week=[written(day) for day in hours.week], holidays=on_holidays)


class HoursToSet(HoursOfPurpose):
    """`reason`: kept in the journal."""

    reason: Annotated[str, Field(min_length=1, max_length=300)]


class SweepShown(BaseModel):
    """`every_seconds`: its pace; `stands_still`: it should have run since."""

    name: str
    every_seconds: float
    ran_at: datetime | None
    failed_at: datetime | None
    found: int
    stands_still: bool

    @classmethod
    def of(cls, view: SweepView) -> SweepShown:
        told = {name: value for name, value in vars(view).items() if name != "every"}
        return cls(**told, every_seconds=view.every.total_seconds())


class HealthShown(BaseModel):
    """`parts`: whether each answers."""

    is_well: bool
    parts: dict[str, bool]
    sweeps: list[SweepShown]


class RetainedShown(BaseModel):
    """`sweep`: what clears it away; `is_overdue`: some of it is twice as old as it may get."""

    sweep: str
    kept_for_seconds: float
    rows: int
    oldest: datetime | None
    cleared_at: datetime | None
    is_overdue: bool

    @classmethod
    def of(cls, kept: Retained) -> RetainedShown:
        return cls(
            sweep=kept.sweep,
            kept_for_seconds=kept.kept_for.total_seconds(),
            rows=kept.kept.rows,
            oldest=kept.kept.oldest,
            cleared_at=kept.cleared_at,
            is_overdue=kept.is_overdue,
        )


@router.get("/platforms")
def list_platforms(app: TheApp, asker: UsersAdmin) -> list[PlatformShown]:
    """Yours, by code."""
    return [PlatformShown.of(view) for view in app.administration.platforms(asker)]


@router.post("/platforms", status_code=201)
def add_platform(app: TheApp, asker: UsersAdmin, body: PlatformToAdd) -> dict[str, str]:
    """In mode NORMAL with the built-in calling hours; yours from now on."""
    added = app.administration.add_platform(NewPlatform(**body.model_dump()), asker=asker)
    return {"code": added.code}


@router.put("/platforms/{platform}", status_code=204)
def change_platform(app: TheApp, asker: UsersAdmin, platform: str, body: PlatformSet) -> None:
    """Its name, the number it presents, and who sends its SMS; what waits for a sender that left goes by the
    others."""
    asker.need_platform(platform)
    listed = None if body.senders is None else [each.option() for each in body.senders]
    new = NewSettings(body.name, body.caller_id, listed)
    app.platform_settings.change(platform, new, reason=body.reason, by=asker.user_id)


@router.get("/platforms/{platform}/hours")
def read_hours(app: TheApp, asker: UsersAdmin, platform: str) -> dict[Purpose, HoursOfPurpose]:
    """When people are called, on their own clocks, by what the call is for."""
    asker.need_platform(platform)
    return {purpose: HoursOfPurpose.of(hours) for purpose, hours in app.platform_hours.of(platform).items()}


@router.put("/platforms/{platform}/hours/{purpose}", status_code=204)
def change_hours(app: TheApp, asker: UsersAdmin, platform: str, purpose: Purpose, body: HoursToSet) -> None:
    """They count at once; who may be called now, and everybody's last callable moment, follow in seconds."""
    asker.need_platform(platform)
    new = NewHours(purpose, body.week, body.holidays)
    app.platform_hours.change(platform, new, reason=body.reason, by=asker.user_id)


@router.get("/health")
def read_health(app: TheApp, asker: UsersAdmin) -> HealthShown:
    """What answers, and whether the sweeps run."""
    health = app.administration.health()
    sweeps = [SweepShown.of(sweep) for sweep in health.sweeps]
    return HealthShown(is_well=health.is_well, parts=dict(health.parts), sweeps=sweeps)


@router.get("/retention")
def read_retention(app: TheApp, asker: UsersAdmin) -> list[RetainedShown]:
    """What is forgotten by itself, and when it last was."""
    return [RetainedShown.of(kept) for kept in app.administration.retained()]
