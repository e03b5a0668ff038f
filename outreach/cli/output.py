"""What the command line prints: tables for people, JSON for machines, one sentence for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from outreach.bootstrap import App, build_app
from outreach.config import read_settings
from outreach.errors import ConfigurationError, InvalidInput, OutreachError

console = Console()
errors = Console(stderr=True)


@contextmanager
def running_app() -> Iterator[App]:
    """The program, with its own servers where none are given; closed at the end."""
    app = build_app(read_settings())
    try:
        yield app
    finally:
        app.close()


def complain(error: OutreachError) -> None:
    """Say what is wrong and how to mend it."""
    if isinstance(error, ConfigurationError):
        errors.print("outreach: these settings are to be mended:", style="bold red", highlight=False)
        for problem in error.problems:
            errors.print(f"  - {problem}", markup=False, highlight=False)
        return
    told = error.mend.rstrip(".") if isinstance(error, InvalidInput) else ""
    mend = f" To mend it: {told[0].lower()}{told[1:]}." if told else ""
    errors.print(f"outreach: {error}{mend}", markup=False, highlight=False)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    json.dump(value, sys.stdout, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; None is shown as a dash."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for header in headers:
        table.add_column(header, no_wrap=header == "id")  # an id is copied whole
    for row in rows:
        table.add_row(*("–" if cell is None else str(cell) for cell in row))
    console.print(table)
