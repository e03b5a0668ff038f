"""The mode of a platform: in force, what each would do, the switch, and who switched before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from outreach.domain.load_shedding import Mode, ModeInForce
from outreach.web.access import ModeReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1/platforms/{platform}", tags=["modes"], route_class=ApiRoute)
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


class Preview(BaseModel):
    """What a mode would do with those who wait now."""

    model_config = ConfigDict(from_attributes=True)

    mode: Mode
    called: int
    texted: int
    waiting: int


class PastSwitch(BaseModel):
    """`facts`: mode, version, reason, ends_at, previous."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    actor: str
    facts: dict[str, Any]


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


@router.get("/mode/preview")
def preview_modes(app: TheApp, asker: ModeReader, platform: PlatformCode) -> list[Preview]:
    """What each mode would do."""
    asker.need_platform(platform)
    return [Preview.model_validate(each) for each in app.switch.preview(platform)]


@router.get("/mode/history")
def mode_history(
    app: TheApp,
    asker: ModeReader,
    platform: PlatformCode,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[PastSwitch]:
    """Switches, newest first."""
    asker.need_platform(platform)
    return [PastSwitch.model_validate(each) for each in app.switch.history(platform, most=limit)]
