"""The device that rings for each agent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.agent_devices import AgentDevice
from outreach.storage.tables import agent_devices


def device_of(connection: Connection, user_id: UUID) -> AgentDevice:
    """What they chose; their own phone when they never chose."""
    chosen = connection.execute(
        select(agent_devices.c.device).where(agent_devices.c.user_id == user_id)
    ).scalar()
    return AgentDevice.PHONE if chosen is None else AgentDevice(chosen)


def choose(connection: Connection, user_id: UUID, device: AgentDevice, now: datetime) -> None:
    """From now on this device rings."""
    values = {"device": device.value, "chosen_at": now}
    connection.execute(
        insert(agent_devices)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[agent_devices.c.user_id], set_=values)
    )
