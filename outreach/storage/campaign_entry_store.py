"""Entries that campaigns put on the call list: many at once, none beside an open one of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from outreach.storage import journal
from outreach.storage.intake_rows import NewEntry
from outreach.storage.journal import Event
from outreach.storage.tables import call_list_entries

_NOTE = text(
    """
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id, jsonb_build_object('purpose', purpose,
      'queue', queue, 'call_class', call_class, 'effective_deadline', effective_deadline,
      'campaign_id', campaign_id)
    from call_list_entries where id = any(cast(:ids as uuid[]))
    """
)


def add(
    connection: Connection, campaign_id: UUID, entries: Sequence[NewEntry], *, now: datetime
) -> set[UUID]:
    """Put them on the list with their journal lines; those whose record has such an entry are left out."""
    if not entries:
        return set()
    rows: list[dict[str, Any]] = [entry._asdict() | {"campaign_id": campaign_id} for entry in entries]
    added = connection.execute(
        insert(call_list_entries)
        .values(rows)
        .on_conflict_do_nothing(
            index_elements=["case_record_id", "purpose"], index_where=text("state <> 'CLOSED'")
        )
        .returning(call_list_entries.c.id)
    )
    ids = set(added.scalars())
    values = {"ids": list(ids), "now": now, "event": Event.ENTRY_ADDED.value}
    connection.execute(_NOTE, values | {"actor": journal.by_system("campaigns")})
    return ids


def open_entry_of(connection: Connection, case_record_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """An open entry of each of these records, where there is one."""
    rows = connection.execute(
        text(
            "select case_record_id, id from call_list_entries"
            " where case_record_id = any(cast(:records as uuid[])) and state <> 'CLOSED'"
        ),
        {"records": list(case_record_ids)},
    )
    return dict(rows.all())
