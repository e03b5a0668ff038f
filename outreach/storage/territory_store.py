"""Territories: the built-in tree with an installation's own nodes, and the platforms inside each."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.territory_tree import BUILT_IN, Placed, Territory, TerritoryKind, platforms_in_tree
from outreach.errors import NotFound
from outreach.storage.tables import platforms, territories


def tree(connection: Connection) -> dict[str, Territory]:
    """Every territory, by code; an own node stands in place of the built-in one of its code."""
    c = territories.c
    rows = connection.execute(select(c.code, c.name, c.kind, c.parent))
    own = {row.code: Territory(row.code, row.name, TerritoryKind(row.kind), row.parent) for row in rows}
    return {**BUILT_IN, **own}


def put(connection: Connection, territory: Territory) -> None:
    """Add a territory, or change the one of its code."""
    values = {"name": territory.name, "kind": territory.kind.value, "parent": territory.parent}
    connection.execute(
        insert(territories)
        .values(code=territory.code, **values)
        .on_conflict_do_update(index_elements=[territories.c.code], set_=values)
    )


def take_turn(connection: Connection) -> None:
    """Wait until nobody else draws: two at once could put two territories inside each other."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("territories", 0))))


def placed_platforms(connection: Connection) -> list[Placed]:
    """Where each platform stands."""
    c = platforms.c
    rows = connection.execute(select(c.code, c.department, c.region, c.country).order_by(c.code))
    return [Placed(*row) for row in rows]


def platforms_in(connection: Connection, code: str) -> list[str]:
    """The platforms of a territory, by code. Raises NotFound."""
    known = tree(connection)
    if code not in known:
        raise NotFound(f"There is no territory {code!r}.", code="unknown_territory")
    return platforms_in_tree(code, placed_platforms(connection), known)
