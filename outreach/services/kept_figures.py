"""Counts that walk over whole tables: made by a sweep, now and then, so that reading them costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.clock import Clock, monotonic
from outreach.storage import figures_store
from outreach.storage.database import Connection, Database
from outreach.storage.figures_store import KeptFigure, Rows

LEAST = timedelta(seconds=15)
OPEN_RECORDS = "open_records"
SHARE = 20  # counting takes a twentieth of the time at most, however large the tables

COUNTS: Mapping[str, Callable[[Connection, datetime], Rows]] = {
    "entries": figures_store.count_entries,
    OPEN_RECORDS: figures_store.count_open_records,
    "messages": figures_store.count_messages,
    "provider_events": figures_store.count_provider_events,
    "outbox": figures_store.count_outbox,
}


@dataclass(frozen=True)
class KeptFigures:
    """The figures of /metrics that cannot be had from an index."""

    database: Database
    clock: Clock

    def keep(self) -> int:
        """Count again what is due. Repairs nothing: 0."""
        with self.database.begin() as connection:
            kept = figures_store.kept(connection)
        for name, count in COUNTS.items():
            if _is_due(kept.get(name), self.clock.now()):
                self._count(name, count)
        return 0

    def _count(self, name: str, count: Callable[[Connection, datetime], Rows]) -> None:
        """In a transaction of its own: a long one slows every lease."""
        now, began = self.clock.now(), monotonic()
        with self.database.begin() as connection:
            rows = count(connection, now)
        took = timedelta(seconds=monotonic() - began)
        with self.database.begin() as connection:
            figures_store.keep(connection, name, KeptFigure(rows, now, took))


def _is_due(kept: KeptFigure | None, now: datetime) -> bool:
    return kept is None or now - kept.counted_at >= max(LEAST, SHARE * kept.took)
