"""What is set, as files: texts, durations, senders, platforms, territories, retention, ways in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from outreach.bootstrap import App
from outreach.domain.calling_hours import CallingHours, hours_from
from outreach.domain.case_records import CaseKind
from outreach.domain.dated_parameters import DatedValue
from outreach.domain.purposes import Purpose
from outreach.domain.scripts import Channel, ScriptState
from outreach.services.access import Asker
from outreach.services.administration import PlatformView
from outreach.services.platform_hours import written
from outreach.services.script_reading import VersionState, WhichTexts
from outreach.services.territories import TerritoryView
from outreach.storage.user_store import Token as StoredToken
from outreach.storage.wall_pass_store import WallPass as StoredPass
from outreach.web.administration_routes import PlatformShown, RetainedShown
from outreach.web.list_sheets import Sheet
from outreach.web.script_models import Text, Version
from outreach.web.senders_routes import Sender
from outreach.web.sheets import sheet, whole
from outreach.web.territory_routes import Place
from outreach.web.users_routes import Token


class TextLine(BaseModel):
    """A text of the catalog. `languages`: the version of each that counts now; `coming`: what will."""

    name: str
    purpose: str
    channel: str
    audience: str
    languages: dict[str, int]
    own: list[str]
    missing: list[str]
    drafts: list[str]
    coming: list[str]


def texts(app: App, platform: str, channel: Channel | None, which: WhichTexts | None) -> Sheet:
    """The catalog as it counts on a platform now."""
    found = map(Text.of, app.script_reading.texts(platform, channel=channel, which=which))
    rows = (TextLine(**_of_text(text), coming=_coming(text)) for text in found)
    return sheet(f"texts-{platform}", TextLine, rows)


def _of_text(text: Text) -> dict[str, Any]:
    return {name: getattr(text, name) for name in TextLine.model_fields if name != "coming"}


def _coming(text: Text) -> list[str]:
    return [f"{each.language} {each.number} {each.effective_from.isoformat()}" for each in text.scheduled]


def versions(app: App, asker: Asker, name: str, language: str, state: ScriptState | None = None) -> Sheet:
    """Versions of a text, newest first, with what they say."""

    def read(last: VersionState | None, most: int) -> list[VersionState]:
        return app.script_reading.versions_page(
            name,
            language=language,
            platforms=asker.platforms,
            state=state,
            before=None if last is None else last.version.number,
            most=most,
        )

    return sheet(f"versions-{name}-{language}", Version, map(Version.of, whole(read)))


class DurationLine(BaseModel):
    """`in_force`: it counts on the platform today."""

    name: str
    value: int
    country: str
    effective_from: date
    reason: str
    withdrawn_at: datetime | None
    in_force: bool


def durations(app: App, platform: str) -> Sheet:
    """Every duration that the platform's country decided, newest first; which of them count today."""
    zone = ZoneInfo(app.modes.territories.platform(platform).time_zone)
    day, (_, values) = app.clock.now().astimezone(zone).date(), app.script_reading.parameters(platform)
    standing = {
        each.name: each for each in values if each.withdrawn_at is None and each.effective_from <= day
    }
    rows = (
        DurationLine(**_of_duration(each), in_force=standing.get(each.name) is each)
        for each in reversed(values)
    )
    return sheet(f"durations-{platform}", DurationLine, rows)


def _of_duration(value: DatedValue) -> dict[str, Any]:
    return {name: getattr(value, name) for name in DurationLine.model_fields if name != "in_force"}


def senders(app: App, platform: str) -> Sheet:
    """Who sends a platform's SMS, the preferred ones first."""
    found = app.messaging.senders.of_platform(platform)
    return sheet(f"senders-{platform}", Sender, map(Sender.model_validate, found))


class PlatformLine(PlatformShown):
    """With its hours: a day's spans between slashes, Monday first, then public holidays."""

    hours: dict[str, str]


def platforms(app: App, asker: Asker) -> Sheet:
    """The administrator's, by code, with their numbers and hours."""
    return sheet("platforms", PlatformLine, map(_platform_line, app.administration.platforms(asker)))


def _platform_line(view: PlatformView) -> PlatformLine:
    stored = view.platform.calling_hours
    hours = {purpose.value: _week(hours_from(stored, purpose)) for purpose in Purpose}
    return PlatformLine(**PlatformShown.of(view).model_dump(), hours=hours)


def _week(hours: CallingHours) -> str:
    days = [*hours.week, *([] if hours.holidays is None else [hours.holidays])]
    return " / ".join(", ".join(written(day)) or "-" for day in days)


def territories(found: Iterable[TerritoryView]) -> Sheet:
    """Territories with their platforms."""
    return sheet("territories", Place, map(Place.of, found))


def retained(app: App) -> Sheet:
    """What is forgotten by itself, and when it last was."""
    return sheet("retention", RetainedShown, map(RetainedShown.of, app.administration.retained()))


class RuleLine(BaseModel):
    """Records of this kind are kept for so many days after they closed."""

    platform: str
    kind: CaseKind
    days: int


def rules(app: App, codes: Sequence[str]) -> Sheet:
    """How long case records are kept."""
    rows = (
        RuleLine(platform=rule.platform, kind=rule.kind, days=rule.days)
        for rule in app.old_records.rules(sorted(codes))
    )
    return sheet("retention-rules", RuleLine, rows)


def tokens(app: App, user_id: UUID, *, asker: Asker | None, good: bool | None = None) -> Sheet:
    """A user's tokens, oldest first; never the tokens themselves. No asker: one's own."""

    def read(last: StoredToken | None, most: int) -> list[StoredToken]:
        after = None if last is None else last.id
        return app.access.tokens(user_id, asker=asker, good=good, after=after, most=most)

    return sheet("tokens", Token, map(Token.model_validate, whole(read)))


class PassLine(BaseModel):
    """The address of a wall screen, without the address."""

    id: UUID
    platforms: list[str]
    made_by: str
    made_at: datetime
    good_until: datetime


def wall_passes(app: App, asker: Asker) -> Sheet:
    """Addresses of wall screens that are good now, newest first."""

    def read(last: StoredPass | None, most: int) -> list[StoredPass]:
        return app.wall_passes.good(asker, before=None if last is None else last.id, most=most)

    rows = (PassLine.model_validate(each, from_attributes=True) for each in whole(read))
    return sheet("wall-passes", PassLine, rows)
