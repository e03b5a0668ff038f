"""Requests that may arrive twice: the first answer, sealed, for whoever asks again with the same key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import idempotency_keys as keys

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class RequestKey:
    """One user's key for one route."""

    user_id: UUID
    route: str
    key: str


@dataclass(frozen=True)
class Remembered:
    """`status` is None while the first request runs, or when it died on the way."""

    request_digest: bytes
    status: int | None
    sealed_answer: bytes | None


def begin(connection: Connection, key: RequestKey, *, digest: bytes, now: datetime) -> Remembered | None:
    """Take the key; None when it is taken now for the first time, else what is remembered of it."""
    taken = connection.execute(
        insert(keys)
        .values(**vars(key), request_digest=digest, created_at=now)
        .on_conflict_do_nothing()
        .returning(keys.c.key)
    ).first()
    if taken is not None:
        return None
    row = connection.execute(
        select(keys.c.request_digest, keys.c.status, keys.c.sealed_answer).where(_is(key))
    ).one()
    return Remembered(*row)


def save_answer(connection: Connection, key: RequestKey, *, status: int, sealed_answer: bytes) -> None:
    connection.execute(update(keys).where(_is(key)).values(status=status, sealed_answer=sealed_answer))


def forget(connection: Connection, key: RequestKey) -> None:
    """The request was refused and changed nothing: the key is free again."""
    connection.execute(delete(keys).where(_is(key)))


def forget_old(connection: Connection, *, now: datetime) -> int:
    """Forget keys a day after their first use; how many."""
    return connection.execute(delete(keys).where(keys.c.created_at < now - KEPT_FOR)).rowcount


def _is(key: RequestKey) -> ColumnElement[bool]:
    return (keys.c.user_id == key.user_id) & (keys.c.route == key.route) & (keys.c.key == key.key)
