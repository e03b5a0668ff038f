"""What leaves the agents' list for others, and comes back: escalations, the health agency, sick leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import EntryState, Queue, standing_at
from outreach.errors import Conflict
from outreach.services.settling import hours_for
from outreach.services.shed_levels import level_in
from outreach.storage import call_list_store, case_progress_store, escalation_store, journal, person_store
from outreach.storage.call_list_store import Entry
from outreach.storage.case_progress_store import HandedRecord
from outreach.storage.database import Connection, Database
from outreach.storage.escalation_store import Escalated


@dataclass(frozen=True)
class Handover:
    """Queues beside the agents' own (doctors, interpreters, seniors…), and lists for others."""

    database: Database
    clock: Clock

    def escalated(self, queue: Queue, platforms: Sequence[str], *, most: int = 200) -> list[Escalated]:
        """Who waits in a queue, most urgent first, by id."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return escalation_store.waiting(connection, queue, platforms, most=most)

    def move_to(self, entry_id: UUID, queue: Queue, *, by: UUID, because: str) -> None:
        """Send an entry to another queue, or back to the agents with its order unchanged.

        A promised or delayed call keeps its moment. Outside the agents' queue no mode puts an SMS in its
        place. Raises Conflict when the entry stands there already, is closed, has no number to call, or is in
        someone's hands: they report its outcome first.
        """
        now = self.clock.now()
        with self.database.begin() as connection:
            entry = call_list_store.lock(connection, entry_id)
            if entry.state in (EntryState.CLOSED, EntryState.LEASED):
                state = "closed" if entry.state is EntryState.CLOSED else "in someone's hands"
                raise Conflict(f"This entry is {state}.", code="entry_not_movable")
            if queue is entry.queue:
                raise Conflict("This entry stands in that queue already.", code="entry_not_movable")
            context = call_list_store.context_of(connection, entry.id)
            hours = hours_for(entry, context)
            standing = standing_at(_due(entry, queue, now), queue, hours, now)
            back = queue is Queue.AGENTS
            call_list_store.move(
                connection,
                entry,
                event=journal.Event.ENTRY_RETURNED if back else journal.Event.ENTRY_ESCALATED,
                facts={"queue": queue.value, "because": because},
                actor=journal.by_user(by),
                now=now,
                state=standing.state.value,
                queue=queue.value,
                not_before=standing.not_before,
                ready_until=standing.ready_until,
                message_id=None,
                shed_level=level_in(queue, entry, context),
                **_number(connection, entry, queue),
            )

    def sick_leave(self, platforms: Sequence[str]) -> list[HandedRecord]:
        """Who asked for sick leave, by record number."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return case_progress_store.needing_sick_leave(connection, platforms)

    def to_ars(self, platforms: Sequence[str], *, since: datetime, until: datetime) -> list[HandedRecord]:
        """Records handed to the regional health agency, by record number; no name leaves with them."""
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return case_progress_store.handed_to_ars(connection, platforms, since=since, until=until)


def _due(entry: Entry, queue: Queue, now: datetime) -> datetime:
    """Looking up a number waits for nothing; a call waits for its moment."""
    if queue is Queue.SEARCH:
        return now
    return max(moment for moment in (now, entry.not_before, entry.callback_at) if moment is not None)


def _number(connection: Connection, entry: Entry, queue: Queue) -> dict[str, object]:
    """Who was looked up is called at their first number that may be good."""
    if queue is Queue.SEARCH or entry.number_index is not None:
        return {}
    for line in person_store.phone_lines(connection, entry.person_id):
        if not line.bad:
            return {"number_index": line.number_index, "phone_position": line.position}
    raise Conflict("This entry has no number to call: add one first.", code="no_number")
