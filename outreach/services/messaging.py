"""All that is done with messages, put together once: queueing, sending, receipts and replies, sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from outreach.clock import Clock
from outreach.domain.message_repairs import Repairs
from outreach.domain.messages import MessagePurpose
from outreach.domain.scripts import template_of
from outreach.domain.sending import Sending
from outreach.services.callback_urls import CallbackUrls
from outreach.services.frozen_senders import FrozenSenders
from outreach.services.message_events import MessageEvents
from outreach.services.message_queueing import MessageQueueing
from outreach.services.message_sending import MessageSending
from outreach.services.message_settings import MessageSettings
from outreach.services.message_sweeps import MessageSweeps
from outreach.services.personal_links import PersonalLinks
from outreach.services.scripts import Scripts
from outreach.services.senders import Senders
from outreach.services.shedding import Shedding
from outreach.services.spending import Spending
from outreach.services.step_runner import StepRunner
from outreach.storage import journal
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.provider import TelephonyProvider


@dataclass(frozen=True)
class Messaging:
    """The services of messages over one set of dependencies."""

    database: Database
    queueing: MessageQueueing
    sending: MessageSending
    events: MessageEvents
    sweeps: MessageSweeps
    senders: Senders
    spending: Spending
    frozen: FrozenSenders


def build_messaging(
    *,
    database: Database,
    vault: Vault,
    clock: Clock,
    provider: TelephonyProvider,
    urls: CallbackUrls,
    scripts: Scripts,
    settings: MessageSettings,
    nudge: Callable[[str], object],
    checkpoint: Callable[[str], None] = lambda _step: None,
) -> Messaging:
    """One of each, sharing the scripts so that each text is compiled once."""
    events = MessageEvents(vault, settings.sender)
    links = PersonalLinks(vault, scripts.settings.links_at)
    shedding = Shedding(vault, scripts, settings, links)
    rules = settings.rules(scripts.catalog.entry(template_of(MessagePurpose.CONTACT_INFORMED)).most_segments)
    runner = StepRunner(
        database,
        vault,
        clock,
        provider,
        urls,
        shedding,
        events,
        settings,
        actor=journal.by_system("sender"),
        checkpoint=checkpoint,
    )
    sweeper = replace(runner, actor=journal.by_system("message sweeps"))
    return Messaging(
        database=database,
        queueing=MessageQueueing(vault, scripts, settings, links),
        sending=MessageSending(Sending(rules), runner, settings.lanes),
        events=events,
        sweeps=MessageSweeps(Repairs(rules), sweeper),
        senders=Senders(database, clock, settings.sender, settings.segments_per_second, nudge),
        spending=Spending(database, clock, settings.segment_price, nudge),
        frozen=FrozenSenders(database, clock),
    )
