"""Departments, regions and the country as this installation draws them, with the platforms inside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.domain.territory_tree import Territory, check_territory, platforms_in_tree
from outreach.errors import NotFound
from outreach.storage import platform_store, territory_store
from outreach.storage.database import Database
from outreach.storage.platform_store import Platform


@dataclass(frozen=True)
class TerritoryView:
    """A territory and the platforms inside it."""

    territory: Territory
    platforms: list[str]


@dataclass(frozen=True)
class Territories:
    """Read by everybody; changed by administrators."""

    database: Database

    def covered(self) -> list[TerritoryView]:
        """Every territory that holds a platform, by its code."""
        with self.database.begin() as connection:
            tree = territory_store.tree(connection)
            placed = territory_store.placed_platforms(connection)
        views = [TerritoryView(tree[code], platforms_in_tree(code, placed, tree)) for code in sorted(tree)]
        return [view for view in views if view.platforms]

    def platform(self, code: str) -> Platform:
        """Its name and its zone. Raises NotFound."""
        with self.database.begin() as connection:
            return platform_store.read(connection, code)

    def every_platform(self) -> list[Platform]:
        """By code."""
        with self.database.begin() as connection:
            return platform_store.all_platforms(connection)

    def platforms_in(self, code: str) -> list[str]:
        """Raises NotFound."""
        with self.database.begin() as connection:
            return territory_store.platforms_in(connection, code)

    def put(self, territory: Territory, *, within: Sequence[str] | None = None) -> None:
        """Add a territory, or draw one anew.

        `within`: whoever draws reaches these platforms (None: all). Where a platform stands decides who
        reaches it, so nobody draws around another's: NotFound. Raises InvalidInput.
        """
        with self.database.begin() as connection:
            tree, placed = territory_store.tree(connection), territory_store.placed_platforms(connection)
            check_territory(territory, tree)
            drawn = {**tree, territory.code: territory}
            touched = {*platforms_in_tree(territory.code, placed, tree)}
            touched.update(platforms_in_tree(territory.code, placed, drawn))
            if within is not None and not touched <= set(within):
                raise NotFound("This territory holds platforms that are not among yours.")
            territory_store.put(connection, territory)
