"""Tells supervisors and auditors of whoever reads far more records than their work needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.clock import Clock
from outreach.domain.roles import Role
from outreach.domain.unusual_reading import LEAST, WITHIN, WORKED_WITHIN, allowance, is_unusual
from outreach.storage import alarm_store, platform_store, reading_store
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Connection, Database
from outreach.storage.reading_store import Readings


@dataclass(frozen=True)
class ReadingAlerts:
    """Looks back an hour, whenever it is asked; one alarm a day for each reader."""

    database: Database
    clock: Clock

    def look(self) -> int:
        """Sweep. How many alarms were raised."""
        now = self.clock.now()
        with self.database.begin() as connection:
            found = reading_store.readings(
                connection, since=now - WITHIN, now=now, worked_since=now - WORKED_WITHIN, least=LEAST
            )
            return sum(_raise(connection, one, now) for one in found)


def _raise(connection: Connection, one: Readings, now: datetime) -> bool:
    roles = [Role(role) for role in one.roles]
    if not is_unusual(one.beyond_work, roles):
        return False
    home = one.platforms[0] if one.platforms else None
    zone = platform_store.read(connection, home).time_zone if home else "UTC"
    subject = f"{one.user_id}/{now.astimezone(ZoneInfo(zone)).date()}"
    if alarm_store.was_raised(connection, AlarmKind.UNUSUAL_READING, subject):
        return False
    facts = {
        "user_id": str(one.user_id),
        "read": one.read,
        "beyond_work": one.beyond_work,
        "allowed": allowance(roles),
    }
    kind = AlarmKind.UNUSUAL_READING
    return alarm_store.raise_alarm(connection, kind, subject, platform=home, now=now, facts=facts)
