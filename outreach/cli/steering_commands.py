"""Commands that steer from day to day: `outreach rota …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.errors import InvalidInput
from outreach.storage import journal

ACTOR = journal.by_system("command line")
ROWS_SHOWN = 20

rota_app = typer.Typer(help="Who is planned to work, and who is there.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(rota_app, name="rota")


@rota_app.command("import")
def import_rota(
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX, XLS or ODS: date, from, until, positions or agent.")
    ],
    platform: PlatformCode,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the rota of the days that a file names. Exits 1 when a row is to be mended."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"The file {file.name} cannot be read: {error.strerror}.") from None
    with running_app() as app:
        report = app.steering.rota.import_file(content, platform=platform, actor=ACTOR, dry_run=dry_run)
    if as_json:
        print_json(report)
    elif report.errors:
        rows = [[e.row, e.field, e.reason, e.mend] for e in report.errors[:ROWS_SHOWN]]
        print_table("To mend; nothing was written", ["row", "column", "reason", "mend"], rows)
    else:
        note = " (dry run: nothing was written)" if dry_run else f", in place of {report.replaced}"
        console.print(f"{report.shifts} shifts on {report.days} days{note}.", markup=False)
    raise typer.Exit(1 if report.errors else 0)


@rota_app.command("show")
def show_rota(
    platform: PlatformCode,
    hours: Annotated[int, typer.Option(help="Hours to look ahead.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Who is at work now, and the agents' minutes in each of the hours ahead."""
    with running_app() as app:
        capacity = app.steering.rota.capacity(platform, hours)
        there = app.steering.rota.at_work(platform)
    if as_json:
        print_json({"capacity": capacity, "at_work": there})
        return
    console.print(
        f"Planned now: {capacity.planned}; on shift: {capacity.on_shift}; paused: {capacity.paused}.",
        markup=False,
    )
    print_table(
        f"At work at {platform}", ["agent", "state", "why"], [[a.login, a.state, a.pause] for a in there]
    )
    ahead = [[n, f"{minutes:.0f}"] for n, minutes in enumerate(capacity.minutes)]
    print_table("Agents' minutes", ["hours ahead", "minutes"], ahead)
