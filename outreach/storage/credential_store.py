"""What proves who somebody is: password, second factor, recovery codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import credentials, recovery_codes

_C = credentials.c


@dataclass(frozen=True)
class Credentials:
    """Of one user; None where they have none. `sealed_factor` is sealed for the purpose "second-factor"."""

    password_hash: str | None = None
    password_set_at: datetime | None = None
    sealed_factor: bytes | None = None
    factor_set_at: datetime | None = None


def of_user(connection: Connection, user_id: UUID) -> Credentials:
    row = connection.execute(
        select(_C.password_hash, _C.password_set_at, _C.sealed_factor, _C.factor_set_at).where(
            _C.user_id == user_id
        )
    ).first()
    return Credentials() if row is None else Credentials(*row)


def save_password(connection: Connection, user_id: UUID, password_hash: str, *, now: datetime) -> None:
    values = {"password_hash": password_hash, "password_set_at": now}
    connection.execute(
        insert(credentials)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[_C.user_id], set_=values)
    )


def save_rehash(connection: Connection, user_id: UUID, *, before: str, after: str) -> None:
    """The same password under newer parameters, unless it was changed meanwhile."""
    connection.execute(
        update(credentials)
        .where(_C.user_id == user_id, _C.password_hash == before)
        .values(password_hash=after)
    )


def save_factor(
    connection: Connection, user_id: UUID, sealed_factor: bytes, *, step: int, now: datetime
) -> None:
    """Set or replace the second factor; `step`: of the code that proved it."""
    values = {"sealed_factor": sealed_factor, "factor_set_at": now, "last_step": step}
    connection.execute(
        insert(credentials)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[_C.user_id], set_=values)
    )


def use_step(connection: Connection, user_id: UUID, step: int) -> bool:
    """Take the code of a time step; False when it, or a later one, was used before."""
    taken = connection.execute(
        update(credentials)
        .where(_C.user_id == user_id, _C.last_step < step)
        .values(last_step=step)
        .returning(_C.user_id)
    )
    return taken.first() is not None


def remove_factor(connection: Connection, user_id: UUID) -> None:
    """And the codes that stand for it."""
    connection.execute(
        update(credentials).where(_C.user_id == user_id).values(sealed_factor=None, factor_set_at=None)
    )
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


def replace_recovery_codes(connection: Connection, user_id: UUID, digests: Collection[bytes]) -> None:
    """The earlier ones are void."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    connection.execute(insert(recovery_codes), [{"user_id": user_id, "digest": each} for each in digests])


def use_recovery_code(connection: Connection, user_id: UUID, digest: bytes, *, now: datetime) -> bool:
    """Take a code; False when it is none of theirs, or was used before."""
    c = recovery_codes.c
    taken = connection.execute(
        update(recovery_codes)
        .where(c.user_id == user_id, c.digest == digest, c.used_at.is_(None))
        .values(used_at=now)
        .returning(c.user_id)
    )
    return taken.first() is not None


def recovery_codes_left(connection: Connection, user_id: UUID) -> int:
    c = recovery_codes.c
    count = select(func.count()).where(c.user_id == user_id, c.used_at.is_(None))
    return connection.execute(count).scalar_one()


def with_factor(connection: Connection, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these users who have a second factor."""
    rows = connection.execute(
        select(_C.user_id).where(_C.user_id.in_(user_ids), _C.sealed_factor.is_not(None))
    )
    return frozenset(rows.scalars())
