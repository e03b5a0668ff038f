"""Commands that bring people in and steer: import, mode."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from outreach.cli.output import console, errors, print_json, print_table, running_app
from outreach.domain.column_mappings import SI_DEP
from outreach.domain.load_shedding import Mode
from outreach.errors import InvalidInput
from outreach.services.case_import import CaseImport
from outreach.services.import_report import ImportReport

FINDINGS_SHOWN = 20
PlatformCode = Annotated[str, typer.Option("--platform", help="Code of the platform, for example 40.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

mode_app = typer.Typer(help="The load-shedding mode: who is called and who is texted.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("import")(import_file)
    app.add_typer(mode_app, name="mode")


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS or ODS.")],
    platform: PlatformCode,
    mapping: Annotated[str, typer.Option(help="Name of a column mapping.")] = SI_DEP,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a case file. Exits 1 when rows were rejected, 2 when the import is incomplete."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"The file {file.name} cannot be read: {error.strerror}.") from None
    with running_app() as app:
        report = _run(app.case_import, content, platform, mapping, dry_run=dry_run, quiet=as_json)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report, dry_run=dry_run)
    if report.state.value != "DONE":
        raise typer.Exit(2)
    raise typer.Exit(1 if report.errors else 0)


def _run(
    importer: CaseImport, content: bytes, platform: str, mapping: str, *, dry_run: bool, quiet: bool
) -> ImportReport:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=quiet,
    )
    with bar:
        task = bar.add_task("rows", total=None)
        return importer.import_file(
            content,
            platform=platform,
            mapping=mapping,
            dry_run=dry_run,
            progress=lambda done, expected: bar.update(task, completed=done, total=expected),
        )


def _show(report: ImportReport, *, dry_run: bool) -> None:
    numbers = vars(report.counts)
    title = f"Import {report.state.value}" + (" (dry run: nothing was written)" if dry_run else "")
    print_table(title, list(numbers), [list(numbers.values())])
    for rule in report.rules:
        console.print(f"Rule: {rule}", markup=False, highlight=False)
    findings = [*report.errors, *report.warnings]
    if findings:
        rows = [[f.severity, f.row, f.field, f.value, f.reason, f.mend] for f in findings[:FINDINGS_SHOWN]]
        print_table("To mend", ["severity", "row", "field", "value", "reason", "mend"], rows)
    if len(findings) > FINDINGS_SHOWN:
        console.print(f"… and {len(findings) - FINDINGS_SHOWN} more: use --json for all of them.")


@mode_app.command("show")
def show_mode(platform: PlatformCode, as_json: AsJson = False) -> None:
    """The mode in force, and what each mode would do with those who wait."""
    with running_app() as app:
        mode, now = app.switch.show(platform), app.clock.now()
        previews = app.switch.preview(platform)
    if as_json:
        print_json({"mode": mode.at(now), "row": mode, "previews": previews})
        return
    console.print(
        f"Platform {platform}: {mode.at(now).value}, version {mode.version}: {mode.reason}", markup=False
    )
    rows = [[p.mode.value, p.called, p.texted, p.waiting] for p in previews]
    print_table("What each mode would do now", ["mode", "called", "texted", "waiting"], rows)


@mode_app.command("set")
def set_mode(
    platform: PlatformCode,
    mode: Annotated[Mode, typer.Argument(help="The mode to put in force.", case_sensitive=False)],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal.")],
    until: Annotated[datetime | None, typer.Option(help="When it ends by itself (UTC).")] = None,
    expected_version: Annotated[
        int | None, typer.Option("--version", help="Version you saw; the latest when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Switch the mode; refused when someone switched since the version you saw."""
    with running_app() as app:
        seen = app.switch.show(platform).version if expected_version is None else expected_version
        after = app.switch.switch(
            platform,
            mode,
            reason=reason,
            author_id=None,
            expected_version=seen,
            ends_at=until.replace(tzinfo=UTC) if until else None,
        )
    if as_json:
        print_json(after)
    else:
        console.print(f"Platform {platform}: {after.mode.value}, version {after.version}.", markup=False)


@mode_app.command("history")
def mode_history(platform: PlatformCode, as_json: AsJson = False) -> None:
    """Who switched what, when and why; newest first."""
    with running_app() as app:
        switches = app.switch.history(platform)
    if as_json:
        print_json(switches)
        return
    rows = [
        [s.at, s.facts.get("mode"), s.facts.get("version"), s.facts.get("reason"), s.actor] for s in switches
    ]
    print_table("Switches", ["at", "mode", "version", "reason", "by"], rows)
