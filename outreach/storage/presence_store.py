"""Which agents are there: a heartbeat from each open page, and whether they are on shift."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import agent_presence


class PresenceState(StrEnum):
    """Only agents ON_SHIFT are given entries and transfers."""

    ON_SHIFT = "ON_SHIFT"
    PAUSED = "PAUSED"
    OFF = "OFF"


def beat(connection: Connection, agent_id: UUID, now: datetime) -> None:
    """The agent's page is open; the first beat of a day begins nothing by itself."""
    statement = insert(agent_presence).values(
        user_id=agent_id, state=PresenceState.ON_SHIFT.value, heartbeat_at=now, since=now
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=[agent_presence.c.user_id], set_={"heartbeat_at": now})
    )


def set_state(connection: Connection, agent_id: UUID, state: PresenceState, now: datetime) -> None:
    """`since` is the moment of the last change."""
    c = agent_presence.c
    statement = insert(agent_presence).values(
        user_id=agent_id, state=state.value, heartbeat_at=now, since=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[c.user_id],
            set_={
                "state": state.value,
                "heartbeat_at": now,
                "since": case((c.state == state.value, c.since), else_=now),
            },
        )
    )


def state_of(connection: Connection, agent_id: UUID) -> PresenceState:
    found = connection.execute(
        select(agent_presence.c.state).where(agent_presence.c.user_id == agent_id)
    ).scalar_one_or_none()
    return PresenceState.OFF if found is None else PresenceState(found)
