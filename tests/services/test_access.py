"""Who may do what: roles give scopes, tokens carry them, platforms bound them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from outreach.clock import SetClock
from outreach.domain.roles import SCOPES_OF_ROLE, Role, Scope, scopes_of
from outreach.domain.territory_tree import Territory, TerritoryKind
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import UserId
from outreach.services.access import Access, Asker, NewUser, NotKnown
from outreach.services.territory_drawing import TerritoryDrawing
from outreach.storage import tables, user_store
from outreach.storage.agent_store import SEALED_FOR
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.conftest import MORNING


@pytest.fixture
def access(database: Database, vault: Vault, clock: SetClock) -> Access:
    return Access(database, vault, clock)


def _user(access: Access, login: str = "anne", *roles: str, platform: str = "40") -> UserId:
    return access.add_user(NewUser(login, roles or ("agent",), (platform,)))


def _asker(access: Access, user: UserId) -> Asker:
    return access.asker(access.new_token(user)[1])


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_its_scopes(role: Role) -> None:
    assert SCOPES_OF_ROLE[role]


@pytest.mark.parametrize("scope", list(Scope))
def test_every_scope_belongs_to_a_role(scope: Scope) -> None:
    assert scope in scopes_of(Role)


def test_an_agent_may_work_and_may_not_switch_the_mode(access: Access) -> None:
    asker = _asker(access, _user(access))
    asker.need(Scope.CALLS_WORK)
    with pytest.raises(NotAllowed):
        asker.need(Scope.MODES_WRITE)


def test_neither_administrators_nor_auditors_read_case_records() -> None:
    assert Scope.CASES_READ not in scopes_of([Role.ADMINISTRATOR, Role.AUDITOR])


def test_the_token_itself_is_never_kept(access: Access, database: Database) -> None:
    token_id, token = access.new_token(_user(access))
    assert token.startswith("out_")
    with database.begin() as connection:
        row = connection.execute(
            select(tables.access_tokens).where(tables.access_tokens.c.id == token_id)
        ).one()
    assert token.encode() not in row.digest
    assert token not in str(row)


@pytest.mark.parametrize("token", ["", "out_", "out_notone", "anne"])
def test_an_unknown_token_is_refused(access: Access, token: str) -> None:
    with pytest.raises(NotKnown):
        access.asker(token)


def test_a_revoked_token_is_refused(access: Access) -> None:
    token_id, token = access.new_token(_user(access))
    access.revoke_token(token_id)
    with pytest.raises(NotKnown):
        access.asker(token)


def test_a_token_expires(access: Access, clock: SetClock) -> None:
    _, token = access.new_token(_user(access), expires_at=clock.now() + timedelta(hours=8))
    access.asker(token)
    clock.advance(timedelta(hours=8))
    with pytest.raises(NotKnown):
        access.asker(token)


def test_whoever_has_left_is_refused_with_every_token(access: Access) -> None:
    user = _user(access)
    _, token = access.new_token(user)
    access.end_user(user)
    with pytest.raises(NotKnown):
        access.asker(token)


def test_a_token_never_allows_more_than_the_roles_do_now(access: Access) -> None:
    user = _user(access, "anne", "supervisor")
    _, token = access.new_token(user)
    access.change_user(user, roles=["agent"])
    assert Scope.MODES_WRITE not in access.asker(token).scopes


def test_a_token_may_allow_less_than_the_roles(access: Access) -> None:
    _, token = access.new_token(_user(access, "anne", "supervisor"), scopes=["figures:read"])
    assert access.asker(token).scopes == {Scope.FIGURES_READ}


@pytest.mark.parametrize("scopes", [["modes:write"], ["everything"], []])
def test_a_token_with_scopes_the_roles_do_not_allow_is_refused(access: Access, scopes: list[str]) -> None:
    with pytest.raises(InvalidInput):
        access.new_token(_user(access), scopes=scopes)


def test_a_login_names_one_person(access: Access) -> None:
    _user(access, "anne")
    with pytest.raises(Conflict):
        _user(access, "anne")


@pytest.mark.parametrize("login", [" ", "a" * 101, "an\nne", "anne\u200b"])
def test_a_login_that_no_mark_of_a_page_could_carry_is_refused(access: Access, login: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _user(access, login)
    assert (refused.value.field, bool(refused.value.mend)) == ("login", True)


@pytest.mark.parametrize("phone", ["0639980012", "+33 6 39", "+abc", ""])
def test_an_agents_phone_must_be_international(access: Access, phone: str) -> None:
    with pytest.raises(InvalidInput):
        access.add_user(NewUser("anne", ("agent",), ("40",), phone=phone))


def test_an_agents_phone_is_kept_sealed(access: Access, database: Database) -> None:
    access.add_user(NewUser("anne", ("agent",), ("40",), phone="+33639980012"))
    with database.begin() as connection:
        row = connection.execute(select(tables.users)).one()
    assert b"39980012" not in row.sealed_phone


def test_an_administrator_acts_on_their_own_platforms_only(access: Access) -> None:
    admin = _asker(access, _user(access, "admin", "administrator"))
    elsewhere = _user(access, "bob", platform="33")
    for act in (
        lambda: access.change_user(elsewhere, roles=["pilot"], asker=admin),
        lambda: access.end_user(elsewhere, asker=admin),
        lambda: access.new_token(elsewhere, asker=admin),
        lambda: access.add_user(NewUser("carl", ("agent",), ("33",)), asker=admin),
        lambda: access.revoke_token(access.new_token(elsewhere)[0], asker=admin),
    ):
        with pytest.raises(NotFound):
            act()
    assert [user.login for user in access.users(asker=admin)] == ["admin"]


def test_a_platform_of_others_looks_like_one_that_does_not_exist(access: Access) -> None:
    asker = _asker(access, _user(access))
    asker.need_platform("40")
    with pytest.raises(NotFound):
        asker.need_platform("33")


def _add_neighbour(database: Database, code: str, department: str) -> None:
    with database.begin() as connection:
        connection.execute(
            tables.platforms.insert().values(
                code=code, name=code, time_zone="Europe/Paris", department=department, created_at=MORNING
            )
        )


def test_a_territory_reaches_every_platform_inside_it_and_no_other(
    access: Access, database: Database, platform: str
) -> None:
    _add_neighbour(database, "64", "64")
    _add_neighbour(database, "59", "59")
    regional = access.add_user(NewUser("regional", ("pilot",), ("40",), territory="FR-NAQ"))
    everywhere = access.add_user(NewUser("everywhere", ("pilot",), ("40",), territory="FR"))
    assert _asker(access, regional).platforms == ("40", "64")
    assert set(_asker(access, everywhere).platforms) == {"40", "59", "64"}
    access.change_user(regional, territory="")
    assert _asker(access, regional).platforms == ("40",)


def test_a_territory_that_nobody_drew_is_refused(access: Access, platform: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        access.add_user(NewUser("anne", ("pilot",), ("40",), territory="XX"))
    assert refused.value.field == "territory"


def test_nobody_gives_a_territory_wider_than_their_own_reach(
    access: Access, database: Database, platform: str
) -> None:
    _add_neighbour(database, "64", "64")
    admin = _asker(access, _user(access, "admin", "administrator"))
    agent = _user(access, "agent")
    for give in (
        lambda: access.add_user(NewUser("anne", ("pilot",), ("40",), territory="FR-NAQ"), asker=admin),
        lambda: access.change_user(agent, territory="FR-NAQ", asker=admin),
    ):
        with pytest.raises(NotFound):
            give()
    access.change_user(agent, territory="40", asker=admin)


def test_nobody_draws_a_territory_around_another_ones_platforms(
    database: Database, clock: SetClock, platform: str
) -> None:
    _add_neighbour(database, "64", "64")
    drawing = TerritoryDrawing(database, clock)
    mine = Territory("40", "Landes", TerritoryKind.DEPARTMENT, "FR-NAQ")
    theirs = Territory("64", "Ours now", TerritoryKind.DEPARTMENT, "40")
    drawing.draw(mine, within=["40"])
    with pytest.raises(NotFound):
        drawing.draw(theirs, within=["40"])
    drawing.draw(theirs, within=["40", "64"])


def test_rights_and_phone_change_together_or_not_at_all(access: Access, vault: Vault) -> None:
    user = _user(access)
    access.change_user(user, phone="+33639980100")
    with pytest.raises(InvalidInput):
        access.change_user(user, roles=["senior"], platforms=["33"], phone="0639980100")
    kept = access.user(user, asker=None)
    assert (kept.roles, kept.platforms) == (("agent",), ("40",))
    access.change_user(user, roles=["senior"], phone="+33639980101")
    with access.database.begin() as connection:
        sealed = user_store.sealed_phone(connection, user)
    assert sealed is not None
    assert vault.open_system(SEALED_FOR, sealed) == b"+33639980101"
    access.change_user(user, phone="")
    with access.database.begin() as connection:
        assert user_store.sealed_phone(connection, user) is None
