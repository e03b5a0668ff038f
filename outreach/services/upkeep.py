"""Upkeep: every sweep at its own pace, noted with what it repaired; none is stopped by another failing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.clock import Clock
from outreach.log import get_logger
from outreach.storage import sweep_store
from outreach.storage.database import Database

log = get_logger("upkeep")


@dataclass(frozen=True)
class Sweep:
    """`run` repairs what it finds and gives the number; it may run at any time, and beside itself."""

    every: timedelta
    run: Callable[[], int]


@dataclass(frozen=True)
class Upkeep:
    """The sweeps by name. Their last runs are kept in the database: any process may take the next turn."""

    database: Database
    clock: Clock
    sweeps: Mapping[str, Sweep]

    def run(self) -> dict[str, int]:
        """Run every sweep that is due; what each found. A failed one is noted, logged, and due again."""
        return {name: found for name in self._due() if (found := self._run_one(name)) is not None}

    def _due(self) -> list[str]:
        with self.database.begin() as connection:
            ran: dict[str, datetime | None] = {
                row["sweep"]: row["ran_at"] for row in sweep_store.all_runs(connection)
            }
        now = self.clock.now()
        return [
            name
            for name, sweep in self.sweeps.items()
            if (last := ran.get(name)) is None or now - last >= sweep.every
        ]

    def _run_one(self, name: str) -> int | None:
        now = self.clock.now()
        try:
            found = self.sweeps[name].run()
        except Exception as error:  # whatever it is: the other sweeps must have their turn
            log.exception("sweep.failed", sweep=name, exc_info=error)
            with self.database.begin() as connection:
                sweep_store.save_failure(connection, name, now=now)
            return None
        with self.database.begin() as connection:
            sweep_store.save_run(connection, name, found=found, now=now)
        if found:
            log.info("sweep.repaired", sweep=name, found=found)
        return found
