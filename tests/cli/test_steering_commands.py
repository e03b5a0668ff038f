"""Rota, mutual aid and figures on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from outreach.storage.database import Database
from tests.call_list_rows import add_positive
from tests.cli.command_line import run
from tests.conftest import MORNING


def test_a_loan_is_made_listed_and_taken_back(
    environment: dict[str, str], platform: str, database: Database
) -> None:
    with database.begin() as connection:
        add_positive(connection, MORNING)
    assert run(environment, "platforms", "add", "33", "--name", "Gironde").returncode == 0
    assert run(environment, "users", "add", "anne", "--role", "agent", "--platform", "33").returncode == 0
    words = ["--platform", platform, "--until", "2099-01-01", "--reason", "a wave", "--most", "10"]
    refused = run(environment, "aid", "lend", "33", *words)
    assert refused.returncode == 1
    assert "a share or an amount" in refused.stderr
    lent = run(environment, "aid", "lend", "33", *words, "--share", "100", "--json")
    assert json.loads(lent.stdout)["in_reach"] == 1, lent.stderr
    (loan,) = json.loads(run(environment, "aid", "list", "--platform", "33", "--json").stdout)
    assert run(environment, "aid", "take-back", str(loan["number"])).returncode == 0
    (loan,) = json.loads(run(environment, "aid", "list", "--platform", platform, "--json").stdout)
    assert loan["settled_at"]
    assert run(environment, "aid", "take-back", "99").returncode == 1


def test_figures_are_told_for_people_spreadsheets_and_machines(
    environment: dict[str, str], platform: str
) -> None:
    span = ["--from", "2021-03-16", "--to", "2021-03-18", "--by", "day"]
    told = json.loads(run(environment, "figures", "--platform", platform, *span, "--json").stdout)
    assert [row["row"] for row in told["rows"]] == ["2021-03-16", "2021-03-17", "2021-03-18"]
    assert "called_share_of_all" in run(environment, "figures", "--country", "FR", *span).stdout
    table = run(environment, "figures", "--region", "75", *span, "--csv").stdout
    assert table.startswith("\ufeffrow;modes;")
    wrong = run(environment, "figures", *span)
    assert wrong.returncode == 1
    assert "name one of them" in wrong.stderr


def test_a_rota_is_imported_by_a_command(environment: dict[str, str], platform: str, tmp_path: Path) -> None:
    file = tmp_path / "rota.csv"
    file.write_bytes(b"date,from,until,positions\n2021-03-16,08:00,20:00,x\n")
    refused = run(environment, "rota", "import", str(file), "--platform", platform, "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["errors"][0]["row"] == 2
    file.write_bytes(b"date,from,until,positions\n2021-03-16,08:00,20:00,3\n")
    done = run(environment, "rota", "import", str(file), "--platform", platform)
    assert (done.returncode, done.stdout.strip()) == (0, "1 shifts on 1 days, in place of 0.")
    shown = json.loads(run(environment, "rota", "show", "--platform", platform, "--json").stdout)
    assert len(shown["capacity"]["minutes"]) == 24
