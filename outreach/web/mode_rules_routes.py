"""A platform's own copies of modes: what each does, its versions, and a change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from outreach.domain.load_shedding import (
    MOST_TRIES_OF_A_RULE,
    ContactGroup,
    Mode,
    ScriptLength,
)
from outreach.services.mode_rules import RuleChange, RuleInForce
from outreach.web.access import ModeReader, ModeSwitcher, TheApp
from outreach.web.idempotency import ApiRoute
from outreach.web.modes_routes import PlatformCode

router = APIRouter(prefix="/api/v1/platforms/{platform}/modes", tags=["modes"], route_class=ApiRoute)
Tries = Annotated[int, Field(ge=1, le=MOST_TRIES_OF_A_RULE)]


class Rule(BaseModel):
    """`version` 0 is the built-in rule. `texts`: a contact is texted when the mode texts all their groups."""

    mode: Mode
    version: int
    script: ScriptLength
    contact_tries: int
    misses_before_sms: int
    texts: list[ContactGroup]

    @classmethod
    def of(cls, known: RuleInForce) -> Rule:
        rule = known.rule
        return cls(
            mode=rule.mode,
            version=known.version,
            script=rule.script,
            contact_tries=rule.contact_tries,
            misses_before_sms=rule.misses_before_sms,
            texts=sorted(rule.texts),
        )


class Change(BaseModel):
    """`version` is the one you saw, 0 for the built-in rule."""

    script: ScriptLength
    contact_tries: Tries
    misses_before_sms: Tries
    texts: set[ContactGroup]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    version: Annotated[int, Field(ge=0)]


class Version(BaseModel):
    """One version of a platform's own copy."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    rule: dict[str, Any]
    author_id: UUID | None
    reason: str
    at: datetime


@router.get("")
def list_rules(app: TheApp, asker: ModeReader, platform: PlatformCode) -> list[Rule]:
    """What each mode does here, the lightest first."""
    asker.need_platform(platform)
    return [Rule.of(each) for each in app.modes.rules.show(platform)]


@router.put("/{mode}", responses={409: {"description": "Someone changed it since."}})
def change_rule(app: TheApp, asker: ModeSwitcher, platform: PlatformCode, mode: Mode, body: Change) -> Rule:
    """Change what a mode does here: a new version. Waiting contacts follow within a minute."""
    asker.need_platform(platform)
    change = RuleChange(**body.model_dump() | {"texts": frozenset(body.texts)})
    return Rule.of(app.modes.rules.change(platform, mode, change, author_id=asker.user_id))


@router.get("/{mode}/versions")
def list_versions(app: TheApp, asker: ModeReader, platform: PlatformCode, mode: Mode) -> list[Version]:
    """Every version of the platform's own copy, newest first; none: the built-in rule holds."""
    asker.need_platform(platform)
    return [Version.model_validate(each) for each in app.modes.rules.versions(platform, mode)]
