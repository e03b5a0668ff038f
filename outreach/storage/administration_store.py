"""Counts for administrators: of platforms, and of what is kept until it is no longer useful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from outreach.storage.tables import alarms, idempotency_keys, provider_events, sign_in_tries

_USERS = text(
    "select code, count(*) from users, unnest(platforms) as code where ended_at is null group by code"
)


def users_by_platform(connection: Connection) -> Mapping[str, int]:
    """People with an account there; a platform without any is left out."""
    return dict(connection.execute(_USERS).all())


@dataclass(frozen=True)
class Kept:
    """How many rows there are of something that is forgotten in time, and since when the oldest is there."""

    rows: int
    oldest: datetime | None


def kept(connection: Connection) -> Mapping[str, Kept]:
    """By the sweep that forgets them."""
    moments = {
        "old_request_keys": idempotency_keys.c.created_at,
        "old_provider_events": provider_events.c.received_at,
        "old_sign_in_tries": sign_in_tries.c.last_at,
        "old_alarms": alarms.c.cleared_at,
    }
    return {
        sweep: Kept(*connection.execute(select(func.count(moment), func.min(moment))).one())
        for sweep, moment in moments.items()
    }


_ERASED = text(
    "select count(*), max(at) from journal where event = 'PERSON_ERASED' and platform = any(:platforms)"
)


def erased(connection: Connection, platforms: list[str]) -> Kept:
    """People erased on these platforms, and when the last was."""
    return Kept(*connection.execute(_ERASED, {"platforms": platforms}).one())
