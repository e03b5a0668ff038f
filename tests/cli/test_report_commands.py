"""The daily report from the command line: as a page to print, as JSON, as tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from outreach.cli import app
from outreach.storage.database import Database
from tests.call_list_rows import add_positive


@pytest.fixture(autouse=True)
def settings(database: Database, redis_url: str, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database.url)
    monkeypatch.setenv("OUTREACH_REDIS_URL", redis_url)
    monkeypatch.setenv("OUTREACH_SECRET_KEY", "a master key for the tests only!!")


def test_a_day_is_printed_as_a_page_as_json_and_as_tables(database: Database, tmp_path: Path) -> None:
    told = datetime(2021, 3, 16, 9, tzinfo=UTC)
    with database.begin() as connection:
        add_positive(connection, told)
    page, asked = tmp_path / "report.html", ["report", "-p", "40", "--day", "2021-03-16"]
    written = CliRunner().invoke(app, [*asked, "--html", str(page)])
    assert (written.exit_code, "is in" in written.output) == (0, True)
    assert "Plateforme Landes (40)" in page.read_text(encoding="utf-8")
    told_as_json = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert (told_as_json["figures"]["positives"], told_as_json["late"]) == (1, {"NO_CAPACITY": 1})
    assert "called_share_of_all" in CliRunner().invoke(app, asked).output


def test_a_day_to_come_or_a_language_we_do_not_write_is_refused() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    for wrong in (["--day", tomorrow], ["--language", "xx"]):
        assert CliRunner().invoke(app, ["report", "-p", "40", *wrong]).exit_code == 1
