"""Commands on case records: records split takes a wrong merge back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, running_app
from outreach.cli.work_commands import AsJson
from outreach.errors import InvalidInput
from outreach.services.access import Asker
from outreach.storage import user_store

records_app = typer.Typer(help="Case records: take a wrong merge back.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    records_app.callback()(_group)
    app.add_typer(records_app, name="records")


def _group() -> None:
    """Case records: take a wrong merge back."""


@records_app.command("split")
def split(
    record: Annotated[UUID, typer.Argument(help="Id of the record that was merged away.")],
    by: Annotated[str, typer.Option(help="Login of whoever decided it: their rights count.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take back the merge by which a record was merged away, while the two can be told apart."""
    if not yes:
        typer.confirm("Each of the two records gets its own again. Take the merge back?", abort=True)
    with running_app() as app:
        kept = app.records.splitting.split(record, _asker(app, by))
    if as_json:
        print_json({"record": record, "kept": kept})
    else:
        console.print(f"{record} stands on its own again; {kept} was the one kept for both.", markup=False)


def _asker(app: App, login: str) -> Asker:
    with app.database.reading() as connection:
        user = user_store.by_login(connection, login)
    asker = app.access.asker_of(user.id) if user is not None else None
    if asker is None:
        raise InvalidInput("Nobody with this login works here.", field="by", mend="See outreach users list.")
    return asker
