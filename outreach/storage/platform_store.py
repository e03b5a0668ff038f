"""Platforms: the regional teams, each with its zone, hours and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update
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
    return _one(connection, code, select(*_COLUMNS).where(platforms.c.code == code))


def lock(connection: Connection, code: str) -> Platform:
    """As `read`, held until the transaction ends. New calls and messages, which refer to it, do not wait."""
    held = select(*_COLUMNS).where(platforms.c.code == code).with_for_update(key_share=True)
    return _one(connection, code, held)


def hold(connection: Connection, code: str) -> None:
    """Nothing of it is changed until the transaction ends; several may hold it at once."""
    connection.execute(select(platforms.c.code).where(platforms.c.code == code).with_for_update(read=True))


def _one(connection: Connection, code: str, query: Select[Any]) -> Platform:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {code!r}.", code="unknown_platform")
    return Platform(*row)


def rename(connection: Connection, platform: Platform) -> None:
    """Write its name and the number it presents."""
    values = {"name": platform.name, "caller_id": platform.caller_id}
    connection.execute(update(platforms).where(platforms.c.code == platform.code).values(values))


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
