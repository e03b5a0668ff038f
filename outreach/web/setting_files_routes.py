"""What is set, as files of CSV, under the address of each list with .csv behind it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from outreach.domain.scripts import Channel, ScriptState
from outreach.services.script_reading import WhichTexts
from outreach.web import setting_sheets
from outreach.web.access import FigureReader, ModeReader, ScriptReader, Supervisor, TheApp, UsersAdmin
from outreach.web.idempotency import ApiRoute
from outreach.web.list_sheets import Sheet
from outreach.web.scripts_routes import Name, OnPlatform, Tongue, platform_of
from outreach.web.users_routes import GoodWanted

router = APIRouter(
    prefix="/api/v1", tags=["files"], route_class=ApiRoute, default_response_class=StreamingResponse
)
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]


@router.get("/scripts.csv")
def export_texts(
    app: TheApp,
    asker: ScriptReader,
    platform: OnPlatform = "",
    channel: Channel | None = None,
    which: WhichTexts | None = None,
) -> Sheet:
    """The catalog of texts, for a spreadsheet."""
    return setting_sheets.texts(app, platform_of(asker, platform), channel, which)


@router.get("/scripts/{name}/versions.csv")
def export_versions(
    app: TheApp, asker: ScriptReader, name: Name, language: Tongue = "fr", state: ScriptState | None = None
) -> Sheet:
    """Versions of a text, for a spreadsheet."""
    return setting_sheets.versions(app, asker, name, language, state)


@router.get("/platforms/{platform}/parameters.csv")
def export_durations(app: TheApp, asker: ScriptReader, platform: PlatformCode) -> Sheet:
    """Durations that were decided, and which count today, for a spreadsheet."""
    asker.need_platform(platform)
    return setting_sheets.durations(app, platform)


@router.get("/platforms/{platform}/senders.csv")
def export_senders(app: TheApp, asker: FigureReader, platform: PlatformCode) -> Sheet:
    """The platform's senders, for a spreadsheet."""
    asker.need_platform(platform)
    return setting_sheets.senders(app, platform)


@router.get("/platforms.csv")
def export_platforms(app: TheApp, asker: UsersAdmin) -> Sheet:
    """Your platforms with their numbers and hours, for a spreadsheet."""
    return setting_sheets.platforms(app, asker)


@router.get("/territories.csv")
def export_territories(app: TheApp, _: ModeReader, empty: bool = False) -> Sheet:
    """Territories that hold a platform, for a spreadsheet; `empty`: the others too."""
    found = app.modes.territories.every() if empty else app.modes.territories.covered()
    return setting_sheets.territories(found)


@router.get("/retention.csv")
def export_retention(app: TheApp, _: UsersAdmin) -> Sheet:
    """What is forgotten by itself, for a spreadsheet."""
    return setting_sheets.retained(app)


@router.get("/platforms/{platform}/retention.csv")
def export_rules(app: TheApp, asker: UsersAdmin, platform: PlatformCode) -> Sheet:
    """How long the platform keeps case records, for a spreadsheet."""
    asker.need_platform(platform)
    return setting_sheets.rules(app, [platform])


@router.get("/users/{user_id}/tokens.csv")
def export_tokens(app: TheApp, asker: UsersAdmin, user_id: UUID, good: GoodWanted = None) -> Sheet:
    """A user's tokens, for a spreadsheet; never the tokens themselves."""
    return setting_sheets.tokens(app, user_id, asker=asker, good=good)


@router.get("/wall-passes.csv")
def export_wall_passes(app: TheApp, asker: Supervisor) -> Sheet:
    """Addresses of wall screens, without the addresses, for a spreadsheet."""
    return setting_sheets.wall_passes(app, asker)
