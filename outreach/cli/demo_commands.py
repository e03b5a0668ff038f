"""`outreach demo`: the believable day."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach.cli.output import console
from outreach.demo.run import MOST_AGENTS, run_demo


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the report: 0 when every check holds.")
    ] = False,
    agents: Annotated[int, typer.Option(help="Robots that work the list.", min=1, max=MOST_AGENTS)] = 20,
    robots: Annotated[int, typer.Option(help="Of these, how many go on after the report.", min=0)] = 8,
    port: Annotated[int, typer.Option(help="Port of the API; 0 takes a free one.")] = 8000,
) -> None:
    """One believable day against simulated phones, then a report."""
    holds = run_demo(once=once, agents=agents, robots=robots, port=port, console=console)
    if once:
        raise typer.Exit(0 if holds else 1)
