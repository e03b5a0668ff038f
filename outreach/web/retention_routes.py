"""How long a platform keeps case records, and what its time holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from outreach.domain.case_records import CaseKind
from outreach.domain.retention import FEWEST_DAYS, MOST_DAYS, Hold, RetentionRule
from outreach.web.access import TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute

router = APIRouter(prefix="/api/v1/platforms/{platform}/retention", tags=["retention"], route_class=ApiRoute)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]


class RuleShown(BaseModel):
    """Records of this kind are kept for so many days after they closed."""

    kind: CaseKind
    days: int


class PastShown(BaseModel):
    """People whose every record is past its time. `hold` null: the sweep erases them."""

    hold: Hold | None
    people: int


class RetentionShown(BaseModel):
    rules: list[RuleShown]
    past_time: list[PastShown]


class RuleChange(BaseModel):
    """`reason`: kept in the journal."""

    kind: CaseKind
    days: Annotated[int, Field(ge=FEWEST_DAYS, le=MOST_DAYS)]
    reason: Annotated[str, Field(min_length=1, max_length=300)]


@router.get("")
def read_record_retention(app: TheApp, asker: UsersAdmin, platform: PlatformCode) -> RetentionShown:
    """How long, whose time has passed, and what holds some of them back."""
    asker.need_platform(platform)
    return RetentionShown(
        rules=[RuleShown(kind=rule.kind, days=rule.days) for rule in app.old_records.rules([platform])],
        past_time=[
            PastShown(hold=past.hold, people=past.people) for past in app.old_records.past_time([platform])
        ],
    )


@router.put("", status_code=204)
def change_record_retention(app: TheApp, asker: UsersAdmin, platform: PlatformCode, body: RuleChange) -> None:
    """From the next sweep on."""
    asker.need_platform(platform)
    rule = RetentionRule(platform, body.kind, body.days)
    app.old_records.change(rule, reason=body.reason, by=asker.user_id)
