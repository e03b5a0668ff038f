"""Commands that become another program: worker and schedule."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (worker, schedule):
        app.command()(command)


def worker(
    queues: Annotated[
        list[str] | None, typer.Argument(help="Queues to serve; all when none is named.")
    ] = None,
) -> None:
    """Run jobs: one process for each queue."""
    _become("workers", *(queues or []))


def schedule() -> None:
    """Nudge every queue in turn; several may run, one leads."""
    _become("workers.schedule")


def _become(module: str, *words: str) -> None:
    """Workers stand above this package and are never imported by it."""
    os.execv(sys.executable, [sys.executable, "-m", module, *words])  # noqa: S606 - our own module
