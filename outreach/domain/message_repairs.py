"""How messages are settled that crashes, silence and time left behind; as sending.py, without I/O.

Who died is known by a lock that is free, not by a clock. The grace counts from the moment a fate became
unknown. Then the phone company's list decides; what is not in it becomes a call, never a second SMS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from outreach.domain.message_reports import report_of
from outreach.domain.messages import MessageStatus
from outreach.domain.report_effects import Effect
from outreach.domain.send_answers import FoundMessage
from outreach.domain.send_ledger import Because, Doubtful, Move, SendLedger
from outreach.domain.send_steps import Commit, LookUp, Now, Steps
from outreach.domain.sending import SendRules
from outreach.domain.sms_hours import SHORTEST_VALIDITY

PIECE = 500  # rows in one transaction
ASKED_AT_ONCE = 50  # questions to the provider in one run
CLOCKS_APART = timedelta(minutes=1)  # ours and the provider's
ASK_AGAIN_AFTER = timedelta(hours=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# The provider's list cannot be read for this long: people are called.
LISTING_GIVEN_UP_AFTER = timedelta(minutes=30)

Found = list[FoundMessage] | None


@dataclass(frozen=True)
class Repairs:
    """Each repair may run twice, and beside itself; each gives the number of messages it settled."""

    rules: SendRules

    def doubt_the_dead(self) -> Steps[int]:
        """SENDING under a lock that is free: its sender died; the grace begins now.

        The moment of doubt is read after the death was seen. Read before, it would be older than the death
        whenever we are frozen in between, and the grace would be over before it began.
        """
        dead = yield from Commit("looked", lambda ledger: frozenset(ledger.messages_of_dead(PIECE)))
        if not dead:
            return 0
        now = yield from Now()
        return (yield from Commit("doubted", partial(self._doubt, dead=dead, now=now)))

    def settle_uncertain(self) -> Steps[int]:
        """After the grace, look for each message in the provider's list; one not there becomes a call."""
        now = yield from Now()
        until = now - self.rules.grace
        doubtful = yield from Commit("read", lambda ledger: ledger.uncertain(until=until, most=ASKED_AT_ONCE))
        settled = 0
        for message in doubtful:
            settled += yield from self.settle(message, now)
        return settled

    def settle(self, message: Doubtful, now: datetime) -> Steps[bool]:
        """`now`: when the message was read as uncertain; the list is younger than that."""
        listed = (yield from LookUp(message.to)) if message.to is not None else []
        if listed is None and now - message.uncertain_since < LISTING_GIVEN_UP_AFTER:
            return False
        return (yield from Commit("settled", partial(self._settle, message=message, listed=listed, now=now)))

    def ask_for_receipts(self) -> Steps[int]:
        """Accepted long ago and no receipt came: ask the provider what became of it."""
        now = yield from Now()
        silent = yield from Commit("read", partial(self._silent, now=now))
        heard = 0
        for message in silent:
            listed = (yield from LookUp(message.to)) if message.to is not None else None
            found = next((one for one in listed or [] if one.sid == message.provider_sid), None)
            if found is not None:
                heard += yield from Commit("heard", partial(_apply, message.message_id, found, now))
        return heard

    def return_unread(self) -> Steps[int]:
        """Not read, or not even known to have arrived, a day later: the person is called."""
        return self._in_pieces("returned", self._return_unread)

    def expire(self) -> Steps[int]:
        """Of no use any more before they could be posted: their people stand on the list as before.

        Who said STOP while a sender held their message, which then was queued again, is called.
        """
        expired = yield from self._in_pieces("expired", self._expire)
        return expired + (yield from self._in_pieces("unwanted", self._cancel_unwanted))

    def recall_unshed(self) -> Steps[int]:
        """Still in our queue while the mode sheds their people no more: back to the calls, as before."""
        return self._in_pieces("recalled", self._recall_unshed)

    def _doubt(self, ledger: SendLedger, dead: frozenset[UUID], now: datetime) -> int:
        left = [one for one in ledger.messages_of_dead(PIECE) if one in dead]
        return len(ledger.move([Move(one, MessageStatus.UNCERTAIN) for one in left], now))

    def _silent(self, ledger: SendLedger, now: datetime) -> list[Doubtful]:
        return ledger.silent(
            accepted_before=now - self.rules.receipt_after,
            asked_before=now - ASK_AGAIN_AFTER,
            now=now,
            most=ASKED_AT_ONCE,
        )

    def _settle(self, ledger: SendLedger, message: Doubtful, listed: Found, now: datetime) -> bool:
        current = ledger.lock_message(message.message_id)
        if current.status is not MessageStatus.UNCERTAIN:
            return False
        found = self.ours(ledger, listed or [], message)
        if found is None:
            self.give_up(ledger, message.message_id, now)
        else:
            accepted = Move(message.message_id, MessageStatus.ACCEPTED, sid=found.sid)
            ledger.move([accepted], now)
            _apply(message.message_id, found, now, ledger)
        return True

    def give_up(self, ledger: SendLedger, message_id: UUID, now: datetime) -> None:
        """Not in the list is not "never sent": a person calls, and no second SMS goes."""
        ledger.move([Move(message_id, MessageStatus.UNKNOWN)], now)
        ledger.return_entries([message_id], because=Because.UNKNOWN, owed=True, now=now)

    def ours(
        self, ledger: SendLedger, listed: Sequence[FoundMessage], message: Doubtful
    ) -> FoundMessage | None:
        """The oldest one of this number, this text and this time that no other message of ours claims."""
        earliest = (message.claimed_at or message.uncertain_since) - CLOCKS_APART
        fitting = [
            one
            for one in listed
            if one.body == message.body and (one.created_at is None or one.created_at >= earliest)
        ]
        known = ledger.known_sids([one.sid for one in fitting])
        free = [one for one in fitting if one.sid not in known]
        return min(free, key=lambda one: (one.created_at or LONG_AGO, one.sid), default=None)

    def _return_unread(self, ledger: SendLedger, now: datetime) -> int:
        unread = ledger.give_up_waiting(accepted_before=now - self.rules.unread_after, now=now, most=PIECE)
        ledger.return_entries(unread, because=Because.UNREAD, owed=True, now=now)
        return len(unread)

    def _expire(self, ledger: SendLedger, now: datetime) -> int:
        useless = ledger.useless(until=now + SHORTEST_VALIDITY, most=PIECE)
        return self._take_back(ledger, useless, MessageStatus.EXPIRED, Because.EXPIRED, now)

    def _cancel_unwanted(self, ledger: SendLedger, now: datetime) -> int:
        unwanted = ledger.unwanted(PIECE)
        return self._take_back(ledger, unwanted, MessageStatus.CANCELLED, Because.STOPPED, now)

    def _recall_unshed(self, ledger: SendLedger, now: datetime) -> int:
        unshed = ledger.unsent_not_shed(now, PIECE)
        return self._take_back(ledger, unshed, MessageStatus.CANCELLED, Because.CANCELLED, now)

    def _take_back(
        self,
        ledger: SendLedger,
        messages: Sequence[UUID],
        to: MessageStatus,
        because: Because,
        now: datetime,
    ) -> int:
        moved = [m.message_id for m in ledger.move([Move(one, to) for one in messages], now)]
        ledger.return_entries(moved, because=because, owed=because is Because.STOPPED, now=now)
        return len(moved)

    def _in_pieces(self, name: str, repair: Callable[[SendLedger, datetime], int]) -> Steps[int]:
        """One piece after the other, each in its own transaction, until one is not full."""
        total = 0
        while True:
            now = yield from Now()
            found = yield from Commit(name, partial(_at, now, repair))
            total += found
            if found < PIECE:
                return total


def _at(now: datetime, repair: Callable[[SendLedger, datetime], int], ledger: SendLedger) -> int:
    return repair(ledger, now)


def _apply(message_id: UUID, found: FoundMessage, now: datetime, ledger: SendLedger) -> bool:
    """Whatever the provider says of it now."""
    report = report_of(found.status, sid=found.sid, code=found.error_code)
    return report is not None and ledger.report(message_id, report, now) is Effect.MOVED
