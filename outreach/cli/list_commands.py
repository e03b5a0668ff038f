"""Commands that look (call-list, sla), and that which sets what stopped going again (outbox)."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.errors import InvalidInput

From = Annotated[datetime | None, typer.Option("--from", help="Results from this moment on (UTC).")]
To = Annotated[datetime | None, typer.Option("--to", help="Results before this moment (UTC).")]

LATE_SHOWN = 50

outbox_app = typer.Typer(help="What outside case systems are told.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("call-list")(call_list)
    app.command("sla")(sla)
    app.add_typer(outbox_app, name="outbox")


def call_list(platform: PlatformCode, as_json: AsJson = False) -> None:
    """The list by class: how many are ready, waiting, held, texted, late and at risk."""
    with running_app() as app:
        classes = app.list_view.by_class([platform])
    if as_json:
        print_json(classes)
        return
    headers = ["class", "ready", "waiting", "in hand", "texted", "at risk", "late"]
    rows = [[c.call_class, c.ready, c.waiting, c.leased, c.texted, c.at_risk, c.late] for c in classes]
    print_table(f"Call list of platform {platform}", headers, rows)


def sla(
    platform: PlatformCode,
    since: From = None,
    until: To = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Who was called and reached within 24 hours of the result, from journal facts alone."""
    if as_json and as_csv:
        raise InvalidInput("Choose --json or --csv.")
    with running_app() as app:
        now = app.clock.now()
        begins = since.replace(tzinfo=UTC) if since else now - timedelta(days=7)
        ends = until.replace(tzinfo=UTC) if until else now
        figures = app.service_level.figures(platform, begins, ends)
        late = app.service_level.late_positives(platform, begins, ends)
    if as_json:
        print_json({**figures.as_json(), "late_positives": late})
    elif as_csv:
        csv.writer(sys.stdout).writerows([("figure", "value"), *figures.rows()])
    else:
        period = f"from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC"
        print_table(f"Platform {platform}, results {period}", ["figure", "value"], figures.for_people())
        if late:
            rows = [[each.case_record_id, each.cause.value, each.deadline] for each in late[:LATE_SHOWN]]
            print_table("Late positives", ["case record", "cause", "deadline"], rows)


@outbox_app.command("show")
def show_outbox(as_json: AsJson = False) -> None:
    """How many wait, are dead, were delivered."""
    with running_app() as app:
        figures = app.write_back.figures()
    if as_json:
        print_json(figures)
    else:
        print_table("Outbox", list(vars(figures)), [list(vars(figures).values())])


@outbox_app.command("replay")
def replay_dead(
    platform: Annotated[str | None, typer.Option(help="Only this platform's.")] = None,
) -> None:
    """Try dead letters again."""
    with running_app() as app:
        count = app.write_back.replay_dead(platform=platform)
    console.print(f"{count} will be tried again.")
