"""How people sign in, from the command line."""

from __future__ import annotations

import json

from outreach.bootstrap import build_app
from outreach.services.sign_in import Entered
from outreach.storage.database import Database
from tests.cli.command_line import run, run_process
from tests.sign_in_world import HOME, OTHER_PASSWORD, PASSWORD
from tests.web.conftest import settings_for


def test_the_first_link_is_printed_while_nobody_has_an_account(
    environment: dict[str, str], platform: str
) -> None:
    first = run(environment, "users", "first-link")
    assert "/welcome/" in first.stdout
    assert run(environment, "users", "add", "anne", "--role", "agent", "--platform", "40").returncode == 0
    late = run(environment, "users", "first-link")
    assert late.returncode == 1
    assert "users invite" in late.stderr
    invited = json.loads(run(environment, "users", "invite", "anne", "--json").stdout)
    assert "/welcome/" in invited["link"]
    assert run(environment, "users", "invite", "nobody").returncode == 1


def test_a_password_is_set_from_standard_input_and_sessions_are_ended(
    environment: dict[str, str], platform: str, database: Database, redis_url: str
) -> None:
    run(environment, "users", "add", "anne", "--role", "agent", "--platform", "40")
    weak = run(environment, "users", "password", "anne", typed="short\n")
    assert weak.returncode == 1
    assert "too short" in weak.stderr
    assert "short" not in weak.stdout
    assert run_process(environment, "users", "password", "anne", typed=f"{PASSWORD}\n").returncode == 0
    app = build_app(settings_for(database, redis_url))
    entered = app.signing_in.sign_in.with_password("anne", PASSWORD, HOME)
    assert isinstance(entered, Entered)
    assert run(environment, "users", "sign-out", "anne").returncode == 0
    assert app.sessions.asker(entered.token) is None
    again = app.signing_in.sign_in.with_password("anne", PASSWORD, HOME)
    assert isinstance(again, Entered)
    assert run(environment, "users", "password", "anne", typed=f"{OTHER_PASSWORD}\n").returncode == 0
    assert app.sessions.asker(again.token) is None
    app.close()
    assert run(environment, "users", "reset-factor", "anne").returncode == 0
    lines = json.loads(run(environment, "users", "sign-ins", "--login", "anne", "--json").stdout)
    assert [line["event"] for line in lines][:3] == ["FACTOR_REMOVED", "PASSWORD_SET", "SIGNED_IN"]
    assert run(environment, "users", "sign-ins", "--failures", "--json").stdout.strip() == "[]"
