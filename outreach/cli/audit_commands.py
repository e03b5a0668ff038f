"""Commands of audit: who read whose record and why, who changed what, by the same service as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson
from outreach.domain.roles import Scope
from outreach.errors import InvalidInput, NotAllowed
from outreach.services.access import Asker
from outreach.services.audit import Change, Reading, Search
from outreach.storage.access_store import AccessReason
from outreach.storage.journal import Event

ZONE = ZoneInfo("Europe/Paris")
USUAL_DAYS = 7

audit_app = typer.Typer(help="Who read whose record, and who changed what.", no_args_is_help=True)
Reader = Annotated[str, typer.Option("--as", help="Login of whoever asks: their rights and reach count.")]
Login = Annotated[str, typer.Option(help="Only what this person of the staff did.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, included.")]
Record = Annotated[str, typer.Option(help="Only about this record: its id, or its pseudonym.")]
Platform = Annotated[str, typer.Option(help="Only on this platform.")]
Most = Annotated[int, typer.Option(min=1, max=2_000, help="Lines at most, the newest first.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.add_typer(audit_app, name="audit")


@audit_app.command("readings")
def readings(
    reader: Reader,
    login: Login = "",
    since: Since = None,
    until: Until = None,
    record: Record = "",
    kind: Annotated[list[AccessReason] | None, typer.Option(help="Only readings for this.")] = None,
    platform: Platform = "",
    most: Most = 100,
    as_json: AsJson = False,
) -> None:
    """Who read whose record, when and why; the last seven days when nothing is said."""
    with running_app() as app:
        search = _search(app, login, since, until, record, platform, why=tuple(kind or ()))
        found = app.audit.readings(_asker(app, reader), search, before=None, most=most)
    rows = [[line.at, line.platform, line.login or "command line", line.why, line.record] for line in found]
    _show("Readings", ["at", "platform", "who", "why", "record"], rows, found, most, as_json=as_json)


@audit_app.command("changes")
def changes(
    reader: Reader,
    login: Login = "",
    since: Since = None,
    until: Until = None,
    record: Record = "",
    kind: Annotated[list[Event] | None, typer.Option(help="Only this event.")] = None,
    platform: Platform = "",
    most: Most = 100,
    as_json: AsJson = False,
) -> None:
    """Who changed what, and when; the last seven days when nothing is said."""
    with running_app() as app:
        search = _search(app, login, since, until, record, platform, events=tuple(kind or ()))
        found = app.audit.changes(_asker(app, reader), search, before=None, most=most)
    rows = [[line.at, line.platform, line.event, line.by, line.record, _told(line.facts)] for line in found]
    _show("Changes", ["at", "platform", "event", "by", "record", "facts"], rows, found, most, as_json=as_json)


def _asker(app: App, login: str) -> Asker:
    """Raises NotFound, NotAllowed."""
    asker = app.access.asker_of(app.access.user_named(login).id)
    if asker is None:
        raise NotAllowed("This account is closed.")
    asker.need(Scope.ACCESSES_READ)
    return asker


def _search(
    app: App,
    login: str,
    since: datetime | None,
    until: datetime | None,
    record: str,
    platform: str,
    *,
    why: tuple[AccessReason, ...] = (),
    events: tuple[Event, ...] = (),
) -> Search:
    first, end = _span(app, since, until, is_named=bool(login or record))
    user_id = app.audit.user_named(login) if login else None
    return Search(first, end, record, user_id, why, events, platform)


def _span(
    app: App, since: datetime | None, until: datetime | None, *, is_named: bool
) -> tuple[datetime | None, datetime | None]:
    """Whole days of our clock; without any, of a named record or person everything."""
    if since is None and until is not None:
        raise InvalidInput("A last day wants a first one.", field="since", mend="Give --since too.")
    if since is None and is_named:
        return None, None
    today = app.clock.now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    last = today if until is None else until.replace(tzinfo=ZONE)
    first = last - timedelta(days=USUAL_DAYS - 1) if since is None else since.replace(tzinfo=ZONE)
    return first, last + timedelta(days=1)


def _told(facts: object) -> str:
    return " ".join(f"{key}={value}" for key, value in facts.items()) if isinstance(facts, dict) else ""


def _show(
    title: str,
    headers: list[str],
    rows: Sequence[Sequence[object]],
    found: Sequence[Reading] | Sequence[Change],
    most: int,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json([line._asdict() for line in found])
        return
    print_table(title, headers, rows)
    if len(found) == most:
        console.print("There may be more: ask with --most, fewer days, or --json.")
