"""An installation for commands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from outreach.cli.output import console, errors
from outreach.storage.database import Database

WIDTH = 200


@pytest.fixture(scope="session", autouse=True)
def wide_lines() -> None:
    """A process reads COLUMNS once, at its start."""
    console.width = errors.width = WIDTH


@pytest.fixture
def environment(database: Database, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """An installation with servers of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    return kept | {
        "OUTREACH_DATABASE_URL": database.url,
        "OUTREACH_REDIS_URL": redis_url,
        "OUTREACH_SECRET_KEY": "a master key for the tests only!!",
        "OUTREACH_HOME": str(tmp_path),
        "COLUMNS": str(WIDTH),
    }
