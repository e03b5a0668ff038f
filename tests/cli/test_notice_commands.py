"""Notices, the watch list, contact yield, own modes and territories on the command line."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import insert

from outreach.clock import SetClock
from outreach.services.access import Access, NewUser
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_positive
from tests.cli.command_line import run
from tests.conftest import MORNING


def test_a_notice_is_published_followed_and_withdrawn(environment: dict[str, str], platform: str) -> None:
    for login, role in (("marie", "supervisor"), ("anne", "agent")):
        hired = run(environment, "users", "add", login, "--role", role, "--platform", platform)
        assert hired.returncode == 0, hired.stderr
    words = ["notices", "publish", "Isolement", "7 jours.", "--author", "marie"]
    refused = run(environment, *words)
    assert refused.returncode == 1
    assert "name one of them" in refused.stderr
    published = json.loads(run(environment, *words, "--platform", platform, "--json").stdout)
    (shown,) = json.loads(run(environment, "notices", "list", "--platform", platform, "--json").stdout)
    assert (shown["id"], shown["concerned"], shown["acknowledged"]) == (published["id"], 2, 0)
    readers = run(environment, "notices", "readers", shown["id"], "--platform", platform)
    assert "anne" in readers.stdout
    assert run(environment, "notices", "withdraw", shown["id"], "--author", "marie").returncode == 0
    (shown,) = json.loads(run(environment, "notices", "list", "--platform", platform, "--json").stdout)
    assert shown["withdrawn_at"]


def test_the_watch_list_is_read_and_resolved(
    environment: dict[str, str], platform: str, database: Database
) -> None:
    with database.begin() as connection:
        record = add_positive(connection, MORNING - timedelta(days=9)).case_record_id
        connection.execute(
            insert(tables.watched_records).values(
                case_record_id=record, platform=platform, why="NO_RESULT", since=MORNING
            )
        )
    where = ["--platform", platform]
    told = json.loads(run(environment, "watch", "list", *where, "--days", "5", "--json").stdout)
    assert told["counts"] == {"NO_RESULT": 1, "NO_POSITIVE": 0}
    assert [each["case_record_id"] for each in told["records"]] == [str(record)]
    assert run(environment, "watch", "resolve", str(record), "IMPORTED", *where).returncode == 1
    assert run(environment, "watch", "resolve", str(record), "not_a_case", *where).returncode == 0
    assert "not_a_case" not in run(environment, "watch", "list", *where).stdout
    assert json.loads(run(environment, "watch", "days", *where, "5", "--json").stdout) == {"days": 5}
    assert run(environment, "watch", "days", *where, "500").returncode == 1


def test_contact_yield_is_told(environment: dict[str, str], platform: str) -> None:
    assert json.loads(run(environment, "contact-yield", "--platform", platform, "--json").stdout) == []
    wrong = run(environment, "contact-yield", "--platform", platform, "--from", "2099-01-01")
    assert wrong.returncode == 1


def test_a_platforms_own_modes_are_changed_and_their_versions_kept(
    environment: dict[str, str], platform: str
) -> None:
    where = ["--platform", platform]
    words = ["mode", "rules", "change", "SMS_LOW_RISK", *where, "--reason", "ours"]
    changed = run(environment, *words, "--text", "OTHERS", "--text", "minor", "--tries", "2", "--json")
    assert json.loads(changed.stdout)["version"] == 1, changed.stderr
    rules = json.loads(run(environment, "mode", "rules", "show", *where, "--json").stdout)
    low = next(each for each in rules if each["rule"]["mode"] == "SMS_LOW_RISK")
    assert (sorted(low["rule"]["texts"]), low["rule"]["contact_tries"]) == (["MINOR", "OTHERS"], 2)
    assert low["rule"]["misses_before_sms"] == 1, "what is not given stays"
    refused = run(
        environment, "mode", "rules", "change", "NORMAL", *where, "--reason", "x", "--text", "MINOR"
    )
    assert refused.returncode == 1
    assert "NORMAL calls everybody" in refused.stderr
    versions = run(environment, "mode", "rules", "versions", "SMS_LOW_RISK", *where)
    assert "ours" in versions.stdout


def test_territories_are_drawn_and_listed(environment: dict[str, str], platform: str) -> None:
    place = ["territories", "draw", "SUD", "--name", "Le Sud", "--kind", "region", "--parent", "FR"]
    assert "--reason" in run(environment, *place).stderr
    drawn = run(environment, *place, "--reason", "a region of our own")
    assert drawn.returncode == 0, drawn.stderr
    told = json.loads(run(environment, "territories", "list", "--json").stdout)
    assert {each["territory"]["code"] for each in told["territories"]} == {"40", "FR-NAQ", "FR"}
    assert told["modes"] == {"40": "NORMAL"}


def test_whose_rights_a_drawing_changes_is_told_by_login_and_role_before_it_is_drawn(
    environment: dict[str, str], platform: str, database: Database, vault: Vault, clock: SetClock
) -> None:
    Access(database, vault, clock).add_user(NewUser("anne", ("pilot", "manager"), (), territory="FR-NAQ"))
    place = ["territories", "draw", "40", "--name", "Landes", "--kind", "department", "--parent", "FR-OCC"]
    asked = run(environment, *place, "--reason", "another region")
    assert (asked.returncode, "anne" in asked.stdout) == (1, True), asked.stderr
    listed = json.loads(run(environment, "territories", "list", "--json").stdout)
    assert "FR-OCC" not in {each["territory"]["code"] for each in listed["territories"]}
    drawn = run(environment, *place, "--reason", "another region", "--yes", "--json")
    (changed,) = json.loads(drawn.stdout)["accounts"]
    assert (changed["login"], changed["roles"], changed["loses"]) == ("anne", ["manager", "pilot"], ["40"])
