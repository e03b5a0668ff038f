"""Lists of pages as files of CSV: what the API hands out, to whoever is signed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from outreach.domain.campaigns import CampaignChannel
from outreach.domain.roles import Scope
from outreach.domain.watch_list import Missing
from outreach.storage.sign_in_line_store import FAILURES
from outreach.storage.user_store import UserFilter
from outreach.web import list_sheets
from outreach.web.access import TheApp
from outreach.web.pages.access import (
    PageAccessReader,
    PageCaller,
    PageCampaignReader,
    PageFigureReader,
    PageImporter,
    PageModeReader,
    PageSupervisor,
    PageUsersAdmin,
    platform_of,
)
from outreach.web.pages.campaign_pages import GROUPS
from outreach.web.pages.frame import page_router

router = page_router("")
Asked = Annotated[str, Query(max_length=100)]


@router.get("/board/agents.csv")
def take_agents(app: TheApp, asker: PageSupervisor, platform: Asked = "") -> Response:
    """Who is on shift now."""
    return list_sheets.agents(app, platform_of(asker, platform))


@router.get("/imports.csv")
def take_imports(app: TheApp, asker: PageImporter) -> Response:
    """The history of imports."""
    return list_sheets.imports(app, asker)


@router.get("/campaigns.csv")
def take_campaigns(
    app: TheApp, asker: PageCampaignReader, platform: Asked = "", group: Asked = "", channel: Asked = ""
) -> Response:
    """The campaigns that are shown."""
    by = CampaignChannel(channel) if channel in set(CampaignChannel) else None
    code = platform_of(asker, platform)
    return list_sheets.campaigns(app, code, states=GROUPS.get(group, ()), channel=by)


@router.get("/notices/publish.csv")
def take_notices(app: TheApp, asker: PageSupervisor) -> Response:
    """Notices and how many acknowledged them."""
    return list_sheets.notices(app, asker)


@router.get("/watch.csv")
def take_watched(
    app: TheApp,
    asker: PageSupervisor,
    platform: Asked = "",
    why: Annotated[str, Query(pattern="^(NO_RESULT|NO_POSITIVE|)$")] = "",
    days: Annotated[int, Query(ge=0, le=365)] = 0,
) -> Response:
    """The watched records that are shown."""
    code = platform_of(asker, platform)
    return list_sheets.watched(app, code, why=Missing(why) if why else None, days=days)


@router.get("/admin/users.csv")
def take_users(
    app: TheApp,
    asker: PageUsersAdmin,
    login: Asked = "",
    role: Asked = "",
    platform: Asked = "",
    left: Asked = "",
) -> Response:
    """The accounts that are shown."""
    if platform:
        asker.need_platform(platform)
    only = UserFilter(login.strip(), role, platform, ended=left == "1")
    return list_sheets.users(app, asker, only)


@router.get("/admin/sign-ins.csv")
def take_sign_ins(app: TheApp, asker: PageUsersAdmin, only: Asked = "") -> Response:
    """What happened around signing in."""
    return list_sheets.sign_in_lines(app, asker, events=sorted(FAILURES) if only == "refused" else ())


@router.get("/mode/history.csv")
def take_switches(app: TheApp, asker: PageModeReader, platform: Asked = "") -> Response:
    """Who switched what."""
    return list_sheets.switches(app, platform_of(asker, platform))


@router.get("/mode/decisions.csv")
def take_decisions(app: TheApp, asker: PageModeReader, platform: Asked = "") -> Response:
    """Every look ahead of AUTO."""
    return list_sheets.decisions(app, platform_of(asker, platform))


@router.get("/aid/loans.csv")
def take_loans(app: TheApp, asker: PageFigureReader, platform: Asked = "") -> Response:
    """What is lent and borrowed."""
    return list_sheets.loans(app, platform_of(asker, platform))


@router.get("/rota.csv")
def take_rota(app: TheApp, asker: PageSupervisor, day: date, platform: Asked = "") -> Response:
    """The week from this day, as a file that can be sent again."""
    return list_sheets.rota(app, platform_of(asker, platform), day, day + timedelta(days=6))


@router.get("/audit/glass.csv")
def take_broken_glass(app: TheApp, asker: PageAccessReader) -> Response:
    """Records opened beyond their readers' reach."""
    return list_sheets.broken_glass(app, asker)


@router.get("/training.csv")
def take_practice(app: TheApp, asker: PageCaller, whose: Asked = "") -> Response:
    """Practice calls: one's own, or everybody's for a supervisor."""
    everybody = Scope.CALLS_SUPERVISE in asker.scopes and whose != "mine"
    return list_sheets.practice(app, asker, user_id=None if everybody else asker.user_id)
