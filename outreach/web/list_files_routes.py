"""Lists of the API as files of CSV, under the address of each with .csv behind it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from outreach.domain.campaigns import CampaignChannel, CampaignState
from outreach.domain.mutual_aid import LoanSide
from outreach.domain.notices import NoticeState, ReadingState
from outreach.domain.watch_list import Missing
from outreach.services.table_reading import FileType
from outreach.storage.import_store import ImportsAsked
from outreach.storage.mode_store import SwitchedBy, SwitchesAsked
from outreach.storage.mutual_aid_store import LoansAsked
from outreach.storage.sign_in_line_store import SignInEvent
from outreach.web import list_sheets
from outreach.web.access import (
    AccessReader,
    CampaignReader,
    FigureReader,
    Importer,
    ModeReader,
    Supervisor,
    TheApp,
    UsersAdmin,
)
from outreach.web.board_routes import StatesWanted
from outreach.web.forecast_routes import DoneWanted
from outreach.web.idempotency import ApiRoute
from outreach.web.import_drafts_routes import ImportStatesWanted
from outreach.web.list_sheets import Sheet
from outreach.web.modes_routes import ModesWanted
from outreach.web.mutual_aid_routes import OverWanted
from outreach.web.users_routes import TheUserFilter

router = APIRouter(
    prefix="/api/v1", tags=["files"], route_class=ApiRoute, default_response_class=StreamingResponse
)
PlatformAsked = Annotated[str, Query(min_length=1, max_length=20)]
PlatformCode = Annotated[str, Path(min_length=1, max_length=20)]


@router.get("/board/agents.csv")
def export_agents(
    app: TheApp, asker: Supervisor, platform: PlatformAsked, state: StatesWanted = None
) -> Sheet:
    """Who is on shift now, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.agents(app, platform, state or ())


@router.get("/imports.csv")
def export_imports(
    app: TheApp, asker: Importer, state: ImportStatesWanted = None, file_type: FileType | None = None
) -> Sheet:
    """The history of imports, for a spreadsheet."""
    return list_sheets.imports(app, asker, ImportsAsked(state or (), file_type or ""))


@router.get("/campaigns.csv")
def export_campaigns(
    app: TheApp,
    asker: CampaignReader,
    platform: PlatformAsked,
    state: Annotated[list[CampaignState] | None, Query(description="Any of these.")] = None,
    channel: CampaignChannel | None = None,
) -> Sheet:
    """A platform's campaigns, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.campaigns(app, platform, states=state or (), channel=channel)


@router.get("/notices/published.csv")
def export_notices(app: TheApp, asker: Supervisor, state: NoticeState | None = None) -> Sheet:
    """Notices and how many acknowledged them, for a spreadsheet."""
    return list_sheets.notices(app, asker, state)


@router.get("/notices/{notice_id}/readers.csv")
def export_readers(
    app: TheApp, asker: Supervisor, notice_id: UUID, state: ReadingState | None = None
) -> Sheet:
    """Whom a notice concerns, for a spreadsheet."""
    return list_sheets.readers(app, asker, notice_id, state)


@router.get("/platforms/{platform}/watch-list.csv")
def export_watched(
    app: TheApp,
    asker: Supervisor,
    platform: PlatformCode,
    why: Missing | None = None,
    days: Annotated[int, Query(ge=0, le=365)] = 0,
) -> Sheet:
    """Records that nothing has confirmed yet, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.watched(app, platform, why=why, days=days)


@router.get("/users.csv")
def export_users(app: TheApp, asker: UsersAdmin, only: TheUserFilter) -> Sheet:
    """Accounts, for a spreadsheet."""
    return list_sheets.users(app, asker, only)


@router.get("/sign-in-lines.csv")
def export_sign_in_lines(
    app: TheApp,
    asker: UsersAdmin,
    user_id: UUID | None = None,
    event: Annotated[list[SignInEvent] | None, Query(max_length=30)] = None,
) -> Sheet:
    """What happened around signing in, for a spreadsheet."""
    return list_sheets.sign_in_lines(app, asker, user_id=user_id, events=event or ())


@router.get("/platforms/{platform}/mode/history.csv")
def export_switches(
    app: TheApp,
    asker: ModeReader,
    platform: PlatformCode,
    mode: ModesWanted = None,
    by: SwitchedBy | None = None,
) -> Sheet:
    """Who switched what, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.switches(app, platform, SwitchesAsked(mode or (), by))


@router.get("/platforms/{platform}/mode/auto/decisions.csv")
def export_decisions(
    app: TheApp, asker: ModeReader, platform: PlatformCode, done: DoneWanted = None
) -> Sheet:
    """Looks ahead of AUTO, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.decisions(app, platform, done or ())


@router.get("/platforms/{platform}/loans.csv")
def export_loans(
    app: TheApp,
    asker: FigureReader,
    platform: PlatformCode,
    side: LoanSide | None = None,
    over: OverWanted = None,
) -> Sheet:
    """What is lent and borrowed, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.loans(app, platform, LoansAsked(side, over))


@router.get("/platforms/{platform}/help.csv")
def export_help(
    app: TheApp,
    asker: FigureReader,
    platform: PlatformCode,
    since: Annotated[AwareDatetime, Query()],
    until: Annotated[AwareDatetime, Query()],
) -> Sheet:
    """Who called for whom, for a spreadsheet."""
    asker.need_platform(platform)
    return list_sheets.help_given(app, platform, since, until)


@router.get("/platforms/{platform}/rota.csv")
def export_rota(app: TheApp, asker: FigureReader, platform: PlatformCode, since: date, until: date) -> Sheet:
    """The rota of these days as a file that can be sent again; `until` is included."""
    asker.need_platform(platform)
    return list_sheets.rota(app, platform, since, until)


@router.get("/broken-glass.csv")
def export_broken_glass(app: TheApp, asker: AccessReader) -> Sheet:
    """Records opened beyond their readers' reach, for a spreadsheet."""
    return list_sheets.broken_glass(app, asker)


@router.get("/training/results.csv")
def export_practice(app: TheApp, asker: Supervisor) -> Sheet:
    """Practice calls that are over, for a spreadsheet."""
    return list_sheets.practice(app, asker)
