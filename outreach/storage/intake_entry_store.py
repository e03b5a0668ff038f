"""Entries of the call list as an intake adds, reorders and closes them, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, any_, literal, select, text

from outreach.domain.call_list import CallClass, EntryState, Queue
from outreach.domain.purposes import Purpose
from outreach.storage.bulk import EncodedRow, copy_encoded
from outreach.storage.intake_rows import NewEntry
from outreach.storage.tables import call_attempts, call_list_entries


class ReorderedEntry(NamedTuple):
    """An open entry's place once its case changed; the state is kept, except for a number found at last."""

    id: UUID
    state: str
    queue: str
    language: str
    call_class: int
    effective_deadline: datetime
    tie_break: int
    deadline: datetime
    shed_level: int
    not_before: datetime | None
    ready_until: datetime | None
    number_index: bytes | None
    phone_position: int


@dataclass(frozen=True)
class OpenEntry:
    """An entry as stored; `in_call`: an agent is speaking or wrapping up, so it is left alone."""

    id: UUID
    case_record_id: UUID
    purpose: Purpose
    state: EntryState
    queue: Queue
    language: str
    call_class: CallClass
    effective_deadline: datetime
    tie_break: int
    deadline: datetime
    shed_level: int
    not_before: datetime | None
    ready_until: datetime | None
    callback_at: datetime | None
    number_index: bytes | None
    phone_position: int
    in_call: bool


def add_entries(connection: Connection, added: Sequence[EncodedRow]) -> None:
    """Append entries: each an encoded NewEntry."""
    copy_encoded(connection, call_list_entries, NewEntry._fields, added)


def hold_all(connection: Connection, case_record_ids: Iterable[UUID]) -> None:
    """Closed ones too: none of these records' entries is opened again until the transaction ends."""
    c = call_list_entries.c
    query = select(c.id).where(c.case_record_id.in_(list(case_record_ids)))
    connection.execute(query.order_by(c.id).with_for_update())


def open_entries(connection: Connection, case_record_ids: Iterable[UUID]) -> list[OpenEntry]:
    """Entries of these records that are not closed, locked: to be called before anything of theirs is.

    Whoever works the list locks an entry first and its case record after it.
    """
    c = call_list_entries.c
    columns = [c[name] for name in OpenEntry.__dataclass_fields__ if name != "in_call"]
    rows = connection.execute(
        select(*columns)
        .where(
            c.case_record_id == any_(literal(list(case_record_ids), ARRAY(Uuid))),
            c.state != EntryState.CLOSED,
        )
        .order_by(c.id)
        .with_for_update()
    ).all()
    in_call = _in_call(connection, [row.id for row in rows])
    return [_open_entry(row._asdict() | {"in_call": row.id in in_call}) for row in rows]


def _in_call(connection: Connection, entry_ids: Sequence[UUID]) -> set[UUID]:
    """Asked once the entries are locked: a click that committed while we waited for the lock counts."""
    c = call_attempts.c
    of_these = c.entry_id == any_(literal(list(entry_ids), ARRAY(Uuid)))
    return set(connection.execute(select(c.entry_id).where(of_these, c.outcome.is_(None))).scalars())


def _open_entry(row: dict[str, object]) -> OpenEntry:
    enums = {"purpose": Purpose, "state": EntryState, "queue": Queue, "call_class": CallClass}
    return OpenEntry(**{name: enums[name](value) if name in enums else value for name, value in row.items()})  # type: ignore[arg-type]


def reorder_entries(connection: Connection, reordered: Sequence[ReorderedEntry]) -> None:
    if reordered:
        connection.execute(text(_REORDER), [row._asdict() for row in reordered])


_REORDER = """
update call_list_entries set state = :state, queue = :queue, language = :language, call_class = :call_class,
  effective_deadline = :effective_deadline, tie_break = :tie_break, deadline = :deadline,
  shed_level = :shed_level, not_before = :not_before, ready_until = :ready_until,
  number_index = :number_index, phone_position = :phone_position, version = version + 1,
  lease_id = case when :state = 'LEASED' then lease_id end,
  leased_by = case when :state = 'LEASED' then leased_by end,
  leased_until = case when :state = 'LEASED' then leased_until end
where id = :id
"""


def close_entries(connection: Connection, entry_ids: Sequence[UUID], *, because: str, now: datetime) -> None:
    """Close entries whatever their state, and end their leases."""
    if entry_ids:
        connection.execute(text(_CLOSE), {"ids": list(entry_ids), "because": because, "now": now})


_CLOSE = """
update call_list_entries set state = 'CLOSED', closed_at = :now, closed_because = :because,
  lease_id = null, leased_by = null, leased_until = null, version = version + 1
where id = any(cast(:ids as uuid[])) and state <> 'CLOSED'
"""
