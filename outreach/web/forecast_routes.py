"""The hours ahead under every mode, how good forecasts have been, and AUTO with its proposals."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain import forecast
from outreach.domain.auto_mode import LEAST_TARGET, AutoDone, AutoSetting, AutoTargets
from outreach.domain.load_shedding import Mode
from outreach.services.forecasting import HORIZON, OneMode
from outreach.web.access import FigureReader, ModeReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.modes_routes import PlatformCode, Preview
from outreach.web.paging import Cursor, Page, PageSize, line_after, line_key, page_of

router = APIRouter(prefix="/api/v1/platforms/{platform}", tags=["forecast"], route_class=ApiRoute)
DoneWanted = Annotated[list[AutoDone] | None, Query(description="What came of it: any of these.")]
Hours = Annotated[int, Query(ge=1, le=HORIZON)]


class HourEnd(BaseModel):
    """Who waits at the end of an hour. `called`: in time, of the positives due in the 24 hours before."""

    positives: float
    contacts: float
    from_sms: float
    follow_ups: float
    called: float | None

    @classmethod
    def of(cls, end: forecast.HourEnd) -> HourEnd:
        people = {name: round(getattr(end, name), 1) for name in _LANES}
        return cls(**people, called=end.called)


_LANES = ("positives", "contacts", "from_sms", "follow_ups")


class Ahead(BaseModel):
    """One mode. `backlog`: people waiting for a call at the end of each hour; `curve`: by who waits."""

    preview: Preview
    backlog: list[float]
    curve: list[HourEnd]
    messages: float
    segments: float
    euros: Decimal
    agent_hours: float

    @classmethod
    def of(cls, one: OneMode) -> Ahead:
        ahead = one.forecast
        return cls(
            preview=Preview.of(one),
            backlog=[round(people, 1) for people in ahead.backlog],
            curve=[HourEnd.of(end) for end in ahead.curve],
            messages=round(ahead.messages, 1),
            segments=round(ahead.segments, 1),
            euros=one.euros,
            agent_hours=round(ahead.agent_hours, 1),
        )


class MeanError(BaseModel):
    """Of the newest scored forecasts, in shares: 0.02 is two points. `bias` above 0: too hopeful."""

    model_config = ConfigDict(from_attributes=True)

    hours: int
    forecasts: int
    called: float | None
    informed: float | None
    bias: float | None


class Forecast(BaseModel):
    """Every mode, the lightest first, and the error of past forecasts beside them.

    `learned_from`: the scored forecasts that the ranges of positives called were learned from (eight of ten
    fell inside); 0: too few yet, and the ranges are those of assumed doubts.
    """

    platform: str
    made_at: datetime
    hours: int
    in_force: Mode
    version: int
    modes: list[Ahead]
    errors: list[MeanError]
    learned_from: int


class Scored(BaseModel):
    """A forecast whose hours have passed; `…_seen`: what came of it."""

    model_config = ConfigDict(from_attributes=True)

    mode: Mode
    made_at: datetime
    hours: int
    called: float | None
    called_seen: float | None
    reached: float | None
    reached_seen: float | None
    informed: float | None
    informed_seen: float | None


class PastDay(BaseModel):
    """Means of the forecasts made on a day, for the 24 hours ahead; `…_seen`: what came of them."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    forecasts: int
    called: float | None
    called_seen: float | None
    informed: float | None
    informed_seen: float | None


class Proposal(BaseModel):
    """`because`: one sentence, which says `from_mode`, `called` and `informed`.

    `state`: OPEN, ACCEPTED, DECLINED or WITHDRAWN.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    mode: Mode
    because: str
    made_at: datetime
    expires_at: datetime
    state: str
    answered_by: UUID | None
    answered_at: datetime | None
    answer_reason: str
    from_mode: Mode | None
    called: float | None
    informed: float | None


class Targets(BaseModel):
    """Shares in time of positives called, and of contacts informed."""

    model_config = ConfigDict(from_attributes=True)

    called: Annotated[float, Field(ge=LEAST_TARGET, le=1)]
    informed: Annotated[float, Field(ge=LEAST_TARGET, le=1)]


class Auto(BaseModel):
    """AUTO on a platform; the proposals, newest first."""

    model_config = ConfigDict(from_attributes=True)

    setting: AutoSetting
    targets: Targets
    proposals: list[Proposal]


class AutoWish(BaseModel):
    """PROPOSE when left out; without `targets` they stay as they are."""

    setting: AutoSetting = AutoSetting.PROPOSE
    targets: Targets | None = None


class AnswerReason(BaseModel):
    """Why, in a few words."""

    reason: Annotated[str, Field(max_length=500)] = ""


class Decision(BaseModel):
    """One look ahead of AUTO. `facts`: mode, because, done; from, about, called, informed."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    facts: dict[str, Any]


@router.get("/forecast")
def read_forecast(
    app: TheApp, asker: FigureReader, platform: PlatformCode, hours: Hours = HORIZON
) -> Forecast:
    """The hours ahead under every mode."""
    asker.need_platform(platform)
    ahead = app.modes.forecasting.look_ahead(platform, hours)
    return Forecast(
        platform=platform,
        made_at=ahead.made_at,
        hours=ahead.hours,
        in_force=ahead.in_force,
        version=ahead.version,
        modes=[Ahead.of(one) for one in ahead.modes],
        errors=[MeanError.model_validate(error) for error in ahead.errors],
        learned_from=ahead.doubts.called.forecasts if ahead.doubts.called else 0,
    )


@router.get("/forecast/errors")
def list_errors(app: TheApp, asker: FigureReader, platform: PlatformCode) -> list[Scored]:
    """Forecasts whose hours have passed beside what came of them, the newest 60."""
    asker.need_platform(platform)
    return [Scored.model_validate(each) for each in app.modes.forecasting.scored(platform)]


@router.get("/forecast/past")
def list_past_days(app: TheApp, asker: FigureReader, platform: PlatformCode) -> list[PastDay]:
    """The forecasts of the last two weeks beside what came, day by day, the oldest first."""
    asker.need_platform(platform)
    return [PastDay.model_validate(each) for each in app.modes.past_forecasts.days(platform)]


@router.get("/mode/auto")
def read_auto(app: TheApp, asker: ModeReader, platform: PlatformCode) -> Auto:
    """AUTO's setting and its proposals (the newest 50)."""
    asker.need_platform(platform)
    return Auto.model_validate(app.modes.auto.show(platform))


@router.put("/mode/auto")
def set_auto(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: AutoWish) -> Auto:
    """Turn AUTO on (it proposes, or applies) or off."""
    asker.need_platform(platform)
    targets = AutoTargets(body.targets.called, body.targets.informed) if body.targets else None
    state = app.modes.auto.set(platform, body.setting, author_id=asker.user_id, targets=targets)
    return Auto.model_validate(state)


@router.get("/mode/auto/decisions")
def list_decisions(
    app: TheApp,
    asker: ModeReader,
    platform: PlatformCode,
    done: DoneWanted = None,
    cursor: Cursor = "",
    limit: PageSize = 50,
) -> Page[Decision]:
    """What AUTO decided each time it looked ahead, and why; newest first. `done`: any of these."""
    asker.need_platform(platform)
    place = line_after(cursor)
    rows = app.modes.auto.decisions(platform, before=place, most=limit + 1, done=done or ())
    return page_of(rows, limit, shown=Decision.model_validate, key=lambda row: line_key(row.at, row.id))


@router.post("/mode/proposals/{proposal_id}/accept", status_code=204)
def accept_proposal(
    app: TheApp,
    asker: ModeSwitcher,
    platform: PlatformCode,
    proposal_id: UUID,
    body: AnswerReason | None = None,
) -> None:
    """Switch to the proposed mode; 409 when it ran out or someone switched since."""
    asker.need_platform(platform)
    app.modes.auto.answer(platform, proposal_id, accept=True, by=asker.user_id, reason=_reason(body))


@router.post("/mode/proposals/{proposal_id}/decline", status_code=204)
def decline_proposal(
    app: TheApp,
    asker: ModeSwitcher,
    platform: PlatformCode,
    proposal_id: UUID,
    body: AnswerReason | None = None,
) -> None:
    """Not now: the same mode is not proposed again for three hours."""
    asker.need_platform(platform)
    app.modes.auto.answer(platform, proposal_id, accept=False, by=asker.user_id, reason=_reason(body))


def _reason(body: AnswerReason | None) -> str:
    return body.reason if body else ""
