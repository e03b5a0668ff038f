"""The demo's people: robots, and an account for each role that a visitor may press."""

from __future__ import annotations

from outreach.bootstrap import App
from outreach.demo.crew import crew_logins, hire
from outreach.demo.setting import NEIGHBOUR, PLATFORM
from outreach.domain.roles import Role
from outreach.services.sign_in import DEMO_LOGIN
from outreach.storage import demo_store
from tests.web.conftest import app

__all__ = ["app"]


def test_a_visitor_finds_an_account_for_each_role_under_which_no_robot_works(app: App) -> None:
    crew = hire(app, agents=3)
    for role in Role:
        user = app.access.user_named(DEMO_LOGIN + role.value)
        assert user.roles == (role.value,)
        assert user.platforms[0] == PLATFORM
    robots = {worker.login for worker in (*crew.agents, crew.supervisor, *crew.neighbours)}
    assert not any(login.startswith(DEMO_LOGIN) for login in robots)
    assert len(set(crew.phones)) == len(robots) + len(Role)


def test_the_demos_own_accounts_are_no_strangers_to_it(app: App) -> None:
    hire(app, agents=3)
    with app.database.begin() as connection:
        found = demo_store.strangers(
            connection,
            platforms_made=(PLATFORM, NEIGHBOUR),
            logins=crew_logins(3),
            source="si-dep",
            digests=(),
        )
    assert found == []
