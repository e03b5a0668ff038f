"""Entries that wait in a queue beside the agents' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from outreach.domain.call_list import EntryState, Queue
from outreach.storage.tables import call_list_entries

entries = call_list_entries


@dataclass(frozen=True)
class Escalated:
    """One entry of a queue; the person behind it is read with the rights that reading needs."""

    entry_id: UUID
    platform: str
    case_record_id: UUID
    purpose: str
    state: str
    call_class: int
    deadline: datetime
    effective_deadline: datetime
    entered_at: datetime


_COLUMNS = [entries.c.id, *(entries.c[name] for name in list(Escalated.__dataclass_fields__)[1:])]


def waiting(connection: Connection, queue: Queue, platforms: Sequence[str], *, most: int) -> list[Escalated]:
    """The open entries of a queue, most urgent first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(
            entries.c.queue == queue.value,
            entries.c.platform.in_(platforms),
            entries.c.state != EntryState.CLOSED,
        )
        .order_by(entries.c.call_class, entries.c.effective_deadline, entries.c.tie_break, entries.c.id)
        .limit(most)
    )
    return [Escalated(*row) for row in rows]
