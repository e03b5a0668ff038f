"""Who is asking, and what they may do: users, roles, platforms, bearer tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from outreach.clock import Clock
from outreach.domain.roles import Role, Scope, scopes_of
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound
from outreach.ids import UserId, new_id
from outreach.services.given_access import GivenWay, tell_given
from outreach.services.reach import platforms_of, territory_given
from outreach.storage import sign_in_line_store, user_store
from outreach.storage.agent_store import SEALED_FOR
from outreach.storage.database import Connection, Database
from outreach.storage.sign_in_line_store import SignInEvent, SignInLine
from outreach.storage.user_store import EVERYBODY, Token, TokenHolder, TokensAsked, User, UserFilter
from outreach.storage.vault import Vault

TOKEN_PREFIX = "out_"  # noqa: S105 - a mark that secret scanners can look for
TOKEN_BYTES = 32
LONGEST_LOGIN = 100
Word = TypeVar("Word", bound=StrEnum)


class NotKnown(NotAllowed):
    """No token, or one that is not valid (any more)."""

    code = "not_known"


@dataclass(frozen=True)
class Asker:
    """The person behind a request, with what their token allows."""

    user_id: UserId
    roles: frozenset[Role]
    platforms: tuple[str, ...]
    languages: tuple[str, ...]
    scopes: frozenset[Scope]

    def need(self, scope: Scope) -> None:
        """Raises NotAllowed without the scope."""
        if scope not in self.scopes:
            raise NotAllowed(f"This needs the right {scope.value}, which your token does not have.")

    def need_platform(self, platform: str) -> None:
        """Raises NotFound for a platform that is not theirs: its existence is none of their business."""
        if platform not in self.platforms:
            raise NotFound("There is no such platform among yours.")


@dataclass(frozen=True)
class Claim:
    """A token that nobody has looked up yet, and the right it is to show: `Access.admit` does both."""

    token: str = field(repr=False)
    scope: Scope


@dataclass(frozen=True)
class NewUser:
    """What an administrator says of a new user. `phone` is E.164: the agent's own, rung first on a click."""

    login: str
    roles: Sequence[str]
    platforms: Sequence[str]
    languages: Sequence[str] = ("fr",)
    phone: str | None = None
    territory: str = ""  # a department, region or country: every platform inside it


def is_login(word: str) -> bool:
    """Whether an account may be called so: a page's mark carries its last row's login."""
    return 0 < len(word) <= LONGEST_LOGIN and word.isprintable()


@dataclass(frozen=True)
class Access:
    """Users and tokens. The command line acts as the installation itself: it passes no asker."""

    database: Database
    vault: Vault
    clock: Clock

    def asker(self, token: str) -> Asker:
        """Whoever holds the token. Raises NotKnown."""
        now = self.clock.now()
        with self.database.reading() as connection:
            found = _holder(connection, token, now)
            asker = _asker(connection, found)
        if _is_first_use_in_a_while(found, now):
            with self.database.begin() as connection:
                user_store.save_used(connection, found.token_id, now=now)
        return asker

    def admit(self, connection: Connection, claim: Claim) -> Asker:
        """Whoever holds the token, within the transaction of what they ask. Raises NotKnown, NotAllowed."""
        now = self.clock.now()
        found = _holder(connection, claim.token, now)
        if _is_first_use_in_a_while(found, now):
            user_store.save_used(connection, found.token_id, now=now)
        asker = _asker(connection, found)
        asker.need(claim.scope)
        return asker

    def asker_of(self, user_id: UUID, *, version: int | None = None) -> Asker | None:
        """Someone signed in, with all that their roles allow; None once they have left, or once the access
        of that version was ended."""
        with self.database.reading() as connection:
            user = user_store.by_id(connection, user_id)
            if user is None or user.ended_at or version not in (None, user.access_version):
                return None
            return _with_all(connection, user)

    def add_user(self, new: NewUser, *, asker: Asker | None = None) -> UserId:
        """Raises InvalidInput, Conflict when the login is taken, NotFound for a platform not the asker's."""
        roles = _words(Role, new.roles, "roles")
        _need_platforms(asker, new.platforms)
        user = User(
            new_id(),
            new.login.strip(),
            tuple(role.value for role in roles),
            tuple(new.platforms),
            tuple(new.languages),
            self.clock.now(),
            None,
        )
        if not user.login:
            raise InvalidInput("A user needs a login.", field="login", mend="Give a short word.")
        if not is_login(user.login):
            raise InvalidInput(
                f"A login has {LONGEST_LOGIN} characters at most, all of them visible.",
                field="login",
                mend="Give a short word.",
            )
        with self.database.begin() as connection:
            user = replace(user, territory=territory_given(connection, new.territory))
            of_asker(connection, user, asker)
            if not user_store.add_user(connection, user, sealed_phone=self._sealed(new.phone)):
                raise Conflict("This login is taken.")
            self._note(connection, SignInEvent.USER_ADDED, user.id, asker)
        return UserId(user.id)

    def change_user(
        self,
        user_id: UUID,
        *,
        roles: Sequence[str] | None = None,
        platforms: Sequence[str] | None = None,
        languages: Sequence[str] | None = None,
        territory: str | None = None,
        phone: str | None = None,
        asker: Asker | None = None,
    ) -> User:
        """Give other roles, platforms, languages, another territory or phone ("": none); what is None stays.

        All or nothing. Other roles end open sessions. Raises NotAllowed for one's own roles: nobody gives
        themselves rights.
        """
        _need_platforms(asker, platforms or ())
        sealed_phone = self._sealed(phone or None)
        with self.database.begin() as connection:
            before = user = of_asker(connection, user_store.by_id(connection, user_id), asker)
            if roles is not None:
                user = replace(user, roles=tuple(role.value for role in _words(Role, roles, "roles")))
            if platforms is not None:
                user = replace(user, platforms=tuple(platforms))
            if languages is not None:
                user = replace(user, languages=tuple(languages))
            if territory is not None:
                user = replace(user, territory=territory_given(connection, territory))
                of_asker(connection, user, asker)
            user_store.save_user(connection, user)
            if phone is not None:
                user_store.save_phone(connection, user_id, sealed_phone)
            if set(user.roles) != set(before.roles):
                _need_another(asker, user_id)
                user_store.raise_access_version(connection, user_id)
            if user != before:
                self._note(connection, SignInEvent.RIGHTS_CHANGED, user_id, asker)
        return user

    def end_user(self, user_id: UUID, *, asker: Asker | None = None) -> None:
        """The person has left: their tokens and sessions stop working. Raises NotAllowed for oneself."""
        _need_another(asker, user_id)
        with self.database.begin() as connection:
            user = of_asker(connection, user_store.by_id(connection, user_id), asker)
            if user.ended_at is None:
                user_store.save_user(connection, replace(user, ended_at=self.clock.now()))
                user_store.raise_access_version(connection, user_id)
                self._note(connection, SignInEvent.USER_ENDED, user_id, asker)

    def _sealed(self, phone: str | None) -> bytes | None:
        if phone is None:
            return None
        if not (phone.startswith("+") and phone[1:].isdigit() and 8 <= len(phone) <= 16):
            raise InvalidInput(
                "This is not a phone number.", field="phone", mend="Write it with + and the country's code."
            )
        return self.vault.seal_system(SEALED_FOR, phone.encode())

    def users(
        self,
        *,
        asker: Asker | None,
        after_login: str = "",
        most: int = 50,
        only: UserFilter = EVERYBODY,
    ) -> list[User]:
        """Those on the asker's platforms and those who have none yet, by login."""
        platforms = None if asker is None else asker.platforms
        with self.database.begin() as connection:
            return user_store.page(connection, platforms, after_login=after_login, most=most, only=only)

    def user(self, user_id: UUID, *, asker: Asker | None) -> User:
        """Raises NotFound for a user who reaches further than the asker."""
        with self.database.begin() as connection:
            return of_asker(connection, user_store.by_id(connection, user_id), asker)

    def user_named(self, login: str) -> User:
        with self.database.begin() as connection:
            user = user_store.by_login(connection, login)
        if user is None:
            raise NotFound("There is no user with this login.")
        return user

    def new_token(
        self,
        user_id: UUID,
        *,
        scopes: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        asker: Asker | None = None,
    ) -> tuple[UUID, str]:
        """A token's id and the token, shown this once. Scopes default to all that the roles allow."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        with self.database.begin() as connection:
            user = of_asker(connection, user_store.by_id(connection, user_id), asker)
            allowed = scopes_of(Role(role) for role in user.roles)
            wanted = allowed if scopes is None else _words(Scope, scopes, "scopes")
            if not allowed.issuperset(wanted):
                raise InvalidInput(
                    "The user's roles do not allow all of these scopes.",
                    field="scopes",
                    mend="Ask for fewer, or give the user another role first.",
                )
            kept = Token(
                new_id(),
                user.id,
                tuple(sorted(scope.value for scope in wanted)),
                self.clock.now(),
                expires_at,
                None,
                None,
            )
            user_store.add_token(connection, kept, digest=_digest(token))
            self._note(connection, SignInEvent.TOKEN_MADE, user.id, asker)
            by = None if asker is None else asker.user_id
            tell_given(connection, GivenWay.TOKEN, user, by=by, now=self.clock.now())
        return kept.id, token

    def tokens(
        self,
        user_id: UUID,
        *,
        asker: Asker | None = None,
        good: bool | None = None,
        after: UUID | None = None,
        most: int | None = None,
    ) -> list[Token]:
        """Oldest first; `good`: those that still let somebody in, or those that do not. `after` ends the page
        before."""
        asked = TokensAsked(self.clock.now(), good, after, most)
        with self.database.begin() as connection:
            of_asker(connection, user_store.by_id(connection, user_id), asker)
            return user_store.tokens_of(connection, user_id, asked)

    def revoke_token(self, token_id: UUID, *, asker: Asker | None = None) -> None:
        """From now on the token is refused."""
        with self.database.begin() as connection:
            owner = user_store.token_owner(connection, token_id)
            of_asker(connection, None if owner is None else user_store.by_id(connection, owner), asker)
            user_store.revoke(connection, token_id, now=self.clock.now())
            self._note(connection, SignInEvent.TOKEN_REVOKED, owner, asker)

    def _note(
        self, connection: Connection, event: SignInEvent, user_id: UUID | None, asker: Asker | None
    ) -> None:
        by = None if asker is None else asker.user_id
        sign_in_line_store.note(connection, SignInLine(self.clock.now(), event, user_id, by))


def _digest(token: str) -> bytes:
    # The token is 32 random bytes: a plain digest cannot be guessed back, and stays quick to look up.
    return hashlib.sha256(token.encode()).digest()


def _holder(connection: Connection, token: str, now: datetime) -> TokenHolder:
    found = user_store.holder(connection, _digest(token), now=now)
    if found is None:
        raise NotKnown("This needs a valid access token.")
    return found


def _is_first_use_in_a_while(found: TokenHolder, now: datetime) -> bool:
    return found.last_used_at is None or now - found.last_used_at > user_store.USED_GRAIN


def _asker(connection: Connection, found: TokenHolder) -> Asker:
    roles = frozenset(Role(role) for role in found.user.roles)
    return Asker(
        user_id=UserId(found.user.id),
        roles=roles,
        platforms=platforms_of(connection, found.user),
        languages=found.user.languages,
        # What the roles no longer allow, an old token does not either.
        scopes=frozenset(Scope(scope) for scope in found.scopes) & scopes_of(roles),
    )


def _with_all(connection: Connection, user: User) -> Asker:
    roles, platforms = frozenset(Role(role) for role in user.roles), platforms_of(connection, user)
    return Asker(UserId(user.id), roles, platforms, user.languages, scopes_of(roles))


def _words(kind: type[Word], given: Iterable[str], field: str) -> frozenset[Word]:
    try:
        words = frozenset(kind(word) for word in given)
    except ValueError:
        words = frozenset()
    if not words:
        known = ", ".join(member.value for member in kind)
        raise InvalidInput(f"Some {field} are not known.", field=field, mend=f"Choose among: {known}.")
    return words


def _need_platforms(asker: Asker | None, platforms: Iterable[str]) -> None:
    if asker is not None:
        for platform in platforms:
            asker.need_platform(platform)


def _need_another(asker: Asker | None, user_id: UUID) -> None:
    if asker is not None and asker.user_id == user_id:
        raise NotAllowed("Another administrator must do this to your account.")


def of_asker(connection: Connection, user: User | None, asker: Asker | None) -> User:
    """The user, if there is one and all that they reach is the asker's too."""
    if user is None or (
        asker is not None and not set(platforms_of(connection, user)) <= set(asker.platforms)
    ):
        raise NotFound("There is no such user on your platforms.")
    return user
