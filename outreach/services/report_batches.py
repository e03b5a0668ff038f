"""The carrier's reports of messages, many in one transaction: kept raw and once, applied in order of arrival.

The same rules as for one report (domain/message_reports.py); a campaign brings thousands of them a second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.message_reports import effect_of, report_of
from outreach.domain.messages import MessageStatus
from outreach.domain.report_effects import Effect
from outreach.domain.send_ledger import Move, Report
from outreach.ids import new_id
from outreach.services.callback_urls import Webhook
from outreach.services.message_events import BY_CARRIER, MessageEvents
from outreach.storage import message_store, provider_event_store, reported_message_store
from outreach.storage.database import Connection, Database
from outreach.storage.provider_event_store import RawEvent
from outreach.storage.vault import Vault
from outreach.telephony import webhooks
from outreach.telephony.webhook_parameters import Endpoint
from outreach.telephony.webhooks import Form

KIND = Webhook.MESSAGE_STATUS.value


@dataclass(frozen=True)
class ToldReport:
    """A webhook whose signature was checked; `report` is None when it says nothing of a message's way."""

    event: RawEvent
    send_id: UUID
    sid: str
    report: Report | None


@dataclass(frozen=True)
class ReportBatches:
    """What `ProviderEvents.receive` does for one report of a message, for as many as wait."""

    database: Database
    vault: Vault
    clock: Clock
    events: MessageEvents

    def told(self, send_id: UUID, form: Form, token: str | None) -> ToldReport:
        """Seal a webhook and read what it reports. Raises InvalidInput."""
        read = webhooks.read_message_report(form)
        raw = json.dumps(dict(form), ensure_ascii=False, separators=(",", ":")).encode()
        event = RawEvent(
            id=new_id(),
            key=f"{KIND}:{send_id}:{webhooks.idempotency_key(Endpoint.MESSAGE_STATUS, form, token)}",
            sealed=self.vault.seal_system(provider_event_store.SEALED_FOR, raw),
        )
        report = report_of(read.status.value, sid=read.sid, code=read.error_code)
        return ToldReport(event, send_id, read.sid, report)

    def receive(self, reports: Sequence[ToldReport]) -> None:
        """Store and apply; what is stored already changes nothing."""
        now = self.clock.now()
        with self.database.begin() as connection:
            kept = provider_event_store.keep_all(
                connection,
                [report.event for report in reports],
                kind=KIND,
                effect=Effect.MOVED.value,
                now=now,
            )
            self._apply(connection, [report for report in reports if report.event.id in kept], now)

    def _apply(self, connection: Connection, reports: Sequence[ToldReport], now: datetime) -> None:
        messages = reported_message_store.lock(
            connection, [report.send_id for report in reports], [report.sid for report in reports]
        )
        standing: dict[UUID, MessageStatus] = {}
        steps: defaultdict[UUID, list[Move]] = defaultdict(list)
        effects: dict[UUID, str] = {}
        for told in reports:
            message = messages.of(told.send_id, told.sid)
            if message is None or told.report is None:
                effects[told.event.id] = Effect.UNKNOWN.value
                continue
            current, to = standing.get(message.message_id, message.status), told.report.to
            effect = effect_of(current, to)
            if effect is Effect.MOVED:
                standing[message.message_id] = to
                move = Move(message.message_id, to, sid=told.report.sid, code=told.report.code)
                steps[message.message_id].append(move)
            else:
                effects[told.event.id] = effect.value
        self._move(connection, list(steps.values()), now)
        provider_event_store.note_effects(connection, effects)

    def _move(self, connection: Connection, steps: Sequence[Sequence[Move]], now: datetime) -> None:
        """The first step of every message, then the second of those that have one, and so on."""
        for nth in range(max(map(len, steps), default=0)):
            moves = [own[nth] for own in steps if len(own) > nth]
            moved = message_store.move(connection, moves, actor=BY_CARRIER, now=now)
            for status in dict.fromkeys(message.status for message in moved):
                alike = [message for message in moved if message.status is status]
                self.events.follow(connection, alike, now)
