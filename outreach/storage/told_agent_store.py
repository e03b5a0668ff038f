"""What agents are told a supervisor did with their work, until they have seen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from outreach.domain.supervision import ActKind, ActReason
from outreach.ids import new_id
from outreach.storage.tables import told_agents, users
from outreach.storage.touched import touch_agent

MOST = 20


@dataclass(frozen=True)
class Act:
    """One act on an agent's work, with its reason."""

    platform: str
    agent_id: UUID
    by: UUID
    kind: ActKind
    reason: ActReason
    entry_id: UUID
    at: datetime


@dataclass(frozen=True)
class Told:
    """An act as the agent reads it; `by` is a login."""

    id: UUID
    kind: ActKind
    reason: ActReason
    by: str
    at: datetime


def tell(connection: Connection, act: Act) -> None:
    """The agent's page shows it at once."""
    connection.execute(
        insert(told_agents).values(
            id=new_id(),
            platform=act.platform,
            user_id=act.agent_id,
            by_user=act.by,
            kind=act.kind.value,
            reason=act.reason.value,
            entry_id=act.entry_id,
            at=act.at,
        )
    )
    touch_agent(connection, act.agent_id)


def unseen(connection: Connection, agent_id: UUID) -> list[Told]:
    """Newest first."""
    c = told_agents.c
    rows = connection.execute(
        select(c.id, c.kind, c.reason, users.c.login, c.at)
        .join(users, users.c.id == c.by_user)
        .where(c.user_id == agent_id, c.seen_at.is_(None))
        .order_by(c.id.desc())
        .limit(MOST)
    )
    return [Told(row[0], ActKind(row[1]), ActReason(row[2]), row[3], row[4]) for row in rows]


def note_seen(connection: Connection, agent_id: UUID, now: datetime) -> int:
    """The agent read what was told; how many lines that were."""
    c = told_agents.c
    changed = connection.execute(
        update(told_agents).where(c.user_id == agent_id, c.seen_at.is_(None)).values(seen_at=now)
    )
    touch_agent(connection, agent_id)
    return changed.rowcount
