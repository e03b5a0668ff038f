"""A campaign on the command line, from its draft to its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from outreach.cli import app as command_line
from outreach.clock import SetClock
from outreach.errors import Conflict, InvalidInput
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_contact
from tests.campaign_world import TEXT, number
from tests.message_world import give_numbers

PEOPLE = 3


@pytest.fixture
def run(
    database: Database, redis_url: str, tmp_path: Path, vault: Vault, clock: SetClock, platform: str
) -> Any:
    """Runs one command on an installation with three contacts."""
    with database.begin() as connection:
        for place in range(PEOPLE):
            listed = add_contact(connection, clock.now())
            give_numbers(connection, vault, listed, (number(place),))
    environment = {
        "OUTREACH_DATABASE_URL": database.url,
        "OUTREACH_REDIS_URL": redis_url,
        "OUTREACH_SECRET_KEY": "a master key for the tests only!!",
        "OUTREACH_HOME": str(tmp_path),
        "COLUMNS": "200",
    }

    def run_one(*words: str, typed: str = "") -> Any:
        return CliRunner().invoke(command_line, ["campaign", *words], env=environment, input=typed)

    return run_one


def drafted(run: Any, *more: str) -> str:
    told = run("create", "Contrôle", "--platform", "40", "--text", TEXT, "--json", *more)
    assert told.exit_code == 0, told.output
    return str(json.loads(told.stdout)["campaign"]["id"])


def test_a_campaign_lives_from_draft_to_cancel(run: Any) -> None:
    campaign = drafted(run)
    assert json.loads(run("count", campaign, "--json").stdout)["members"] == PEOPLE
    preview = json.loads(run("preview", campaign, "--json").stdout)
    assert preview["texts"][0]["people"] == PEOPLE
    assert json.loads(run("start", campaign, "--confirm", "3", "--json").stdout)["state"] == "RUNNING"
    assert json.loads(run("pause", campaign, "--json").stdout)["state"] == "PAUSED"
    assert json.loads(run("resume", campaign, "--json").stdout)["state"] == "RUNNING"
    assert "Running" in run("show", campaign).stdout
    assert json.loads(run("list", "--platform", "40", "--json").stdout)["campaigns"][0]["id"] == campaign
    assert json.loads(run("failures", campaign, "--json").stdout) == []
    assert "record_number" in run("export", campaign).stdout
    assert json.loads(run("cancel", campaign, "--json").stdout)["state"] == "CANCELLED"


def test_the_number_of_people_is_typed_where_it_was_not_given(run: Any) -> None:
    campaign = drafted(run)
    run("count", campaign)
    run("preview", campaign)
    wrong = run("start", campaign, typed="2\n")
    assert isinstance(wrong.exception, Conflict)
    right = run("start", campaign, typed="3\n")
    assert right.exit_code == 0, right.output
    assert "3 people would be reached" in right.stdout


def test_a_filter_that_was_misspelt_is_refused(run: Any) -> None:
    words = ("create", "x", "--platform", "40", "--text", TEXT, "--audience", '{"houshold": true}')
    refused = run(*words)
    assert isinstance(refused.exception, InvalidInput)
    assert refused.exception.field == "audience.houshold"


def test_rows_of_a_file_that_name_nobody_are_told(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"telephone_1\n{number(0)}\n06 39 98 77 77\n", encoding="utf-8")
    told = run("create", "x", "--platform", "40", "--text", TEXT, "--file", str(file), "--json")
    found = json.loads(told.stdout)["file"]
    assert (found["rows"], found["people"], len(found["findings"])) == (2, 1, 1)


def test_a_file_that_cannot_be_read_leaves_no_campaign_for_everybody(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("nom\nMartin\n", encoding="utf-8")
    refused = run("create", "x", "--platform", "40", "--text", TEXT, "--file", str(file))
    assert isinstance(refused.exception, InvalidInput)
    assert json.loads(run("list", "--platform", "40", "--json").stdout)["campaigns"] == []


def test_letters_for_nobody_are_refused_in_one_sentence(run: Any) -> None:
    refused = run("letters", drafted(run))
    assert isinstance(refused.exception, InvalidInput)
    assert "Nobody" in str(refused.exception)
