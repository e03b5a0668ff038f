"""The desk: what was typed and not said yet, the keys an agent chose, the outcome that can be undone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, metadata, needed, reference

desk_drafts = Table(  # note, callback, half-made contacts: typed at the desk, not said yet
    "desk_drafts",
    metadata,
    reference("users", "user_id"),
    needed("entry_id", Uuid),
    reference("persons", "person_id", index=True),
    needed("sealed", LargeBinary),  # {field: text} under the person's key
    needed("saved_at", Moment),
    PrimaryKeyConstraint("user_id", "entry_id"),
)

desk_keys = Table(  # what an agent changed of the keyboard shortcuts
    "desk_keys",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    needed("chosen", JSONB),  # {command: KeyboardEvent.code}
)

undoable_outcomes = Table(  # the last outcome of each agent, with what stood before it
    "undoable_outcomes",
    metadata,
    Column("agent_id", Uuid, ForeignKey("users.id"), primary_key=True),
    needed("attempt_id", Uuid),
    needed("person_id", Uuid),
    needed("said_at", Moment),
    needed("before", JSONB),  # storage/undo_store.py
    Index("undoable_outcomes_person_idx", "person_id"),
)
