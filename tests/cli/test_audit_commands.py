"""Audit on the command line: the same service, rights and pseudonyms as on its page."""

from __future__ import annotations

import json

from outreach.storage import journal
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import add_positive
from tests.cli.command_line import run
from tests.conftest import MORNING

DAYS = ["--since", "2021-03-16", "--until", "2021-03-16"]


def test_who_changed_what_is_found_by_login_days_and_kind(
    environment: dict[str, str], platform: str, database: Database
) -> None:
    for login, role in (("marie", "supervisor"), ("aude", "auditor"), ("anne", "agent")):
        hired = run(environment, "users", "add", login, "--role", role, "--platform", platform)
        assert hired.returncode == 0, hired.stderr
    with database.begin() as connection:
        record = add_positive(connection, MORNING).case_record_id
        line = JournalEntry(MORNING, platform, Event.CASE_REOPENED, "system:test", record)
        journal.write(connection, line)
    asked = ["audit", "changes", *DAYS, "--kind", "CASE_REOPENED", "--json"]
    (by_id,) = json.loads(run(environment, *asked, "--as", "marie").stdout)
    (by_pseudonym,) = json.loads(run(environment, *asked, "--as", "aude").stdout)
    assert (by_id["record"], by_id["by"]) == (str(record), "test")
    assert by_pseudonym["record"] not in ("", str(record))
    found = run(environment, *asked, "--as", "aude", "--record", by_pseudonym["record"])
    assert len(json.loads(found.stdout)) == 1
    assert json.loads(run(environment, *asked, "--as", "marie", "--login", "anne").stdout) == []
    refused = run(environment, *asked, "--as", "anne")
    assert refused.returncode == 1
    assert "accesses:read" in refused.stderr


def test_readings_are_found_and_a_search_of_everything_is_refused(
    environment: dict[str, str], platform: str
) -> None:
    hired = run(environment, "users", "add", "aude", "--role", "auditor", "--platform", platform)
    assert hired.returncode == 0, hired.stderr
    found = run(environment, "audit", "readings", *DAYS, "--kind", "SHEET", "--as", "aude", "--json")
    assert json.loads(found.stdout) == []
    for words in (["--until", "2021-03-16"], ["--since", "2020-01-01", "--until", "2021-03-16"]):
        assert run(environment, "audit", "readings", *words, "--as", "aude").returncode == 1
