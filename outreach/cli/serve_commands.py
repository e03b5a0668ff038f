"""Commands that serve (web, worker, schedule, simulator) and those that prepare and check."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.readiness import parts_of
from outreach.cli.sign_in_commands import show_first_link
from outreach.config import read_settings
from outreach.demo.run import MOST_AGENTS, run_demo
from outreach.errors import NotReady
from outreach.log import configure_logging
from outreach.storage import schema
from outreach.telephony.simulator.plan import Plan, plan_from_file
from outreach.telephony.simulator.server import run_simulator

OPEN_PAGES_SECONDS = 5  # live pages never end by themselves; requests under way get this long
Host = Annotated[str, typer.Option(help="Address to listen on.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (demo, web, worker, schedule, simulator, migrate, doctor):
        app.command()(command)


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


def web(host: Host = "127.0.0.1", port: Annotated[int, typer.Option(help="Port.")] = 8000) -> None:
    """Serve the pages, the API, the webhooks, /healthz, /readyz and /metrics."""
    from outreach.web.app import create_web_app

    configure_logging(read_settings().log_level)
    with running_app() as app:
        if not schema.is_current(app.database):
            raise NotReady(f"The database is not ready: {parts_of(app)['database']}.")
        show_first_link(app)
        # Addresses hold tokens and ids of calls: no access log.
        uvicorn.run(
            create_web_app(app),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=OPEN_PAGES_SECONDS,
        )


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


def simulator(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.")] = 8010,
    plan: Annotated[Path | None, typer.Option(help="JSON file: account, people, faults.")] = None,
) -> None:
    """Serve a simulated phone company that speaks Twilio's HTTP."""
    run_simulator(Plan() if plan is None else plan_from_file(plan), port=port, host=host)


def migrate(
    write: Annotated[str, typer.Option(help="For developers: write a migration with this title.")] = "",
) -> None:
    """Bring the database to the tables this version needs."""
    with running_app() as app:
        schema.migrate(app.database)
        if write:
            schema.write_revision(app.database, write)
    console.print("Read what was written." if write else "The database is up to date.")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check settings, database, Redis and phone company; exits 1 when something is down."""
    with running_app() as app:
        parts = parts_of(app)
    if as_json:
        print_json(parts)
    else:
        print_table("Outreach", ["part", "state"], list(parts.items()))
    if any(state != "up" for state in parts.values()):
        raise typer.Exit(1)
