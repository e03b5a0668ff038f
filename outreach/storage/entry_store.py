"""One entry of the call list, held by the agent who works on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_list import CallClass, EntryState, Queue
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, NotFound
from outreach.storage.tables import call_list_entries


@dataclass(frozen=True)
class Entry:
    """An entry as stored, without its order among the others."""

    id: UUID
    platform: str
    case_record_id: UUID
    person_id: UUID
    purpose: Purpose
    state: EntryState
    queue: Queue
    call_class: CallClass
    deadline: datetime
    effective_deadline: datetime
    shed_level: int
    tries: int
    tried_parts: int
    phone_position: int
    number_index: bytes | None
    leased_by: UUID | None
    leased_until: datetime | None
    message_id: UUID | None
    callback_at: datetime | None


_COLUMNS = [call_list_entries.c[name] for name in Entry.__dataclass_fields__]


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    kinds = {"purpose": Purpose, "state": EntryState, "queue": Queue, "call_class": CallClass}
    return Entry(**values | {name: kind(values[name]) for name, kind in kinds.items()})


def lock(connection: Connection, entry_id: UUID) -> Entry:
    """The entry, held until the transaction ends. Raises NotFound."""
    row = connection.execute(
        select(*_COLUMNS).where(call_list_entries.c.id == entry_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such entry on the call list.")
    return _entry(row)


def held_by(connection: Connection, entry_id: UUID, agent_id: UUID) -> Entry:
    """The entry, if the agent holds it: locked. Raises Conflict when the lease lapsed or is another's."""
    entry = lock(connection, entry_id)
    if entry.state is not EntryState.LEASED or entry.leased_by != agent_id:
        raise Conflict(
            "This entry is no longer in your hands: the lease lapsed, or someone else has it.",
            code="not_leased",
        )
    return entry


def choose_number(connection: Connection, entry: Entry, *, position: int, number_index: bytes) -> Entry:
    """Call the person at another of their numbers. Raises Conflict when that number is in other hands."""
    try:
        with connection.begin_nested():
            connection.execute(
                update(call_list_entries)
                .where(call_list_entries.c.id == entry.id)
                .values(
                    phone_position=position,
                    number_index=number_index,
                    version=call_list_entries.c.version + 1,
                )
            )
    except IntegrityError:
        raise Conflict(
            "Another agent is talking to someone at this number.", code="number_in_other_hands"
        ) from None
    return replace(entry, phone_position=position, number_index=number_index)


def count_try(connection: Connection, entry_id: UUID) -> None:
    """One more try while the entry stays in the agent's hands."""
    connection.execute(
        update(call_list_entries)
        .where(call_list_entries.c.id == entry_id)
        .values(tries=call_list_entries.c.tries + 1, version=call_list_entries.c.version + 1)
    )
