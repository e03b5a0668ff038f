"""Working the call list: one entry at a time for each agent, and the sweeps that keep the list true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.call_list import AT_RISK_BEFORE, EntryState, Queue, Standing, standing_at
from outreach.domain.calling_hours import callee_hours
from outreach.domain.load_shedding import SMS_BEFORE_DEADLINE
from outreach.domain.outcomes import CallOutcome
from outreach.domain.sms_hours import SmsHours
from outreach.ids import new_id
from outreach.services.settling import Settlement, settle
from outreach.storage import (
    alarm_store,
    attempt_store,
    call_list_store,
    journal,
    language_store,
    lease_store,
    presence_store,
    readiness_store,
    rota_store,
)
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.call_list_store import HouseholdEntry
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.lease_store import Leased, NumberTaken
from outreach.storage.presence_store import PresenceState
from outreach.storage.readiness_store import DueEntry, StoredHours

# Without a heartbeat; with a sweep every 20 s an entry is back within two minutes.
LEASE_FOR = timedelta(seconds=90)
MOST_RACES = 20
PIECE = 2_000  # entries moved in one transaction

Due = Callable[..., list[DueEntry]]
Given = TypeVar("Given")


@dataclass(frozen=True)
class Readiness:
    """How many entries a sweep made callable, and how many it put to wait."""

    ready: int
    waiting: int


@dataclass(frozen=True)
class CallList:
    """Use cases of agents (lease, heartbeat, release, shift) and of the schedule (sweeps)."""

    database: Database
    clock: Clock
    lease_for: timedelta = LEASE_FOR
    sms_hours: SmsHours = field(default_factory=SmsHours)

    def next_entry(
        self,
        agent_id: UUID,
        *,
        platforms: Sequence[str],
        languages: Sequence[str],
        queues: Sequence[Queue] = (Queue.AGENTS,),
    ) -> Leased | None:
        """What the agent holds already, else the most urgent entry they may call; None when there is none."""
        return self.leasing(
            lambda connection: self.lease(
                connection, agent_id, platforms=platforms, languages=languages, queues=queues
            )
        )

    def leasing(self, work: Callable[[Connection], Given | None]) -> Given | None:
        """Run a transaction that leases; anew when someone behind the same number was taken meanwhile."""
        for _ in range(MOST_RACES):
            try:
                with self.database.begin() as connection:
                    return work(connection)
            except NumberTaken:
                continue
        return None

    def lease(
        self,
        connection: Connection,
        agent_id: UUID,
        *,
        platforms: Sequence[str],
        languages: Sequence[str],
        queues: Sequence[Queue],
    ) -> Leased | None:
        """As `next_entry`, in the transaction of `leasing`. Raises NumberTaken."""
        now = self.clock.now()
        # Their other request may have leased while the beat waited for it: only a new statement sees that.
        lease_store.keep_alive(connection, agent_id=agent_id, now=now, until=now + self.lease_for)
        held, loans = lease_store.held_and_loans(connection, agent_id=agent_id, platforms=platforms, now=now)
        return held or lease_store.lease_next(
            connection,
            agent_id=agent_id,
            loans=loans,
            platforms=platforms,
            languages=languages,
            queues=queues,
            now=now,
            lease_id=new_id(),
            lease_for=self.lease_for,
        )

    def current(self, agent_id: UUID) -> Leased | None:
        """What the agent holds, on whatever computer they sit at now."""
        with self.database.begin() as connection:
            return lease_store.lease_of(connection, agent_id)

    def household(self, entry_id: UUID) -> list[HouseholdEntry]:
        """Who else is behind the same number."""
        with self.database.begin() as connection:
            return call_list_store.household_of(connection, entry_id)

    def heartbeat(self, agent_id: UUID) -> int:
        """The agent's page is open: their leases go on; how many they hold."""
        now = self.clock.now()
        with self.database.begin() as connection:
            return lease_store.keep_alive(connection, agent_id=agent_id, now=now, until=now + self.lease_for)

    def release(self, agent_id: UUID, *, because: str, lease_id: UUID | None = None) -> int:
        """Give an entry back uncalled, in its old place, unless an attempt is open; how many went back."""
        with self.database.begin() as connection:
            released = lease_store.release(
                connection, agent_id=agent_id, now=self.clock.now(), because=because, lease_id=lease_id
            )
        return len(released)

    def start_shift(self, agent_id: UUID, platform: str) -> None:
        with self.database.begin() as connection:
            self._change_shift(connection, agent_id, platform, PresenceState.ON_SHIFT, Event.SHIFT_STARTED)

    def end_shift(self, agent_id: UUID, platform: str) -> None:
        """What the agent held goes back, and what they alone had promised is open to all."""
        with self.database.begin() as connection:
            self._change_shift(connection, agent_id, platform, PresenceState.OFF, Event.SHIFT_ENDED)
            lease_store.release(
                connection, agent_id=agent_id, now=self.clock.now(), because=Event.SHIFT_ENDED.value
            )
            call_list_store.free_own_callbacks(connection, agent_id)

    def _change_shift(
        self, connection: Connection, agent_id: UUID, platform: str, state: PresenceState, event: Event
    ) -> None:
        now = self.clock.now()
        rota_store.end_pause(connection, agent_id, now)
        presence_store.set_state(connection, agent_id, state, now)
        journal.write(connection, JournalEntry(now, platform, event, journal.by_user(agent_id)))

    # --- sweeps: each may run twice, or beside itself ---

    def lapse(self, *, most: int = 500) -> int:
        """Take back what silent agents hold; a live call keeps its entry. How many went back."""
        now = self.clock.now()
        with self.database.begin() as connection:
            abandoned = lease_store.abandoned_wrap_ups(connection, now=now, most=most)
        lost = sum(self._give_up_wrap_up(attempt_id) for attempt_id in abandoned)
        with self.database.begin() as connection:
            return lost + len(lease_store.lapse(connection, now=now, most=most))

    def _give_up_wrap_up(self, attempt_id: UUID) -> bool:
        """A conversation whose agent vanished without a word: the entry comes first in its class."""
        with self.database.begin() as connection:
            attempt = attempt_store.lock(connection, attempt_id)
            if not attempt.open or attempt.status is not CallStatus.WRAP_UP:
                return False
            settle(
                connection,
                Settlement(
                    entry_id=attempt.entry_id,
                    outcome=CallOutcome.AGENT_LOST,
                    actor=journal.by_system("lapse"),
                    now=self.clock.now(),
                    attempt_id=attempt.id,
                ),
            )
            return True

    def keep_ready(self) -> Readiness:
        """Entries whose calling hours ended wait; those whose moment came are callable. In pieces."""
        with self.database.begin() as connection:
            hours = readiness_store.hours_of_platforms(connection)
        ended = self._look_again(readiness_store.due_to_close, hours)
        begun = self._look_again(readiness_store.due_to_open, hours)
        return Readiness(ready=ended.ready + begun.ready, waiting=ended.waiting + begun.waiting)

    def _look_again(self, due: Due, hours: dict[str, StoredHours]) -> Readiness:
        now, ready, waiting = self.clock.now(), 0, 0
        while True:
            with self.database.begin() as connection:
                piece = due(connection, now=now, most=PIECE)
                for standing, entry_ids in _standings(piece, hours, now):
                    readiness_store.stand(connection, entry_ids, standing)
                    if standing.state is EntryState.READY:
                        ready += len(entry_ids)
                    else:
                        waiting += len(entry_ids)
            if len(piece) < PIECE:
                return Readiness(ready, waiting)

    def let_late_fall_behind(self) -> int:
        """Who can still be called in time comes before those whose deadline has passed. In pieces."""
        moved = 0
        while True:
            with self.database.begin() as connection:
                piece = readiness_store.fall_behind(connection, now=self.clock.now(), most=PIECE)
            moved += piece
            if piece < PIECE:
                return moved

    def text_before_late(self) -> int:
        """Contacts whose 24 hours are nearly over are left to the SMS, under every mode. In pieces.

        Where no SMS may arrive any more they stay with the agents.
        """
        now, moved = self.clock.now(), 0
        until = now + SMS_BEFORE_DEADLINE
        with self.database.begin() as connection:
            near = readiness_store.zones_nearly_late(connection, now=now, until=until)
        zones = self.sms_hours.open_zones(near, now)
        while True:
            with self.database.begin() as connection:
                piece = readiness_store.text_before_late(
                    connection, now=now, until=until, zones=zones, most=PIECE
                )
            moved += piece
            if piece < PIECE:
                return moved

    def hand_to_interpreters(self) -> int:
        """Nobody waits for a language that is not spoken here."""
        with self.database.begin() as connection:
            return language_store.hand_to_interpreters(connection, self.clock.now())

    def alarm_near_deadline(self, *, most: int = 500) -> int:
        """One alarm, once, for each positive without a try four hours before its effective deadline; it ends
        by itself when they are called."""
        now, kind = self.clock.now(), AlarmKind.POSITIVE_NEAR_DEADLINE
        with self.database.begin() as connection:
            for subject in readiness_store.called_since(connection, kind=kind.value, most=most):
                alarm_store.settle(connection, kind, subject, now=now)
            untried = readiness_store.untried_positives(
                connection, before=now + AT_RISK_BEFORE, kind=kind.value, most=most
            )
            for positive in untried:
                alarm_store.raise_alarm(
                    connection,
                    kind,
                    str(positive.entry_id),
                    platform=positive.platform,
                    now=now,
                    facts={"effective_deadline": positive.effective_deadline.isoformat()},
                )
        return len(untried)


def _standings(
    piece: Sequence[DueEntry], hours: dict[str, StoredHours], now: datetime
) -> list[tuple[Standing, list[UUID]]]:
    """Callees of one platform, purpose, queue and zone stand alike: the rule is asked once for each."""
    alike: defaultdict[tuple[object, ...], list[DueEntry]] = defaultdict(list)
    for entry in piece:
        alike[(entry.platform, entry.purpose, entry.queue, entry.zone)].append(entry)
    return [
        (_standing(entries[0], hours[entries[0].platform], now), [entry.entry_id for entry in entries])
        for entries in alike.values()
    ]


def _standing(entry: DueEntry, platform: StoredHours, now: datetime) -> Standing:
    open_hours = callee_hours(
        platform.calling_hours,
        entry.purpose,
        zone=entry.zone,
        platform_zone=platform.zone,
        department=platform.department,
    )
    return standing_at(now, entry.queue, open_hours, now)
