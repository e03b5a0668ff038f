"""Commands for how people sign in: one-time links, passwords, sign-out, sign-in lines."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from outreach.bootstrap import App
from outreach.cli.output import console, print_json, print_table, running_app
from outreach.cli.work_commands import AsJson
from outreach.storage import schema, user_store
from outreach.storage.sign_in_line_store import FAILURES

Login = Annotated[str, typer.Argument(help="The user's login.")]


def add_to(users_app: typer.Typer) -> None:
    """Register these commands beside the other ones for users."""
    users_app.command("first-link")(first_link)
    users_app.command("invite")(invite)
    users_app.command("password")(password)
    users_app.command("reset-factor")(reset_factor)
    users_app.command("sign-out")(sign_out)
    users_app.command("sign-ins")(sign_ins)


def show_first_link(app: App) -> None:
    """Where nobody has an account yet, say how the first administrator gets theirs."""
    if not schema.is_current(app.database):
        return  # /readyz says so
    with app.database.begin() as connection:
        if user_store.exist(connection):
            return
    console.print("Nobody has an account yet. The first administrator is made here, within a day, once:")
    console.print(app.signing_in.links.first(), markup=False, soft_wrap=True)


def first_link() -> None:
    """A one-time link that makes the first administrator; refused once there is any user."""
    with running_app() as app:
        link = app.signing_in.links.first()
    console.print(link, markup=False, soft_wrap=True)


def invite(login: Login, as_json: AsJson = False) -> None:
    """A one-time link by which a user sets a password: a first one, or another. Give it to them yourself."""
    with running_app() as app:
        link = app.signing_in.links.invite(app.access.user_named(login).id)
    if as_json:
        print_json({"login": login, "link": link})
    else:
        console.print(link, markup=False, soft_wrap=True)


def password(login: Login) -> None:
    """Set a user's password: typed twice, or one line of standard input. Their sessions end."""
    typed = _typed_password()
    with running_app() as app:
        app.signing_in.sign_in.set_password(app.access.user_named(login).id, typed)
    console.print(f"Password of {login} set.", markup=False)


def _typed_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def reset_factor(login: Login) -> None:
    """For somebody who lost phone and recovery codes: another second factor at the next sign-in."""
    with running_app() as app:
        app.signing_in.second_factor.reset(app.access.user_named(login).id, asker=None)
    console.print(f"{login} sets up another second factor at the next sign-in.", markup=False)


def sign_out(login: Login) -> None:
    """End every session of a user, at once."""
    with running_app() as app:
        app.sessions.end_all(app.access.user_named(login).id)
    console.print(f"{login} is signed out everywhere.", markup=False)


def sign_ins(
    login: Annotated[str, typer.Option(help="Of one user only.")] = "",
    failures: Annotated[bool, typer.Option("--failures", help="Refused tries only.")] = False,
    most: Annotated[int, typer.Option(help="Lines at most.", min=1, max=1_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """What happened around signing in, newest first."""
    with running_app() as app:
        found = app.signing_in.links.lines(
            asker=None,
            user_id=app.access.user_named(login).id if login else None,
            events=sorted(FAILURES) if failures else (),
            most=most,
        )
    if as_json:
        print_json([line._asdict() for line in found])
    else:
        rows = [
            [f"{line.at:%Y-%m-%d %H:%M:%S}", line.event, line.login, line.by_login, line.address]
            for line in found
        ]
        print_table("Sign-ins", ["at", "what", "login", "by", "address"], rows)
