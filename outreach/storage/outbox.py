"""What must reach outside case systems: written with the outcome, delivered later, never forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from outreach.ids import OutboxId, new_id
from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import outbox


@dataclass(frozen=True)
class OutboxEntry:
    """One thing to tell; `id` is its idempotency key, `tries` counts this one."""

    id: UUID
    platform: str
    kind: str
    payload: dict[str, Any]
    created_at: datetime
    tries: int


@dataclass(frozen=True)
class OutboxFigures:
    """`oldest_waiting_at` is None when nothing waits."""

    waiting: int
    dead: int
    delivered: int
    oldest_waiting_at: datetime | None


def add(connection: Connection, platform: str, kind: str, payload: dict[str, Any], now: datetime) -> OutboxId:
    """Promise a delivery, in the transaction of what it tells.

    `payload`: record numbers and codes, no names.
    """
    entry_id = OutboxId(new_id())
    connection.execute(
        insert(outbox).values(
            id=entry_id, platform=platform, kind=kind, payload=payload, created_at=now, next_try_at=now
        )
    )
    return entry_id


_ADD_ALL = HotStatement(
    """
    insert into outbox (id, platform, kind, payload, created_at, next_try_at)
    select o.id, o.platform, :kind, cast(o.payload as jsonb), :now, :now
    from unnest(cast(:ids as uuid[]), cast(:platforms as text[]), cast(:payloads as text[]))
      o(id, platform, payload)
    """
)


def add_all(
    connection: Connection, kind: str, told: Sequence[tuple[str, dict[str, Any]]], now: datetime
) -> None:
    """As `add`, for many of one kind: platform and payload of each."""
    if told:
        values = {
            "ids": [new_id() for _ in told],
            "platforms": [platform for platform, _ in told],
            "payloads": [json.dumps(payload) for _, payload in told],
        }
        _ADD_ALL.count(connection, {**values, "kind": kind, "now": now})


def claim_due(connection: Connection, *, now: datetime, most: int, claim_seconds: float) -> list[OutboxEntry]:
    """Take the oldest due ones; a publisher that dies leaves them due again after `claim_seconds`."""
    due = (
        select(outbox.c.id)
        .where(outbox.c.delivered_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.next_try_at <= now)
        .order_by(outbox.c.next_try_at, outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(due.scalar_subquery()))
        .values(tries=outbox.c.tries + 1, next_try_at=now + timedelta(seconds=claim_seconds))
        .returning(
            outbox.c.id,
            outbox.c.platform,
            outbox.c.kind,
            outbox.c.payload,
            outbox.c.created_at,
            outbox.c.tries,
        )
    )
    return sorted((OutboxEntry(*row) for row in rows), key=lambda entry: entry.id)


def save_delivered(connection: Connection, ids: Sequence[UUID], *, now: datetime) -> None:
    if ids:
        connection.execute(
            update(outbox).where(outbox.c.id.in_(ids)).values(delivered_at=now, last_error=None)
        )


def save_failed(connection: Connection, entry_id: UUID, *, error: str, next_try_at: datetime) -> None:
    connection.execute(
        update(outbox)
        .where(outbox.c.id == entry_id, outbox.c.delivered_at.is_(None))
        .values(next_try_at=next_try_at, last_error=error)
    )


def give_back(connection: Connection, ids: Sequence[UUID], *, next_try_at: datetime) -> None:
    """Claimed but not tried: this claim does not count."""
    if ids:
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(tries=outbox.c.tries - 1, next_try_at=next_try_at)
        )


def save_dead(connection: Connection, entry_id: UUID, *, error: str, now: datetime) -> None:
    """Give up until someone replays it."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == entry_id, outbox.c.delivered_at.is_(None))
        .values(dead_at=now, last_error=error)
    )


def revive_dead(connection: Connection, *, platform: str | None, now: datetime) -> int:
    """Make dead letters due again, with their tries forgotten; how many."""
    statement = update(outbox).where(outbox.c.dead_at.is_not(None), outbox.c.delivered_at.is_(None))
    if platform is not None:
        statement = statement.where(outbox.c.platform == platform)
    return connection.execute(statement.values(dead_at=None, tries=0, next_try_at=now)).rowcount


def dead_letters(connection: Connection, platforms: Sequence[str], *, most: int) -> list[dict[str, Any]]:
    """The newest dead letters of these platforms."""
    rows = connection.execute(
        select(
            outbox.c.id,
            outbox.c.platform,
            outbox.c.kind,
            outbox.c.created_at,
            outbox.c.dead_at,
            outbox.c.last_error,
        )
        .where(outbox.c.platform.in_(platforms), outbox.c.dead_at.is_not(None))
        .order_by(outbox.c.dead_at.desc())
        .limit(most)
    )
    return [dict(row) for row in rows.mappings()]


def figures(connection: Connection, *, platform: str | None = None) -> OutboxFigures:
    """How much waits, since when, and what is dead."""
    waits = outbox.c.delivered_at.is_(None) & outbox.c.dead_at.is_(None)
    statement = select(
        func.count().filter(waits),
        func.count().filter(outbox.c.dead_at.is_not(None)),
        func.count().filter(outbox.c.delivered_at.is_not(None)),
        func.min(outbox.c.created_at).filter(waits),
    )
    if platform is not None:
        statement = statement.where(outbox.c.platform == platform)
    waiting, dead, delivered, oldest = connection.execute(statement).one()
    return OutboxFigures(waiting, dead, delivered, oldest)
