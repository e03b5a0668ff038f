"""Builds the program from its settings: the only place where parts meet."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.errors import ConfigurationError
from outreach.parts import (
    Parts,
    case_system,
    live_events,
    rate_limits,
    shared_parts,
    signing_in_of,
    softphone_of,
)
from outreach.queues.job_queue import JobQueue
from outreach.queues.live_events import LiveEvents
from outreach.queues.rate_limit import RateLimits
from outreach.queues.session_store import SessionStore
from outreach.services.access import Access
from outreach.services.administration import Administration
from outreach.services.alarms import Alarms
from outreach.services.asked_calls import AskedCalls
from outreach.services.audit import Audit
from outreach.services.board import Board
from outreach.services.break_glass import BreakGlass
from outreach.services.call_bar import CallBar
from outreach.services.call_list import CallList
from outreach.services.call_repairs import CallRepairs
from outreach.services.callback_urls import CallbackUrls
from outreach.services.calling import Calling
from outreach.services.campaigning import Campaigning
from outreach.services.case_import import CaseImport
from outreach.services.case_reading import CaseReading
from outreach.services.desk_work import DeskWork
from outreach.services.erasure import Erasure
from outreach.services.handing_out import HandingOut
from outreach.services.handover import Handover
from outreach.services.inbox import Inbox
from outreach.services.inbox_view import InboxView
from outreach.services.interviews import Interviews
from outreach.services.kept_figures import KeptFigures
from outreach.services.list_view import ListView
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.messaging import Messaging
from outreach.services.modes import Modes
from outreach.services.named_contacts import NamedContacts
from outreach.services.old_records import OldRecords
from outreach.services.personal_page import PersonalPage
from outreach.services.provider_events import ProviderEvents
from outreach.services.reading_alerts import ReadingAlerts
from outreach.services.records import Records, build_records
from outreach.services.report_batches import ReportBatches
from outreach.services.retention import Retention
from outreach.services.script_editing import ScriptEditing
from outreach.services.script_news import ScriptNewsReading
from outreach.services.script_reading import ScriptReading
from outreach.services.service_level import ServiceLevelFigures
from outreach.services.sessions import Sessions
from outreach.services.signing_in import SigningIn
from outreach.services.softphone import Softphone
from outreach.services.steering import Steering, build_steering
from outreach.services.strangers import Strangers
from outreach.services.supervision import Supervision
from outreach.services.sweep_plan import Work, all_sweeps
from outreach.services.training import Training
from outreach.services.upkeep import Upkeep
from outreach.services.wall_passes import WallPasses
from outreach.services.wrap_up import WrapUp
from outreach.services.write_back import WriteBack
from outreach.storage import demo_store
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.no_provider import NoProvider

if TYPE_CHECKING:
    from outreach.embedded import EmbeddedServers
    from outreach.telephony.twilio_provider import TwilioProvider


@dataclass(frozen=True)
class App:
    """The running program: its settings, its servers, and one object for each user's job."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    provider: TwilioProvider | NoProvider
    jobs: JobQueue
    rate_limits: RateLimits
    callback_urls: CallbackUrls
    access: Access
    sessions: Sessions
    signing_in: SigningIn
    live_events: LiveEvents
    alarms: Alarms
    case_import: CaseImport
    records: Records
    case_reading: CaseReading
    audit: Audit
    break_glass: BreakGlass
    named_contacts: NamedContacts
    call_list: CallList
    handing_out: HandingOut
    desk_work: DeskWork
    list_view: ListView
    service_level: ServiceLevelFigures
    wall_passes: WallPasses
    board: Board
    calling: Calling
    interviews: Interviews
    call_bar: CallBar
    softphone: Softphone
    wrap_up: WrapUp
    supervision: Supervision
    handover: Handover
    erasure: Erasure
    old_records: OldRecords
    messaging: Messaging
    inbox: Inbox
    inbox_view: InboxView
    strangers: Strangers
    personal_page: PersonalPage
    campaigning: Campaigning
    switch: LoadSheddingSwitch
    modes: Modes
    provider_events: ProviderEvents
    report_batches: ReportBatches
    write_back: WriteBack
    script_editing: ScriptEditing
    script_reading: ScriptReading
    script_news: ScriptNewsReading
    training: Training
    steering: Steering
    upkeep: Upkeep
    embedded: EmbeddedServers | None = None

    @property
    def administration(self) -> Administration:
        """What administrators look after."""
        answers = {
            "database": self.database.answers,
            "redis": self.jobs.answers,
            "phone company": lambda: self.provider.ping() is None,
        }
        return Administration(self.database, self.clock, self.upkeep, answers)

    def close(self) -> None:
        """Let go of connections; embedded servers stop when no other process uses them."""
        self.provider.close()
        self.jobs.close()
        self.rate_limits.close()
        self.live_events.close()
        self.sessions.store.close()
        self.database.close()
        if self.embedded is not None:
            self.embedded.stop()


def build_app(settings: Settings, *, clock: Clock | None = None) -> App:
    """Everything, ready to serve. Starts the embedded servers where the settings name none."""
    embedded = _embedded(settings) if settings.needs_embedded else None
    if embedded is not None:
        settings = settings.with_servers(embedded.database_url, embedded.redis_url)
    if settings.demo:
        _need_a_demo(settings.database_url)
    return _assemble(shared_parts(settings, clock or SystemClock()), embedded)


def _embedded(settings: Settings) -> EmbeddedServers:
    # Servers from wheels are for whoever names none; the others do not wait for the wheels.
    from outreach.embedded import start_embedded

    return start_embedded(settings)


def _need_a_demo(database_url: str) -> None:
    """Accounts without passwords open a demo's invented people, and nothing else."""
    database = Database(database_url)
    with closing(database), database.begin() as connection:
        made_by_a_demo = demo_store.has_mark(connection)
    if not made_by_a_demo:
        raise ConfigurationError(["OUTREACH_DEMO is set, but no demo made this database: unset it."])


def _assemble(parts: Parts, embedded: EmbeddedServers | None) -> App:
    database, vault, clock, jobs = parts.database, parts.vault, parts.clock, parts.jobs
    legs, messaging, campaigning = parts.legs(), parts.messaging(), parts.campaigning()
    inbox, asked_calls = parts.inbox(messaging), AskedCalls(database, clock)
    wrap_up = WrapUp(database, vault, clock, legs, messaging.queueing)
    listening = parts.listening()
    steering = build_steering(database, clock)
    modes = parts.modes(messaging, steering)
    call_list, case_import = CallList(database, clock), CaseImport(database, vault, clock)
    access, case_reading = Access(database, vault, clock), CaseReading(database, vault, clock, parts.scripts)
    erasure = Erasure(database, clock, messaging.queueing)
    old_records = OldRecords(database, clock, messaging.queueing)
    records = build_records(
        database,
        vault,
        clock,
        queueing=messaging.queueing,
        reading=case_reading,
        moves=steering.moves,
        erasure=erasure,
    )
    repairs, retention = CallRepairs(database, clock, legs, wrap_up), Retention(database, clock)
    desk_work = parts.desk_work(case_reading, case_import)
    sessions = Sessions(SessionStore(parts.settings.redis_url), access, clock)
    signing_in = signing_in_of(parts.settings, access, sessions)
    return App(
        settings=parts.settings,
        database=database,
        vault=vault,
        clock=clock,
        provider=parts.provider,
        jobs=jobs,
        rate_limits=rate_limits(parts.settings),
        callback_urls=parts.urls,
        access=access,
        sessions=sessions,
        signing_in=signing_in,
        live_events=live_events(parts),
        alarms=Alarms(database, clock),
        case_import=case_import,
        records=records,
        case_reading=case_reading,
        audit=Audit(database, vault, clock),
        break_glass=BreakGlass(database, vault, clock),
        named_contacts=NamedContacts(database, clock, case_import),
        call_list=call_list,
        handing_out=HandingOut(database, access, call_list, case_reading),
        desk_work=desk_work,
        list_view=ListView(database, clock),
        service_level=ServiceLevelFigures(database, clock),
        wall_passes=WallPasses(database, clock),
        board=Board(database, clock, ServiceLevelFigures(database, clock)),
        calling=Calling(database, clock, legs, parts.interview_texts),
        interviews=Interviews(database, vault, clock, parts.interview_texts),
        call_bar=CallBar(database, clock, parts.provider, parts.urls, legs),
        softphone=softphone_of(parts),
        wrap_up=wrap_up,
        supervision=Supervision(database, clock, wrap_up, listening, Handover(database, clock)),
        handover=Handover(database, clock),
        erasure=erasure,
        old_records=old_records,
        messaging=messaging,
        inbox=inbox,
        inbox_view=InboxView(database, clock, parts.scripts, inbox),
        strangers=Strangers(database, vault, clock),
        personal_page=parts.personal_page(),
        campaigning=campaigning,
        switch=modes.switch,
        modes=modes,
        provider_events=parts.provider_events(legs, messaging, listening),
        report_batches=ReportBatches(database, vault, clock, messaging.events),
        write_back=WriteBack(database, clock, case_system(parts.settings)),
        script_editing=ScriptEditing(database, clock, parts.scripts),
        script_reading=ScriptReading(database, clock, parts.scripts),
        training=Training(database, clock, parts.interview_texts),
        script_news=ScriptNewsReading(database, clock, ScriptReading(database, clock, parts.scripts)),
        steering=steering,
        upkeep=Upkeep(
            database,
            clock,
            all_sweeps(
                Work(
                    call_list=call_list,
                    repairs=repairs,
                    messaging=messaging,
                    campaigns=campaigning.work,
                    retention=retention,
                    old_records=old_records,
                    tries=signing_in.tries,
                    asked_calls=asked_calls,
                    inbox=inbox,
                    listening=listening,
                    modes=modes,
                    records=records,
                    desk_words=desk_work.words,
                    steering=steering,
                    figures=KeptFigures(database, clock),
                    readings=ReadingAlerts(database, clock),
                )
            ),
        ),
        embedded=embedded,
    )
