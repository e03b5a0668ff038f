"""Looking for changes in the journal: by day, event, author and record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, tuple_

from outreach.storage.tables import journal

c = journal.c


class ChangesAsked(NamedTuple):
    """Which lines; None and empty ask nothing. `before`: those after this place, newest first."""

    platforms: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    events: Sequence[str] = ()
    actor: str | None = None
    case_record_id: UUID | None = None
    before: tuple[datetime, int] | None = None


class ChangeLine(NamedTuple):
    """One line of the journal. `platform` '': the whole installation."""

    id: int
    at: datetime
    platform: str
    event: str
    actor: str
    case_record_id: UUID | None
    entry_id: UUID | None
    attempt_id: UUID | None
    message_id: UUID | None
    facts: Mapping[str, Any]


def page(connection: Connection, asked: ChangesAsked, *, most: int) -> list[ChangeLine]:
    """Newest first."""
    query = select(*(c[name] for name in ChangeLine._fields)).where(c.platform.in_([*asked.platforms, ""]))
    if asked.since is not None:
        query = query.where(c.at >= asked.since)
    if asked.until is not None:
        query = query.where(c.at < asked.until)
    if asked.events:
        query = query.where(c.event.in_(asked.events))
    if asked.actor is not None:
        query = query.where(c.actor == asked.actor)
    if asked.case_record_id is not None:
        query = query.where(c.case_record_id == asked.case_record_id)
    if asked.before is not None:
        query = query.where(tuple_(c.at, c.id) < asked.before)
    query = query.order_by(c.at.desc(), c.id.desc()).limit(most)
    return [ChangeLine(*row) for row in connection.execute(query)]
