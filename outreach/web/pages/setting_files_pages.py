"""What is set, as files of CSV: what the API hands out, to whoever is signed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from outreach.web import setting_sheets
from outreach.web.access import TheApp
from outreach.web.pages.access import (
    PageAnybody,
    PageFigureReader,
    PageScriptReader,
    PageSupervisor,
    PageUsersAdmin,
    platform_of,
)
from outreach.web.pages.admin_pages import ENDED
from outreach.web.pages.admin_territory_pages import is_shown
from outreach.web.pages.frame import page_router
from outreach.web.pages.script_pages import Tongue, state_asked, texts_asked

router = page_router("")
Asked = Annotated[str, Query(max_length=100)]


@router.get("/scripts.csv")
def take_texts(
    app: TheApp, asker: PageScriptReader, platform: Asked = "", channel: Asked = "", which: Asked = ""
) -> Response:
    """The texts that are shown."""
    return setting_sheets.texts(app, platform_of(asker, platform), *texts_asked(channel, which))


@router.get("/scripts/{name}/versions.csv")
def take_versions(
    app: TheApp, asker: PageScriptReader, name: str, language: Tongue = "fr", state: Asked = ""
) -> Response:
    """The versions of a text that are shown."""
    return setting_sheets.versions(app, asker, name, language, state_asked(state))


@router.get("/scripts/durations.csv")
def take_durations(app: TheApp, asker: PageScriptReader, platform: Asked = "") -> Response:
    """Durations that were decided, and which count today."""
    return setting_sheets.durations(app, platform_of(asker, platform))


@router.get("/admin/senders.csv")
def take_senders(app: TheApp, asker: PageFigureReader, platform: Asked = "") -> Response:
    """The platform's senders."""
    return setting_sheets.senders(app, platform_of(asker, platform))


@router.get("/admin/platforms.csv")
def take_platforms(app: TheApp, asker: PageUsersAdmin) -> Response:
    """The administrator's platforms, with their numbers and hours."""
    return setting_sheets.platforms(app, asker)


@router.get("/admin/territories.csv")
def take_territories(app: TheApp, asker: PageUsersAdmin) -> Response:
    """The territories that are shown."""
    return setting_sheets.territories(view for view in app.modes.territories.every() if is_shown(view, asker))


@router.get("/admin/retention.csv")
def take_retention(app: TheApp, _: PageUsersAdmin) -> Response:
    """What is forgotten by itself."""
    return setting_sheets.retained(app)


@router.get("/admin/retention/rules.csv")
def take_rules(app: TheApp, asker: PageUsersAdmin) -> Response:
    """How long each platform keeps case records."""
    return setting_sheets.rules(app, asker.platforms)


@router.get("/admin/users/{user_id}/tokens.csv")
def take_tokens(app: TheApp, asker: PageUsersAdmin, user_id: UUID, tokens: Asked = "") -> Response:
    """Somebody's tokens that are shown, never the tokens themselves."""
    return setting_sheets.tokens(app, user_id, asker=asker, good=tokens != ENDED)


@router.get("/account/tokens.csv")
def take_own_tokens(app: TheApp, asker: PageAnybody, tokens: Asked = "") -> Response:
    """One's own."""
    return setting_sheets.tokens(app, asker.user_id, asker=None, good=tokens != ENDED)


@router.get("/board/wall/passes.csv")
def take_wall_passes(app: TheApp, asker: PageSupervisor) -> Response:
    """Addresses of wall screens that are good now, without the addresses."""
    return setting_sheets.wall_passes(app, asker)
