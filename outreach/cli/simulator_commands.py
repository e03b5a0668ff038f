"""`outreach simulator`: the simulated phone company by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach.telephony.simulator.plan import Plan, plan_from_file
from outreach.telephony.simulator.server import run_simulator


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(simulator)


def simulator(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.")] = 8010,
    plan: Annotated[Path | None, typer.Option(help="JSON file: account, people, faults.")] = None,
) -> None:
    """Serve a simulated phone company that speaks Twilio's HTTP."""
    run_simulator(Plan() if plan is None else plan_from_file(plan), port=port, host=host)
