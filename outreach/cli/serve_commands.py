"""The command that serves pages and API (web), and those that prepare and check (migrate, doctor)."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.readiness import parts_of
from outreach.cli.sign_in_commands import show_first_link
from outreach.config import read_settings
from outreach.errors import NotReady
from outreach.log import configure_logging
from outreach.storage import schema

Host = Annotated[str, typer.Option(help="Address to listen on.")]
OPEN_PAGES_SECONDS = 5  # live pages never end by themselves; requests under way get this long


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (web, migrate, doctor):
        app.command()(command)


def web(host: Host = "127.0.0.1", port: Annotated[int, typer.Option(help="Port.")] = 8000) -> None:
    """Serve the pages, the API, the webhooks, /healthz, /readyz and /metrics."""
    # Every other command would wait for these.
    import uvicorn

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
