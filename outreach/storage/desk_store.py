"""What an agent typed and has not said yet, and the keys they chose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import desk_drafts, desk_keys, undoable_outcomes


def save_draft(
    connection: Connection, *, user_id: UUID, entry_id: UUID, person_id: UUID, sealed: bytes, now: datetime
) -> None:
    """In the place of the one before."""
    values = {"sealed": sealed, "saved_at": now}
    connection.execute(
        insert(desk_drafts)
        .values(user_id=user_id, entry_id=entry_id, person_id=person_id, **values)
        .on_conflict_do_update(index_elements=[desk_drafts.c.user_id, desk_drafts.c.entry_id], set_=values)
    )


def sealed_draft(connection: Connection, *, user_id: UUID, entry_id: UUID) -> bytes | None:
    """What an agent typed about the person of an entry."""
    c = desk_drafts.c
    found: bytes | None = connection.execute(
        select(c.sealed).where(c.user_id == user_id, c.entry_id == entry_id)
    ).scalar_one_or_none()
    return found


def keys_of(connection: Connection, user_id: UUID) -> Mapping[str, str]:
    """The shortcuts an agent changed; empty when none."""
    found: dict[str, str] | None = connection.execute(
        select(desk_keys.c.chosen).where(desk_keys.c.user_id == user_id)
    ).scalar_one_or_none()
    return found or {}


def save_keys(connection: Connection, user_id: UUID, keys: Mapping[str, str]) -> None:
    values = {"chosen": dict(keys)}
    connection.execute(
        insert(desk_keys)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[desk_keys.c.user_id], set_=values)
    )


def forget(connection: Connection, *, drafts_before: datetime, outcomes_before: datetime) -> int:
    """Drop drafts that nobody came back to, and outcomes that can be undone no more; how many."""
    drafts = connection.execute(delete(desk_drafts).where(desk_drafts.c.saved_at < drafts_before))
    outcomes = connection.execute(
        delete(undoable_outcomes).where(undoable_outcomes.c.said_at < outcomes_before)
    )
    return drafts.rowcount + outcomes.rowcount
