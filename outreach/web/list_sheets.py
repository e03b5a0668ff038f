"""Lists as files: each whole, with the columns of its items in the API; pages hand out the same files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from outreach.bootstrap import App
from outreach.domain.auto_mode import AutoDone
from outreach.domain.board import AgentState
from outreach.domain.campaigns import CampaignChannel, CampaignState
from outreach.domain.notices import NoticeState, ReadingState
from outreach.domain.roles import Scope
from outreach.domain.watch_list import Missing
from outreach.services.access import Asker
from outreach.services.break_glass import OpenedGlass
from outreach.services.mode_history import PastMode
from outreach.storage import auto_mode_store
from outreach.storage.campaign_figures_store import ProgressCount
from outreach.storage.campaign_store import Campaign
from outreach.storage.import_store import EVERY_IMPORT, Import, ImportsAsked
from outreach.storage.mode_store import EVERY_SWITCH, SwitchesAsked
from outreach.storage.mutual_aid_store import EVERY_LOAN, LoansAsked, StoredLoan
from outreach.storage.notice_store import PublishedNotice, Reader, ReadersAsked
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
from outreach.web.mutual_aid_routes import Help, Loan
from outreach.web.notices_routes import PublishedShown, ReaderShown
from outreach.web.sheets import sheet, whole
from outreach.web.sign_in_routes import SignInLine
from outreach.web.training_routes import ResultShown
from outreach.web.users_routes import User
from outreach.web.watch_routes import WatchedRecord

Sheet = StreamingResponse


def agents(app: App, platform: str, states: Collection[AgentState] = ()) -> Sheet:
    """Who is on shift, as the board shows them now."""
    found = [each for each in app.board.view(platform).agents if not states or each.doing.state in states]
    return sheet(f"agents-{platform}", AgentNow, map(AgentNow.of, found))


def imports(app: App, asker: Asker, asked: ImportsAsked = EVERY_IMPORT) -> Sheet:
    """Imports and drafts, newest first."""
    preview = app.records.preview

    def read(last: tuple[Import, str | None] | None, most: int) -> list[tuple[Import, str | None]]:
        before = None if last is None else last[0].id
        return preview.history(asker.platforms, before=before, most=most, asked=asked)

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


def notices(app: App, asker: Asker, state: NoticeState | None = None) -> Sheet:
    """Notices, with how many acknowledged each."""

    def read(last: PublishedNotice | None, most: int) -> list[PublishedNotice]:
        before = None if last is None else last.id
        return app.steering.notices.published(asker.platforms, before=before, most=most, state=state)

    return sheet("notices", PublishedShown, map(PublishedShown.model_validate, whole(read)))


def readers(app: App, asker: Asker, notice_id: UUID, state: ReadingState | None = None) -> Sheet:
    """Whom a notice concerns; who has not acknowledged it comes first."""

    def read(last: Reader | None, most: int) -> list[Reader]:
        place = None if last is None else (last.acknowledged_at is not None, last.login)
        asked = ReadersAsked(state, place, most)
        return app.steering.notices.readers(notice_id, asker.platforms, asked)

    return sheet(f"readers-{notice_id}", ReaderShown, map(ReaderShown.model_validate, whole(read)))


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


def switches(app: App, platform: str, asked: SwitchesAsked = EVERY_SWITCH) -> Sheet:
    """Who switched what, newest first."""

    def read(last: PastMode | None, most: int) -> list[PastMode]:
        before = None if last is None else (last.at, last.id)
        return app.modes.history.page(platform, asked._replace(before=before), most=most)

    return sheet(f"mode-history-{platform}", PastSwitch, map(PastSwitch.model_validate, whole(read)))


def decisions(app: App, platform: str, done: Collection[AutoDone] = ()) -> Sheet:
    """Looks ahead of AUTO, newest first."""

    def read(last: auto_mode_store.Decision | None, most: int) -> list[auto_mode_store.Decision]:
        before = None if last is None else (last.at, last.id)
        return app.modes.auto.decisions(platform, before=before, most=most, done=done)

    return sheet(f"auto-decisions-{platform}", Decision, map(Decision.model_validate, whole(read)))


def loans(app: App, platform: str, asked: LoansAsked = EVERY_LOAN) -> Sheet:
    """What is lent and borrowed, newest first."""

    def read(last: StoredLoan | None, most: int) -> list[StoredLoan]:
        before = None if last is None else last.number
        return app.steering.mutual_aid.loans([platform], asked._replace(before=before), most=most)

    return sheet(f"loans-{platform}", Loan, map(Loan.of, whole(read)))


def help_given(app: App, platform: str, since: datetime, until: datetime) -> Sheet:
    """Who called for whom, by owner and helper."""
    found = app.steering.mutual_aid.help_given([platform], since, until)
    return sheet(f"help-{platform}", Help, map(Help.model_validate, found))


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
