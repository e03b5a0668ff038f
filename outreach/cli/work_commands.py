"""Commands that bring people in, and take a wrong file back: import, import list, import undo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from outreach.cli.output import console, errors, print_json, print_table, running_app
from outreach.domain.column_mappings import SI_DEP
from outreach.errors import InvalidInput
from outreach.services.case_import import CaseImport
from outreach.services.import_report import ImportReport
from outreach.storage.import_store import Import

FINDINGS_SHOWN = 20
IMPORTS_SHOWN = 50
PlatformCode = Annotated[str, typer.Option("--platform", help="Code of the platform, for example 40.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(imports_app, name="import")


class _FileFirst(TyperGroup):
    """`import FILE` is `import file FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = not args or args[0] in self.commands or args[0] == "--help"
        return super().parse_args(ctx, args if named else ["file", *args])


imports_app = typer.Typer(
    help="Import a case file (import FILE), see what was imported, undo a wrong one.",
    cls=_FileFirst,
    no_args_is_help=True,
)


@imports_app.command("list")
def list_imports(platform: PlatformCode, as_json: AsJson = False) -> None:
    """The last imports of a platform, newest first."""
    with running_app() as app:
        preview = app.records.preview
        history = preview.history([platform], before=None, most=IMPORTS_SHOWN)
        found = [(stored, login, preview.file_name(stored)) for stored, login in history]
    if as_json:
        told = ({"import_id": s.id, "file": name, "by": login, **_plain(s)} for s, login, name in found)
        print_json(list(told))
        return
    rows = [
        [s.id, name, s.state, s.created_at, login, s.mapping, s.counts.rows, s.counts.created, s.taken_back]
        for s, login, name in found
    ]
    headers = ["id", "file", "state", "sent", "by", "mapping", "rows", "created", "taken back"]
    print_table("Imports", headers, rows)


@imports_app.command("undo")
def undo_import(
    import_id: Annotated[UUID, typer.Argument(help="Id of the import.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Close and erase who came in by an import and was not touched since."""
    with running_app() as app:
        preview = app.records.undo.preview(import_id, None)
        if not yes:
            staying = ", ".join(f"{n} {why}" for why, n in preview.reasons.items()) or "nobody"
            typer.confirm(f"{preview.untouched} records go; these stay: {staying}. Undo?", abort=True)
        app.records.undo.request(import_id, None, by=None)
        app.records.undo.go_on()
        done = app.records.undo.preview(import_id, None)
    told = {"taken_back": done.stored.taken_back, "kept": done.reasons, "changed": len(done.changed)}
    if as_json:
        print_json({"import_id": import_id, **told})
    else:
        console.print(f"{done.stored.taken_back} case records were taken back.", markup=False)
        print_table("Kept", ["record", "why"], [[r.case_record_id, r.why] for r in done.kept])


def _plain(stored: Import) -> dict[str, object]:
    names = ("platform", "state", "mapping", "created_at", "finished_at", "undone_at", "taken_back")
    return {name: getattr(stored, name) for name in names} | vars(stored.counts)


@imports_app.command("file")
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
        report = _run(app.case_import, content, file.name, platform, mapping, dry_run=dry_run, quiet=as_json)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report, dry_run=dry_run)
    if report.state.value != "DONE":
        raise typer.Exit(2)
    raise typer.Exit(1 if report.errors else 0)


def _run(
    importer: CaseImport,
    content: bytes,
    name: str,
    platform: str,
    mapping: str,
    *,
    dry_run: bool,
    quiet: bool,
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
            file_name=name,
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
