"""The daily report on the command line: as a table, as JSON, or as a page to print."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson
from outreach.domain.daily_reports import DailyReport
from outreach.errors import InvalidInput


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command("report")(report)


def report(
    platform: Annotated[str, typer.Option("--platform", "-p", help="Code of the platform.")],
    day: Annotated[
        datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Yesterday when left out.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to print into this file.")] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Of the page: fr or en.")] = "fr",
    as_json: AsJson = False,
) -> None:
    """A platform's day: figures, causes of the late ones, modes in force, decisions."""
    # Pages are brought in where they are drawn: every other command would wait for them.
    from outreach.web.pages.report_pages import as_file
    from outreach.web.pages.words import LANGUAGES

    if language not in LANGUAGES:
        raise InvalidInput(f"The report is not written in {language!r}.", mend="Choose fr or en.")
    with running_app() as app:
        made = app.steering.daily_reports.of(platform, day.date() if day else None)
    if html is not None:
        html.write_text(as_file(made, language), encoding="utf-8")
    if as_json:
        print_json(asdict(made))
    elif html is not None:
        console.print(f"The report of {made.day} is in {html}.", markup=False)
    else:
        _print(made)


def _print(made: DailyReport) -> None:
    from outreach.web.pages.report_pages import TOLD

    figures = [[name, made.figures[name], made.week_before[name]] for name in TOLD]
    title = f"{made.name}, {made.day}"
    print_table(title, ["figure", "the day", "the seven days before"], figures)
    print_table("Late, by cause", ["cause", "positives"], [[*pair] for pair in made.late.items()])
    stretches = [[each.mode, each.starts, each.ends] for each in made.modes]
    print_table("Modes (UTC)", ["mode", "from", "until"], stretches)
    decided = [
        [each.at, each.event, each.by, each.about or each.facts.get("reason", "")] for each in made.decisions
    ]
    print_table("Decided (UTC)", ["at", "what", "by", "about"], decided)
