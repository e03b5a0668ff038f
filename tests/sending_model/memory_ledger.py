"""The ledger of sending in memory: every question of the machine, answered as the tables answer it.

A test holds it equal to PostgreSQL over thousands of random questions (test_memory_ledger.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from outreach.domain.household_texts import ToldNumbers, plan_households
from outreach.domain.load_shedding import Mode, ModeInForce, is_shed
from outreach.domain.message_repairs import LONG_AGO
from outreach.domain.message_reports import move_by_report
from outreach.domain.messages import (
    ENDED,
    URGENCY_OF,
    USEFUL_FOR,
    MessagePurpose,
    MessageStatus,
    Urgency,
    may_move,
)
from outreach.domain.report_effects import Effect
from outreach.domain.send_answers import FailureClass
from outreach.domain.send_ledger import (
    Allowance,
    Because,
    Claim,
    Doubtful,
    FailedMessage,
    MessageState,
    Move,
    Moved,
    Prepared,
    Report,
)
from outreach.domain.send_pace import SenderPace
from outreach.domain.sms_hours import SHORTEST_VALIDITY
from outreach.domain.spend_limits import Breaker, PlatformBudget
from outreach.telephony.failure_codes import failure_class
from tests.sending_model.rows import Entry, EntryState, Row

ONE_SMS_FOR_HOUSEHOLD = timedelta(hours=24)
INFORM = MessagePurpose.CONTACT_INFORMED
PLATFORM = "40"
ON_ITS_WAY = frozenset(
    {
        MessageStatus.QUEUED,
        MessageStatus.SENDING,
        MessageStatus.UNCERTAIN,
        MessageStatus.ACCEPTED,
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
    }
)
TOOK = frozenset({MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ})
TAKEN = frozenset({MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED})
OF_UNKNOWN_FATE = frozenset({MessageStatus.SENDING, MessageStatus.UNCERTAIN, MessageStatus.UNKNOWN})
SEGMENTS_OF_SHED = 2
STOPS_FOR_ALL = (FailureClass.OUR_FAULT, FailureClass.FILTERED)


class MemoryLedger:
    """`lock_is_free` tells whether nobody holds a sender's lock any more."""

    def __init__(self, sender: str, most_pace: int, starts_at: datetime) -> None:
        self.sender, self.most_pace = sender, most_pace
        self.messages: dict[UUID, Row] = {}
        self.entries: dict[UUID, Entry] = {}
        self.by_status: dict[MessageStatus, dict[UUID, Row]] = {status: {} for status in MessageStatus}
        self.by_send_id: dict[UUID, Row] = {}
        self.by_sid: dict[str, Row] = {}
        self.by_number: dict[bytes, list[Row]] = {}
        self.entries_by_number: dict[bytes, list[Entry]] = {}
        self.listed: dict[UUID, Entry] = {}
        self.opted_out: dict[bytes, datetime] = {}
        self.mode = ModeInForce(PLATFORM, Mode.NORMAL, 1, "start", starts_at, None)
        self.pace: SenderPace | None = None
        self.lock_is_free: Callable[[int], bool] = lambda _key: False
        self.clock: Callable[[], datetime] = lambda: starts_at
        self.on_move: Callable[[Row, MessageStatus], None] = lambda _row, _status: None
        self._ids = count(1)

    # --- what happens around the machine ---

    def new_id(self) -> UUID:
        return UUID(int=next(self._ids))

    def list_person(self, number: bytes | None, zone: str, shed_level: int) -> Entry:
        """A person on the call list."""
        textable = number is not None and number not in self.opted_out
        entry = Entry(self.new_id(), number, zone, shed_level if textable else 0)
        self.entries[entry.entry_id] = self.listed[entry.entry_id] = entry
        if number is not None:
            self.entries_by_number.setdefault(number, []).append(entry)
        return entry

    def queue(
        self, number: bytes, zone: str, purpose: MessagePurpose, now: datetime, useful_for: timedelta
    ) -> Row | None:
        """A message as other services queue it; None when no SMS is wanted there."""
        if number in self.opted_out or any(r.purpose is purpose for r in self.by_number.get(number, ())):
            return None
        row = self._new_row(number, zone, purpose, now, now + useful_for)
        self._enter(row)
        return row

    def lease(self, entry: Entry) -> bool:
        """An agent takes an entry, unless a message stands for it or its number is in someone's hands."""
        if entry.state is not EntryState.LISTED or self._is_held(entry):
            return False
        self._set_state(entry, EntryState.LEASED)
        return True

    def give_back(self, entry: Entry, *, done: bool) -> None:
        self._set_state(entry, EntryState.CLOSED if done else EntryState.LISTED)

    def switch(self, mode: Mode, now: datetime, ends_at: datetime | None) -> None:
        self.mode = ModeInForce(PLATFORM, mode, self.mode.version + 1, "model", now, ends_at)

    def stop_number(self, number: bytes, now: datetime) -> None:
        """No more SMS there: what waits is cancelled, and its people are called."""
        self.opted_out.setdefault(number, now)
        for entry in self.entries_by_number.get(number, ()):
            entry.shed_level = 0
        waiting = [row.id for row in self._queued_for(number)]
        self.move([Move(one, MessageStatus.CANCELLED) for one in waiting], now)
        self.return_entries(waiting, because=Because.CANCELLED, owed=True, now=now)

    def read_by_reply(self, number: bytes, now: datetime) -> None:
        """Whoever replies has read."""
        rows = self.by_number.get(number, [])
        standing = [row.id for row in rows if row.ended_at is None and self.may_be_answered(row, rows)]
        self.follow_report(self.move([Move(one, MessageStatus.READ) for one in standing], now), now)

    def may_be_answered(self, row: Row, rows: Sequence[Row]) -> bool:
        """One of unknown fate is proved by a reply only when no other could have been answered."""
        others = any(o.accepted_at or o.status in OF_UNKNOWN_FATE for o in rows if o is not row)
        return row.status in TAKEN or (row.status in OF_UNKNOWN_FATE and not others)

    # --- ClaimLedger ---

    def sender_names(self) -> list[str]:
        return [self.sender]

    def lock_pace(self, _sender: str, now: datetime) -> SenderPace:
        if self.pace is None:
            self.pace = SenderPace(self.most_pace, self.most_pace, self.most_pace, now)
        return self.pace

    def read_pace(self, _sender: str) -> SenderPace | None:
        return self.pace

    def put_pace(self, _sender: str, pace: SenderPace) -> None:
        self.pace = pace

    def modes(self, _sender: str, _now: datetime, *, may_end: Sequence[str] = ()) -> list[ModeInForce]:
        assert not may_end, "the model sends without limits"
        return [self.mode]

    def has_work(self, _sender: str, shedding: Sequence[str], now: datetime) -> bool:
        if any(row.not_before <= now for row in self.by_status[MessageStatus.QUEUED].values()):
            return True
        return bool(shedding) and any(entry.shed_level > 0 for entry in self.listed.values())

    def budgets(self, _now: datetime) -> Mapping[str, PlatformBudget]:
        """The model sends without limits; tests/services/test_spending.py has them."""
        return {}

    def hold_back(
        self, _sender: str, _platform: str, *, above: Urgency | None, until: datetime, now: datetime
    ) -> None:
        raise AssertionError(above, until, now)

    def hold(self, message_ids: Sequence[UUID], until: datetime) -> None:
        assert not message_ids, until

    def count_segments(
        self, segments: Mapping[tuple[str, str], int], _now: datetime
    ) -> Mapping[tuple[str, str], int]:
        return segments

    def trip(self, platform: str, breaker: Breaker, prefix: str, *, everything: bool, now: datetime) -> None:
        raise AssertionError(platform, breaker, prefix, everything, now)

    def zones(self) -> list[str]:
        return ["America/Cayenne", "Europe/Paris", "Indian/Reunion"]

    def await_opening(self, _sender: str, opens: Mapping[str, datetime], now: datetime) -> None:
        for row in self.by_status[MessageStatus.QUEUED].values():
            if row.not_before <= now and row.zone in opens:
                row.not_before = opens[row.zone]

    def take_queued(
        self, claim: Claim, *, zones: Sequence[str], allowance: Allowance, most: int
    ) -> tuple[list[Prepared], list[UUID]]:
        taken, before = [], 0
        for row in sorted(self.claimable(claim.now, zones), key=self.order_of)[:most]:
            if before >= (allowance.segments if row.urgency == Urgency.AT_ONCE else allowance.bulk):
                break
            before += row.segments
            taken.append(row)
        return [self._claimed(row, claim) for row in taken], []

    def order_of(self, row: Row) -> tuple[int, datetime, int]:
        """Most urgent first."""
        return row.urgency, row.not_before, row.order

    def claimable(self, now: datetime, zones: Sequence[str]) -> list[Row]:
        useful = now + SHORTEST_VALIDITY
        return [
            row
            for row in self.by_status[MessageStatus.QUEUED].values()
            if row.not_before <= now
            and row.useful_until > useful
            and row.zone in zones
            and self.wants_sms(row.number)
            and (row.purpose is not INFORM or self._stands(row, now))
        ]

    def wants_sms(self, number: bytes) -> bool:
        return number not in self.opted_out

    def shed(self, claim: Claim, mode: ModeInForce, *, zones: Sequence[str], most: int) -> list[Prepared]:
        level = mode.level(claim.now)
        wanted = [e for e in self.listed.values() if 0 < e.shed_level <= level and e.zone in zones]
        wanted.sort(key=lambda e: (e.shed_level, e.entry_id.int))
        entries = [entry for entry in wanted if not self._is_held(entry)][:most]
        numbers = {entry.number_index for entry in entries}
        entries += [entry for entry in wanted if entry.number_index in numbers]
        told = self.told_numbers(numbers, claim.now - ONE_SMS_FOR_HOUSEHOLD)
        plan = plan_households(entries, told)
        for entry, message_id in plan.joined:
            self._stand(entry, self.messages[message_id])
        for entry in plan.called:
            entry.shed_level = 0
        return [self._text_household(number, household, claim) for number, household in plan.texted.items()]

    # --- SaveLedger ---

    def move(self, moves: Sequence[Move], now: datetime) -> list[Moved]:
        return [
            self._moved(self.messages[move.message_id], move, now)
            for move in moves
            if self.may_move(self.messages[move.message_id].status, move.to)
        ]

    def may_move(self, current: MessageStatus, to: MessageStatus) -> bool:
        """The table of moves."""
        return may_move(current, to)

    def refund(self, messages: Sequence[Prepared], now: datetime) -> None:
        """The model has no budget to give back to."""

    def postpone(self, message_ids: Sequence[UUID], until: datetime) -> None:
        for message_id in message_ids:
            row = self.messages[message_id]
            if row.status is MessageStatus.QUEUED:
                row.not_before = until

    def follow_failures(self, failed: Sequence[FailedMessage], now: datetime) -> None:
        for one in failed:
            number = one.message.number_index
            if one.failure is FailureClass.OPTED_OUT:
                self.stop_number(number, now)
            elif one.failure in (FailureClass.NO_SMS_ON_LINE, FailureClass.WRONG_NUMBER):
                for entry in self.entries_by_number.get(number, ()):
                    entry.shed_level = 0
            elif one.failure in STOPS_FOR_ALL and self.pace is not None:
                self.switch(Mode.NORMAL, now, None)
        ids = [one.message.message_id for one in failed]
        self.return_entries(ids, because=Because.FAILED, owed=True, now=now)

    # --- RepairLedger ---

    def lock_message(self, message_id: UUID) -> MessageState:
        return _state(self.messages[message_id])

    def messages_of_dead(self, most: int) -> list[UUID]:
        sending = self.by_status[MessageStatus.SENDING].values()
        return [row.id for row in sending if self.is_dead(row)][:most]

    def is_dead(self, row: Row) -> bool:
        """By the lock, not by a clock."""
        return row.claimed_by is None or self.lock_is_free(row.claimed_by)

    def uncertain(self, *, until: datetime, most: int) -> list[Doubtful]:
        rows = self.by_status[MessageStatus.UNCERTAIN].values()
        return [_doubtful(row) for row in rows if self.unknown_since(row) <= until][:most]

    def unknown_since(self, row: Row) -> datetime:
        """When the fate of a message became unknown."""
        return row.uncertain_since or row.created_at

    def silent(
        self, *, accepted_before: datetime, asked_before: datetime, now: datetime, most: int
    ) -> list[Doubtful]:
        rows = [
            row
            for status in (MessageStatus.ACCEPTED, MessageStatus.SENT)
            for row in self.by_status[status].values()
            if row.ended_at is None
            and row.accepted_at is not None
            and row.accepted_at <= accepted_before
            and (row.asked_at is None or row.asked_at <= asked_before)
        ]
        rows = sorted(rows, key=lambda row: (row.asked_at or LONG_AGO, row.accepted_at or LONG_AGO))[:most]
        for row in rows:
            row.asked_at = now
        return [_doubtful(row) for row in rows]

    def known_sids(self, sids: Sequence[str]) -> set[str]:
        return {sid for sid in sids if sid in self.by_sid}

    def give_up_waiting(self, *, accepted_before: datetime, now: datetime, most: int) -> list[UUID]:
        rows = [
            row
            for status in (MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED)
            for row in self.by_status[status].values()
            if row.ended_at is None and row.accepted_at is not None and row.accepted_at <= accepted_before
        ][:most]
        for row in rows:
            row.ended_at = now
        return [row.id for row in rows]

    def useless(self, *, until: datetime, most: int) -> list[UUID]:
        rows = self.by_status[MessageStatus.QUEUED].values()
        return [row.id for row in rows if row.useful_until <= until][:most]

    def unwanted(self, most: int) -> list[UUID]:
        queued = self.by_status[MessageStatus.QUEUED].values()
        return [row.id for row in queued if not self.wants_sms(row.number)][:most]

    def unsent_not_shed(self, now: datetime, most: int) -> list[UUID]:
        unsent = [row for row in self.recallable() if row.purpose is INFORM]
        return [row.id for row in unsent if not self._stands(row, now)][:most]

    def recallable(self) -> list[Row]:
        """What the phone company knows nothing of."""
        return list(self.by_status[MessageStatus.QUEUED].values())

    def return_entries(
        self, message_ids: Sequence[UUID], *, because: Because, owed: bool, now: datetime
    ) -> None:
        del because
        for message_id in message_ids:
            row = self.messages[message_id]
            row.returned_at = row.returned_at or now
            for entry in row.entries:
                if entry.state is EntryState.TEXTED and entry.message_id == message_id:
                    self._set_state(entry, EntryState.LISTED)
                    entry.message_id = None
                    entry.shed_level = 0 if owed else entry.shed_level

    def report(self, message_id: UUID, report: Report, now: datetime) -> Effect:
        return move_by_report(self, self.lock_message(message_id), report, now)

    # --- ReportLedger ---

    def lock_by_send_id(self, send_id: UUID) -> MessageState | None:
        row = self.by_send_id.get(send_id)
        return None if row is None else _state(row)

    def lock_by_sid(self, sid: str) -> MessageState | None:
        row = self.by_sid.get(sid)
        return None if row is None else _state(row)

    def move_by_report(self, move: Move, now: datetime) -> list[Moved]:
        return self.move([move], now)

    def follow_report(self, moved: Sequence[Moved], now: datetime) -> None:
        for one in moved:
            row = self.messages[one.message_id]
            if one.status is MessageStatus.DELIVERED:
                self._tell(row)
            elif one.status is MessageStatus.READ:
                self._close(row)
            elif one.status in (MessageStatus.FAILED, MessageStatus.UNDELIVERED):
                self.follow_failures([FailedMessage(one, failure_class(one.code))], now)

    # --- inside ---

    def told_numbers(self, numbers: set[bytes | None], since: datetime) -> ToldNumbers:
        """Which numbers an SMS of the last day tells, and where one may have arrived."""
        standing: dict[bytes, UUID] = {}
        doubted: set[bytes] = set()
        for number in numbers:
            for row in self.by_number.get(number or b"", ()):
                if row.purpose is not INFORM or row.created_at < since:
                    continue
                if row.status is MessageStatus.UNKNOWN or (row.status in ON_ITS_WAY and row.returned_at):
                    doubted.add(row.number)
                elif row.status in ON_ITS_WAY:
                    standing[row.number] = row.id
        return ToldNumbers(standing, frozenset(doubted))

    def _text_household(self, number: bytes, household: Sequence[Entry], claim: Claim) -> Prepared:
        row = self._new_row(number, household[0].zone, INFORM, claim.now, claim.now + USEFUL_FOR[INFORM])
        row.status, row.claimed_by, row.claimed_at = MessageStatus.SENDING, claim.claimed_by, claim.now
        self._enter(row)
        for entry in household:
            self._stand(entry, row)
        return _prepared(row)

    def _claimed(self, row: Row, claim: Claim) -> Prepared:
        self._set_status(row, MessageStatus.SENDING)
        self.renew_send_id(row)
        row.claimed_by, row.claimed_at = claim.claimed_by, claim.now
        return _prepared(row)

    def renew_send_id(self, row: Row) -> None:
        """A new one for each try: late words on an earlier try are not about this one."""
        del self.by_send_id[row.send_id]
        row.send_id = self.new_id()
        self.by_send_id[row.send_id] = row

    def _new_row(
        self, number: bytes, zone: str, purpose: MessagePurpose, now: datetime, useful_until: datetime
    ) -> Row:
        message_id, send_id = self.new_id(), self.new_id()
        return Row(
            id=message_id,
            order=message_id.int,
            send_id=send_id,
            number=number,
            purpose=purpose,
            urgency=int(URGENCY_OF[purpose]),
            body=f"{purpose}:{number.hex()}",
            segments=SEGMENTS_OF_SHED if purpose is INFORM else 1,
            zone=zone,
            sender=self.sender,
            status=MessageStatus.QUEUED,
            not_before=now,
            useful_until=useful_until,
            created_at=now,
        )

    def _enter(self, row: Row) -> None:
        self.messages[row.id] = self.by_status[row.status][row.id] = self.by_send_id[row.send_id] = row
        self.by_number.setdefault(row.number, []).append(row)

    def _moved(self, row: Row, move: Move, now: datetime) -> Moved:
        self._set_status(row, move.to)
        row.claimed_by = None
        row.code = move.code or row.code
        if move.sid:
            row.sid = move.sid
            self.by_sid[move.sid] = row
        if move.to is MessageStatus.UNCERTAIN:
            row.uncertain_since = now
        elif move.to in TOOK:
            row.accepted_at = row.accepted_at or now
        if move.to in ENDED:
            row.ended_at = now
        return Moved(row.id, PLATFORM, row.id, row.purpose, row.status, row.number, row.sender, move.code)

    def speed_up(self, now: datetime) -> None:
        """What waits for its turn has it soon."""
        self.pace = SenderPace(1000, 1000, 1000, now)

    def roll_back(self, key: int) -> None:
        """As if the claims under this lock had not been committed; only a mutant's processes do so."""
        for row in [r for r in self.by_status[MessageStatus.SENDING].values() if r.claimed_by == key]:
            self._set_status(row, MessageStatus.QUEUED)

    def _set_status(self, row: Row, status: MessageStatus) -> None:
        self.on_move(row, status)
        del self.by_status[row.status][row.id]
        row.status = status
        self.by_status[status][row.id] = row

    def _set_state(self, entry: Entry, state: EntryState) -> None:
        entry.state = state
        if state is EntryState.LISTED:
            self.listed[entry.entry_id] = entry
        else:
            self.listed.pop(entry.entry_id, None)

    def _stand(self, entry: Entry, row: Row) -> None:
        self._set_state(entry, EntryState.TEXTED)
        entry.message_id = row.id
        row.entries.append(entry)

    def _stands(self, row: Row, now: datetime) -> bool:
        level = self.mode.level(now)
        mine = (e for e in row.entries if e.state is EntryState.TEXTED and e.message_id == row.id)
        return any(is_shed(entry.shed_level, level) for entry in mine)

    def _is_held(self, entry: Entry) -> bool:
        others = self.entries_by_number.get(entry.number_index or b"", ())
        return any(other.state is EntryState.LEASED for other in others)

    def _queued_for(self, number: bytes) -> list[Row]:
        return [row for row in self.by_number.get(number, ()) if row.status is MessageStatus.QUEUED]

    def _tell(self, row: Row) -> None:
        for entry in row.entries:
            if entry.state is EntryState.TEXTED and entry.message_id == row.id:
                entry.told = True

    def _close(self, row: Row) -> None:
        for entry in row.entries:
            if entry.state is EntryState.TEXTED and entry.message_id == row.id:
                self._set_state(entry, EntryState.CLOSED)


def _state(row: Row) -> MessageState:
    return MessageState(row.id, row.status, row.sid)


def _doubtful(row: Row) -> Doubtful:
    since = row.uncertain_since or row.created_at
    return Doubtful(row.id, row.number.hex(), row.body, row.sid, row.claimed_at, since)


def _prepared(row: Row) -> Prepared:
    return Prepared(row.id, row.send_id, row.number.hex(), row.body, row.segments, row.zone, row.useful_until)
