"""Retention of case records: whoever's records are all past their time is erased, by a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock, monotonic
from outreach.domain.case_records import CaseKind
from outreach.domain.reasons import check_plain
from outreach.domain.retention import (
    REMINDED_BEFORE,
    USUAL_DAYS,
    RetentionRule,
    check_days,
    reminders_due,
)
from outreach.errors import InvalidInput
from outreach.services.erasure import ERASED
from outreach.services.message_queueing import MessageQueueing
from outreach.storage import (
    alarm_store,
    erasure_store,
    journal,
    old_record_store,
    platform_store,
    restriction_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.erasure_store import ErasedRecord
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.old_record_store import PastTime
from outreach.storage.restriction_store import EndingClaim

SECONDS = 1.0  # of one run: other sweeps wait meanwhile
PIECE = 200
SWEEP = journal.by_system("retention")
BECAUSE = "retention"


@dataclass(frozen=True)
class OldRecords:
    """Several sweeps may run: a piece is locked, then judged again. Killed, nothing is half done."""

    database: Database
    clock: Clock
    queueing: MessageQueueing

    def forget(self, *, most_seconds: float = SECONDS) -> int:
        """Sweep: erase people whose every record is past its time; how many."""
        until, erased = monotonic() + most_seconds, 0
        while found := self.forget_piece():
            erased += found
            if monotonic() >= until:
                break
        return erased

    def forget_piece(self, *, most: int = PIECE) -> int:
        """One short transaction; 0: nobody is due."""
        now = self.clock.now()
        with self.database.begin() as connection:
            people = old_record_store.due(connection, now, most=most)
            people = old_record_store.hold_due(connection, now, people) if people else []
            if people:
                self._erase(connection, people, now)
        return len(people)

    def remind(self) -> int:
        """Sweep: alarms of claims that end soon, each twice; those of claims named anew are settled."""
        now = self.clock.now()
        with self.database.begin() as connection:
            claims = restriction_store.ending(connection, now=now, before=now + max(REMINDED_BEFORE))
            due = {_reminder(claim, now): claim for claim in claims}
            for subject in alarm_store.open_subjects(connection, AlarmKind.CLAIM_ENDING):
                if subject not in due:
                    alarm_store.settle(connection, AlarmKind.CLAIM_ENDING, subject, now=now)
            return sum(_raise(connection, subject, claim, now) for subject, claim in due.items())

    def _erase(self, connection: Connection, people: Sequence[UUID], now: datetime) -> None:
        """The same as services/erasure.py does for one; nobody here has an open entry."""
        for person_id in old_record_store.with_queued_messages(connection, people):
            self.queueing.stop_all(connection, person_id, now=now)
        closed = old_record_store.close_records(connection, people, because=ERASED)
        erased = erasure_store.destroy(connection, people, now)
        lines = [_line(Event.CASE_CLOSED, record, ERASED, now) for record in closed]
        lines += [_line(Event.PERSON_ERASED, record, BECAUSE, now) for record in erased]
        journal.write_all(connection, lines)

    def past_time(self, platforms: Sequence[str] | None) -> list[PastTime]:
        """People of these platforms (None: all) whose time has passed, and what holds them."""
        with self.database.begin() as connection:
            found = old_record_store.past_time(connection, self.clock.now())
        return [past for past in found if platforms is None or past.platform in platforms]

    def rules(self, platforms: Sequence[str]) -> list[RetentionRule]:
        """How long records of each kind are kept."""
        with self.database.begin() as connection:
            chosen = old_record_store.rules(connection)
        return [
            RetentionRule(platform, kind, chosen.get((platform, kind), USUAL_DAYS))
            for platform in platforms
            for kind in CaseKind
        ]

    def change(self, rule: RetentionRule, *, reason: str, by: UUID) -> None:
        """From the next sweep on. Raises InvalidInput, NotFound."""
        check_days(rule.days)
        if not reason.strip():
            raise InvalidInput("A reason is needed.", field="reason", mend="Say in a few words why.")
        check_plain(reason)
        now = self.clock.now()
        with self.database.begin() as connection:
            platform_store.read(connection, rule.platform)
            before = old_record_store.rules(connection).get((rule.platform, rule.kind), USUAL_DAYS)
            old_record_store.save_rule(connection, rule, by=by, now=now)
            facts = {"kind": rule.kind.value, "days": rule.days, "before": before, "reason": reason.strip()}
            line = JournalEntry(now, rule.platform, Event.RETENTION_CHANGED, journal.by_user(by), facts=facts)
            journal.write(connection, line)


def _reminder(claim: EndingClaim, now: datetime) -> str:
    day = claim.kept_until.date().isoformat()
    return f"{claim.case_record_id}/{day}/{reminders_due(claim.kept_until, now)}"


def _raise(connection: Connection, subject: str, claim: EndingClaim, now: datetime) -> bool:
    """Once for each reminder: what a supervisor cleared is not raised again."""
    if alarm_store.was_raised(connection, AlarmKind.CLAIM_ENDING, subject):
        return False
    told = {"case_record_id": str(claim.case_record_id), "kept_until": claim.kept_until.isoformat()}
    kind, platform = AlarmKind.CLAIM_ENDING, claim.platform
    return alarm_store.raise_alarm(connection, kind, subject, platform=platform, now=now, facts=told)


def _line(event: Event, record: ErasedRecord, because: str, now: datetime) -> JournalEntry:
    return JournalEntry(
        now, record.platform, event, SWEEP, case_record_id=record.case_record_id, facts={"because": because}
    )
