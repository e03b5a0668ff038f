"""Alarms as supervisors see them: what is open, and clearing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.errors import NotFound
from outreach.storage import alarm_store
from outreach.storage.database import Database

MOST = 200


@dataclass(frozen=True)
class Alarms:
    """Open alarms of some platforms."""

    database: Database
    clock: Clock

    def open(self, platforms: Sequence[str]) -> list[dict[str, Any]]:
        """Newest first, with those that concern the whole installation."""
        with self.database.begin() as connection:
            return [dict(row) for row in alarm_store.open_alarms(connection, platforms, most=MOST)]

    def clear(self, alarm_id: UUID, *, by: UUID, platforms: Sequence[str]) -> None:
        """Raises NotFound for an alarm of another platform."""
        with self.database.begin() as connection:
            alarm = alarm_store.by_id(connection, alarm_id)
            if alarm is None or alarm["platform"] not in (None, *platforms):
                raise NotFound("There is no such alarm.")
            alarm_store.clear(connection, alarm_id, by=by, now=self.clock.now())
