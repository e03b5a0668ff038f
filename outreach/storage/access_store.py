"""Who read what a case record says of a person, and why; append-only, like the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select

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


def note_all(connection: Connection, lines: Iterable[AccessLine]) -> None:
    """Many, with one statement."""
    rows = [line._asdict() for line in lines]
    if rows:
        connection.execute(insert(access_lines), rows)


def page(
    connection: Connection,
    *,
    platforms: Sequence[str],
    case_record_id: UUID | None = None,
    user_id: UUID | None = None,
    before: int | None = None,
    most: int,
) -> list[ReadLine]:
    """Readings on these platforms, newest first; of one record, by one user, or both."""
    c = access_lines.c
    query = (
        select(c.id, c.at, c.platform, c.user_id, users.c.login, c.case_record_id, c.why)
        .outerjoin(users, users.c.id == c.user_id)
        .where(c.platform.in_(platforms))
    )
    if case_record_id is not None:
        query = query.where(c.case_record_id == case_record_id)
    if user_id is not None:
        query = query.where(c.user_id == user_id)
    if before is not None:
        query = query.where(c.id < before)
    return [ReadLine(*row) for row in connection.execute(query.order_by(c.id.desc()).limit(most))]
