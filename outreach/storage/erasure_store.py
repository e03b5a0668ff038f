"""Erasing a person: their key is destroyed, and with it every value sealed under it, wherever a copy lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Select, delete, select, update

from outreach.domain.call_list import EntryState
from outreach.storage.tables import (
    asked_calls,
    broken_glass,
    call_attempts,
    call_list_entries,
    campaign_members,
    case_records,
    conversations,
    desk_drafts,
    inbound_messages,
    interview_answers,
    merged_records,
    messages,
    person_keys,
    person_phones,
    persons,
    restricted_records,
    undoable_outcomes,
    written_reasons,
)

NOTHING = b""


@dataclass(frozen=True)
class ErasedRecord:
    """A case record that stays as figures without a person."""

    case_record_id: UUID
    platform: str


def open_entries(connection: Connection, person_id: UUID) -> list[tuple[UUID, EntryState]]:
    """The person's open entries, locked."""
    rows = connection.execute(
        select(call_list_entries.c.id, call_list_entries.c.state)
        .where(call_list_entries.c.case_record_id.in_(_records_of([person_id])))
        .where(call_list_entries.c.state != EntryState.CLOSED)
        .order_by(call_list_entries.c.id)
        .with_for_update()
    )
    return [(row.id, EntryState(row.state)) for row in rows]


def _records_of(people: Sequence[UUID]) -> Select[tuple[UUID]]:
    return select(case_records.c.id).where(case_records.c.person_id.in_(people))


def destroy(connection: Connection, people: Sequence[UUID], now: datetime) -> list[ErasedRecord]:
    """Destroy their keys, the sealed values and the indexes; their case records."""
    connection.execute(delete(person_keys).where(person_keys.c.person_id.in_(people)))
    connection.execute(delete(person_phones).where(person_phones.c.person_id.in_(people)))
    connection.execute(
        update(persons)
        .where(persons.c.id.in_(people))
        .values(sealed=None, name_birth_index=None, erased_at=now)
    )
    connection.execute(
        update(call_list_entries)
        .where(call_list_entries.c.case_record_id.in_(_records_of(people)))
        .values(number_index=None, version=call_list_entries.c.version + 1)
    )
    _blank_history(connection, people)
    rows = connection.execute(
        select(case_records.c.id, case_records.c.platform).where(case_records.c.person_id.in_(people))
    )
    return [ErasedRecord(*row) for row in rows]


def _blank_history(connection: Connection, people: Sequence[UUID]) -> None:
    """What was said, written and answered; that it was stays in the journal."""
    connection.execute(
        update(call_attempts)
        .where(call_attempts.c.person_id.in_(people))
        .values(sealed_note=None, number_index=None)
    )
    connection.execute(
        update(messages)
        .where(messages.c.person_id.in_(people))
        .values(sealed_body=None, number_index=NOTHING)
    )
    connection.execute(
        update(campaign_members).where(campaign_members.c.person_id.in_(people)).values(number_index=None)
    )
    connection.execute(
        update(inbound_messages)
        .where(inbound_messages.c.person_id.in_(people))
        .values(sealed_body=NOTHING, number_index=None)
    )
    connection.execute(
        update(interview_answers).where(interview_answers.c.person_id.in_(people)).values(sealed=None)
    )
    connection.execute(
        update(broken_glass)
        .where(broken_glass.c.case_record_id.in_(_records_of(people)))
        .values(sealed_reason=None)
    )
    connection.execute(
        update(written_reasons)
        .where(written_reasons.c.case_record_id.in_(_records_of(people)))
        .values(sealed=None)
    )
    connection.execute(
        delete(restricted_records).where(restricted_records.c.case_record_id.in_(_records_of(people)))
    )
    of_them = merged_records.c.kept_person_id.in_(people) | merged_records.c.other_person_id.in_(people)
    connection.execute(delete(merged_records).where(of_them))
    for table in (conversations, asked_calls, desk_drafts, undoable_outcomes):
        connection.execute(delete(table).where(table.c.person_id.in_(people)))
