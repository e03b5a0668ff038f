"""All that is done with messages, put together once: queueing, sending, receipts and replies, sweeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from outreach.clock import Clock
from outreach.rendering import Catalog
from outreach.services.callback_urls import CallbackUrls
from outreach.services.message_events import MessageEvents
from outreach.services.message_queueing import MessageQueueing
from outreach.services.message_sending import MessageSending
from outreach.services.message_settings import MessageSettings
from outreach.services.message_sweeps import MessageSweeps
from outreach.services.shedding import Shedding
from outreach.storage import sender_store
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
    nudge: Callable[[str], object]

    def resume_sender(self, sender: str) -> bool:
        """Let a stopped sender send again, once its cause is mended; whether it had been stopped."""
        with self.database.begin() as connection:
            resumed = sender_store.resume(connection, sender)
        self.nudge("messages")
        return resumed


def build_messaging(
    *,
    database: Database,
    vault: Vault,
    clock: Clock,
    provider: TelephonyProvider,
    urls: CallbackUrls,
    catalog: Catalog,
    settings: MessageSettings,
    nudge: Callable[[str], object],
    checkpoint: Callable[[str], None] = lambda _step: None,
) -> Messaging:
    """One of each, sharing the catalog so that each text is compiled once."""
    events = MessageEvents(vault, settings.sender)
    shedding = Shedding(vault, catalog, settings)
    return Messaging(
        database=database,
        queueing=MessageQueueing(vault, catalog, settings),
        sending=MessageSending(
            database, vault, clock, provider, urls, shedding, settings, checkpoint=checkpoint
        ),
        events=events,
        sweeps=MessageSweeps(database, vault, clock, provider, events, settings),
        nudge=nudge,
    )
