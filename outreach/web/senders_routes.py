"""Who sends a platform's SMS, and what they may cost: lists, pace, breakers, and setting them again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.messages import MessagePurpose
from outreach.domain.sender_choice import SenderKind, SenderOption
from outreach.domain.spend_limits import USUAL_PREFIXES, Breaker, SpendLimits
from outreach.errors import NotFound
from outreach.services.access import Asker
from outreach.services.senders import SenderState
from outreach.services.spending import Sends, SpendingView
from outreach.storage import journal
from outreach.web.access import FigureReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1/platforms/{platform}", tags=["senders"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]
SenderName = Annotated[str, Path(min_length=1, max_length=40)]
Reason = Annotated[str, Field(min_length=3, max_length=300)]
Euros = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=2)]


class Sender(BaseModel):
    """`pace` in segments a second, learned; `ceiling` null: as the settings say; `purposes` empty: all."""

    model_config = ConfigDict(from_attributes=True)

    sender: str
    kind: SenderKind | None
    preference: int
    purposes: list[MessagePurpose]
    state: SenderState
    because: str
    until: datetime | None
    pace: int | None
    ceiling: int | None
    usual_share: float | None
    queued: int


class ListedSender(BaseModel):
    """The lowest preference first; equals share the people; no purposes: all."""

    sender: Annotated[str, Field(min_length=1, max_length=40)]
    preference: Annotated[int, Field(ge=0, le=99)] = 0
    purposes: list[MessagePurpose] = []

    def option(self) -> SenderOption:
        return SenderOption(self.sender, self.preference, frozenset(self.purposes))


class SenderList(BaseModel):
    senders: Annotated[list[ListedSender], Field(max_length=20)]


class Ceiling(BaseModel):
    segments_per_second: Annotated[int, Field(ge=1, le=10_000)] | None


class Because(BaseModel):
    reason: Reason


class TrippedBreaker(BaseModel):
    """What a breaker holds back, and what to do."""

    model_config = ConfigDict(from_attributes=True)

    breaker: Breaker
    prefix: str
    advice: str


class Limits(BaseModel):
    """`segments_per_hour`: by allowed prefix; null: the built-in list."""

    daily_euros: Euros | None
    monthly_euros: Euros | None
    segments_per_hour: Annotated[dict[str, int], Field(max_length=200)] | None = None


class NewLimits(Limits):
    reason: Reason


class SpendingNow(BaseModel):
    """Euros are those of the day and the month so far; `sends` is what the budgets let out."""

    platform: str
    limits: Limits
    day_euros: Decimal
    month_euros: Decimal
    segments_this_hour: dict[str, int]
    sends: Sends
    tripped: list[TrippedBreaker]


class Reset(BaseModel):
    """`prefix`: for PREFIX_RATE only."""

    breaker: Breaker
    prefix: Annotated[str, Field(max_length=8)] = ""
    reason: Reason


@router.get("/senders")
def list_senders(app: TheApp, asker: FigureReader, platform: PlatformCode) -> list[Sender]:
    """The platform's senders, the preferred ones first, with their state and pace."""
    asker.need_platform(platform)
    return [Sender.model_validate(each) for each in app.messaging.senders.of_platform(platform)]


@router.put("/senders", status_code=204)
def put_senders(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: SenderList) -> None:
    """Replace the list; what waits for a sender that left it goes by the others."""
    asker.need_platform(platform)
    listed = [each.option() for each in body.senders]
    app.messaging.senders.put(platform, listed, actor=journal.by_user(asker.user_id))


@router.put("/senders/{sender}/ceiling", status_code=204)
def put_ceiling(
    app: TheApp, asker: ModeSwitcher, platform: PlatformCode, sender: SenderName, body: Ceiling
) -> None:
    """The most segments a second of a sender; null: as the settings say."""
    _need_sender(app, asker, platform, sender)
    app.messaging.senders.set_ceiling(sender, body.segments_per_second)


@router.post("/senders/{sender}/stop", status_code=204)
def stop_sender(
    app: TheApp, asker: ModeSwitcher, platform: PlatformCode, sender: SenderName, body: Because
) -> None:
    """Nothing more goes by it; what waits goes by the platform's others, or its contacts are called."""
    _need_sender(app, asker, platform, sender)
    app.messaging.senders.stop(sender, reason=body.reason)


@router.post("/senders/{sender}/resume", status_code=204)
def resume_sender(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, sender: SenderName) -> None:
    """Its cause is mended: it sends again."""
    _need_sender(app, asker, platform, sender)
    app.messaging.senders.resume(sender)


@router.get("/spending")
def view_spending(app: TheApp, asker: FigureReader, platform: PlatformCode) -> SpendingNow:
    """What SMS have cost today and this month, the limits, and what tripped breakers hold back."""
    asker.need_platform(platform)
    return _spending(app.messaging.spending.show(platform))


@router.put("/spending/limits", status_code=204)
def put_limits(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: NewLimits) -> None:
    """Budgets in euros, and segments an hour to each prefix that may be texted at all."""
    asker.need_platform(platform)
    per_hour = USUAL_PREFIXES if body.segments_per_hour is None else body.segments_per_hour
    limits = SpendLimits(body.daily_euros, body.monthly_euros, per_hour)
    actor = journal.by_user(asker.user_id)
    app.messaging.spending.limit(platform, limits, reason=body.reason, actor=actor)


@router.post("/spending/resets", status_code=204)
def reset_breaker(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, body: Reset) -> None:
    """Someone looked: the breaker counts from zero again, and what it held back goes."""
    asker.need_platform(platform)
    actor = journal.by_user(asker.user_id)
    app.messaging.spending.reset(platform, body.breaker, prefix=body.prefix, reason=body.reason, actor=actor)


def _need_sender(app: TheApp, asker: Asker, platform: str, sender: str) -> None:
    asker.need_platform(platform)
    if platform not in app.messaging.senders.platforms_of(sender):
        raise NotFound("There is no such sender of this platform.", code="unknown_sender")


def _spending(view: SpendingView) -> SpendingNow:
    return SpendingNow(
        platform=view.platform,
        limits=Limits(
            daily_euros=view.limits.daily_euros,
            monthly_euros=view.limits.monthly_euros,
            segments_per_hour=dict(view.limits.per_hour),
        ),
        day_euros=view.day_euros,
        month_euros=view.month_euros,
        segments_this_hour=view.this_hour,
        sends=view.sends,
        tripped=[TrippedBreaker.model_validate(each) for each in view.tripped],
    )
