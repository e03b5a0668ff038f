"""Commands that bring people in: import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from outreach.cli.output import console, errors, print_json, print_table, running_app
from outreach.domain.column_mappings import SI_DEP
from outreach.errors import InvalidInput
from outreach.services.case_import import CaseImport
from outreach.services.import_report import ImportReport

FINDINGS_SHOWN = 20
PlatformCode = Annotated[str, typer.Option("--platform", help="Code of the platform, for example 40.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("import")(import_file)


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
