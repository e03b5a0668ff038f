"""Senders: the pace each is allowed now, and whether it was stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.send_pace import SenderPace
from outreach.storage.tables import platforms, senders

_FIELDS = tuple(SenderPace.__dataclass_fields__)


def names(connection: Connection, default: str) -> list[str]:
    """Every sender that some platform uses; '' on a platform means the default."""
    own = connection.execute(select(platforms.c.sender).where(platforms.c.sender != "").distinct())
    return sorted({default, *own.scalars()} - {""})


def lock(connection: Connection, sender: str, *, most: int, now: datetime) -> SenderPace:
    """The sender's pace, made at its first use; one claim at a time holds it, so that claims never cross."""
    held = _pace(connection, sender, most, lock=True)
    if held is None:
        new = SenderPace(pace=most, most=most, tokens=most, refilled_at=now)
        connection.execute(insert(senders).values(sender=sender, **vars(new)).on_conflict_do_nothing())
        held = _pace(connection, sender, most, lock=True)
    return held or new


def read(connection: Connection, sender: str, *, most: int) -> SenderPace | None:
    """The sender's pace as it stands, without holding it; None before its first use."""
    return _pace(connection, sender, most, lock=False)


def _pace(connection: Connection, sender: str, most: int, *, lock: bool) -> SenderPace | None:
    query = select(*(senders.c[name] for name in _FIELDS)).where(senders.c.sender == sender)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else replace(SenderPace(*row), most=most, pace=min(row.pace, most))


def put(connection: Connection, sender: str, pace: SenderPace) -> None:
    connection.execute(update(senders).where(senders.c.sender == sender).values(**vars(pace)))


def stop(connection: Connection, sender: str, because: str) -> bool:
    """Claim nothing more for this sender; whether it was still running."""
    stopped = connection.execute(
        update(senders)
        .where(senders.c.sender == sender, senders.c.stopped_because.is_(None))
        .values(stopped_because=because)
    )
    return stopped.rowcount > 0


def resume(connection: Connection, sender: str) -> bool:
    """Let it send again; whether it had been stopped."""
    resumed = connection.execute(
        update(senders)
        .where(senders.c.sender == sender, senders.c.stopped_because.is_not(None))
        .values(stopped_because=None, paused_until=None)
    )
    return resumed.rowcount > 0


def stopped_for(connection: Connection, platform: str) -> str | None:
    """Why the sender of this platform is stopped; None when it runs."""
    return connection.execute(
        text(
            """
            select s.stopped_because from senders s join platforms p on p.code = :platform
            where s.stopped_because is not null and (s.sender = p.sender or p.sender = '' and not exists (
              select from platforms other where other.sender = s.sender))
            limit 1
            """
        ),
        {"platform": platform},
    ).scalar_one_or_none()


def hold(session: Connection, key: int) -> None:
    """Prove that we live: a lock that PostgreSQL frees the moment this session ends, however it ends."""
    session.execute(text("select pg_advisory_lock(:key)"), {"key": key})


def check_alive(session: Connection) -> None:
    """Raises when the session, and its lock with it, is gone."""
    session.execute(text("select 1"))


def messages_of_dead(connection: Connection, *, most: int) -> list[UUID]:
    """Messages in SENDING whose sender's lock is free: nobody will save their answer."""
    rows = connection.execute(
        text(
            """
            select m.id from messages m
            where m.status = 'SENDING' and not exists (
              select from pg_locks l
              where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                and l.database = (select oid from pg_database where datname = current_database())
                and (l.classid::bigint << 32 | l.objid::bigint) = m.claimed_by)
            limit :most
            """
        ),
        {"most": most},
    )
    return list(rows.scalars())
