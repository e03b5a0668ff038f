"""The program's services, family by family: what each family needs is built once and handed to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from outreach.parts import Parts, signing_in_of, softphone_of
from outreach.queues.session_store import SessionStore
from outreach.services.access import Access
from outreach.services.alarms import Alarms
from outreach.services.asked_calls import AskedCalls
from outreach.services.audit import Audit
from outreach.services.board import Board
from outreach.services.break_glass import BreakGlass
from outreach.services.call_bar import CallBar
from outreach.services.call_list import CallList
from outreach.services.call_repairs import CallRepairs
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
from outreach.services.listening import Listening
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.messaging import Messaging
from outreach.services.modes import Modes
from outreach.services.named_contacts import NamedContacts
from outreach.services.old_records import OldRecords
from outreach.services.personal_page import PersonalPage
from outreach.services.platform_hours import PlatformHours
from outreach.services.platform_settings import PlatformSettings
from outreach.services.practice_scripts import PracticeScripts
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
from outreach.services.side_by_side import SideBySide
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


@dataclass(frozen=True)
class OfPeople:
    """Who works here, who may read what, and what is noticed about it."""

    access: Access
    sessions: Sessions
    signing_in: SigningIn
    alarms: Alarms
    audit: Audit
    break_glass: BreakGlass
    wall_passes: WallPasses


def of_people(parts: Parts) -> OfPeople:
    database, vault, clock = parts.database, parts.vault, parts.clock
    access = Access(database, vault, clock)
    sessions = Sessions(SessionStore(parts.settings.redis_url), access, clock)
    return OfPeople(
        access=access,
        sessions=sessions,
        signing_in=signing_in_of(parts.settings, access, sessions),
        alarms=Alarms(database, clock),
        audit=Audit(database, vault, clock),
        break_glass=BreakGlass(database, vault, clock),
        wall_passes=WallPasses(database, clock),
    )


@dataclass(frozen=True)
class OfMessages:
    """Everything written to people, and what they write."""

    messaging: Messaging
    campaigning: Campaigning
    inbox: Inbox
    inbox_view: InboxView
    strangers: Strangers
    personal_page: PersonalPage
    report_batches: ReportBatches


def of_messages(parts: Parts) -> OfMessages:
    database, vault, clock = parts.database, parts.vault, parts.clock
    messaging = parts.messaging()
    inbox = parts.inbox(messaging)
    return OfMessages(
        messaging=messaging,
        campaigning=parts.campaigning(),
        inbox=inbox,
        inbox_view=InboxView(database, clock, parts.scripts, inbox),
        strangers=Strangers(database, vault, clock),
        personal_page=parts.personal_page(),
        report_batches=ReportBatches(database, vault, clock, messaging.events),
    )


@dataclass(frozen=True)
class OfSteering:
    """What supervisors and pilots look at and decide."""

    steering: Steering
    modes: Modes
    switch: LoadSheddingSwitch
    board: Board
    side_by_side: SideBySide
    list_view: ListView
    service_level: ServiceLevelFigures


def of_steering(parts: Parts, messages: OfMessages) -> OfSteering:
    database, clock = parts.database, parts.clock
    steering = build_steering(database, clock)
    modes = parts.modes(messages.messaging, steering)
    service_level = ServiceLevelFigures(database, clock)
    return OfSteering(
        steering=steering,
        modes=modes,
        switch=modes.switch,
        board=Board(database, clock, service_level),
        side_by_side=SideBySide(database, clock, service_level),
        list_view=ListView(database, clock),
        service_level=service_level,
    )


@dataclass(frozen=True)
class OfRecords:
    """Case records: how they come in, are read, changed and forgotten."""

    case_import: CaseImport
    case_reading: CaseReading
    named_contacts: NamedContacts
    records: Records
    erasure: Erasure
    old_records: OldRecords


def of_records(parts: Parts, messages: OfMessages, steering: Steering) -> OfRecords:
    database, vault, clock = parts.database, parts.vault, parts.clock
    queueing = messages.messaging.queueing
    case_import = CaseImport(database, vault, clock)
    reading, erasure = CaseReading(database, vault, clock, parts.scripts), Erasure(database, clock, queueing)
    return OfRecords(
        case_import=case_import,
        case_reading=reading,
        named_contacts=NamedContacts(database, clock, case_import),
        records=build_records(
            database,
            vault,
            clock,
            queueing=queueing,
            reading=reading,
            moves=steering.moves,
            erasure=erasure,
            texts=parts.interview_texts,
        ),
        erasure=erasure,
        old_records=OldRecords(database, clock, queueing),
    )


@dataclass(frozen=True)
class OfCalls:
    """The call list, the calls, and those beside the agents."""

    call_list: CallList
    platform_hours: PlatformHours
    platform_settings: PlatformSettings
    handing_out: HandingOut
    desk_work: DeskWork
    calling: Calling
    interviews: Interviews
    call_bar: CallBar
    softphone: Softphone
    wrap_up: WrapUp
    listening: Listening
    supervision: Supervision
    handover: Handover
    call_repairs: CallRepairs
    provider_events: ProviderEvents


def of_calls(parts: Parts, access: Access, messages: OfMessages, records: OfRecords) -> OfCalls:
    database, vault, clock, texts = parts.database, parts.vault, parts.clock, parts.interview_texts
    legs, listening, call_list = parts.legs(), parts.listening(), parts.call_list()
    handover = Handover(database, clock)
    wrap_up = WrapUp(database, vault, clock, legs, messages.messaging.queueing)
    return OfCalls(
        call_list=call_list,
        platform_hours=PlatformHours(database, clock),
        platform_settings=PlatformSettings(database, clock, messages.messaging.senders),
        handing_out=HandingOut(database, access, call_list, records.case_reading),
        desk_work=parts.desk_work(records.case_reading, records.case_import),
        calling=Calling(database, clock, legs, texts),
        interviews=Interviews(database, vault, clock, texts),
        call_bar=CallBar(database, clock, parts.provider, parts.urls, legs),
        softphone=softphone_of(parts),
        wrap_up=wrap_up,
        listening=listening,
        supervision=Supervision(database, clock, wrap_up, listening, handover),
        handover=handover,
        call_repairs=CallRepairs(database, clock, legs, wrap_up),
        provider_events=parts.provider_events(legs, messages.messaging, listening),
    )


@dataclass(frozen=True)
class OfScripts:
    """What is said and written, and learning to say it."""

    script_editing: ScriptEditing
    script_reading: ScriptReading
    script_news: ScriptNewsReading
    training: Training


def of_scripts(parts: Parts) -> OfScripts:
    database, vault, clock = parts.database, parts.vault, parts.clock
    reading = ScriptReading(database, clock, parts.scripts)
    return OfScripts(
        script_editing=ScriptEditing(database, clock, parts.scripts),
        script_reading=reading,
        script_news=ScriptNewsReading(database, clock, reading),
        training=Training(database, vault, clock, PracticeScripts(parts.interview_texts)),
    )


def upkeep_of(
    parts: Parts,
    people: OfPeople,
    messages: OfMessages,
    steering: OfSteering,
    records: OfRecords,
    calls: OfCalls,
) -> Upkeep:
    """Every sweep, over the services that the program runs with."""
    database, clock = parts.database, parts.clock
    work = Work(
        call_list=calls.call_list,
        platform_hours=calls.platform_hours,
        repairs=calls.call_repairs,
        messaging=messages.messaging,
        campaigns=messages.campaigning.work,
        retention=Retention(database, clock, timedelta(days=parts.settings.alarms_kept_days)),
        old_records=records.old_records,
        tries=people.signing_in.tries,
        asked_calls=AskedCalls(database, clock),
        inbox=messages.inbox,
        listening=calls.listening,
        modes=steering.modes,
        records=records.records,
        desk_words=calls.desk_work.words,
        steering=steering.steering,
        figures=KeptFigures(database, clock),
        readings=ReadingAlerts(database, clock),
    )
    return Upkeep(database, clock, all_sweeps(work))
