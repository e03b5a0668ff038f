"""Repairs what crashes, silence and time leave behind; each sweep may run twice, and beside itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.case_records import Person
from outreach.domain.messages import STATUS_OF_WORD, MessageStatus
from outreach.domain.sms_hours import SHORTEST_VALIDITY
from outreach.errors import TelephonyError
from outreach.log import get_logger
from outreach.services.call_reports import Effect
from outreach.services.message_events import MessageEvents
from outreach.services.message_settings import MessageSettings
from outreach.storage import (
    journal,
    message_store,
    message_sweep_store,
    sender_store,
    shed_store,
)
from outreach.storage.database import Connection, Database
from outreach.storage.message_store import MessageState, Move
from outreach.storage.message_sweep_store import Unsettled
from outreach.storage.vault import CannotOpen, Vault
from outreach.telephony.provider import FoundMessage, TelephonyProvider

log = get_logger("message_sweeps")

SWEEP = journal.by_system("message sweeps")
PIECE = 500  # rows in one transaction
ASKED_AT_ONCE = 50  # questions to the provider in one run
CLOCKS_APART = timedelta(minutes=1)  # ours and the provider's
ASK_AGAIN_AFTER = timedelta(hours=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# The provider's list cannot be read for this long: people are called.
LISTING_GIVEN_UP_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class MessageSweeps:
    """Each method repairs what it finds and gives the number of messages."""

    database: Database
    vault: Vault
    clock: Clock
    provider: TelephonyProvider
    events: MessageEvents
    settings: MessageSettings

    def doubt_the_dead(self) -> int:
        """SENDING under a lock that is free: its sender died; the grace begins now."""
        now = self.clock.now()
        with self.database.begin() as connection:
            left = sender_store.messages_of_dead(connection, most=PIECE)
            moves = [Move(message_id, MessageStatus.UNCERTAIN) for message_id in left]
            return len(message_store.move(connection, moves, actor=SWEEP, now=now))

    def settle_uncertain(self) -> int:
        """After the grace, look for each message in the provider's list; one not there becomes a call."""
        now = self.clock.now()
        with self.database.begin() as connection:
            unsettled = message_sweep_store.uncertain(
                connection, until=now - self.settings.grace, most=ASKED_AT_ONCE
            )
        return sum(self._settle(message, now) for message in unsettled)

    def ask_for_receipts(self) -> int:
        """Accepted long ago and no receipt came: ask the provider what became of it."""
        now = self.clock.now()
        with self.database.begin() as connection:
            silent = message_sweep_store.silent(
                connection,
                accepted_before=now - self.settings.receipt_after,
                asked_before=now - ASK_AGAIN_AFTER,
                now=now,
                most=ASKED_AT_ONCE,
            )
        return sum(self._ask(message, now) for message in silent)

    def return_unread(self) -> int:
        """Not read, or not even known to have arrived, a day later: the person is called."""
        return _in_pieces(self._return_unread)

    def expire(self) -> int:
        """Of no use any more before they could be posted: their people stand on the list as before."""
        return _in_pieces(self._expire)

    def recall_unshed(self) -> int:
        """Still in our queue while the mode sheds their people no more: back to the calls, as before."""
        return _in_pieces(self._recall_unshed)

    def _return_unread(self) -> int:
        now = self.clock.now()
        with self.database.begin() as connection:
            unread = message_sweep_store.give_up_waiting(
                connection, accepted_before=now - self.settings.unread_after, now=now, most=PIECE
            )
            shed_store.return_entries(connection, unread, because="SMS_UNREAD", owed=True, now=now)
        return len(unread)

    def _expire(self) -> int:
        now = self.clock.now()
        with self.database.begin() as connection:
            useless = message_sweep_store.useless(connection, until=now + SHORTEST_VALIDITY, most=PIECE)
            return self._take_back(connection, useless, MessageStatus.EXPIRED, now)

    def _recall_unshed(self) -> int:
        now = self.clock.now()
        with self.database.begin() as connection:
            unshed = shed_store.unsent_not_shed(connection, now=now, most=PIECE)
            return self._take_back(connection, unshed, MessageStatus.CANCELLED, now)

    def _take_back(
        self, connection: Connection, messages: Sequence[UUID], to: MessageStatus, now: datetime
    ) -> int:
        moves = [Move(message_id, to) for message_id in messages]
        moved = [m.message_id for m in message_store.move(connection, moves, actor=SWEEP, now=now)]
        shed_store.return_entries(connection, moved, because=to.value, owed=False, now=now)
        return len(moved)

    def _settle(self, message: Unsettled, now: datetime) -> bool:
        opened = self._opened(message)
        listed = None if opened is None else self._listed(opened[0])
        waits = now - message.uncertain_since < LISTING_GIVEN_UP_AFTER
        if opened is not None and listed is None and waits:
            return False
        with self.database.begin() as connection:
            current = message_store.lock(connection, message.message_id)
            if current.status is not MessageStatus.UNCERTAIN:
                return False
            found = _ours(connection, listed or [], message, opened[1] if opened else "")
            if found is None:
                self._give_up(connection, message, now)
            else:
                self._adopt(connection, current, found, now)
        return True

    def _give_up(self, connection: Connection, message: Unsettled, now: datetime) -> None:
        """Not in the list is not "never sent": a person calls, and no second SMS goes."""
        step = Move(message.message_id, MessageStatus.UNKNOWN)
        message_store.move(connection, [step], actor=SWEEP, now=now)
        shed_store.return_entries(connection, [message.message_id], because="SMS_UNKNOWN", owed=True, now=now)
        log.info("message.unknown", message_id=str(message.message_id))

    def _adopt(
        self, connection: Connection, current: MessageState, found: FoundMessage, now: datetime
    ) -> None:
        """The provider has it: take its sid, then whatever it says of it."""
        accepted = Move(current.message_id, MessageStatus.ACCEPTED, sid=found.sid)
        message_store.move(connection, [accepted], actor=SWEEP, now=now)
        self._apply(connection, current.message_id, found, now)

    def _ask(self, message: Unsettled, now: datetime) -> bool:
        opened = self._opened(message)
        listed = self._listed(opened[0]) if opened is not None else None
        found = next((one for one in listed or [] if one.sid == message.provider_sid), None)
        if found is None:
            return False
        with self.database.begin() as connection:
            return self._apply(connection, message.message_id, found, now)

    def _apply(self, connection: Connection, message_id: UUID, found: FoundMessage, now: datetime) -> bool:
        to = STATUS_OF_WORD.get(found.status)
        if to is None:
            return False
        current = message_store.lock(connection, message_id)
        effect = self.events.move(connection, current, to, sid=found.sid, code=found.error_code, now=now)
        return effect is Effect.MOVED

    def _opened(self, message: Unsettled) -> tuple[str, str] | None:
        """Number and body; None once the person was erased."""
        if message.sealed_person is None or message.wrapped_key is None or message.sealed_body is None:
            return None
        try:
            key = self.vault.person_key(message.person_id, message.wrapped_key)
            person = Person.from_sealed(key.open(message.sealed_person))
            return person.number_at(message.phone_position), key.open_text(message.sealed_body)
        except (CannotOpen, IndexError):
            return None

    def _listed(self, to: str) -> list[FoundMessage] | None:
        """The provider's list; None when it cannot be read now."""
        try:
            return self.provider.find_messages(to)
        except TelephonyError as error:
            log.info("provider.list_unread", code=error.code)
            return None


def _in_pieces(repair: Callable[[], int]) -> int:
    """Repair one piece after the other, each in its own transaction, until one is not full."""
    total = 0
    while found := repair():
        total += found
        if found < PIECE:
            break
    return total


def _ours(
    connection: Connection, listed: Sequence[FoundMessage], message: Unsettled, body: str
) -> FoundMessage | None:
    """The oldest message of this number, this text and this time that no other message of ours claims."""
    earliest = (message.claimed_at or message.uncertain_since) - CLOCKS_APART
    fitting = [
        one for one in listed if one.body == body and (one.created_at is None or one.created_at >= earliest)
    ]
    known = message_store.known_sids(connection, [one.sid for one in fitting])
    free = [one for one in fitting if one.sid not in known]
    return min(free, key=lambda one: (one.created_at or LONG_AGO, one.sid), default=None)
