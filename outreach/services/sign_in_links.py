"""One-time links: the first administrator makes their account, whoever is invited sets their password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.new_passwords import check_new_password
from outreach.domain.roles import Role
from outreach.domain.sign_in_rules import LINK_IS_GOOD_FOR
from outreach.domain.territory_tree import COUNTRY
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.services.access import Asker, of_asker
from outreach.services.given_access import GivenWay, is_in_use, tell_given
from outreach.services.sign_in import Entered, HalfWay, Origin, SignIn
from outreach.storage import platform_store, sign_in_line_store, sign_in_link_store, user_store
from outreach.storage.database import Connection, Database
from outreach.storage.sign_in_line_store import ReadLine, SignInEvent, SignInLine
from outreach.storage.sign_in_link_store import SignInLink
from outreach.storage.user_store import User

TOKEN_BYTES = 32
PATH = "/welcome/"


class LinkGone(NotFound):
    """Used, too old, or never ours: the same words for each."""

    code = "link_gone"

    def __init__(self) -> None:
        super().__init__("This link was used, or is too old: ask your administrator for another one.")


@dataclass(frozen=True)
class LinkView:
    """Whose password it sets; `login` None: it makes the first administrator."""

    login: str | None


@dataclass(frozen=True)
class SignInLinks:
    """Links are good once, for a day; `public_url` is where they lead."""

    database: Database
    clock: Clock
    sign_in: SignIn
    public_url: str

    def first(self) -> str:
        """The address where the first administrator is made. Raises Conflict once there is any user."""
        with self.database.begin() as connection:
            _need_nobody(connection)
            return self._make(connection, None)

    def invite(self, user_id: UUID, *, asker: Asker | None = None) -> str:
        """The address where a user sets a password, a first one or another. Earlier links are void.

        Raises NotFound for a user of other platforms, NotAllowed for oneself.
        """
        with self.database.begin() as connection:
            user = of_asker(connection, user_store.by_id(connection, user_id), asker)
            if user.ended_at:
                raise NotFound("This person has left.")
            if asker is not None and asker.user_id == user_id:
                raise NotAllowed("Change your own password on your account's page.")
            by = None if asker is None else asker.user_id
            line = SignInLine(self.clock.now(), SignInEvent.LINK_MADE, user_id, by)
            sign_in_line_store.note(connection, line)
            tell_given(connection, GivenWay.LINK, user, by=by, now=line.at)
            return self._make(connection, user_id)

    def look(self, token: str) -> LinkView:
        """What a link is for. Raises LinkGone."""
        with self.database.begin() as connection:
            _, user = self._found(connection, token)
        return LinkView(None if user is None else user.login)

    def use(self, token: str, *, login: str, password: str, origin: Origin) -> Entered | HalfWay:
        """Set the password and go on signing in. `login` counts for the first administrator only.

        Raises LinkGone, InvalidInput for a weak password or an odd login.
        """
        with self.database.begin() as connection:
            _, user = self._found(connection, token)
        login = login.strip() if user is None else user.login
        _check_login(login)
        check_new_password(password, login=login)
        with self.database.begin() as connection:
            link, user = self._found(connection, token)
            if not sign_in_link_store.use(connection, link.id, now=self.clock.now()):
                raise LinkGone
            user_id = self._first_administrator(connection, login) if user is None else user.id
            line = SignInLine(self.clock.now(), SignInEvent.LINK_USED, user_id, address=origin.address)
            sign_in_line_store.note(connection, line)
            # Whoever comes in by their first link knows of it; an account in use may have another owner.
            if not is_in_use(connection, user_id):
                told = sign_in_line_store.last_line(connection, user_id)
                user_store.save_told(connection, user_id, told)
        self.sign_in.set_password(user_id, password)
        return self.sign_in.after_password(user_id, origin)

    def lines(
        self,
        *,
        asker: Asker | None,
        user_id: UUID | None = None,
        events: Sequence[str] = (),
        before: int | None = None,
        most: int = 50,
    ) -> list[ReadLine]:
        """What happened around signing in, newest first."""
        platforms = None if asker is None else asker.platforms
        with self.database.begin() as connection:
            return sign_in_line_store.page(
                connection, platforms, user_id=user_id, events=events, before=before, most=most
            )

    def _make(self, connection: Connection, user_id: UUID | None) -> str:
        now, token = self.clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
        link = SignInLink(new_id(), user_id, now, now + LINK_IS_GOOD_FOR)
        sign_in_link_store.add(connection, link, digest=_digest(token))
        return f"{self.public_url}{PATH}{token}"

    def _found(self, connection: Connection, token: str) -> tuple[SignInLink, User | None]:
        link = sign_in_link_store.by_digest(connection, _digest(token), now=self.clock.now())
        if link is None:
            raise LinkGone
        if link.user_id is None:
            if user_store.exist(connection):
                raise LinkGone
            return link, None
        user = user_store.by_id(connection, link.user_id)
        if user is None or user.ended_at:
            raise LinkGone
        return link, user

    def _first_administrator(self, connection: Connection, login: str) -> UUID:
        codes = tuple(platform.code for platform in platform_store.all_platforms(connection))
        user = User(new_id(), login, (Role.ADMINISTRATOR.value,), codes, ("fr",), self.clock.now(), None)
        user_store.add_user(connection, user, sealed_phone=None)
        user_store.reach_territory(connection, user.id, COUNTRY)
        return user.id


def _need_nobody(connection: Connection) -> None:
    if user_store.exist(connection):
        raise Conflict(
            "There are users already: ask an administrator for a link, or `outreach users invite`."
        )


def _check_login(login: str) -> None:
    if not 3 <= len(login) <= 100 or any(sign.isspace() for sign in login):
        raise InvalidInput(
            "This login cannot be used.", field="login", mend="Take one word of three letters or more."
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
