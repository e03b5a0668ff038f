"""Passes of wall screens: a digest of each token, and the platforms whose figures it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from outreach.storage.tables import users, wall_passes

c = wall_passes.c


@dataclass(frozen=True)
class WallPass:
    """`made_by` is a login, `maker` the same by id."""

    id: UUID
    platforms: tuple[str, ...]
    maker: UUID
    made_by: str
    made_at: datetime
    good_until: datetime


def add(
    connection: Connection,
    pass_id: UUID,
    *,
    digest: bytes,
    platforms: Sequence[str],
    by: UUID,
    now: datetime,
    good_until: datetime,
) -> None:
    connection.execute(
        insert(wall_passes).values(
            id=pass_id,
            digest=digest,
            platforms=list(platforms),
            made_by=by,
            made_at=now,
            good_until=good_until,
        )
    )


def by_digest(connection: Connection, digest: bytes, now: datetime) -> tuple[tuple[str, ...], UUID] | None:
    """What a pass shows, and who made it; None when it is not good (any more)."""
    row = connection.execute(
        select(c.platforms, c.made_by).where(c.digest == digest, c.ended_at.is_(None), c.good_until > now)
    ).first()
    return None if row is None else (tuple(row.platforms), row.made_by)


def good(
    connection: Connection,
    platforms: Sequence[str],
    now: datetime,
    *,
    before: UUID | None = None,
    most: int | None = None,
) -> list[WallPass]:
    """Passes that show any of these platforms, newest first; `before` ends the page before."""
    statement = (
        select(c.id, c.platforms, c.made_by, users.c.login, c.made_at, c.good_until)
        .join(users, users.c.id == c.made_by)
        .where(c.platforms.overlap(list(platforms)), c.ended_at.is_(None), c.good_until > now)
        .order_by(c.id.desc())
        .limit(most)
    )
    rows = connection.execute(statement if before is None else statement.where(c.id < before))
    return [WallPass(row[0], tuple(row[1]), *row[2:]) for row in rows]


def end(connection: Connection, pass_id: UUID, platforms: Sequence[str], now: datetime) -> tuple[str, ...]:
    """The platforms of the pass that ended; none when there is none among these."""
    found = connection.execute(
        update(wall_passes)
        .where(c.id == pass_id, c.platforms.overlap(list(platforms)), c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(c.platforms)
    ).scalar()
    return tuple(found or ())
