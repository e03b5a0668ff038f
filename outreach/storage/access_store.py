"""Who read what a case record says of a person, and why; append-only, like the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select, tuple_

from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import access_lines, users


class AccessReason(StrEnum):
    """What the reading was for."""

    CALL = "CALL"  # the card beside a call, or an entry in hand
    SHEET = "SHEET"  # the whole record
    LETTERS = "LETTERS"  # names and addresses for a mail merge
    ANSWERS = "ANSWERS"  # what was answered in an interview, read by somebody else than its agent
    CONVERSATION = "CONVERSATION"  # what they wrote to us, and we to them
    BROKEN_GLASS = "BROKEN_GLASS"  # beyond the reader's reach, for a reason they gave
    SEARCH_NUMBER = "SEARCH_NUMBER"  # found by a phone number; without a record: nobody was
    SEARCH_NAME = "SEARCH_NAME"  # by name and birth date
    SEARCH_REFERENCE = "SEARCH_REFERENCE"  # by record number
    RELATED = "RELATED"  # a name beside the record of someone they met or live with
    REASONS = "REASONS"  # why something was done to them, in words, beside a line of the journal
    IMPORT_ROWS = "IMPORT_ROWS"  # rows of a file, before they are anybody's record
    LISTENING = "LISTENING"  # a supervisor in the room of a call


class AccessLine(NamedTuple):
    """`user_id` None: the command line. `platform`: the record's."""

    at: datetime
    platform: str
    user_id: UUID | None
    case_record_id: UUID | None
    why: AccessReason


class ReadLine(NamedTuple):
    """A line as it is read back; `login` None for the command line."""

    id: int
    at: datetime
    platform: str
    user_id: UUID | None
    login: str | None
    case_record_id: UUID | None
    why: str


# On the path of every lease.
_NOTE = HotStatement(
    """
    insert into access_lines (at, platform, user_id, case_record_id, why)
    values (:at, :platform, :user_id, :case_record_id, :why)
    """
)


def note(connection: Connection, line: AccessLine) -> None:
    _NOTE.count(connection, line._asdict())


_SEARCHES = HotStatement(
    """
    select count(distinct at) from (
      select at, why from access_lines where user_id = :user_id order by id desc limit 2000) last
    where why like 'SEARCH%' and at >= :since
    """
)


def searches_since(connection: Connection, user_id: UUID, since: datetime) -> int:
    """How often a user searched lately, found or not."""
    (counted,) = _SEARCHES.rows(connection, {"user_id": user_id, "since": since})
    return int(counted[0])


def note_all(connection: Connection, lines: Iterable[AccessLine]) -> None:
    """Many, with one statement."""
    rows = [line._asdict() for line in lines]
    if rows:
        connection.execute(insert(access_lines), rows)


class ReadingsAsked(NamedTuple):
    """Which readings; None and empty ask nothing. `before`: those after this place, newest first."""

    platforms: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    case_record_id: UUID | None = None
    user_id: UUID | None = None
    why: Sequence[str] = ()
    before: tuple[datetime, int] | None = None


def page(connection: Connection, asked: ReadingsAsked, *, most: int) -> list[ReadLine]:
    """Newest first."""
    c = access_lines.c
    query = (
        select(c.id, c.at, c.platform, c.user_id, users.c.login, c.case_record_id, c.why)
        .outerjoin(users, users.c.id == c.user_id)
        .where(c.platform.in_(asked.platforms))
    )
    if asked.since is not None:
        query = query.where(c.at >= asked.since)
    if asked.until is not None:
        query = query.where(c.at < asked.until)
    if asked.case_record_id is not None:
        query = query.where(c.case_record_id == asked.case_record_id)
    if asked.user_id is not None:
        query = query.where(c.user_id == asked.user_id)
    if asked.why:
        query = query.where(c.why.in_(asked.why))
    if asked.before is not None:
        query = query.where(tuple_(c.at, c.id) < asked.before)
    query = query.order_by(c.at.desc(), c.id.desc()).limit(most)
    return [ReadLine(*row) for row in connection.execute(query)]
