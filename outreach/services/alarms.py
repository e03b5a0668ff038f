"""Alarms as supervisors see them: what is open, and clearing it; and those that no use case raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outreach.clock import Clock
from outreach.errors import NotFound
from outreach.storage import alarm_store
from outreach.storage.alarm_store import AlarmKind, AlarmsAsked
from outreach.storage.database import Connection, Database

MOST = 200
PARAMETER = re.compile("[A-Z][A-Za-z]{1,39}[0-9]?")  # what the phone company calls its parameters


@dataclass(frozen=True)
class Alarms:
    """Open alarms of some platforms."""

    database: Database
    clock: Clock

    def open(self, platforms: Sequence[str]) -> list[dict[str, Any]]:
        """Newest first, with those that concern the whole installation."""
        with self.database.begin() as connection:
            return [dict(row) for row in alarm_store.open_alarms(connection, platforms, most=MOST)]

    def page(self, asked: AlarmsAsked, *, most: int) -> list[dict[str, Any]]:
        """Open and cleared, newest first; `cleared_by_login` is null for what settled itself."""
        with self.database.begin() as connection:
            return [dict(row) for row in alarm_store.page(connection, asked, most=most)]

    def webhook_changed(self, webhook: str, unknown: Iterable[str], *, taken: bool) -> None:
        """The phone company signed parameters that this version does not know.

        Its news are lost until they are set, unless they could be taken all the same.
        """
        names = sorted(name for name in unknown if PARAMETER.fullmatch(name))
        with self.database.begin() as connection:
            alarm_store.raise_alarm(
                connection,
                AlarmKind.WEBHOOK_CHANGED if taken else AlarmKind.WEBHOOK_REFUSED,
                webhook,
                platform=None,
                now=self.clock.now(),
                facts={"names": names, "setting": "OUTREACH_WEBHOOK_EXTRA_NAMES"},
            )

    def clear(self, alarm_id: UUID, *, by: UUID, platforms: Sequence[str]) -> None:
        """Raises NotFound for an alarm of another platform."""
        with self.database.begin() as connection:
            _kind_of(connection, alarm_id, platforms)
            alarm_store.clear(connection, alarm_id, by=by, now=self.clock.now())

    def clear_older(self, alarm_id: UUID, *, by: UUID, platforms: Sequence[str]) -> None:
        """All of its kind that were raised before it. Raises NotFound for an alarm of another platform."""
        now = self.clock.now()
        with self.database.begin() as connection:
            kind = _kind_of(connection, alarm_id, platforms)
            alarm_store.clear_older(connection, kind, platforms, than=alarm_id, by=by, now=now)


def _kind_of(connection: Connection, alarm_id: UUID, platforms: Sequence[str]) -> str:
    """Raises NotFound."""
    alarm = alarm_store.by_id(connection, alarm_id)
    if alarm is None or alarm["platform"] not in (None, *platforms):
        raise NotFound("There is no such alarm.")
    return str(alarm["kind"])
