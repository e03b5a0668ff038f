"""Platforms: the regional teams, each with its zone, hours and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.calling_hours import check_hours
from outreach.domain.sms_text import Accents
from outreach.errors import NotFound
from outreach.storage.tables import platform_modes, platforms


@dataclass(frozen=True)
class Platform:
    """One regional team. `calling_hours` {} means the built-in ones; `sender`, `caller_id` may be ''."""

    code: str
    name: str
    time_zone: str
    department: str
    region: str
    country: str
    language: str
    calling_hours: dict[str, Any]
    sender: str
    caller_id: str
    sms_accents: str = Accents.REPLACE


_COLUMNS = [platforms.c[name] for name in Platform.__dataclass_fields__]


def read(connection: Connection, code: str) -> Platform:
    """Raises NotFound for an unknown platform."""
    row = connection.execute(select(*_COLUMNS).where(platforms.c.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {code!r}.", code="unknown_platform")
    return Platform(*row)


def all_platforms(connection: Connection) -> list[Platform]:
    return [Platform(*row) for row in connection.execute(select(*_COLUMNS).order_by(platforms.c.code))]


def caller_id(connection: Connection, code: str) -> str:
    """The platform's own number to show, or ''."""
    return (
        connection.execute(select(platforms.c.caller_id).where(platforms.c.code == code)).scalar_one_or_none()
        or ""
    )


def of_caller_id(connection: Connection, number: str) -> Platform | None:
    """The platform whose own number was called."""
    row = connection.execute(select(*_COLUMNS).where(platforms.c.caller_id == number)).first()
    return Platform(*row) if row else None


def create(connection: Connection, platform: Platform, now: datetime) -> bool:
    """Add a platform in mode NORMAL unless it exists; whether it is new. InvalidInput for odd hours."""
    check_hours(platform.calling_hours)
    added = connection.execute(
        insert(platforms)
        .values(**vars(platform), created_at=now)
        .on_conflict_do_nothing()
        .returning(platforms.c.code)
    ).first()
    connection.execute(
        insert(platform_modes)
        .values(platform=platform.code, mode="NORMAL", level=1, version=1, reason="start", starts_at=now)
        .on_conflict_do_nothing()
    )
    return added is not None


def choose_accents(connection: Connection, code: str, accents: Accents) -> None:
    """Keep or replace the letters that GSM-7 lacks in a platform's SMS. Raises NotFound."""
    done = connection.execute(
        update(platforms).where(platforms.c.code == code).values(sms_accents=accents.value)
    )
    if done.rowcount == 0:
        raise NotFound(f"There is no platform {code!r}.", code="unknown_platform")
