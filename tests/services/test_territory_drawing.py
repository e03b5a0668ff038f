"""Territories are drawn: whose rights change is told before, and written down after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from outreach.clock import SetClock
from outreach.domain.territory_tree import BUILT_IN, Territory, TerritoryKind
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.access import Access, NewUser
from outreach.services.territory_drawing import TerritoryDrawing
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_platform

SUD = Territory("SUD", "Le Sud", TerritoryKind.REGION, "FR")


@pytest.fixture
def drawing(database: Database, clock: SetClock, platform: str) -> TerritoryDrawing:
    with database.begin() as connection:
        add_platform(connection, "64", clock.now())
    found = TerritoryDrawing(database, clock)
    found.draw(SUD)
    return found


@pytest.fixture
def access(database: Database, vault: Vault, clock: SetClock, drawing: TerritoryDrawing) -> Access:
    access = Access(database, vault, clock)
    access.add_user(NewUser("anne", ("pilot",), (), territory="SUD"))
    access.add_user(NewUser("bruno", ("pilot",), ("64",), territory="FR-NAQ"))
    access.add_user(NewUser("chloe", ("pilot",), ("40",)))
    return access


def platforms_of(access: Access, login: str) -> set[str]:
    asker = access.asker_of(access.user_named(login).id)
    assert asker is not None
    return set(asker.platforms)


def test_who_gains_and_who_loses_is_told_before_anything_is_drawn(
    access: Access, drawing: TerritoryDrawing
) -> None:
    moved = drawing.bringing("40", "SUD")
    told = [(each.login, each.gains, each.loses) for each in drawing.preview(moved)]
    assert told == [("anne", ("40",), ()), ("bruno", (), ("40",))]
    assert platforms_of(access, "anne") == set()
    drawing.draw(moved, seen=2)
    assert platforms_of(access, "anne") == {"40"}
    assert platforms_of(access, "bruno") == {"64"}


def test_an_account_that_reaches_further_is_counted_and_not_named(
    access: Access, drawing: TerritoryDrawing
) -> None:
    told = drawing.preview(drawing.bringing("40", "SUD"), within=["40"])
    assert [each.login for each in told] == ["anne", ""]


def test_what_changed_since_it_was_shown_is_shown_again(access: Access, drawing: TerritoryDrawing) -> None:
    with pytest.raises(Conflict):
        drawing.draw(drawing.bringing("40", "SUD"), seen=1)
    assert platforms_of(access, "anne") == set()


def test_a_drawing_leaves_a_line_of_itself_and_one_of_each_account_it_changes(
    database: Database, access: Access, drawing: TerritoryDrawing
) -> None:
    by = new_id()
    drawing.draw(drawing.bringing("40", "SUD"), by=by, reason="one team in the south")
    journal, lines = tables.journal.c, tables.sign_in_lines.c
    with database.begin() as connection:
        written = connection.execute(
            select(journal.facts).where(journal.event == "TERRITORY_DRAWN", journal.actor == f"user:{by}")
        ).scalar_one()
        noted = connection.execute(
            select(lines.user_id).where(lines.event == "RIGHTS_CHANGED", lines.by_user_id == by)
        ).scalars()
        assert set(noted) == {access.user_named(login).id for login in ("anne", "bruno")}
    assert written == {
        "territory": "40",
        "name": "40",
        "into": "SUD",
        "out_of": "FR-NAQ",
        "accounts": 2,
        "reason": "one team in the south",
    }


def test_a_platform_of_an_unknown_department_is_brought_in_with_a_department_of_its_own(
    database: Database, clock: SetClock, drawing: TerritoryDrawing
) -> None:
    with database.begin() as connection:
        add_platform(connection, "99", clock.now())
    assert drawing.bringing("99", "SUD") == Territory("99", "99", TerritoryKind.DEPARTMENT, "SUD")
    with pytest.raises(NotFound):
        drawing.bringing("98", "SUD")


def test_two_platforms_of_one_department_may_stand_in_two_territories(
    database: Database, clock: SetClock, access: Access, drawing: TerritoryDrawing
) -> None:
    with database.begin() as connection:
        add_platform(connection, "40B", clock.now())
        connection.execute(
            update(tables.platforms)
            .where(tables.platforms.c.code == "40B")
            .values(department="40", name="Dax")
        )
    alone = drawing.bringing("40B", "SUD", alone=True)
    assert alone == Territory("P-40B", "Dax", TerritoryKind.PLATFORM, "SUD")
    drawing.draw(alone)
    assert (platforms_of(access, "anne"), platforms_of(access, "bruno")) == ({"40B"}, {"40", "64"})
    drawing.draw(drawing.bringing("40", "SUD"))  # the department leaves with who is left in it
    assert platforms_of(access, "anne") == {"40", "40B"}
    drawing.draw(drawing.bringing("40B", "FR-NAQ"))  # whoever stands apart moves alone
    assert (platforms_of(access, "anne"), platforms_of(access, "bruno")) == ({"40"}, {"40B", "64"})
    drawing.draw(replace(alone, parent="40"))  # and goes back
    assert platforms_of(access, "anne") == {"40", "40B"}


def test_roles_are_told_with_the_login_and_neither_of_who_reaches_further(
    access: Access, drawing: TerritoryDrawing
) -> None:
    told = drawing.preview(drawing.bringing("40", "SUD"), within=["40"])
    assert [(each.login, each.roles) for each in told] == [("anne", ("pilot",)), ("", ())]


@pytest.mark.parametrize(
    ("drawn", "field"),
    [
        (Territory("P-41", "Dax", TerritoryKind.PLATFORM, "FR-NAQ"), "code"),
        (Territory("DAX", "Dax", TerritoryKind.PLATFORM, "FR-NAQ"), "code"),
        (Territory("P-40", "Dax", TerritoryKind.PLATFORM, None), "parent"),
        (Territory("SUD", "Le Sud", TerritoryKind.PLATFORM, "FR"), "kind"),
        (replace(SUD, code="LE SUD"), "code"),
        (replace(SUD, code="A,B"), "code"),
        (replace(SUD, name=" "), "name"),
        (replace(SUD, parent="NOWHERE"), "parent"),
        (replace(SUD, parent=None), "parent"),
        (replace(BUILT_IN["FR-NAQ"], parent="40"), "parent"),
    ],
)
def test_a_drawing_that_cannot_be_says_what_to_mend(
    drawing: TerritoryDrawing, drawn: Territory, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        drawing.draw(drawn)
    assert refused.value.field == field
