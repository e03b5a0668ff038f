"""The mode in force: one row for each platform, read by every lease and every send."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, func, not_, select, text, tuple_, update

from outreach.domain.load_shedding import MODES, Mode, ModeInForce, ModeRules, rules_from
from outreach.errors import NotFound
from outreach.ids import first_id_of
from outreach.storage.tables import call_list_entries, journal, platform_modes, users
from outreach.storage.touched import touch_orders, touch_platform

_COLUMNS = (
    platform_modes.c.platform,
    platform_modes.c.mode,
    platform_modes.c.version,
    platform_modes.c.reason,
    platform_modes.c.starts_at,
    platform_modes.c.ends_at,
    platform_modes.c.author_id,
    platform_modes.c.previous_mode,
    platform_modes.c.previous_ends_at,
)


def in_force(connection: Connection, platform: str) -> ModeInForce:
    """The platform's mode. Raises NotFound."""
    return _one(connection, _of(platform), platform)


def lock(connection: Connection, platform: str) -> ModeInForce:
    """The platform's mode, kept from changing and from being read by a claim until the transaction ends."""
    return _one(connection, _of(platform).with_for_update(), platform)


def lock_all(connection: Connection, codes: Sequence[str]) -> list[ModeInForce]:
    """The modes of several platforms, held as by `lock`, in the order in which everyone locks several."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(platform_modes.c.platform.in_(codes))
        .order_by(platform_modes.c.platform)
        .with_for_update()
    )
    return [_mode(row) for row in rows.mappings()]


def every_mode(connection: Connection) -> list[ModeInForce]:
    """Every platform's row, by its code; nothing is held."""
    rows = connection.execute(select(*_COLUMNS).order_by(platform_modes.c.platform))
    return [_mode(row) for row in rows.mappings()]


def rules_of(connection: Connection, platform: str) -> ModeRules:
    """The rules that hold on a platform: its own copies, else the built-in ones."""
    return rules_from(
        connection.execute(
            select(platform_modes.c.rules).where(platform_modes.c.platform == platform)
        ).scalar_one_or_none()
    )


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
            previous_mode=mode.previous,
            previous_ends_at=mode.previous_ends_at,
        )
    )
    touch_orders(connection, mode.platform)


def touch_ended(connection: Connection, since: datetime, until: datetime) -> list[str]:
    """Platforms whose mode ended by itself in this time; their pages are told."""
    ends = platform_modes.c.ends_at
    ended = connection.execute(select(platform_modes.c.platform).where(ends > since, ends <= until))
    platforms = list(ended.scalars())
    for platform in platforms:
        touch_orders(connection, platform)
        touch_platform(connection, platform)
    return platforms


def author_login(connection: Connection, author_id: UUID | None) -> str:
    """The login of whoever switched last; '' for the system."""
    found = connection.execute(select(users.c.login).where(users.c.id == author_id)).scalar_one_or_none()
    return found or ""


class SwitchedBy(StrEnum):
    """Whose act a switch was."""

    PERSON = "PERSON"
    MACHINE = "MACHINE"


class SwitchesAsked(NamedTuple):
    """Which switches; empty: all. `before`: where the page before ended."""

    modes: Sequence[str] = ()
    by: SwitchedBy | None = None
    before: tuple[datetime, int] | None = None


EVERY_SWITCH = SwitchesAsked()
_SWITCHED = "MODE_SWITCHED"
_BY_A_PERSON = journal.c.actor.startswith("user:")


def history(
    connection: Connection, platform: str, *, most: int, asked: SwitchesAsked = EVERY_SWITCH
) -> Sequence[RowMapping]:
    """The switches of a platform, newest first: at, id, actor, facts; next_at: of the switch after it."""
    c, later = journal.c, journal.alias()
    followed = (
        select(later.c.at)
        .where(later.c.platform == platform, later.c.event == _SWITCHED)
        .where(tuple_(later.c.at, later.c.id) > tuple_(c.at, c.id))
        .order_by(later.c.at, later.c.id)
        .limit(1)
    )
    statement = (
        select(c.at, c.id, c.actor, c.facts, followed.scalar_subquery().label("next_at"))
        .where(c.platform == platform, c.event == _SWITCHED)
        .order_by(c.at.desc(), c.id.desc())
        .limit(most)
    )
    if asked.modes:
        statement = statement.where(c.facts["mode"].astext.in_(asked.modes))
    if asked.by is not None:
        statement = statement.where(_BY_A_PERSON if asked.by is SwitchedBy.PERSON else not_(_BY_A_PERSON))
    if asked.before is not None:
        statement = statement.where(tuple_(c.at, c.id) < asked.before)
    return connection.execute(statement).mappings().all()


class Texted(NamedTuple):
    """Contacts' SMS of one mode in force: how many, and what became of them."""

    messages: int
    delivered: int
    read: int
    called_after_all: int


_TEXTED = text(
    """
    select mode_version, count(*), count(*) filter (where status in ('DELIVERED', 'READ')),
      count(*) filter (where status = 'READ'), count(*) filter (where returned_at is not null)
    from messages
    where id >= :first and platform = :platform and purpose = 'CONTACT_INFORMED'
      and status not in ('CANCELLED', 'EXPIRED')
    group by 1
    """
)


def texted_by_version(connection: Connection, platform: str, *, since: datetime) -> dict[int, Texted]:
    """What each mode in force since then sent in place of calls."""
    rows = connection.execute(_TEXTED, {"platform": platform, "first": first_id_of(since)})
    return {version: Texted(*counts) for version, *counts in rows}


def logins_of(connection: Connection, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who these are."""
    rows = connection.execute(select(users.c.id, users.c.login).where(users.c.id.in_(user_ids)))
    return {row.id: row.login for row in rows}


class Waiting(NamedTuple):
    """Entries ready or waiting that are alike to a mode."""

    purpose: str
    shed_level: int
    call_class: int
    people: int


def backlog_by_shed_level(connection: Connection, platform: str) -> list[Waiting]:
    """Entries ready or waiting, by purpose, shed level and class."""
    c = call_list_entries.c
    alike = (c.purpose, c.shed_level, c.call_class)
    rows = connection.execute(
        select(*alike, func.count())
        .where(c.platform == platform, c.state.in_(["READY", "WAITING"]))
        .group_by(*alike)
    )
    return [Waiting(*row) for row in rows]


def _of(platform: str) -> Select[Any]:
    return select(*_COLUMNS).where(platform_modes.c.platform == platform)


def _one(connection: Connection, statement: Select[Any], platform: str) -> ModeInForce:
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {platform!r}.", code="unknown_platform")
    return _mode(row)


def _mode(row: RowMapping) -> ModeInForce:
    values = dict(row)
    previous = values.pop("previous_mode")
    return ModeInForce(
        **values | {"mode": Mode(values["mode"]), "previous": None if previous is None else Mode(previous)}
    )
