"""What must hold in every story: nobody twice, nobody lost, the ledger says what the phones know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from outreach.domain.message_repairs import LISTING_GIVEN_UP_AFTER
from outreach.domain.messages import MessageStatus, Urgency
from outreach.domain.send_ledger import Prepared
from outreach.domain.send_steps import Commit
from outreach.domain.sending import Batch
from outreach.domain.sms_hours import SmsHours
from tests.sending_model.carrier import NEVER, Carried, final_status
from tests.sending_model.memory_ledger import INFORM, MemoryLedger
from tests.sending_model.rows import EntryState, Row
from tests.sending_model.virtual_time import VirtualTime

CLOCKS_APART = timedelta(seconds=4)  # our machines' clocks
MAY_BE_POSTED = frozenset({MessageStatus.SENDING, MessageStatus.UNCERTAIN})
# The carrier's last word was lost, and its list lies.
NO_LAST_WORD = frozenset({MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.UNKNOWN})
NEVER_TAKEN = frozenset(
    {MessageStatus.CANCELLED, MessageStatus.EXPIRED, MessageStatus.UNKNOWN, MessageStatus.FAILED}
)


class Broken(AssertionError):
    """A rule was broken; `message_id` is whose story to tell."""

    def __init__(self, rule: str, message_id: UUID | None) -> None:
        super().__init__(rule)
        self.rule, self.message_id = rule, message_id


class Witness:
    """Knows the truth of the phone company, and watches every commit and every SMS."""

    def __init__(
        self, time: VirtualTime, ledger: MemoryLedger, hours: SmsHours, *, list_may_lie: bool
    ) -> None:
        self.time, self.ledger, self.hours = time, ledger, hours
        self.taken: dict[UUID, Carried] = {}
        self.list_may_lie = list_may_lie
        self.callbacks_promised: dict[str, int] = {}

    def took(self, carried: Carried) -> None:
        """The phone company took an SMS in: may it have been posted?"""
        row = self.ledger.messages[carried.message_id]
        if row.id in self.taken:
            raise Broken("texted twice", row.id)
        self.taken[row.id] = carried
        if row.status not in MAY_BE_POSTED:
            raise Broken(f"posted while {row.status}", row.id)
        if row.purpose is INFORM:
            self._check_household(row)

    def posted(self, row: Row) -> None:
        """A request leaves us: is the text still useful, and the hour decent?"""
        now = self.time.now()
        if now > row.useful_until + CLOCKS_APART:
            raise Broken("posted after it was useful", row.id)
        if not any(self.hours.is_open(row.zone, now + apart) for apart in (-CLOCKS_APART, CLOCKS_APART)):
            raise Broken("posted outside the hours for SMS", row.id)

    def given_up(self, row: Row) -> None:
        """A call instead of an SMS that may have gone: not while the list would have shown it."""
        carried, now = self.taken.get(row.id), self.time.now()
        if carried is None or carried.listed_at >= NEVER or row.uncertain_since is None:
            return
        if now - row.uncertain_since < LISTING_GIVEN_UP_AFTER - CLOCKS_APART:
            raise Broken("given up although the phone has it", row.id)

    def claimed(self, step: Commit[Any], answer: object) -> None:
        """After a claim: no missed call was passed over for someone less urgent; all want an SMS."""
        if step.name != "claimed" or not isinstance(answer, Batch) or not answer.prepared:
            return
        rows = [self.ledger.messages[one.message_id] for one in answer.prepared]
        for row in rows:
            if row.number in self.ledger.opted_out:
                raise Broken("claimed after STOP", row.id)
            if row.purpose is INFORM and not any(e.state is EntryState.TEXTED for e in row.entries):
                raise Broken("claimed although no entry waits for it", row.id)
        self._check_order(answer.prepared[0], rows)

    def _check_order(self, first: Prepared, rows: list[Row]) -> None:
        least = max(row.urgency for row in rows)
        claimed_at = self.ledger.messages[first.message_id].claimed_at
        if least == 0 or claimed_at is None:
            return
        zones = [zone for zone in self.ledger.zones() if self.hours.is_open(zone, claimed_at)]
        zones = [zone for zone in zones if self.hours.is_open(zone, claimed_at + timedelta(minutes=5))]
        waiting = self.ledger.claimable(claimed_at, zones)
        passed = [one for one in waiting if one.urgency == Urgency.AT_ONCE]
        if passed:
            raise Broken("bulk before urgent", passed[0].id)

    def _check_household(self, row: Row) -> None:
        for other in self.ledger.by_number[row.number]:
            if other is row or other.purpose is not INFORM or other.id not in self.taken:
                continue
            near = abs(other.created_at - row.created_at) < timedelta(hours=24)
            if near and self.taken[other.id].word in ("queued", "sent", "delivered") and not _was_read(other):
                raise Broken("a household texted twice", row.id)

    def promised(self, reply_sid: str) -> None:
        """A reply asked for a call: once for each reply."""
        times = self.callbacks_promised[reply_sid] = self.callbacks_promised.get(reply_sid, 0) + 1
        if times > 1:
            raise Broken("one reply promised two calls", None)

    def at_the_end(self) -> None:
        """Two days later, when all is quiet."""
        for row in self.ledger.messages.values():
            self._check_end(row, self.taken.get(row.id))
        for entry in self.ledger.entries.values():
            if entry.state is EntryState.TEXTED:
                raise Broken("lost: waits for an SMS for ever", entry.message_id)

    def _check_end(self, row: Row, carried: Carried | None) -> None:
        if carried is None:
            if row.status not in NEVER_TAKEN:
                raise Broken(f"the ledger says {row.status}, the phone has nothing", row.id)
            return
        truth = final_status(carried)
        if self.list_may_lie and carried.listed_at >= NEVER and row.status in NO_LAST_WORD:
            return
        read = row.status is MessageStatus.READ
        if row.status is not truth and not (read and truth is not MessageStatus.UNDELIVERED):
            raise Broken(f"the ledger says {row.status}, the phone company {truth}", row.id)
        if row.sid != carried.sid and not (read and row.sid is None):
            raise Broken("the ledger has the sid of another message", row.id)


def _was_read(row: Row) -> bool:
    return row.status is MessageStatus.READ
