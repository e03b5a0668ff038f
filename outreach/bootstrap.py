"""Builds the program from its settings: the only place where parts meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from outreach.clock import Clock, SystemClock
from outreach.config import Settings
from outreach.domain.roles import Role
from outreach.domain.sms_hours import SmsHours
from outreach.embedded import EmbeddedServers, start_embedded
from outreach.errors import ConfigurationError
from outreach.queues.job_queue import JobQueue
from outreach.queues.live_events import LiveEvents
from outreach.queues.rate_limit import RateLimits
from outreach.queues.session_store import SessionStore
from outreach.rendering.catalog import shipped_catalog
from outreach.services.access import Access
from outreach.services.administration import Administration
from outreach.services.alarms import Alarms
from outreach.services.asked_calls import AskedCalls
from outreach.services.audit import Audit
from outreach.services.board import Board
from outreach.services.break_glass import BreakGlass
from outreach.services.call_bar import CallBar
from outreach.services.call_legs import CallLegs
from outreach.services.call_list import CallList
from outreach.services.call_repairs import CallRepairs
from outreach.services.callback_urls import CallbackUrls
from outreach.services.calling import Calling
from outreach.services.campaign_work import CampaignWork
from outreach.services.campaigning import Campaigning, build_campaigning
from outreach.services.case_import import CaseImport
from outreach.services.case_reading import CaseReading
from outreach.services.case_system import CaseSystem
from outreach.services.desk_work import DeskWork, build_desk_work
from outreach.services.erasure import Erasure
from outreach.services.handing_out import HandingOut
from outreach.services.handover import Handover
from outreach.services.inbound_calls import InboundCalls
from outreach.services.inbox import Inbox
from outreach.services.inbox_view import InboxView
from outreach.services.interview_texts import InterviewTexts
from outreach.services.interviews import Interviews
from outreach.services.kept_figures import KeptFigures
from outreach.services.list_view import ListView
from outreach.services.listening import Listening
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.message_settings import MessageSettings
from outreach.services.message_sweeps import MessageSweeps
from outreach.services.messaging import Messaging, build_messaging
from outreach.services.modes import Modes, build_modes
from outreach.services.named_contacts import NamedContacts
from outreach.services.open_id import OpenIdRules
from outreach.services.open_id_provider import OpenIdProvider
from outreach.services.personal_links import PersonalLinks
from outreach.services.personal_page import PersonalPage
from outreach.services.provider_events import ProviderEvents
from outreach.services.reading_alerts import ReadingAlerts
from outreach.services.records import Records, build_records
from outreach.services.replies import Replies
from outreach.services.report_batches import ReportBatches
from outreach.services.retention import Retention
from outreach.services.script_editing import ScriptEditing
from outreach.services.script_news import ScriptNewsReading
from outreach.services.script_reading import ScriptReading
from outreach.services.scripts import Scripts
from outreach.services.service_level import ServiceLevelFigures
from outreach.services.sessions import Sessions
from outreach.services.sign_in_tries import SignInTries
from outreach.services.signing_in import BACK_FROM_OPEN_ID, SigningIn, build_signing_in
from outreach.services.softphone import Softphone
from outreach.services.steering import Steering, build_steering
from outreach.services.strangers import Strangers
from outreach.services.supervision import Supervision
from outreach.services.text_settings import TextSettings
from outreach.services.training import Training
from outreach.services.upkeep import Sweep, Upkeep
from outreach.services.wall_passes import WallPasses
from outreach.services.wrap_up import WrapUp
from outreach.services.write_back import WriteBack
from outreach.storage import demo_store
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.no_provider import NoProvider
from outreach.telephony.sdk_http import TWILIO_API_URL
from outreach.telephony.simulator.plan import ACCOUNT_SID as SIMULATED_ACCOUNT
from outreach.telephony.softphone_tokens import SoftphoneKey
from outreach.telephony.stand_in_line import StandInLine
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
    embedded = start_embedded(settings) if settings.needs_embedded else None
    if embedded is not None:
        settings = settings.with_servers(embedded.database_url, embedded.redis_url)
    if settings.demo:
        _need_a_demo(settings.database_url)
    return _assemble(_parts(settings, clock or SystemClock()), embedded)


def _need_a_demo(database_url: str) -> None:
    """Accounts without passwords open a demo's invented people, and nothing else."""
    database = Database(database_url)
    with closing(database), database.begin() as connection:
        made_by_a_demo = demo_store.has_mark(connection)
    if not made_by_a_demo:
        raise ConfigurationError(["OUTREACH_DEMO is set, but no demo made this database: unset it."])


@dataclass(frozen=True)
class _Parts:
    """What several services share."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    provider: TwilioProvider | NoProvider
    jobs: JobQueue
    urls: CallbackUrls
    scripts: Scripts
    interview_texts: InterviewTexts

    def legs(self) -> CallLegs:
        return CallLegs(
            self.database, self.vault, self.clock, self.provider, self.urls, self.settings.twilio_caller_id
        )

    def messaging(self) -> Messaging:
        return build_messaging(
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            provider=self.provider,
            urls=self.urls,
            scripts=self.scripts,
            settings=_message_settings(self.settings),
            nudge=self.jobs.nudge,
        )

    def campaigning(self) -> Campaigning:
        return build_campaigning(
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            scripts=self.scripts,
            settings=_message_settings(self.settings),
            segment_price=self.settings.sms_segment_price,
            nudge=self.jobs.nudge,
        )

    def modes(self, messaging: Messaging, steering: Steering) -> Modes:
        return build_modes(
            database=self.database,
            clock=self.clock,
            nudge=self.jobs.nudge,
            minutes_ahead=steering.rota.minutes_ahead,
            queueing=messaging.queueing,
            segment_price=self.settings.sms_segment_price,
        )

    def desk_work(self, case_reading: CaseReading, case_import: CaseImport) -> DeskWork:
        return build_desk_work(
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            case_reading=case_reading,
            interviews=Interviews(self.database, self.vault, self.clock, self.interview_texts),
            named_contacts=NamedContacts(self.database, self.clock, case_import),
        )

    def inbox(self, messaging: Messaging) -> Inbox:
        return Inbox(self.database, self.vault, self.clock, messaging.queueing, self.jobs.nudge)

    def personal_page(self) -> PersonalPage:
        return PersonalPage(
            database=self.database,
            clock=self.clock,
            links=PersonalLinks(self.vault, self.scripts.settings.links_at),
            scripts=self.scripts,
            replies=Replies(self.vault),
            outreach_number=self.settings.twilio_caller_id,
            valid_for=timedelta(days=self.settings.link_days),
        )

    def listening(self) -> Listening:
        return Listening(
            self.database, self.vault, self.clock, self.provider, self.urls, self.settings.twilio_caller_id
        )

    def provider_events(self, legs: CallLegs, messaging: Messaging, listening: Listening) -> ProviderEvents:
        shared = (self.database, self.vault, self.clock, self.urls, self.scripts, legs)
        return ProviderEvents(
            *shared,
            InboundCalls(*shared, self.interview_texts),
            messaging.events,
            listening,
            recording_url=self.settings.voicemail_recording_url,
        )


def _parts(settings: Settings, clock: Clock) -> _Parts:
    vault, database = Vault(settings.master_key()), Database(settings.database_url)
    scripts = Scripts(database, shipped_catalog(), text_settings(settings))
    return _Parts(
        settings=settings,
        database=database,
        vault=vault,
        clock=clock,
        provider=_provider(settings),
        jobs=JobQueue(settings.redis_url),
        urls=CallbackUrls(settings.public_url, vault.signing_key),
        scripts=scripts,
        interview_texts=InterviewTexts(scripts),
    )


def _assemble(parts: _Parts, embedded: EmbeddedServers | None) -> App:
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
    signing_in = _signing_in(parts.settings, access, sessions)
    return App(
        settings=parts.settings,
        database=database,
        vault=vault,
        clock=clock,
        provider=parts.provider,
        jobs=jobs,
        rate_limits=_rate_limits(parts.settings),
        callback_urls=parts.urls,
        access=access,
        sessions=sessions,
        signing_in=signing_in,
        live_events=_live_events(parts),
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
        softphone=_softphone(parts),
        wrap_up=wrap_up,
        supervision=Supervision(database, clock, wrap_up, listening, Handover(database, clock)),
        handover=Handover(database, clock),
        erasure=erasure,
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
        write_back=WriteBack(database, clock, _case_system(parts.settings)),
        script_editing=ScriptEditing(database, clock, parts.scripts),
        script_reading=ScriptReading(database, clock, parts.scripts),
        training=Training(database, clock, parts.interview_texts),
        script_news=ScriptNewsReading(database, clock, ScriptReading(database, clock, parts.scripts)),
        steering=steering,
        upkeep=Upkeep(
            database,
            clock,
            {
                **_sweeps(
                    call_list, repairs, messaging.sweeps, campaigning.work, retention, signing_in.tries
                ),
                **_sweeps_of_replies(asked_calls, inbox),
                **_sweeps_of_senders(messaging),
                "listeners": Sweep(timedelta(seconds=2), listening.keep),
                **modes.sweeps(),
                **records.sweeps(),
                "old_desk_words": Sweep(timedelta(minutes=10), desk_work.words.forget),
                **_sweeps_of_steering(steering, call_list),
                "figures": Sweep(timedelta(seconds=15), KeptFigures(database, clock).keep),
                "readings": Sweep(timedelta(minutes=5), ReadingAlerts(database, clock).look),
            },
        ),
        embedded=embedded,
    )


def _live_events(parts: _Parts) -> LiveEvents:
    events = LiveEvents(parts.settings.redis_url)
    parts.database.tell = events.tell
    return events


def _rate_limits(settings: Settings) -> RateLimits:
    return RateLimits(
        settings.redis_url,
        requests=settings.api_requests_per_minute,
        failures=settings.api_failures_per_minute,
        pages=settings.page_requests_per_minute,
    )


def _signing_in(settings: Settings, access: Access, sessions: Sessions) -> SigningIn:
    provider, words = None, settings.role_words()
    if settings.oidc_issuer:
        secret, back_to = (
            settings.oidc_client_secret.get_secret_value(),
            settings.public_url + BACK_FROM_OPEN_ID,
        )
        provider = OpenIdProvider(settings.oidc_issuer, settings.oidc_client_id, secret, back_to)
    return build_signing_in(
        access=access,
        sessions=sessions,
        clock=access.clock,
        public_url=settings.public_url,
        demo=settings.demo,
        provider=provider,
        rules=OpenIdRules(
            login_claim=settings.oidc_login_claim,
            roles_claim=settings.oidc_roles_claim,
            roles={word: Role(role) for word, role in words.items()},
            adds_agents=settings.oidc_adds_agents,
        ),
    )


def _provider(settings: Settings) -> TwilioProvider | NoProvider:
    if not settings.twilio_account_sid:
        return NoProvider()
    return TwilioProvider(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.auth_tokens()[0],
        api_url=settings.twilio_api_url or TWILIO_API_URL,
    )


def _softphone(parts: _Parts) -> Softphone:
    """The simulator's account is worth nothing at any carrier: with it, and only then, pages stand in."""
    settings = parts.settings
    secret = settings.twilio_api_key_secret.get_secret_value()
    key = SoftphoneKey(settings.twilio_account_sid, settings.twilio_api_key_sid, secret) if secret else None
    simulated = settings.twilio_account_sid == SIMULATED_ACCOUNT and settings.twilio_api_url
    return Softphone(
        parts.database,
        parts.clock,
        parts.provider,
        parts.urls,
        settings.twilio_caller_id,
        key,
        StandInLine(settings.twilio_api_url) if simulated else None,
    )


def _message_settings(settings: Settings) -> MessageSettings:
    return MessageSettings(
        sender=settings.sender(),
        outreach_number=settings.twilio_caller_id,
        hours=SmsHours(settings.sms_from_hour, settings.sms_until_hour),
        segments_per_second=settings.sms_segments_per_second,
        segment_price=settings.sms_segment_price,
        grace=timedelta(seconds=settings.unknown_fate_grace_seconds),
    )


def text_settings(settings: Settings) -> TextSettings:
    """What all texts share, from the settings."""
    return TextSettings(
        outreach_number=settings.twilio_caller_id,
        public_url=settings.public_url,
        information_address=settings.information_address,
        identity=settings.text_identity,
        hosts=frozenset(settings.hosts()),
        numbers=frozenset(settings.numbers()),
        segment_price=settings.sms_segment_price,
        link_url=settings.link_url,
    )


def _case_system(settings: Settings) -> CaseSystem | None:
    if not settings.write_back_url:
        return None
    return CaseSystem(settings.write_back_url, settings.write_back_secret.get_secret_value().encode())


def _sweeps_of_replies(asked_calls: AskedCalls, inbox: Inbox) -> Mapping[str, Sweep]:
    return {
        "asked_calls": Sweep(timedelta(seconds=5), asked_calls.keep),
        "unanswered_replies": Sweep(timedelta(seconds=30), inbox.call_unanswered),
    }


def _sweeps_of_steering(steering: Steering, call_list: CallList) -> Mapping[str, Sweep]:
    def languages() -> int:
        """First whatever a helper speaks is lent to it: only the rest needs an interpreter."""
        return steering.mutual_aid.keep() + call_list.hand_to_interpreters()

    return {
        "mutual_aid": Sweep(timedelta(seconds=5), steering.mutual_aid.keep),
        "languages": Sweep(timedelta(seconds=30), languages),
        "platform_moves": Sweep(timedelta(seconds=30), steering.moves.go_on),
        "watch_list": Sweep(timedelta(hours=1), steering.watch_list.keep),
        "contact_yield": Sweep(timedelta(minutes=10), steering.contact_yield.guard),
    }


def _sweeps_of_senders(messaging: Messaging) -> Mapping[str, Sweep]:
    return {
        "sender_health": Sweep(timedelta(seconds=60), messaging.senders.look),
        "ended_budgets": Sweep(timedelta(seconds=60), messaging.spending.reopen_budgets),
        "frozen_senders": Sweep(timedelta(seconds=60), messaging.frozen.look),
    }


def _sweeps(
    call_list: CallList,
    repairs: CallRepairs,
    messages: MessageSweeps,
    campaigns: CampaignWork,
    retention: Retention,
    tries: SignInTries,
) -> Mapping[str, Sweep]:
    def every(seconds: float, run: Callable[[], int]) -> Sweep:
        return Sweep(timedelta(seconds=seconds), run)

    return {
        "lapsed_leases": every(5, call_list.lapse),
        "readiness": every(5, lambda: sum(vars(call_list.keep_ready()).values())),
        "late_entries": every(60, call_list.let_late_fall_behind),
        "near_deadline": every(60, call_list.alarm_near_deadline),
        "calls": every(2, repairs.run),
        "dead_senders": every(2, messages.doubt_the_dead),
        "uncertain_messages": every(5, messages.settle_uncertain),
        "missing_receipts": every(60, messages.ask_for_receipts),
        "unread_messages": every(60, messages.return_unread),
        "expired_messages": every(30, messages.expire),
        "unshed_messages": every(5, messages.recall_unshed),
        "campaigns": every(2, campaigns.run),
        "old_sign_in_tries": every(3600, tries.forget_old),
        "old_request_keys": every(600, retention.forget_request_keys),
        "old_provider_events": every(60, retention.forget_provider_events),
    }
