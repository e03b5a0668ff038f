"""What happened around signing in: who, when, what, from which address (keyed); append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, insert, or_, select

from outreach.storage.tables import sign_in_lines, users


class SignInEvent(StrEnum):
    """One line each."""

    SIGNED_IN = "SIGNED_IN"
    SIGNED_IN_OPEN_ID = "SIGNED_IN_OPEN_ID"
    SIGNED_IN_DEMO = "SIGNED_IN_DEMO"
    WRONG_LOGIN = "WRONG_LOGIN"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a word, not a password
    WRONG_CODE = "WRONG_CODE"
    OPEN_ID_REFUSED = "OPEN_ID_REFUSED"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    SIGNED_OUT = "SIGNED_OUT"
    SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE"
    PASSWORD_SET = "PASSWORD_SET"  # noqa: S105 - a word, not a password
    FACTOR_SET = "FACTOR_SET"
    FACTOR_REMOVED = "FACTOR_REMOVED"
    RECOVERY_CODES_MADE = "RECOVERY_CODES_MADE"
    LINK_MADE = "LINK_MADE"
    LINK_USED = "LINK_USED"
    USER_ADDED = "USER_ADDED"
    RIGHTS_CHANGED = "RIGHTS_CHANGED"
    USER_ENDED = "USER_ENDED"
    TOKEN_MADE = "TOKEN_MADE"  # noqa: S105 - a word, not a token
    TOKEN_REVOKED = "TOKEN_REVOKED"  # noqa: S105 - a word, not a token


FAILURES = frozenset(
    {
        SignInEvent.WRONG_LOGIN,
        SignInEvent.WRONG_PASSWORD,
        SignInEvent.WRONG_CODE,
        SignInEvent.OPEN_ID_REFUSED,
    }
)


# What the owner of an account is told of, when somebody else did it.
TOLD = frozenset({SignInEvent.LINK_MADE, SignInEvent.TOKEN_MADE, SignInEvent.FACTOR_REMOVED})
CAME_IN = frozenset({SignInEvent.SIGNED_IN, SignInEvent.SIGNED_IN_OPEN_ID})


class SignInLine(NamedTuple):
    """`user_id` None: no account of ours; `by_user_id` None: themselves, or the command line.

    `address`: a short keyed digest, "" where there is none.
    """

    at: datetime
    event: SignInEvent
    user_id: UUID | None
    by_user_id: UUID | None = None
    address: str = ""


class ReadLine(NamedTuple):
    """A line as it is read back, with the logins."""

    id: int
    at: datetime
    event: str
    user_id: UUID | None
    login: str | None
    by_login: str | None
    address: str


def note(connection: Connection, line: SignInLine) -> None:
    connection.execute(insert(sign_in_lines).values(**line._asdict()))


def done_by_others(connection: Connection, user_id: UUID, *, after: int) -> list[ReadLine]:
    """Ways into this account that somebody else (or the command line) made, and second factors they took
    away, since a line, oldest first."""
    c, whose, by = sign_in_lines.c, users.alias("whose"), users.alias("by")
    rows = connection.execute(
        select(c.id, c.at, c.event, c.user_id, whose.c.login, by.c.login, c.address)
        .join(whose, whose.c.id == c.user_id)
        .outerjoin(by, by.c.id == c.by_user_id)
        .where(
            c.user_id == user_id,
            c.id > after,
            c.event.in_(TOLD),
            c.by_user_id.is_distinct_from(user_id),
        )
        .order_by(c.id)
    )
    return [ReadLine(*row) for row in rows]


def came_in(connection: Connection, user_id: UUID) -> bool:
    """Whether anybody ever signed in to this account."""
    c = sign_in_lines.c
    found = select(c.id).where(c.user_id == user_id, c.event.in_(CAME_IN))
    return bool(connection.execute(select(found.exists())).scalar())


def last_line(connection: Connection, user_id: UUID) -> int:
    """The latest line of an account; 0 without any."""
    c = sign_in_lines.c
    return connection.execute(select(func.max(c.id)).where(c.user_id == user_id)).scalar() or 0


def page(
    connection: Connection,
    platforms: Sequence[str] | None,
    *,
    user_id: UUID | None = None,
    events: Sequence[str] = (),
    before: int | None = None,
    most: int,
) -> list[ReadLine]:
    """Newest first: of users who share a platform with these (None: everyone), and of logins nobody has."""
    c, whose, by = sign_in_lines.c, users.alias("whose"), users.alias("by")
    query = (
        select(c.id, c.at, c.event, c.user_id, whose.c.login, by.c.login, c.address)
        .outerjoin(whose, whose.c.id == c.user_id)
        .outerjoin(by, by.c.id == c.by_user_id)
    )
    if platforms is not None:
        nowhere = func.cardinality(whose.c.platforms) == 0
        query = query.where(or_(c.user_id.is_(None), whose.c.platforms.overlap(list(platforms)), nowhere))
    if user_id is not None:
        query = query.where(c.user_id == user_id)
    if events:
        query = query.where(c.event.in_(events))
    if before is not None:
        query = query.where(c.id < before)
    return [ReadLine(*row) for row in connection.execute(query.order_by(c.id.desc()).limit(most))]
