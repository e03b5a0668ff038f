"""Commands for who works here (platforms, users, tokens), and for erasing a person (purge)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from outreach.cli import sign_in_commands
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson
from outreach.domain.reasons import erasure_reason
from outreach.domain.territories import zone_of_address
from outreach.errors import InvalidInput
from outreach.services.access import NewUser
from outreach.storage import journal, platform_store
from outreach.storage.platform_store import Platform

platforms_app = typer.Typer(help="Regional teams.", no_args_is_help=True)
users_app = typer.Typer(help="People who work here.", no_args_is_help=True)
tokens_app = typer.Typer(help="Access tokens for the API.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    sign_in_commands.add_to(users_app)
    app.add_typer(platforms_app, name="platforms")
    app.add_typer(users_app, name="users")
    app.add_typer(tokens_app, name="tokens")
    app.command("purge")(purge)


@platforms_app.command("add")
def add_platform(
    code: Annotated[str, typer.Argument(help="Code, for example 40.")],
    name: Annotated[str, typer.Option(help="Name, for example Landes.")],
    department: Annotated[str | None, typer.Option(help="Department; the code when left out.")] = None,
    caller_id: Annotated[str, typer.Option(help="Number people see; the setting's when left out.")] = "",
    sender: Annotated[str, typer.Option(help="SMS sender; the setting's when left out.")] = "",
) -> None:
    """Add a platform in mode NORMAL with the built-in calling hours."""
    where = department or code
    with running_app() as app, app.database.begin() as connection:
        platform = Platform(
            code,
            name,
            zone_of_address("FR", where) or "Europe/Paris",
            where,
            "",
            "FR",
            "fr",
            {},
            sender,
            caller_id,
        )
        added = platform_store.create(connection, platform, app.clock.now())
    console.print(f"Platform {code} added." if added else f"Platform {code} exists already.", markup=False)


@platforms_app.command("list")
def list_platforms(as_json: AsJson = False) -> None:
    """Every platform."""
    with running_app() as app, app.database.begin() as connection:
        found = platform_store.all_platforms(connection)
    if as_json:
        print_json(found)
    else:
        rows = [[p.code, p.name, p.department, p.time_zone] for p in found]
        print_table("Platforms", ["code", "name", "department", "zone"], rows)


@users_app.command("add")
def add_user(
    login: Annotated[str, typer.Argument(help="A short word.")],
    role: Annotated[list[str], typer.Option(help="agent, senior, supervisor, pilot, medical…")],
    platform: Annotated[list[str], typer.Option(help="Platforms of this person.")],
    language: Annotated[
        list[str] | None, typer.Option(help="Languages spoken; French when left out.")
    ] = None,
    phone: Annotated[str | None, typer.Option(help="Their own phone, rung first: +33…")] = None,
) -> None:
    """Add a user."""
    new = NewUser(login, role, platform, tuple(language or ["fr"]), phone)
    with running_app() as app:
        user_id = app.access.add_user(new)
    console.print(f"User {login} added: {user_id}", markup=False)


@users_app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Every user, by login."""
    with running_app() as app:
        found = app.access.users(asker=None, most=1_000)
    if as_json:
        print_json(found)
    else:
        rows = [[u.login, ", ".join(u.roles), ", ".join(u.platforms), u.ended_at] for u in found]
        print_table("Users", ["login", "roles", "platforms", "left"], rows)


@users_app.command("end")
def end_user(login: str) -> None:
    """The person has left: their tokens stop working."""
    with running_app() as app:
        app.access.end_user(app.access.user_named(login).id)
    console.print(f"User {login} ended.", markup=False)


@tokens_app.command("new")
def new_token(
    login: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="Scopes; all that the roles allow when left out.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires.")] = None,
) -> None:
    """Make a token; it is shown once."""
    with running_app() as app:
        expires = app.clock.now() + timedelta(days=days) if days else None
        user = app.access.user_named(login)
        token_id, token = app.access.new_token(user.id, scopes=scope, expires_at=expires)
    console.print(f"Token {token_id}: {token}", markup=False)


@tokens_app.command("list")
def list_tokens(login: str, as_json: AsJson = False) -> None:
    """A user's tokens, without the tokens themselves."""
    with running_app() as app:
        found = app.access.tokens(app.access.user_named(login).id)
    if as_json:
        print_json(found)
    else:
        rows = [[t.id, ", ".join(t.scopes), t.expires_at, t.last_used_at, t.revoked_at] for t in found]
        print_table(f"Tokens of {login}", ["id", "scopes", "expires", "last used", "revoked"], rows)


@tokens_app.command("revoke")
def revoke_token(token_id: UUID) -> None:
    """From now on the token is refused."""
    with running_app() as app:
        app.access.revoke_token(token_id)
    console.print(f"Token {token_id} revoked.")


def purge(
    source: Annotated[str, typer.Argument(help="Where the record came from, for example si-dep.")] = "",
    external_id: Annotated[str, typer.Argument(help="Its number there.")] = "",
    platform: Annotated[str, typer.Option(help="Platform code; every platform for --dry-run.")] = "",
    reason: Annotated[str, typer.Option(help="ASKED, MISTAKE or ORDERED; kept in the journal.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Whose time has passed; erase nobody.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase the person of a case record for good: their key is destroyed, in the database at once.

    With --dry-run: whom the sweep old_case_records erases by itself, and what holds the others back.
    """
    if dry_run:
        if source or external_id:
            raise InvalidInput("--dry-run looks at every record.", field="source", mend="Name no record.")
        _show_past_time(platform, as_json=as_json)
        return
    _need(source=source, external_id=external_id, platform=platform, reason=reason)
    why = erasure_reason(reason)
    if not yes:
        typer.confirm("This cannot be undone. Erase this person?", abort=True)
    with running_app() as app:
        actor = journal.by_system("command line")
        app.erasure.erase_named(platform, source, external_id, actor=actor, because=why)
    console.print("Erased. Backups of the table person_keys still hold the key until they expire.")


def _need(**given: str) -> None:
    for name, value in given.items():
        if not value:
            raise InvalidInput(
                f"Say which: {name.replace('_', ' ')} is missing.", field=name, mend="See --help."
            )


def _show_past_time(platform: str, *, as_json: bool) -> None:
    with running_app() as app:
        found = app.old_records.past_time([platform] if platform else None)
    if as_json:
        print_json(found)
    else:
        rows = [
            [past.platform, past.people, past.hold.value if past.hold else "erased next"] for past in found
        ]
        print_table("People past their time", ["platform", "people", "what happens"], rows)
