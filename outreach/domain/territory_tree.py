"""Departments, regions and the country: what a switch or a figure of a whole territory covers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from outreach.errors import InvalidInput

COUNTRY = "FR"
LONGEST_TERRITORY = 22  # of a platform that stands apart: P- and twenty signs
_CODE = re.compile(rf"[A-Za-z0-9-]{{1,{LONGEST_TERRITORY}}}")


class TerritoryKind(StrEnum):
    """From the smallest. PLATFORM: one platform that stands apart from its department."""

    PLATFORM = "PLATFORM"
    DEPARTMENT = "DEPARTMENT"
    REGION = "REGION"
    COUNTRY = "COUNTRY"


@dataclass(frozen=True)
class Territory:
    """One place of the tree. `code`: a department's number, a region's ISO 3166-2 code, a country's; of a
    platform that stands apart, `apart_code`."""

    code: str
    name: str
    kind: TerritoryKind
    parent: str | None


# Regions of 2016 (law 2015-29) by ISO 3166-2: INSEE's number, name, departments.
_REGIONS: Mapping[str, tuple[str, str, str]] = {
    "FR-ARA": ("84", "Auvergne-Rhône-Alpes", "01 03 07 15 26 38 42 43 63 69 73 74"),
    "FR-BFC": ("27", "Bourgogne-Franche-Comté", "21 25 39 58 70 71 89 90"),
    "FR-BRE": ("53", "Bretagne", "22 29 35 56"),
    "FR-CVL": ("24", "Centre-Val de Loire", "18 28 36 37 41 45"),
    "FR-20R": ("94", "Corse", "20 2A 2B"),
    "FR-GES": ("44", "Grand Est", "08 10 51 52 54 55 57 67 68 88"),
    "FR-HDF": ("32", "Hauts-de-France", "02 59 60 62 80"),
    "FR-IDF": ("11", "Île-de-France", "75 77 78 91 92 93 94 95"),
    "FR-NOR": ("28", "Normandie", "14 27 50 61 76"),
    "FR-NAQ": ("75", "Nouvelle-Aquitaine", "16 17 19 23 24 33 40 47 64 79 86 87"),
    "FR-OCC": ("76", "Occitanie", "09 11 12 30 31 32 34 46 48 65 66 81 82"),
    "FR-PDL": ("52", "Pays de la Loire", "44 49 53 72 85"),
    "FR-PAC": ("93", "Provence-Alpes-Côte d'Azur", "04 05 06 13 83 84"),
    "FR-971": ("01", "Guadeloupe", "971 977 978"),
    "FR-972": ("02", "Martinique", "972"),
    "FR-973": ("03", "Guyane", "973"),
    "FR-974": ("04", "La Réunion", "974"),
    "FR-976": ("06", "Mayotte", "976"),
}
REGION_OF_INSEE = {insee: code for code, (insee, _, _) in _REGIONS.items()}


def french_tree() -> dict[str, Territory]:
    """The built-in tree, by code."""
    tree = {COUNTRY: Territory(COUNTRY, "France", TerritoryKind.COUNTRY, None)}
    for code, (_, name, departments) in _REGIONS.items():
        tree[code] = Territory(code, name, TerritoryKind.REGION, COUNTRY)
        for department in departments.split():
            tree[department] = Territory(department, department, TerritoryKind.DEPARTMENT, code)
    return tree


BUILT_IN = french_tree()


@dataclass(frozen=True)
class Placed:
    """Where a platform stands: its department, else its region (ISO or INSEE), else its country."""

    platform: str
    department: str
    region: str = ""
    country: str = COUNTRY


def apart_code(platform: str) -> str:
    """What the place of a platform that stands apart from its department is called."""
    return f"P-{platform}"


def territory_of(placed: Placed, tree: Mapping[str, Territory]) -> str | None:
    """The smallest territory known for a platform."""
    apart = tree.get(apart_code(placed.platform))
    if apart is not None and apart.kind is TerritoryKind.PLATFORM:
        return apart.code
    for code in (placed.department, placed.region, REGION_OF_INSEE.get(placed.region, ""), placed.country):
        if code == placed.region and code in tree and tree[code].kind is TerritoryKind.DEPARTMENT:
            continue  # INSEE numbers its regions like departments: 75 is Nouvelle-Aquitaine, and Paris
        if code in tree:
            return code
    return None


def ancestry(code: str, tree: Mapping[str, Territory]) -> list[str]:
    """A territory and all that contain it, from the smallest."""
    line: list[str] = []
    at: str | None = code
    while at is not None and at in tree and at not in line:
        line.append(at)
        at = tree[at].parent
    return line


def platforms_in_tree(code: str, placed: Iterable[Placed], tree: Mapping[str, Territory]) -> list[str]:
    """The platforms of a territory, by code."""
    return sorted(each.platform for each in placed if code in ancestry(territory_of(each, tree) or "", tree))


def check_territory(territory: Territory, tree: Mapping[str, Territory]) -> None:
    """Raises InvalidInput for an odd code, no name, a parent that is unknown, or that lies inside it."""
    if not _CODE.fullmatch(territory.code):
        raise InvalidInput(
            "This code cannot be used.",
            field="code",
            mend="Take letters, digits and dashes, for example SUD.",
        )
    if not territory.name.strip():
        raise InvalidInput("A territory needs a name.", field="name", mend="Give it, for example Landes.")
    _check_kind(territory, tree)
    if territory.parent is None:
        if territory.kind is not TerritoryKind.COUNTRY:
            raise InvalidInput("Only a country has no parent.", field="parent")
        return
    if territory.parent not in tree:
        raise InvalidInput(f"There is no territory {territory.parent!r}.", field="parent")
    if territory.code in ancestry(territory.parent, tree):
        raise InvalidInput("A territory does not lie inside itself.", field="parent")


def _check_kind(territory: Territory, tree: Mapping[str, Territory]) -> None:
    before, parent = tree.get(territory.code), tree.get(territory.parent or "")
    kinds = {territory.kind, before.kind if before else territory.kind}
    if len(kinds) > 1 and TerritoryKind.PLATFORM in kinds:
        raise InvalidInput("A territory and a platform that stands apart are two things.", field="kind")
    if parent is not None and parent.kind is TerritoryKind.PLATFORM:
        raise InvalidInput("Nothing lies in a platform.", field="parent")
