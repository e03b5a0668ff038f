"""The command line says what it did, and what is wrong in one sentence with a non-zero exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach.storage.database import Database
from tests.call_list_rows import add_contact, entry_row
from tests.cli.command_line import run

FILE = (
    "type;identifiant;nom;prenoms;date_naissance;telephone_1;date_resultat\n"
    "positif;P1;Durand;Zoé;01/02/1980;06 39 98 01 02;16/03/2021 09:00\n"
    "positif;P2;Petit;Léo;03/04/1990;06 39 98 01 03;\n"
)


def test_a_file_is_imported_reported_and_changes_nothing_the_second_time(
    environment: dict[str, str], platform: str, tmp_path: Path
) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(FILE, encoding="utf-8")
    first = run(environment, "import", str(file), "--platform", platform, "--json")
    told = json.loads(first.stdout)
    assert first.returncode == 1, "a row was rejected"
    assert (told["rows"], told["created"], told["rejected"]) == (2, 1, 1)
    assert told["errors"][0]["field"] == "date_resultat"
    again = json.loads(run(environment, "import", str(file), "--platform", platform, "--json").stdout)
    assert (again["created"], again["unchanged"], again["rejected"]) == (0, 1, 1)
    listed = json.loads(run(environment, "call-list", "--platform", platform, "--json").stdout)
    assert sum(row["ready"] + row["waiting"] for row in listed) == 1


def test_a_wrong_import_is_listed_and_undone(
    environment: dict[str, str], platform: str, tmp_path: Path
) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(FILE, encoding="utf-8")
    run(environment, "import", str(file), "--platform", platform)
    [listed] = json.loads(run(environment, "import", "list", "--platform", platform, "--json").stdout)
    assert (listed["file"], listed["created"], listed["state"]) == ("cases.csv", 1, "DONE")
    undone = run(environment, "import", "undo", listed["import_id"], "--yes", "--json")
    assert json.loads(undone.stdout)["taken_back"] == 1, undone.stderr
    unknown = run(environment, "import", "undo", "01a201a4-1e07-7355-838f-05d73620b79a", "--yes")
    assert (unknown.returncode, "no such import" in unknown.stderr) == (1, True)


def test_a_mode_is_shown_set_and_remembered(environment: dict[str, str], platform: str) -> None:
    switched = run(environment, "mode", "set", "SMS_CONTACTS", "--platform", platform, "--reason", "a wave")
    assert switched.returncode == 0, switched.stderr
    shown = json.loads(run(environment, "mode", "show", "--platform", platform, "--json").stdout)
    assert (shown["mode"], shown["row"]["version"]) == ("SMS_CONTACTS", 2)
    moved = json.loads(run(environment, "mode", "progress", "--platform", platform, "--json").stdout)
    assert (moved["version"], moved["texted"], moved["to_text"]) == (2, 0, 0)
    assert "to SMS" in run(environment, "mode", "progress", "--platform", platform).stdout
    history = json.loads(run(environment, "mode", "history", "--platform", platform, "--json").stdout)
    assert [line["facts"]["reason"] for line in history] == ["a wave"]
    late = run(
        environment, "mode", "set", "NORMAL", "--platform", platform, "--reason", "x", "--version", "1"
    )
    assert late.returncode == 1
    assert "SMS_CONTACTS" in late.stderr
    assert "a wave" in late.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sla", "--platform", "99"), "no platform"),
        (("import", "missing.csv", "--platform", "40"), "cannot be read"),
        (("users", "add", "eve", "--role", "queen", "--platform", "40"), "supervisor, pilot"),
        (("tokens", "new", "nobody"), "no user"),
    ],
)
def test_an_error_is_one_sentence_and_exit_code_one(
    environment: dict[str, str], platform: str, words: tuple[str, ...], sentence: str
) -> None:
    done = run(environment, *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_all_wrong_settings_are_told_together(environment: dict[str, str]) -> None:
    wrong = environment | {
        "OUTREACH_SECRET_KEY": "short",
        "OUTREACH_PUBLIC_URL": "ftp://x",
        "OUTREACH_TWILIO_ACCOUNT_SID": "AC1",
    }
    done = run(wrong, "doctor")
    assert done.returncode == 1
    for name in ("OUTREACH_SECRET_KEY", "OUTREACH_PUBLIC_URL", "OUTREACH_TWILIO_AUTH_TOKEN"):
        assert name in done.stderr


def test_platforms_users_and_tokens_are_made_by_commands(environment: dict[str, str]) -> None:
    assert run(environment, "platforms", "add", "33", "--name", "Gironde").returncode == 0
    added = run(environment, "users", "add", "anne", "--role", "agent", "--platform", "33")
    assert added.returncode == 0, added.stderr
    token = run(environment, "tokens", "new", "anne")
    assert "out_" in token.stdout
    listed = json.loads(run(environment, "tokens", "list", "anne", "--json").stdout)
    assert len(listed) == 1
    assert "out_" not in json.dumps(listed)


def test_figures_can_be_had_as_csv_and_json(environment: dict[str, str], platform: str) -> None:
    as_json = json.loads(run(environment, "sla", "--platform", platform, "--json").stdout)
    assert as_json["positives"] == 0
    as_csv = run(environment, "sla", "--platform", platform, "--csv").stdout
    assert as_csv.splitlines()[0] == "figure,value"


def test_the_doctor_says_which_part_is_down(environment: dict[str, str], platform: str) -> None:
    done = run(environment, "doctor", "--json")
    told = json.loads(done.stdout)
    assert told["database"] == told["redis"] == "up"
    assert "No phone company" in told["phone company"]
    assert done.returncode == 1


def test_senders_and_spending_are_steered_from_the_command_line(
    environment: dict[str, str], platform: str
) -> None:
    service = "MG" + "1" * 32
    refused = run(environment, "senders", "set", "CPAM", "--platform", platform)
    assert refused.returncode == 1
    assert "must reach us" in refused.stderr
    assert run(environment, "senders", "set", service, "--platform", platform).returncode == 0
    assert run(environment, "senders", "stop", service, "--reason", "under repair").returncode == 0
    listed = json.loads(run(environment, "senders", "list", "--platform", platform, "--json").stdout)
    assert [(one["sender"], one["state"]) for one in listed] == [(service, "STOPPED")]
    assert "sends again" in run(environment, "senders", "resume", service).stdout
    limited = run(
        environment, "spending", "limit", "--platform", platform, "--daily", "50", "--reason", "a small month"
    )
    assert limited.returncode == 0, limited.stderr
    shown = json.loads(run(environment, "spending", "show", "--platform", platform, "--json").stdout)
    assert (shown["sends"], shown["limits"]["daily_euros"]) == ("ALL", "50.00")
    nothing = run(
        environment,
        "spending",
        "reset",
        "PREFIX_RATE",
        "--prefix",
        "+41",
        "--platform",
        platform,
        "--reason",
        "seen",
    )
    assert nothing.returncode == 1


def test_modes_are_previewed_planned_undone_and_switched_by_territory(
    environment: dict[str, str], platform: str
) -> None:
    ahead = json.loads(run(environment, "mode", "preview", "--platform", platform, "--json").stdout)
    assert [one["preview"]["mode"] for one in ahead["modes"]][:2] == ["NORMAL", "LIGHT"]
    region = run(environment, "mode", "set", "LIGHT", "--territory", "FR-NAQ", "--reason", "a wave")
    assert region.returncode == 0, region.stderr
    undone = json.loads(run(environment, "mode", "undo", "--platform", platform, "--json").stdout)
    assert (undone["mode"], undone["version"]) == ("NORMAL", 3)
    neither = run(environment, "mode", "set", "LIGHT", "--reason", "x")
    assert (neither.returncode, "Name a platform or a territory" in neither.stderr) == (1, True)


def test_whose_time_has_passed_is_shown_and_purging_wants_a_record_and_a_reason(
    environment: dict[str, str], platform: str, database: Database
) -> None:
    with database.begin() as connection:
        listed = add_contact(connection, datetime(2021, 3, 16, 9, tzinfo=UTC))
    told = json.loads(run(environment, "purge", "--dry-run", "--json").stdout)
    assert told == [{"platform": platform, "hold": "OPEN_ENTRY", "people": 1}]
    assert json.loads(run(environment, "purge", "--dry-run", "--platform", "99", "--json").stdout) == []
    for words in (("--yes",), ("si-dep", "P1", "--yes"), ("si-dep", "P1", "--dry-run")):
        refused = run(environment, "purge", *words)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
    with database.begin() as connection:
        assert entry_row(connection, listed.entry_id)["state"] != "CLOSED"
