"""Which agents are on shift."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import agent_presence

NEVER = datetime.fromtimestamp(0, UTC)  # no sign of life yet


class PresenceState(StrEnum):
    """Calls are transferred to those ON_SHIFT whose page is open."""

    ON_SHIFT = "ON_SHIFT"
    PAUSED = "PAUSED"
    OFF = "OFF"


def hold(connection: Connection, agent_id: UUID, now: datetime) -> None:
    """Until the transaction ends nobody else puts a person into the agent's hands.

    Held before any entry by all who do so: nobody waits in a circle. Who was never there gets a row to hold.
    """
    c = agent_presence.c
    absent = insert(agent_presence).values(
        user_id=agent_id, state=PresenceState.OFF.value, heartbeat_at=NEVER, since=now
    )
    connection.execute(absent.on_conflict_do_nothing(index_elements=[c.user_id]))
    connection.execute(select(c.user_id).where(c.user_id == agent_id).with_for_update())


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
