"""Write-back: outcomes go from the outbox to the outside case system, each at least once, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from outreach.clock import Clock
from outreach.log import get_logger
from outreach.services.case_system_words import LONGEST_TELL_SECONDS, NotDelivered
from outreach.storage import alarm_store, outbox
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.outbox import OutboxEntry, OutboxFigures

if TYPE_CHECKING:  # what it posts with is brought in where a case system is set
    from outreach.services.case_system import CaseSystem

log = get_logger("write_back")

BATCH = 5  # few: what a killed worker had claimed is told two minutes later
# A claim outlasts its batch however slow each post is: nobody else posts the same meanwhile.
CLAIM_SECONDS = (BATCH + 1) * LONGEST_TELL_SECONDS
MOST_TRIES = 14  # with the pauses below: given up after some twenty hours
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=6)
GIVE_UP_BATCH_AFTER = 3  # failures in a row: the system is down, the others wait untried


def pause_after(tries: int) -> timedelta:
    """15 s, 30 s, 1 min … 6 h: it doubles with each try."""
    return min(FIRST_PAUSE * (1 << (tries - 1)), LONGEST_PAUSE)


@dataclass(frozen=True)
class Published:
    """What one run came to."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


@dataclass(frozen=True)
class WriteBack:
    """`case_system` is None until an address is set: entries then wait in the outbox."""

    database: Database
    clock: Clock
    case_system: CaseSystem | None

    def publish(self, *, most: int = 1000) -> Published:
        """Deliver what is due, in claimed batches; ends when nothing is due, or nobody answers."""
        total = Published()
        while self.case_system is not None and total.delivered + total.failed + total.dead < most:
            with self.database.begin() as connection:
                entries = outbox.claim_due(
                    connection, now=self.clock.now(), most=BATCH, claim_seconds=CLAIM_SECONDS
                )
            run = self._publish_batch(self.case_system, entries)
            total = Published(
                total.delivered + run.delivered, total.failed + run.failed, total.dead + run.dead
            )
            if len(entries) < BATCH or run.failed + run.dead >= GIVE_UP_BATCH_AFTER:
                break
        return total

    def _publish_batch(self, case_system: CaseSystem, entries: list[OutboxEntry]) -> Published:
        delivered: list[OutboxEntry] = []
        failed: list[tuple[OutboxEntry, str]] = []
        in_a_row = 0
        for entry in entries:
            if in_a_row >= GIVE_UP_BATCH_AFTER:
                break
            try:
                case_system.tell(entry, now=self.clock.now())
            except NotDelivered as error:
                failed.append((entry, error.word))
                in_a_row += 1
            else:
                delivered.append(entry)
                in_a_row = 0
        return self._save(delivered, failed, entries[len(delivered) + len(failed) :])

    def _save(
        self,
        delivered: list[OutboxEntry],
        failed: list[tuple[OutboxEntry, str]],
        untried: list[OutboxEntry],
    ) -> Published:
        now, dead = self.clock.now(), 0
        with self.database.begin() as connection:
            outbox.save_delivered(connection, [entry.id for entry in delivered], now=now)
            outbox.give_back(connection, [entry.id for entry in untried], next_try_at=now + FIRST_PAUSE)
            for entry, word in failed:
                dead += _save_failure(connection, entry, word, now)
        if failed:
            log.warning("write_back.failed", failed=len(failed), dead=dead, untried=len(untried))
        return Published(len(delivered), len(failed) - dead, dead)

    def replay_dead(self, *, platform: str | None = None) -> int:
        """Make dead letters due again (of one platform, or all); how many."""
        with self.database.begin() as connection:
            return outbox.revive_dead(connection, platform=platform, now=self.clock.now())

    def figures(self, *, platform: str | None = None) -> OutboxFigures:
        with self.database.begin() as connection:
            return outbox.figures(connection, platform=platform)

    def dead_letters(self, platforms: Sequence[str]) -> list[dict[str, Any]]:
        """The newest dead letters, without their payload."""
        with self.database.begin() as connection:
            return outbox.dead_letters(connection, platforms, most=100)


def _save_failure(connection: Connection, entry: OutboxEntry, word: str, now: datetime) -> bool:
    """Try again later, or give up with an alarm; whether it is dead now."""
    if entry.tries < MOST_TRIES:
        outbox.save_failed(connection, entry.id, error=word, next_try_at=now + pause_after(entry.tries))
        return False
    outbox.save_dead(connection, entry.id, error=word, now=now)
    alarm_store.raise_alarm(
        connection, AlarmKind.WRITE_BACK_DEAD, entry.platform, platform=entry.platform, now=now
    )
    return True
