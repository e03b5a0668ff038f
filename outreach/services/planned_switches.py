"""Switches at a moment to come: planned by a supervisor, carried out by a sweep, or cancelled before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.load_shedding import Mode
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.load_shedding_switch import (
    LoadSheddingSwitch,
    check_sender,
    check_wish,
    journal_switch,
)
from outreach.storage import alarm_store, journal, mode_store, planned_switch_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.planned_switch_store import PlannedSwitch

MOST_SHOWN = 100
PLANNER = journal.by_system("plan")


@dataclass(frozen=True)
class PlannedSwitches:
    """A planned switch comes whatever was switched meanwhile; it can be seen and cancelled before."""

    database: Database
    clock: Clock
    switch: LoadSheddingSwitch

    def plan(
        self,
        platform: str,
        mode: Mode,
        *,
        reason: str,
        author_id: UUID | None,
        starts_at: datetime,
        ends_at: datetime | None = None,
    ) -> PlannedSwitch:
        """Raises InvalidInput for a start that has passed or an end before it; NotFound."""
        now = self.clock.now()
        check_wish(reason, ends_at, starts_at)
        if starts_at <= now:
            raise InvalidInput(
                "The start of a planned switch lies ahead.",
                field="starts_at",
                mend="switch now, without a start",
            )
        planned = PlannedSwitch(
            new_id(), platform, mode, reason.strip(), author_id, starts_at, ends_at, created_at=now
        )
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            planned_switch_store.add(connection, planned)
            _note(connection, planned, Event.SWITCH_PLANNED, _actor(author_id), now)
        return planned

    def of_platform(self, platform: str) -> list[PlannedSwitch]:
        """Those still to come first. Raises NotFound."""
        with self.database.begin() as connection:
            mode_store.in_force(connection, platform)
            return planned_switch_store.of_platform(connection, platform, most=MOST_SHOWN)

    def cancel(self, platform: str, planned_id: UUID, *, by: UUID | None) -> PlannedSwitch:
        """Raises NotFound; Conflict once it was carried out."""
        with self.database.begin() as connection:
            planned = planned_switch_store.lock(connection, planned_id)
            if planned.platform != platform:
                raise NotFound("There is no such planned switch.")
            if planned.state != "PLANNED":
                raise Conflict("This planned switch is over already.", code="planned_switch_over")
            planned_switch_store.settle(connection, planned_id, state="CANCELLED")
            _note(connection, planned, Event.SWITCH_CANCELLED, _actor(by), self.clock.now())
        return planned

    def carry_out(self) -> int:
        """Put those in force whose moment has come; one that cannot be raises an alarm. How many."""
        with self.database.begin() as connection:
            due = planned_switch_store.due(connection, self.clock.now())
        done = sum(self._carry_out(planned_id) for planned_id in due)
        if done:
            self.switch.wake()
        return done

    def _carry_out(self, planned_id: UUID) -> bool:
        now = self.clock.now()
        with self.database.begin() as connection:
            planned = planned_switch_store.lock(connection, planned_id)
            if planned.state != "PLANNED":
                return False
            try:
                self._put_in_force(connection, planned, now)
            except Conflict as conflict:
                planned_switch_store.settle(connection, planned_id, state="REFUSED", because=str(conflict))
                alarm_store.raise_alarm(
                    connection,
                    AlarmKind.PLANNED_SWITCH_REFUSED,
                    str(planned_id),
                    platform=planned.platform,
                    now=now,
                    facts={"mode": planned.mode.value, "because": str(conflict)},
                )
                return False
            planned_switch_store.settle(connection, planned_id, state="DONE")
        return True

    def _put_in_force(self, connection: Connection, planned: PlannedSwitch, now: datetime) -> None:
        before = mode_store.lock(connection, planned.platform)
        if planned.ends_at is not None and planned.ends_at <= now:
            raise Conflict("Its end had passed before it could begin.", code="planned_switch_over")
        check_sender(connection, planned.platform, planned.mode)
        journal_switch(
            connection,
            before,
            to=planned.mode,
            reason=planned.reason,
            author_id=planned.author_id,
            now=now,
            ends_at=planned.ends_at,
            facts={"planned": str(planned.id)},
        )


def _actor(user_id: UUID | None) -> str:
    return journal.by_user(user_id) if user_id else PLANNER


def _note(connection: Connection, planned: PlannedSwitch, event: Event, actor: str, now: datetime) -> None:
    facts = {
        "planned": str(planned.id),
        "mode": planned.mode.value,
        "reason": planned.reason,
        "starts_at": planned.starts_at.isoformat(),
        "ends_at": planned.ends_at.isoformat() if planned.ends_at else None,
    }
    journal.write(connection, JournalEntry(now, planned.platform, event, actor, facts=facts))
