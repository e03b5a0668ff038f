"""Senders: the pace each is allowed now, whether it may send, and what is usual for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.send_pace import SenderPace
from outreach.domain.sender_health import Usual
from outreach.errors import NotFound
from outreach.ids import first_id_of
from outreach.storage.tables import senders

_FIELDS = tuple(SenderPace.__dataclass_fields__)


@dataclass(frozen=True)
class SenderStates:
    """Who cannot send (stopped, until someone resumes it), and who had better not (resting, until then)."""

    stopped: frozenset[str] = frozenset()
    resting: frozenset[str] = frozenset()


def states(connection: Connection, now: datetime) -> SenderStates:
    """Of all senders."""
    c = senders.c
    rows = connection.execute(
        select(c.sender, c.stopped_because).where(or_(c.stopped_because.is_not(None), c.resting_until > now))
    ).all()
    return SenderStates(
        frozenset(row.sender for row in rows if row.stopped_because is not None),
        frozenset(row.sender for row in rows if row.stopped_because is None),
    )


def rest(
    connection: Connection, sender: str, because: str, *, until: datetime, pace: int | None = None
) -> None:
    """Let others send in its place until then; it comes back at `pace`."""
    values: dict[str, Any] = {
        "resting_until": until,
        "resting_because": because,
        "rests": senders.c.rests + 1,
    }
    if pace is not None:
        values["pace"] = pace
    connection.execute(update(senders).where(senders.c.sender == sender).values(**values))


def learn(connection: Connection, sender: str, usual: Usual, *, rested: bool) -> None:
    """What is usual for it from now on; `rested`: it is well again after a rest."""
    kept: dict[str, Any] = {"usual_pace": usual.pace, "usual_share": usual.share}
    if rested:
        kept |= {"resting_until": None, "resting_because": None, "rests": 0}
    connection.execute(update(senders).where(senders.c.sender == sender).values(**kept))


def set_ceiling(connection: Connection, sender: str, ceiling: int | None) -> None:
    """The most segments a second of this sender; None: as the settings say. It is learned up to it."""
    connection.execute(update(senders).where(senders.c.sender == sender).values(ceiling=ceiling))


@dataclass(frozen=True)
class SenderRow:
    """All that is kept of a sender."""

    sender: str
    pace: int
    ceiling: int | None
    paused_until: datetime | None
    stopped_because: str | None
    resting_until: datetime | None
    resting_because: str | None
    rests: int
    usual_pace: float | None
    usual_share: float | None


def rows(connection: Connection) -> list[SenderRow]:
    """Every sender that ever sent."""
    columns = [senders.c[name] for name in SenderRow.__dataclass_fields__]
    return [SenderRow(*row) for row in connection.execute(select(*columns).order_by(senders.c.sender))]


def one(connection: Connection, sender: str) -> SenderRow:
    """Raises NotFound for one that never sent."""
    found = next((row for row in rows(connection) if row.sender == sender), None)
    if found is None:
        raise NotFound("There is no such sender.", code="unknown_sender")
    return found


def settled_lately(
    connection: Connection, sender: str, *, since: datetime, until: datetime
) -> tuple[int, int]:
    """Of its messages made since then: those whose receipt came or is overdue, and those that arrived.

    Ids tell when a message was made, so that no index by time is needed. `until`: younger ones may still
    be on their way.
    """
    found = connection.execute(
        text(
            """
            select count(*) as settled, count(*) filter (where status in ('DELIVERED', 'READ')) as delivered
            from messages
            where id >= :first and sender = :sender and created_at >= :since and accepted_at <= :until
              and status in ('DELIVERED', 'READ', 'UNDELIVERED', 'FAILED', 'ACCEPTED', 'SENT')
            """
        ),
        {"first": first_id_of(since), "sender": sender, "since": since, "until": until},
    ).one()
    return found.settled, found.delivered


def queued_by_sender(connection: Connection) -> dict[str, int]:
    """How many messages wait for each sender."""
    found = connection.execute(
        text("select sender, count(*) as queued from messages where status = 'QUEUED' group by sender")
    )
    return {row.sender: row.queued for row in found}


def lock(connection: Connection, sender: str, *, most: int, now: datetime) -> SenderPace:
    """The sender's pace, made at its first use; one claim at a time holds it, so that claims never cross.

    `most` is for senders without a ceiling of their own.
    """
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
    columns = [*(senders.c[name] for name in _FIELDS), senders.c.ceiling]
    query = select(*columns).where(senders.c.sender == sender)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    allowed = most if row.ceiling is None else row.ceiling
    pace = min(row.pace, allowed)
    return replace(SenderPace(*row[:-1]), most=allowed, pace=pace, tokens=min(row.tokens, pace))


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
    """Let it send again; whether it was stopped, or resting."""
    resumed = connection.execute(
        update(senders)
        .where(
            senders.c.sender == sender,
            or_(senders.c.stopped_because.is_not(None), senders.c.resting_until.is_not(None)),
        )
        .values(stopped_because=None, paused_until=None, resting_until=None, resting_because=None, rests=0)
    )
    return resumed.rowcount > 0


def hold(session: Connection, key: int) -> None:
    """Prove that we live: a lock that PostgreSQL frees the moment this session ends, however it ends."""
    session.execute(text("select pg_advisory_lock(:key)"), {"key": key})


def check_alive(session: Connection) -> None:
    """Raises when the session, and its lock with it, is gone."""
    session.execute(text("select 1"))


@dataclass(frozen=True)
class FrozenSender:
    """A sender whose claimed messages nobody posts nor gives up, and the oldest claim among them."""

    sender: str
    messages: int
    since: datetime


_LOCK_IS_HELD = """exists (
              select from pg_locks l
              where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                and l.database = (select oid from pg_database where datname = current_database())
                and (l.classid::bigint << 32 | l.objid::bigint) = m.claimed_by)"""


def frozen(connection: Connection, *, claimed_before: datetime) -> list[FrozenSender]:
    """Messages in SENDING for too long although the session of their sender still holds its lock."""
    rows = connection.execute(
        text(
            "select m.sender, count(*) as messages, min(m.claimed_at) as since from messages m"  # noqa: S608
            f" where m.status = 'SENDING' and m.claimed_at < :before and {_LOCK_IS_HELD}"
            " group by m.sender order by m.sender"
        ),
        {"before": claimed_before},
    )
    return [FrozenSender(*row) for row in rows]


def messages_of_dead(connection: Connection, *, most: int) -> list[UUID]:
    """Messages in SENDING whose sender's lock is free: nobody will save their answer."""
    rows = connection.execute(
        text(
            f"select m.id from messages m where m.status = 'SENDING' and not {_LOCK_IS_HELD} limit :most"  # noqa: S608
        ),
        {"most": most},
    )
    return list(rows.scalars())
