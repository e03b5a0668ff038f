"""The call list seen from above: counts by class, who is late, who will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.call_list import Queue
from outreach.errors import NotFound
from outreach.storage import call_list_store, list_view_store
from outreach.storage.database import Database
from outreach.storage.list_view_store import ClassCounts, ListedEntry, Place, Sought


@dataclass(frozen=True)
class ListView:
    """Reads the list without touching it."""

    database: Database
    clock: Clock

    def by_class(self, platforms: Sequence[str]) -> list[ClassCounts]:
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return list_view_store.by_class(connection, platforms, self.clock.now())

    def late(self, platforms: Sequence[str], *, after: Place | None, most: int) -> list[ListedEntry]:
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return list_view_store.late(connection, platforms, self.clock.now(), after=after, most=most)

    def at_risk(self, platforms: Sequence[str], *, after: Place | None, most: int) -> list[ListedEntry]:
        with self.database.reading_as(platforms, now=self.clock.now()) as connection:
            return list_view_store.at_risk(connection, platforms, self.clock.now(), after=after, most=most)

    def found(
        self, platforms: Sequence[str], sought: Sought, *, after: Place | None, most: int
    ) -> list[ListedEntry]:
        """Those to be called who are like this, in the order of the list."""
        now = self.clock.now()
        with self.database.reading_as(platforms, now=now) as connection:
            return list_view_store.found(connection, platforms, sought, now, after=after, most=most)

    def queue_of(self, entry_id: UUID, platforms: Sequence[str]) -> Queue:
        """Where an entry waits. Raises NotFound for one of another platform."""
        with self.database.begin() as connection:
            entry = call_list_store.read(connection, entry_id)
        if entry.platform not in platforms:
            raise NotFound("There is no such entry on the call list.")
        return entry.queue
