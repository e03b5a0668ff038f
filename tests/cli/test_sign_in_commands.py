"""How people sign in, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys

from outreach.bootstrap import build_app
from outreach.services.sign_in import Entered
from outreach.storage.database import Database
from tests.cli.test_commands import _run, environment
from tests.sign_in_world import HOME, OTHER_PASSWORD, PASSWORD
from tests.web.conftest import settings_for

__all__ = ["environment"]


def _set_password(environment: dict[str, str], login: str, password: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "outreach.cli", "users", "password", login]
    return subprocess.run(
        command, env=environment, input=password + "\n", capture_output=True, text=True, check=False
    )


def test_the_first_link_is_printed_while_nobody_has_an_account(
    environment: dict[str, str], platform: str
) -> None:
    first = _run(environment, "users", "first-link")
    assert "/welcome/" in first.stdout
    assert _run(environment, "users", "add", "anne", "--role", "agent", "--platform", "40").returncode == 0
    late = _run(environment, "users", "first-link")
    assert late.returncode == 1
    assert "users invite" in late.stderr
    invited = json.loads(_run(environment, "users", "invite", "anne", "--json").stdout)
    assert "/welcome/" in invited["link"]
    assert _run(environment, "users", "invite", "nobody").returncode == 1


def test_a_password_is_set_from_standard_input_and_sessions_are_ended(
    environment: dict[str, str], platform: str, database: Database, redis_url: str
) -> None:
    _run(environment, "users", "add", "anne", "--role", "agent", "--platform", "40")
    weak = _set_password(environment, "anne", "short")
    assert weak.returncode == 1
    assert "too short" in weak.stderr
    assert "short" not in weak.stdout
    assert _set_password(environment, "anne", PASSWORD).returncode == 0
    app = build_app(settings_for(database, redis_url))
    entered = app.signing_in.sign_in.with_password("anne", PASSWORD, HOME)
    assert isinstance(entered, Entered)
    assert _run(environment, "users", "sign-out", "anne").returncode == 0
    assert app.sessions.asker(entered.token) is None
    again = app.signing_in.sign_in.with_password("anne", PASSWORD, HOME)
    assert isinstance(again, Entered)
    assert _set_password(environment, "anne", OTHER_PASSWORD).returncode == 0
    assert app.sessions.asker(again.token) is None
    app.close()
    assert _run(environment, "users", "reset-factor", "anne").returncode == 0
    lines = json.loads(_run(environment, "users", "sign-ins", "--login", "anne", "--json").stdout)
    assert [line["event"] for line in lines][:3] == ["FACTOR_REMOVED", "PASSWORD_SET", "SIGNED_IN"]
    assert _run(environment, "users", "sign-ins", "--failures", "--json").stdout.strip() == "[]"
