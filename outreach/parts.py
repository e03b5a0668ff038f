"""What several services share, and what is made from the settings alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.clock import Clock
from outreach.config import Settings
from outreach.domain.roles import Role
from outreach.domain.sms_hours import SmsHours
from outreach.queues.job_queue import JobQueue
from outreach.queues.live_events import LiveEvents
from outreach.queues.rate_limit import RateLimits
from outreach.rendering.catalog import shipped_catalog
from outreach.services.access import Access
from outreach.services.call_legs import CallLegs
from outreach.services.call_list import CallList
from outreach.services.callback_urls import CallbackUrls
from outreach.services.campaigning import Campaigning, build_campaigning
from outreach.services.case_import import CaseImport
from outreach.services.case_reading import CaseReading
from outreach.services.desk_work import DeskWork, build_desk_work
from outreach.services.inbound_calls import InboundCalls
from outreach.services.inbox import Inbox
from outreach.services.interview_texts import InterviewTexts
from outreach.services.interviews import Interviews
from outreach.services.listening import Listening
from outreach.services.message_settings import MessageSettings
from outreach.services.messaging import Messaging, build_messaging
from outreach.services.modes import Modes, build_modes
from outreach.services.named_contacts import NamedContacts
from outreach.services.open_id import OpenIdRules
from outreach.services.personal_links import PersonalLinks
from outreach.services.personal_page import PersonalPage
from outreach.services.provider_events import ProviderEvents
from outreach.services.raised_hands import RaisedHands
from outreach.services.replies import Replies
from outreach.services.scripts import Scripts
from outreach.services.sessions import Sessions
from outreach.services.signing_in import BACK_FROM_OPEN_ID, SigningIn, build_signing_in
from outreach.services.softphone import Softphone
from outreach.services.steering import Steering
from outreach.services.text_settings import TextSettings
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.no_provider import NoProvider
from outreach.telephony.simulator.plan import ACCOUNT_SID as SIMULATED_ACCOUNT
from outreach.telephony.softphone_tokens import SoftphoneKey
from outreach.telephony.stand_in_line import StandInLine

# A vendor's library is brought in where the settings ask for it: every command would wait for it.
if TYPE_CHECKING:
    from outreach.services.case_system import CaseSystem
    from outreach.telephony.twilio_provider import TwilioProvider


@dataclass(frozen=True)
class Parts:
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

    def call_list(self) -> CallList:
        return CallList(self.database, self.clock, sms_hours=_message_settings(self.settings).hours)

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
            sms_hours=_message_settings(self.settings).hours,
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
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            provider=self.provider,
            urls=self.urls,
            caller_id=self.settings.twilio_caller_id,
            hands=RaisedHands(self.database, self.clock),
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


def shared_parts(settings: Settings, clock: Clock) -> Parts:
    vault, database = Vault(settings.master_key()), Database(settings.database_url)
    scripts = Scripts(database, shipped_catalog(), text_settings(settings))
    return Parts(
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


def live_events(parts: Parts) -> LiveEvents:
    events = LiveEvents(parts.settings.redis_url)
    parts.database.tell = events.tell
    return events


def rate_limits(settings: Settings) -> RateLimits:
    return RateLimits(
        settings.redis_url,
        requests=settings.api_requests_per_minute,
        failures=settings.api_failures_per_minute,
        pages=settings.page_requests_per_minute,
    )


def signing_in_of(settings: Settings, access: Access, sessions: Sessions) -> SigningIn:
    provider, words = None, settings.role_words()
    if settings.oidc_issuer:
        from outreach.services.open_id_provider import OpenIdProvider

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
    from outreach.telephony.sdk_http import TWILIO_API_URL
    from outreach.telephony.twilio_provider import TwilioProvider

    return TwilioProvider(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.auth_tokens()[0],
        api_url=settings.twilio_api_url or TWILIO_API_URL,
    )


def softphone_of(parts: Parts) -> Softphone:
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


def case_system(settings: Settings) -> CaseSystem | None:
    if not settings.write_back_url:
        return None
    from outreach.services.case_system import CaseSystem

    return CaseSystem(settings.write_back_url, settings.write_back_secret.get_secret_value().encode())
