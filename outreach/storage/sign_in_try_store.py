"""Wrong tries to sign in, counted by keyed digests of accounts and addresses; each try is counted first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.sign_in_rules import FORGOTTEN_AFTER, Tries
from outreach.storage.tables import sign_in_tries

_C = sign_in_tries.c


def locked(connection: Connection, keys: Sequence[bytes], *, now: datetime) -> dict[bytes, Tries]:
    """The tries so far, kept from everybody else until the caller's transaction ends."""
    ordered = sorted(keys)
    connection.execute(
        insert(sign_in_tries)
        .values([{"key": key, "failures": 0, "last_at": now} for key in ordered])
        .on_conflict_do_nothing()
    )
    rows = connection.execute(
        select(_C.key, _C.failures, _C.last_at).where(_C.key.in_(ordered)).order_by(_C.key).with_for_update()
    )
    return {row.key: Tries(row.failures, row.last_at) for row in rows}


def save(connection: Connection, key: bytes, tries: Tries) -> None:
    connection.execute(
        update(sign_in_tries).where(_C.key == key).values(failures=tries.failures, last_at=tries.last_at)
    )


def forget(connection: Connection, key: bytes) -> None:
    """It was the right person."""
    connection.execute(delete(sign_in_tries).where(_C.key == key))


def take_back(connection: Connection, key: bytes) -> None:
    """The try that was counted first was a good one."""
    connection.execute(
        update(sign_in_tries).where(_C.key == key, _C.failures > 0).values(failures=_C.failures - 1)
    )


def forget_old(connection: Connection, *, now: datetime) -> int:
    gone = connection.execute(delete(sign_in_tries).where(_C.last_at < now - FORGOTTEN_AFTER))
    return gone.rowcount
