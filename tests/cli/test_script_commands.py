"""Texts on the command line: judged, drafted, dated, compared, written to files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from outreach.cli import app
from outreach.storage.database import Database

BAD = Path(__file__).parent.parent / "rendering" / "bad_texts"
NEW = "Bonjour. Ici la CPAM {{ platform_name }}. Rappelez-nous dès que possible."


@pytest.fixture(autouse=True)
def settings(
    monkeypatch: pytest.MonkeyPatch, database: Database, redis_url: str, tmp_path: Path, platform: str
) -> None:
    """An installation with servers of its own."""
    named = {
        "DATABASE_URL": database.url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a master key for the tests only!!",
        "HOME": str(tmp_path),
    }
    for name, value in named.items():
        monkeypatch.setenv(f"OUTREACH_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["scripts", *words])
    assert result.exit_code == code, result.output
    return result.stdout


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_the_shipped_texts_have_nothing_to_mend() -> None:
    assert run("lint") == "Nothing to mend.\n"


def test_a_bad_folder_is_told_file_by_file_and_exits_1() -> None:
    told = run("lint", str(BAD), code=1)
    assert "fr/health_word.voice.j2:3: health_word: The word “test”" in told
    found = json.loads(run("lint", str(BAD), "--json", code=1))
    assert {finding["rule"] for finding in found} >= {"undefined_variable", "link_not_allowed"}


def test_a_folder_without_a_catalog_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["scripts", "lint", str(tmp_path)])
    assert result.exit_code == 1


def test_a_text_is_drafted_scheduled_compared_exported_and_withdrawn(tmp_path: Path) -> None:
    file = tmp_path / "new.j2"
    file.write_text(NEW, encoding="utf-8")
    drafted = run_json("draft", "voicemail", str(file), "--reason", "clearer")
    assert (drafted["number"], drafted["to_mend"]) == (2, [])
    assert "takes effect at" in run("schedule", drafted["id"])
    assert NEW in run("show", "voicemail", "--platform", "40")
    assert "Ici la CPAM Landes" in run("show", "voicemail", "--platform", "40", "--filled")
    assert run_json("show", "voicemail", "--platform", "40")["text"]["number"] == 2
    assert f"+{NEW}" in run("diff", "voicemail", "1", "2")
    run("export", str(tmp_path / "out"), "--platform", "40")
    assert (tmp_path / "out/fr/voicemail.voice.j2").read_text(encoding="utf-8") == NEW
    assert "Nothing to mend" in run("lint", str(tmp_path / "out"))
    assert "is withdrawn" in run("withdraw", drafted["id"])
    texts = {text["name"]: text["languages"] for text in run_json("list", "--platform", "40")}
    assert texts["voicemail"] == {"en": 1, "fr": 1}


def test_durations_and_accents_are_set() -> None:
    run("set-parameter", "isolation_days", "8", "--from", "2022-05-01", "--reason", "a decree")
    assert run_json("parameters", "--platform", "40")["today"]["isolation_days"] == 8
    assert "keeps the accents" in run("accents", "40", "KEEP")
    assert "isolation_days" in run("parameters", "--platform", "40")
    assert "voicemail" in run("list", "--platform", "40")
