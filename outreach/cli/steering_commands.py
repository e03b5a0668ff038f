"""Commands that steer from day to day: `outreach rota …`, `outreach aid …`, `outreach figures`."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.list_commands import From, To
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.people_commands import platforms_app
from outreach.cli.work_commands import AsJson, PlatformCode
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import LoanTerms
from outreach.domain.platform_figures import By
from outreach.errors import InvalidInput
from outreach.services.platform_figures import Area, as_csv
from outreach.storage import journal
from outreach.storage.platform_move_store import Move

ACTOR = journal.by_system("command line")
ROWS_SHOWN = 20

aid_app = typer.Typer(help="Mutual aid between platforms.", no_args_is_help=True)
rota_app = typer.Typer(help="Who is planned to work, and who is there.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(rota_app, name="rota")
    app.add_typer(aid_app, name="aid")
    app.command("figures")(figures)
    platforms_app.command("merge")(merge)
    platforms_app.command("split")(split)


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


@aid_app.command("lend")
def lend(
    platform: PlatformCode,
    helper: Annotated[str, typer.Argument(help="The platform that helps.")],
    until: Annotated[datetime, typer.Option(help="When it ends by itself (UTC).")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the journal.")],
    most: Annotated[int, typer.Option(help="Entries in the helper's reach at one time.")],
    share: Annotated[int | None, typer.Option(help="Percent of those who wait, kept up.")] = None,
    amount: Annotated[int | None, typer.Option(help="Or so many entries in all.")] = None,
    classes: Annotated[str, typer.Option(help="Classes to lend, separated by commas.")] = "1,3,4,5",
    language: Annotated[list[str] | None, typer.Option(help="Only these languages.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let another platform's agents take entries of this one too."""
    with running_app() as app:
        terms = LoanTerms(
            owner=platform,
            helper=helper,
            share=share,
            amount=amount,
            most=most,
            call_classes=_classes(classes),
            queues=frozenset({Queue.AGENTS}),
            languages=frozenset(language or ()),
            starts_at=app.clock.now(),
            ends_at=until.replace(tzinfo=UTC),
            reason=reason,
        )
        loan = app.steering.mutual_aid.lend(terms, author_id=None, actor=ACTOR)
    if as_json:
        print_json(loan)
    else:
        console.print(f"Loan {loan.number}: {loan.in_reach} entries within reach of {helper}.", markup=False)


@aid_app.command("list")
def list_loans(platform: PlatformCode, as_json: AsJson = False) -> None:
    """What a platform lends and is lent."""
    with running_app() as app:
        loans = app.steering.mutual_aid.loans([platform])
    if as_json:
        print_json(loans)
        return
    rows = [[n.number, n.terms.owner, n.terms.helper, n.in_reach, n.lent, n.terms.ends_at] for n in loans]
    print_table("Loans", ["loan", "owner", "helper", "within reach", "lent in all", "ends"], rows)


@aid_app.command("take-back")
def take_back(number: Annotated[int, typer.Argument(help="Number of the loan.")]) -> None:
    """End a loan now; calls in hand go on."""
    with running_app() as app:
        app.steering.mutual_aid.take_back(number, platforms=None, actor=ACTOR)
    console.print(f"Loan {number} is taken back.", markup=False)


def figures(
    platform: Annotated[str, typer.Option(help="Code of a platform, or")] = "",
    region: Annotated[str, typer.Option(help="a region, or")] = "",
    country: Annotated[str, typer.Option(help="a country.")] = "",
    since: From = None,
    until: To = None,
    by: Annotated[By | None, typer.Option(help="A row for each day or mode.")] = None,
    as_json: AsJson = False,
    as_spreadsheet: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """What a platform, a region or a country publishes, with both denominators and the modes in force."""
    if as_json and as_spreadsheet:
        raise InvalidInput("Choose --json or --csv.")
    with running_app() as app:
        now = app.clock.now()
        begins = since.replace(tzinfo=UTC) if since else now - timedelta(days=7)
        ends = until.replace(tzinfo=UTC) if until else now
        platforms = app.steering.figures.platforms_of(Area(platform, region, country))
        rows = app.steering.figures.rows(platforms, begins, ends, by)
    if as_json:
        print_json({"platforms": platforms, "rows": rows})
    elif as_spreadsheet:
        sys.stdout.write(as_csv(rows))
    else:
        names = list(rows[0])
        print_table(
            f"Figures of {', '.join(platforms)}",
            ["figure", *(str(row["row"]) for row in rows)],
            [[name, *(row[name] for row in rows)] for name in names[1:]],
        )


def _classes(written: str) -> frozenset[CallClass]:
    try:
        return frozenset(CallClass(int(part)) for part in written.split(","))
    except ValueError:
        raise InvalidInput(f"{written!r} names no classes.", field="classes", mend="Write 1,3,4,5") from None


Into = Annotated[str, typer.Option("--into", help="The platform that takes them.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]


def merge(
    source: Annotated[str, typer.Argument(help="The platform that is merged.")],
    into: Into,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Move everybody of a platform into another one; who works there works for both."""
    with running_app() as app:
        _show(app.steering.moves.merge(source, into, reason=reason, actor=ACTOR), as_json=as_json)


def split(
    source: Annotated[str, typer.Argument(help="The platform that is split.")],
    into: Into,
    records: Annotated[Path, typer.Option(help="CSV without header: source, record number.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Move the people of some records into another platform. Nothing moves when one is unknown."""
    try:
        rows = list(csv.reader(records.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            f"The file {records.name} cannot be read.", mend="Save it as CSV in UTF-8"
        ) from None
    wrong = next((n for n, row in enumerate(rows, start=1) if len(row) != 2), None)
    if wrong is not None:
        raise InvalidInput(f"Line {wrong} is not a source and a record number.", mend="Write two columns")
    with running_app() as app:
        named = [(row[0], row[1]) for row in rows]
        _show(app.steering.moves.split(source, into, named, reason=reason, actor=ACTOR), as_json=as_json)


def _show(move: Move, *, as_json: bool) -> None:
    if as_json:
        print_json(move)
        return
    rows = [[table, move.expected.get(table), n] for table, n in sorted(move.counts.items()) if n]
    print_table(f"Moved from {move.source} to {move.target}", ["table", "there were", "moved"], rows)
