"""`outreach replay`: the engine's rules in virtual time against an epidemic curve."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from outreach.cli.output import console, print_table
from outreach.cli.work_commands import AsJson
from outreach.domain.territories import OVERSEAS, zone_of_address
from outreach.replay.assumptions import read_assumptions
from outreach.replay.curve import EXAMPLE, curve_file, read_curve
from outreach.replay.policies import POLICIES
from outreach.replay.run import ReplayRun, replay
from outreach.replay.setting import Setting

DAY = ["%Y-%m-%d"]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("replay")(replay_curve)


def replay_curve(
    curve: Annotated[
        str,
        typer.Argument(help="date,area_code,positives; Santé publique France's daily file; or: example"),
    ],
    positions: Annotated[float, typer.Option(min=0.1, help="Agents' positions, every day of the week.")],
    out: Annotated[Path, typer.Option(help="Folder for the report, its tables and charts.")],
    area: Annotated[str, typer.Option(help="Area code of the file: a department, a region, FR.")] = EXAMPLE,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First day of sampling.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day of sampling.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="Only these policies; repeat it.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same people.")] = 1,
    scale: Annotated[float, typer.Option(min=1e-6, help="Multiplies every day of the curve.")] = 1.0,
    zone: Annotated[str, typer.Option(help="Time zone; else by the area.")] = "",
    assumptions: Annotated[
        Path | None, typer.Option(help="A file in place of the shipped assumptions.")
    ] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Policies run side by side.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play a curve under every policy, and tell who would have been called and informed in time."""
    read = read_curve(curve_file(curve), area, since=_day(since), until=_day(until), scale=scale)
    setting = Setting(read, zone or zone_of(area), area, positions, read_assumptions(assumptions))
    names = policy or list(POLICIES)
    with Progress(console=console, transient=True, disable=as_json) as progress:
        task = progress.add_task("Replaying", total=len(names))
        run = replay(
            setting,
            names,
            seed=seed,
            processes=processes,
            told=lambda _: progress.advance(task),
        )
    _tell(run, out, as_json=as_json)


def zone_of(area: str) -> str:
    """An overseas department's or its code's zone; Paris for all others."""
    return dict(OVERSEAS.values()).get(area) or zone_of_address("FR", area) or "Europe/Paris"


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _tell(run: ReplayRun, out: Path, *, as_json: bool) -> None:
    # Drawing libraries take a second to load: only who replays waits for them.
    from outreach.replay import report
    from outreach.replay.summary import summaries

    written = report.write_report(run, out)
    if as_json:
        typer.echo(report.as_json(run))
        return
    title = (
        f"Area {run.setting.curve.area}, {run.setting.curve.first} to {run.setting.curve.last}: % in 24 hours"
    )
    print_table(title, report.TABLE_HEADERS, report.table_rows(summaries(run)))
    console.print(f"Report: {written}", highlight=False)
