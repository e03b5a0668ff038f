"""Switches that are to come: planned, due, done or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from outreach.domain.load_shedding import Mode
from outreach.errors import NotFound
from outreach.storage.tables import planned_switches


@dataclass(frozen=True)
class PlannedSwitch:
    """`state`: PLANNED, DONE, CANCELLED, or REFUSED with the sentence in `because`."""

    id: UUID
    platform: str
    mode: Mode
    reason: str
    author_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    state: str = "PLANNED"
    because: str = ""


_c = planned_switches.c
_COLUMNS = [_c[name] for name in PlannedSwitch.__dataclass_fields__]


def add(connection: Connection, planned: PlannedSwitch) -> None:
    connection.execute(insert(planned_switches).values(**vars(planned)))


def of_platform(connection: Connection, platform: str, *, most: int) -> list[PlannedSwitch]:
    """Those still to come first, then the newest."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(_c.platform == platform)
        .order_by(_c.state != "PLANNED", _c.starts_at.desc(), _c.id)
        .limit(most)
    )
    return [_planned(row) for row in rows]


def lock(connection: Connection, planned_id: UUID) -> PlannedSwitch:
    """Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(_c.id == planned_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such planned switch.")
    return _planned(row)


def due(connection: Connection, now: datetime) -> list[UUID]:
    """Whose moment has come, the earliest first."""
    return list(
        connection.execute(
            select(_c.id).where(_c.state == "PLANNED", _c.starts_at <= now).order_by(_c.starts_at, _c.id)
        ).scalars()
    )


def settle(connection: Connection, planned_id: UUID, *, state: str, because: str = "") -> None:
    connection.execute(
        update(planned_switches).where(_c.id == planned_id).values(state=state, because=because)
    )


def _planned(row: Row[tuple[object, ...]]) -> PlannedSwitch:
    values = dict(row._mapping)
    return PlannedSwitch(**values | {"mode": Mode(values["mode"])})
