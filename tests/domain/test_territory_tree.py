"""Territories: departments in the regions of 2016, in the country; numbers that mean two things."""

from __future__ import annotations

import pytest

from outreach.domain.territory_tree import (
    BUILT_IN,
    Placed,
    Territory,
    TerritoryKind,
    ancestry,
    check_territory,
    platforms_in_tree,
    territory_of,
)
from outreach.errors import InvalidInput

LANDES, GIRONDE, PARIS = Placed("40", "40", "75"), Placed("33", "33", "75"), Placed("P", "75", "11")
GUYANE = Placed("973", "973", "03", "GF")
EVERYBODY = [LANDES, GIRONDE, PARIS, GUYANE]


def test_there_are_18_regions_and_every_department_is_in_one() -> None:
    kinds = [territory.kind for territory in BUILT_IN.values()]
    assert kinds.count(TerritoryKind.REGION) == 18
    departments = {code for code, each in BUILT_IN.items() if each.kind is TerritoryKind.DEPARTMENT}
    assert {f"{n:02}" for n in range(1, 96)} | {"2A", "2B", "971", "972", "973", "974", "976"} <= departments


@pytest.mark.parametrize(
    ("code", "platforms"),
    [
        ("40", ["40"]),
        ("FR-NAQ", ["33", "40"]),
        ("FR-IDF", ["P"]),
        ("75", ["P"]),
        ("FR-973", ["973"]),
        ("FR", ["33", "40", "973", "P"]),
        ("FR-BRE", []),
    ],
)
def test_a_territory_holds_the_platforms_of_its_departments(code: str, platforms: list[str]) -> None:
    assert platforms_in_tree(code, EVERYBODY, BUILT_IN) == platforms


def test_a_region_by_its_number_is_not_taken_for_the_department_of_that_number() -> None:
    assert territory_of(Placed("R", "", "75"), BUILT_IN) == "FR-NAQ"


def test_a_platform_may_be_placed_by_region_or_by_country_alone() -> None:
    assert territory_of(Placed("R", "", "FR-BRE"), BUILT_IN) == "FR-BRE"
    assert territory_of(Placed("C", "", "", "FR"), BUILT_IN) == "FR"
    assert territory_of(Placed("X", "", "", "BE"), BUILT_IN) is None


def test_a_territory_lies_in_all_that_contain_it() -> None:
    assert ancestry("40", BUILT_IN) == ["40", "FR-NAQ", "FR"]


@pytest.mark.parametrize(
    "territory",
    [
        Territory("X", "x", TerritoryKind.REGION, None),
        Territory("X", "x", TerritoryKind.REGION, "nowhere"),
        Territory("FR", "France", TerritoryKind.COUNTRY, "FR-NAQ"),
    ],
)
def test_a_territory_lies_in_a_known_one_and_never_in_itself(territory: Territory) -> None:
    with pytest.raises(InvalidInput):
        check_territory(territory, BUILT_IN)
