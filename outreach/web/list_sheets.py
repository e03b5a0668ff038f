"""Lists as files: each whole, with the columns of its items in the API; pages hand out the same files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from outreach.bootstrap import App
from outreach.domain.campaigns import CampaignChannel, CampaignState
from outreach.domain.roles import Scope
from outreach.domain.watch_list import Missing
from outreach.services.access import Asker
from outreach.services.break_glass import OpenedGlass
from outreach.services.mode_history import PastMode
from outreach.storage import auto_mode_store
from outreach.storage.campaign_figures_store import ProgressCount
from outreach.storage.campaign_store import Campaign
from outreach.storage.import_store import Import
from outreach.storage.mutual_aid_store import StoredLoan
from outreach.storage.notice_store import PublishedNotice
from outreach.storage.sign_in_line_store import ReadLine
from outreach.storage.training_store import Result
from outreach.storage.user_store import User as StoredUser
from outreach.storage.user_store import UserFilter
from outreach.storage.watch_store import Watched
from outreach.web.accesses_routes import ShownGlass, shown_glass
from outreach.web.board_routes import AgentNow
from outreach.web.campaign_models import ListedCampaign
from outreach.web.forecast_routes import Decision
from outreach.web.import_drafts_routes import ShownImport
from outreach.web.modes_routes import PastSwitch
from outreach.web.mutual_aid_routes import Loan
from outreach.web.notices_routes import PublishedShown
from outreach.web.sheets import sheet, whole
from outreach.web.sign_in_routes import SignInLine
from outreach.web.training_routes import ResultShown
from outreach.web.users_routes import User
from outreach.web.watch_routes import WatchedRecord

Sheet = StreamingResponse


def agents(app: App, platform: str) -> Sheet:
    """Who is on shift, as the board shows them now."""
    found = app.board.view(platform).agents
    return sheet(f"agents-{platform}", AgentNow, map(AgentNow.of, found))


def imports(app: App, asker: Asker) -> Sheet:
    """Imports and drafts, newest first."""
    preview = app.records.preview

    def read(last: tuple[Import, str | None] | None, most: int) -> list[tuple[Import, str | None]]:
        return preview.history(asker.platforms, before=None if last is None else last[0].id, most=most)

    rows = (ShownImport.of(stored, preview.file_name(stored), login) for stored, login in whole(read))
    return sheet("imports", ShownImport, rows)


def campaigns(
    app: App, platform: str, *, states: Sequence[CampaignState] = (), channel: CampaignChannel | None = None
) -> Sheet:
    """With how far each is."""

    def read(last: tuple[Campaign, ProgressCount] | None, most: int) -> list[tuple[Campaign, ProgressCount]]:
        before = None if last is None else last[0].id
        rows = app.campaigning.campaigns.of_platforms(
            [platform], before=before, most=most, states=states, channel=channel
        )
        far = app.campaigning.reports.progress([row.id for row in rows])
        return [(row, far[row.id]) for row in rows]

    rows = (ListedCampaign.with_progress(campaign, far) for campaign, far in whole(read))
    return sheet(f"campaigns-{platform}", ListedCampaign, rows)


def notices(app: App, asker: Asker) -> Sheet:
    """Every notice, with how many acknowledged it."""

    def read(last: PublishedNotice | None, most: int) -> list[PublishedNotice]:
        before = None if last is None else last.id
        return app.steering.notices.published(asker.platforms, before=before, most=most)

    return sheet("notices", PublishedShown, map(PublishedShown.model_validate, whole(read)))


def watched(app: App, platform: str, *, why: Missing | None = None, days: int = 0) -> Sheet:
    """Records that nothing has confirmed yet."""

    def read(last: Watched | None, most: int) -> list[Watched]:
        after = None if last is None else last.case_record_id
        return app.steering.watch_list.records(platform, after=after, most=most, why=why, days=days)

    return sheet(f"watch-list-{platform}", WatchedRecord, map(WatchedRecord.model_validate, whole(read)))


def users(app: App, asker: Asker, only: UserFilter) -> Sheet:
    """Accounts by login; no telephone."""

    def read(last: StoredUser | None, most: int) -> list[StoredUser]:
        after = "" if last is None else last.login
        return app.access.users(asker=asker, after_login=after, most=most, only=only)

    found: Iterator[StoredUser] = whole(read)
    app.audit.note_export(asker, "USERS")
    return sheet("users", User, map(User.model_validate, found))


def sign_in_lines(
    app: App, asker: Asker, *, user_id: UUID | None = None, events: Sequence[str] = ()
) -> Sheet:
    """What happened around signing in, newest first."""

    def read(last: ReadLine | None, most: int) -> list[ReadLine]:
        before = None if last is None else last.id
        links = app.signing_in.links
        return links.lines(asker=asker, user_id=user_id, events=events, before=before, most=most)

    found: Iterator[ReadLine] = whole(read)
    app.audit.note_export(asker, "SIGN_INS")
    return sheet("sign-ins", SignInLine, map(SignInLine.model_validate, found))


def switches(app: App, platform: str) -> Sheet:
    """Who switched what, newest first."""

    def read(last: PastMode | None, most: int) -> list[PastMode]:
        return app.modes.history.page(platform, before=None if last is None else last.at, most=most)

    return sheet(f"mode-history-{platform}", PastSwitch, map(PastSwitch.model_validate, whole(read)))


def decisions(app: App, platform: str) -> Sheet:
    """Every look ahead of AUTO, newest first."""

    def read(last: auto_mode_store.Decision | None, most: int) -> list[auto_mode_store.Decision]:
        return app.modes.auto.decisions(platform, before=None if last is None else last.id, most=most)

    return sheet(f"auto-decisions-{platform}", Decision, map(Decision.model_validate, whole(read)))


def loans(app: App, platform: str) -> Sheet:
    """What is lent and borrowed, newest first."""

    def read(last: StoredLoan | None, most: int) -> list[StoredLoan]:
        before = None if last is None else last.number
        return app.steering.mutual_aid.loans([platform], before=before, most=most)

    return sheet(f"loans-{platform}", Loan, map(Loan.of, whole(read)))


def broken_glass(app: App, asker: Asker) -> Sheet:
    """Records opened beyond their readers' reach, newest first."""

    def read(last: OpenedGlass | None, most: int) -> list[OpenedGlass]:
        before = None if last is None else last.line.id
        with_reasons = Scope.CASES_READ in asker.scopes
        return app.break_glass.page(asker.platforms, with_reasons=with_reasons, before=before, most=most)

    found: Iterator[OpenedGlass] = whole(read)
    app.audit.note_export(asker, "GLASS")
    return sheet("broken-glass", ShownGlass, (shown_glass(app, asker, row) for row in found))


def practice(app: App, asker: Asker, *, user_id: UUID | None = None) -> Sheet:
    """Practice calls that are over: of everybody, or of one."""

    def read(last: Result | None, most: int) -> list[Result]:
        before = None if last is None else last.session.id
        return app.training.results(asker.platforms, user_id=user_id, before=before, most=most)

    return sheet("practice-calls", ResultShown, map(ResultShown.of, whole(read)))


class RotaLine(BaseModel):
    """A row that the rota takes again: change it and send it back."""

    date: date
    de: str
    a: str
    postes: int | None
    agent: str


def rota(app: App, platform: str, first: date, last: date) -> Sheet:
    """The shifts of some days, in the platform's time."""
    zone = ZoneInfo(app.modes.territories.platform(platform).time_zone)
    found = app.steering.rota.shifts(platform, first, last)
    rows = (
        RotaLine(
            date=each.day,
            de=f"{each.starts_at.astimezone(zone):%H:%M}",
            a=_end(each.ends_at, each.day, zone),
            postes=each.positions,
            agent=each.login,
        )
        for each in found
    )
    return sheet(f"rota-{platform}-{first}", RotaLine, rows)


def _end(at: datetime, day: date, zone: ZoneInfo) -> str:
    """Midnight is the end of the day."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    return "24:00" if at.astimezone(UTC) == midnight.astimezone(UTC) else f"{at.astimezone(zone):%H:%M}"
