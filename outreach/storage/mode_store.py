"""The mode in force: one row for each platform, read by every lease and every send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from outreach.domain.load_shedding import MODES, Mode, ModeInForce
from outreach.errors import NotFound
from outreach.storage.tables import call_list_entries, journal, platform_modes, users

_COLUMNS = (
    platform_modes.c.platform,
    platform_modes.c.mode,
    platform_modes.c.version,
    platform_modes.c.reason,
    platform_modes.c.starts_at,
    platform_modes.c.ends_at,
    platform_modes.c.author_id,
)


def in_force(connection: Connection, platform: str) -> ModeInForce:
    """The platform's mode. Raises NotFound."""
    return _one(connection, _of(platform), platform)


def lock(connection: Connection, platform: str) -> ModeInForce:
    """The platform's mode, kept from changing and from being read by a claim until the transaction ends."""
    return _one(connection, _of(platform).with_for_update(), platform)


def version(connection: Connection, platform: str) -> int:
    """The version that leases and messages are stamped with."""
    return in_force(connection, platform).version


def of_platforms(connection: Connection, codes: Sequence[str]) -> list[ModeInForce]:
    """The modes of these platforms; none is switched until the transaction ends."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(platform_modes.c.platform.in_(codes))
        .order_by(platform_modes.c.platform)
        .with_for_update(read=True)
    )
    return [_mode(row) for row in rows.mappings()]


def put(connection: Connection, mode: ModeInForce) -> None:
    """Replace the platform's row."""
    connection.execute(
        update(platform_modes)
        .where(platform_modes.c.platform == mode.platform)
        .values(
            mode=mode.mode.value,
            level=MODES[mode.mode].level,
            version=mode.version,
            author_id=mode.author_id,
            reason=mode.reason,
            starts_at=mode.starts_at,
            ends_at=mode.ends_at,
        )
    )


def author_login(connection: Connection, author_id: UUID | None) -> str:
    """The login of whoever switched last; '' for the system."""
    found = connection.execute(select(users.c.login).where(users.c.id == author_id)).scalar_one_or_none()
    return found or ""


def history(connection: Connection, platform: str, *, most: int) -> Sequence[RowMapping]:
    """The switches of a platform, newest first: at, actor, facts."""
    return (
        connection.execute(
            select(journal.c.at, journal.c.actor, journal.c.facts)
            .where(journal.c.platform == platform, journal.c.event == "MODE_SWITCHED")
            .order_by(journal.c.at.desc(), journal.c.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )


def backlog_by_shed_level(connection: Connection, platform: str) -> dict[tuple[str, int], int]:
    """Entries ready or waiting, by purpose and shed level."""
    c = call_list_entries.c
    rows = connection.execute(
        select(c.purpose, c.shed_level, func.count())
        .where(c.platform == platform, c.state.in_(["READY", "WAITING"]))
        .group_by(c.purpose, c.shed_level)
    )
    return {(purpose, level): count for purpose, level, count in rows}


def _of(platform: str) -> Select[Any]:
    return select(*_COLUMNS).where(platform_modes.c.platform == platform)


def _one(connection: Connection, statement: Select[Any], platform: str) -> ModeInForce:
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {platform!r}.", code="unknown_platform")
    return _mode(row)


def _mode(row: RowMapping) -> ModeInForce:
    return ModeInForce(**{**row, "mode": Mode(row["mode"])})
