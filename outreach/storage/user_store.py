"""Users and their tokens; a token itself is never kept, only its digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import access_tokens, users

USED_GRAIN = timedelta(minutes=10)  # last_used_at is not written more often


@dataclass(frozen=True)
class User:
    """`ended_at` is set when the person has left."""

    id: UUID
    login: str
    roles: tuple[str, ...]
    platforms: tuple[str, ...]
    languages: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None
    access_version: int = 1  # a session of an older one is over
    territory: str | None = None  # reaches every platform inside it, beside their own


@dataclass(frozen=True)
class TokenHolder:
    """The live token found for a digest, and its user."""

    token_id: UUID
    scopes: tuple[str, ...]
    user: User
    last_used_at: datetime | None


@dataclass(frozen=True)
class Token:
    """One token as an administrator sees it."""

    id: UUID
    user_id: UUID
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


_USER = (
    users.c.id,
    users.c.login,
    users.c.roles,
    users.c.platforms,
    users.c.languages,
    users.c.created_at,
    users.c.ended_at,
    users.c.access_version,
    users.c.territory,
)


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(
        row.id,
        row.login,
        tuple(row.roles),
        tuple(row.platforms),
        tuple(row.languages),
        row.created_at,
        row.ended_at,
        row.access_version,
        row.territory,
    )


def add_user(connection: Connection, user: User, *, sealed_phone: bytes | None) -> bool:
    """Add, unless the login is taken; whether it was free."""
    added = connection.execute(
        insert(users)
        .values(
            id=user.id,
            login=user.login,
            roles=list(user.roles),
            platforms=list(user.platforms),
            languages=list(user.languages),
            sealed_phone=sealed_phone,
            created_at=user.created_at,
            territory=user.territory,
        )
        .on_conflict_do_nothing(index_elements=[users.c.login])
        .returning(users.c.id)
    )
    return added.first() is not None


def by_id(connection: Connection, user_id: UUID) -> User | None:
    row = connection.execute(select(*_USER).where(users.c.id == user_id)).first()
    return None if row is None else _user(row)


def by_login(connection: Connection, login: str) -> User | None:
    row = connection.execute(select(*_USER).where(users.c.login == login)).first()
    return None if row is None else _user(row)


def with_territory(connection: Connection) -> list[User]:
    """Whoever has rights by a territory and has not left, by login."""
    c = users.c
    statement = select(*_USER).where(c.territory.is_not(None), c.ended_at.is_(None)).order_by(c.login)
    return [_user(row) for row in connection.execute(statement)]


def logins(connection: Connection, user_ids: Sequence[UUID]) -> dict[UUID | None, str]:
    """What each is called at sign-in."""
    rows = connection.execute(select(users.c.id, users.c.login).where(users.c.id.in_(user_ids)))
    return {row.id: row.login for row in rows}


@dataclass(frozen=True)
class UserFilter:
    """Of whom a list is asked; what is empty does not count. `ended`: those who have left, or None: both."""

    login_part: str = ""
    role: str = ""
    platform: str = ""
    ended: bool | None = None


EVERYBODY = UserFilter()


def page(
    connection: Connection,
    platforms: Sequence[str] | None,
    *,
    after_login: str,
    most: int,
    only: UserFilter = EVERYBODY,
) -> list[User]:
    """Users who share a platform with these (None: everyone) or have none yet, by login."""
    c = users.c
    statement = select(*_USER).where(c.login > after_login).order_by(c.login).limit(most)
    if platforms is not None:
        nowhere = and_(func.cardinality(c.platforms) == 0, c.territory.is_(None))
        statement = statement.where(or_(c.platforms.overlap(list(platforms)), nowhere))
    if only.login_part:
        statement = statement.where(c.login.icontains(only.login_part, autoescape=True))
    if only.role:
        statement = statement.where(c.roles.contains([only.role]))
    if only.platform:
        statement = statement.where(c.platforms.contains([only.platform]))
    if only.ended is not None:
        statement = statement.where(c.ended_at.is_not(None) if only.ended else c.ended_at.is_(None))
    return [_user(row) for row in connection.execute(statement)]


def save_user(connection: Connection, user: User) -> None:
    """Write roles, platforms, territory, languages and the end of a user."""
    connection.execute(
        update(users)
        .where(users.c.id == user.id)
        .values(
            roles=list(user.roles),
            platforms=list(user.platforms),
            languages=list(user.languages),
            ended_at=user.ended_at,
            territory=user.territory,
        )
    )


def raise_access_version(connection: Connection, user_id: UUID) -> None:
    """Every session of theirs that is open now is over."""
    connection.execute(
        update(users).where(users.c.id == user_id).values(access_version=users.c.access_version + 1)
    )


def page_language(connection: Connection, user_id: UUID) -> str | None:
    """Of the pages this person chose; None: what their browser asks for."""
    return connection.execute(select(users.c.page_language).where(users.c.id == user_id)).scalar()


def save_page_language(connection: Connection, user_id: UUID, language: str) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(page_language=language))


def told_line(connection: Connection, user_id: UUID) -> int:
    """The last sign-in line about their access that they were told of."""
    return connection.execute(select(users.c.told_line).where(users.c.id == user_id)).scalar() or 0


def save_told(connection: Connection, user_id: UUID, line: int) -> None:
    """They were told of everything up to this sign-in line; an earlier one changes nothing."""
    connection.execute(
        update(users).where(users.c.id == user_id, users.c.told_line < line).values(told_line=line)
    )


def reach_territory(connection: Connection, user_id: UUID, territory: str) -> None:
    """From now on this user reaches every platform inside the territory, later ones included."""
    connection.execute(update(users).where(users.c.id == user_id).values(territory=territory))


def add_platform(connection: Connection, user_id: UUID, platform: str) -> None:
    """One platform more for this user, unless it is theirs already."""
    c = users.c
    connection.execute(
        update(users)
        .where(c.id == user_id, ~c.platforms.contains([platform]))
        .values(platforms=func.array_append(c.platforms, platform))
    )


def exist(connection: Connection) -> bool:
    """Whether anybody was ever added."""
    return connection.execute(select(users.c.id).limit(1)).first() is not None


def save_phone(connection: Connection, user_id: UUID, sealed_phone: bytes | None) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(sealed_phone=sealed_phone))


def sealed_phone(connection: Connection, user_id: UUID) -> bytes | None:
    """The agent's own phone, sealed for the purpose "agent-phone"."""
    return connection.execute(select(users.c.sealed_phone).where(users.c.id == user_id)).scalar()


def add_token(connection: Connection, token: Token, *, digest: bytes) -> None:
    connection.execute(
        insert(access_tokens).values(
            id=token.id,
            user_id=token.user_id,
            digest=digest,
            scopes=list(token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


_HOLDER = HotStatement(
    """
    select t.id, t.scopes, t.last_used_at, u.id, u.login, u.roles, u.platforms, u.languages, u.created_at,
      u.ended_at, u.access_version, u.territory
    from access_tokens t join users u on u.id = t.user_id
    where t.digest = :digest and t.revoked_at is null and (t.expires_at is null or t.expires_at > :now)
      and u.ended_at is null
    """
)


def holder(connection: Connection, digest: bytes, *, now: datetime) -> TokenHolder | None:
    """Whoever holds this token, if it is neither revoked nor expired and its user has not left."""
    row = _HOLDER.one(connection, {"digest": digest, "now": now})
    if row is None:
        return None
    token_id, scopes, used_at, user_id, login, roles, platforms, languages, *rest = row
    user = User(user_id, login, tuple(roles), tuple(platforms), tuple(languages), *rest)
    return TokenHolder(token_id, tuple(scopes), user, used_at)


def save_used(connection: Connection, token_id: UUID, *, now: datetime) -> None:
    connection.execute(update(access_tokens).where(access_tokens.c.id == token_id).values(last_used_at=now))


class TokensAsked(NamedTuple):
    """Which tokens; `good` at `now`: neither revoked nor past their end. `after` ends the page before."""

    now: datetime
    good: bool | None = None
    after: UUID | None = None
    most: int | None = None


def tokens_of(connection: Connection, user_id: UUID, asked: TokensAsked) -> list[Token]:
    """Oldest first."""
    t = access_tokens.c
    over = or_(t.revoked_at.is_not(None), t.expires_at <= asked.now)
    statement = (
        select(
            access_tokens.c.id,
            access_tokens.c.user_id,
            access_tokens.c.scopes,
            access_tokens.c.created_at,
            access_tokens.c.expires_at,
            access_tokens.c.last_used_at,
            access_tokens.c.revoked_at,
        )
        .where(access_tokens.c.user_id == user_id)
        .order_by(access_tokens.c.id)
        .limit(asked.most)
    )
    if asked.good is not None:
        still = and_(t.revoked_at.is_(None), or_(t.expires_at.is_(None), t.expires_at > asked.now))
        statement = statement.where(still if asked.good else over)
    if asked.after is not None:
        statement = statement.where(t.id > asked.after)
    rows = connection.execute(statement)
    return [Token(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]


def token_owner(connection: Connection, token_id: UUID) -> UUID | None:
    return connection.execute(select(access_tokens.c.user_id).where(access_tokens.c.id == token_id)).scalar()


def revoke(connection: Connection, token_id: UUID, *, now: datetime) -> None:
    """End a token; ending it again keeps the first moment."""
    connection.execute(
        update(access_tokens)
        .where(access_tokens.c.id == token_id, access_tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
