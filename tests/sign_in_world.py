"""People who sign in: accounts with passwords, authenticators, and where they come from."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from outreach.bootstrap import App
from outreach.domain import one_time_codes
from outreach.services.access import NewUser
from outreach.services.sign_in import Entered, HalfWay, Origin
from outreach.services.sign_in_links import PATH

HOME, CAFE = Origin("home", "Firefox, Linux"), Origin("cafe", "Chrome, Windows")
PASSWORD = "trois canards verts dansent"
OTHER_PASSWORD = "quatre loutres jouent au bord"


@dataclass
class Authenticator:
    """A phone with the key: `code` is what it shows."""

    app: App
    key: bytes

    @property
    def code(self) -> str:
        return one_time_codes.code_at(self.key, one_time_codes.step_of(self.app.clock.now()))


@dataclass(frozen=True)
class SignInWorld:
    """Makes accounts in one program."""

    app: App

    def account(
        self, *roles: str, login: str = "", password: str = PASSWORD, platforms: tuple[str, ...] = ("40",)
    ) -> UUID:
        """Someone with a password and no second factor."""
        user_id = self.app.access.add_user(NewUser(login or "-".join(roles), roles, platforms))
        self.app.signing_in.sign_in.set_password(user_id, password)
        return user_id

    def authenticator(self, user_id: UUID) -> tuple[Authenticator, list[str]]:
        """Set up a second factor; the phone, and the recovery codes."""
        service = self.app.signing_in.second_factor
        enrolment = service.begin(user_id)
        phone = Authenticator(self.app, key_of(enrolment.address))
        return phone, service.confirm(user_id, enrolment.sealed, phone.code)

    def enter(self, login: str, password: str = PASSWORD, origin: Origin = HOME) -> Entered | HalfWay:
        return self.app.signing_in.sign_in.with_password(login, password, origin)

    def signed_in(self, login: str, password: str = PASSWORD, origin: Origin = HOME) -> str:
        """The session's token of someone without a second factor."""
        entered = self.enter(login, password, origin)
        assert isinstance(entered, Entered)
        return entered.token

    def events(self) -> list[str]:
        """The sign-in lines, oldest first."""
        return [line.event for line in reversed(self.app.signing_in.links.lines(asker=None, most=500))]


def key_of(address: str) -> bytes:
    """The key in what the picture says."""
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


def token_of(link: str) -> str:
    """The token of a one-time link."""
    return link.partition(PATH)[2]
