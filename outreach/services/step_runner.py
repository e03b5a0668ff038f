"""Drives the machine of sending: carries its steps out on PostgreSQL, the phone company and the clocks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from outreach.clock import Clock, monotonic
from outreach.domain.send_answers import FoundMessage, SendAnswer
from outreach.domain.send_steps import (
    CheckLock,
    Commit,
    HoldLock,
    LookUp,
    Monotonic,
    Now,
    Post,
    Posting,
    Step,
    Steps,
    Wait,
)
from outreach.errors import TelephonyError
from outreach.log import get_logger
from outreach.services.callback_urls import CallbackUrls, Webhook
from outreach.services.message_events import MessageEvents
from outreach.services.message_settings import MessageSettings
from outreach.services.shedding import Shedding
from outreach.services.stored_ledger import StoredLedger
from outreach.storage import sender_store
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault
from outreach.telephony.provider import MessageOrder, TelephonyProvider

log = get_logger("messages")
T = TypeVar("T")


@dataclass(frozen=True)
class StepRunner:
    """`checkpoint` is told what has just been done, so that tests can kill there."""

    database: Database
    vault: Vault
    clock: Clock
    provider: TelephonyProvider
    urls: CallbackUrls
    shedding: Shedding
    events: MessageEvents
    settings: MessageSettings
    actor: str
    checkpoint: Callable[[str], None] = lambda _done: None
    session: Connection | None = None

    def run(self, steps: Steps[T]) -> T:
        """To the end; what a step raises ends the machine too."""
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = self._do(step)

    def run_alive(self, steps: Steps[T]) -> T:
        """With a session of its own, whose lock proves that we live."""
        with self.database.session() as session:
            return replace(self, session=session).run(steps)

    def _do(self, step: Step[Any]) -> object:
        match step:
            case Commit():
                return self._commit(step)
            case Post():
                return self._post(step)
            case CheckLock() | HoldLock():
                return self._lock(step)
            case LookUp(to):
                return self._look_up(to)
            case _:
                return self._tell_time(step)

    def _tell_time(self, step: Step[Any]) -> object:
        match step:
            case Now():
                return self.clock.now()
            case Monotonic():
                return monotonic()
            case Wait(seconds):
                self.clock.wait(seconds)
                return None
            case _:
                raise TypeError(type(step).__name__)

    def _commit(self, step: Commit[Any]) -> object:
        with self.database.begin() as connection:
            done = step.work(
                StoredLedger(connection, self.vault, self.settings, self.shedding, self.events, self.actor)
            )
        self.checkpoint(step.name)
        return done

    def _lock(self, step: HoldLock | CheckLock) -> float:
        if self.session is None:
            raise TypeError("A lane needs a session of its own.")
        if isinstance(step, HoldLock):
            key = secrets.randbits(62)
            sender_store.hold(self.session, key)
            return key
        asked_at = monotonic()
        sender_store.check_alive(self.session)
        return asked_at

    def _post(self, step: Post) -> list[SendAnswer]:
        orders = [self._order(step.sender, posting) for posting in step.postings]
        left = max(0.0, step.until - monotonic())
        answers = self.provider.send_messages(orders, deadline_seconds=left)
        self.checkpoint("posted")
        return answers

    def _order(self, sender: str, posting: Posting) -> MessageOrder:
        message = posting.message
        return MessageOrder(
            to=message.to,
            body=message.body,
            sender=sender,
            status_callback=self.urls.of(Webhook.MESSAGE_STATUS, message.send_id),
            validity_seconds=posting.validity_seconds,
        )

    def _look_up(self, to: str) -> list[FoundMessage] | None:
        try:
            return self.provider.find_messages(to)
        except TelephonyError as error:
            log.info("provider.list_unread", code=error.code)
            return None
