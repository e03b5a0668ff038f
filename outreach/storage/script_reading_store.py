"""Until when each agent has read what changed in the scripts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import script_readings


def read_until(connection: Connection, user_id: UUID) -> datetime | None:
    """None: they never said that they had read anything."""
    moment: datetime | None = connection.execute(
        select(script_readings.c.read_until).where(script_readings.c.user_id == user_id)
    ).scalar()
    return moment


def set_read_until(connection: Connection, user_id: UUID, moment: datetime) -> None:
    """Never earlier than before."""
    added = insert(script_readings).values(user_id=user_id, read_until=moment)
    later = func.greatest(script_readings.c.read_until, added.excluded.read_until)
    connection.execute(
        added.on_conflict_do_update(index_elements=[script_readings.c.user_id], set_={"read_until": later})
    )
