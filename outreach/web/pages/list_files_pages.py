"""Lists of pages as files of CSV: what the API hands out, to whoever is signed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

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
from outreach.web.pages.aid_pages import Wanted, help_span
from outreach.web.pages.board_parts import state_asked
from outreach.web.pages.campaign_pages import GROUPS
from outreach.web.pages.frame import page_router
from outreach.web.pages.import_pages import imports_asked
from outreach.web.pages.mode_auto_pages import done_asked
from outreach.web.pages.mode_pages import switches_asked
from outreach.web.pages.notice_publishing_pages import notice_state, reading_state

router = page_router("")
Asked = Annotated[str, Query(max_length=100)]


@router.get("/board/agents.csv")
def take_agents(app: TheApp, asker: PageSupervisor, platform: Asked = "", doing: Asked = "") -> Response:
    """Who is on shift now, of those shown."""
    only = state_asked(doing)
    return list_sheets.agents(app, platform_of(asker, platform), () if only is None else (only,))


@router.get("/imports.csv")
def take_imports(app: TheApp, asker: PageImporter, state: Asked = "", file_type: Asked = "") -> Response:
    """The imports that are shown."""
    return list_sheets.imports(app, asker, imports_asked(state, file_type))


@router.get("/campaigns.csv")
def take_campaigns(
    app: TheApp, asker: PageCampaignReader, platform: Asked = "", group: Asked = "", channel: Asked = ""
) -> Response:
    """The campaigns that are shown."""
    by = CampaignChannel(channel) if channel in set(CampaignChannel) else None
    code = platform_of(asker, platform)
    return list_sheets.campaigns(app, code, states=GROUPS.get(group, ()), channel=by)


@router.get("/notices/publish.csv")
def take_notices(app: TheApp, asker: PageSupervisor, state: Asked = "") -> Response:
    """The notices that are shown, and how many acknowledged them."""
    return list_sheets.notices(app, asker, notice_state(state))


@router.get("/notices/publish/{notice_id}/readers.csv")
def take_readers(app: TheApp, asker: PageSupervisor, notice_id: UUID, state: Asked = "") -> Response:
    """Whom a notice concerns, of those shown."""
    return list_sheets.readers(app, asker, notice_id, reading_state(state))


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
def take_switches(
    app: TheApp, asker: PageModeReader, platform: Asked = "", mode: Asked = "", by: Asked = ""
) -> Response:
    """The switches that are shown."""
    return list_sheets.switches(app, platform_of(asker, platform), switches_asked(mode, by))


@router.get("/mode/decisions.csv")
def take_decisions(app: TheApp, asker: PageModeReader, platform: Asked = "", done: Asked = "") -> Response:
    """The looks ahead of AUTO that are shown."""
    return list_sheets.decisions(app, platform_of(asker, platform), done_asked(done))


@router.get("/aid/loans.csv")
def take_loans(
    app: TheApp, asker: PageFigureReader, platform: Asked = "", side: Asked = "", over: Asked = ""
) -> Response:
    """What is lent and borrowed, of that which is shown."""
    return list_sheets.loans(app, platform_of(asker, platform), Wanted(side, over).asked)


@router.get("/aid/help.csv")
def take_help(app: TheApp, asker: PageFigureReader, platform: Asked = "") -> Response:
    """Who called for whom, in the days that are shown."""
    return list_sheets.help_given(app, platform_of(asker, platform), *help_span(app))


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
