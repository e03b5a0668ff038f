"""Departments, regions and the country as this installation draws them, with the platforms inside each."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.domain.territory_tree import Territory, platforms_in_tree
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
    """Read by everybody; drawn by administrators (territory_drawing)."""

    database: Database

    def every(self) -> list[TerritoryView]:
        """By code."""
        with self.database.begin() as connection:
            tree = territory_store.tree(connection)
            placed = territory_store.placed_platforms(connection)
        return [TerritoryView(tree[code], platforms_in_tree(code, placed, tree)) for code in sorted(tree)]

    def covered(self) -> list[TerritoryView]:
        """Every territory that holds a platform, by its code."""
        return [view for view in self.every() if view.platforms]

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
