"""Calls to us: who it may be, and the entry that such a call brings forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_list import EntryState
from outreach.domain.load_shedding import NEVER_SHED
from outreach.errors import Conflict
from outreach.storage import journal
from outreach.storage.call_list_store import Entry
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.tables import call_list_entries, case_records, inbound_calls, person_phones

entries = call_list_entries


@dataclass(frozen=True)
class Caller:
    """The entry that a call from a number is about, and the number's place among the person's."""

    entry_id: UUID
    phone_position: int
    number_index: bytes


def caller(connection: Connection, number_index: bytes) -> Caller | None:
    """The most urgent open entry of someone who has this number; None for a stranger."""
    row = connection.execute(
        select(entries.c.id, person_phones.c.position)
        # By way of the records, whose person is indexed.
        .join(case_records, case_records.c.id == entries.c.case_record_id)
        .join(person_phones, person_phones.c.person_id == case_records.c.person_id)
        .where(person_phones.c.number_index == number_index, entries.c.state != EntryState.CLOSED)
        .order_by(entries.c.call_class, entries.c.effective_deadline, entries.c.tie_break, entries.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Caller(row.id, row.position, number_index)


def keep_call(
    connection: Connection,
    *,
    call_id: UUID,
    sid: str,
    platform: str | None,
    entry: Entry | None,
    answered_with: str,
    now: datetime,
) -> None:
    """Write the call and its journal line; the same call twice is one."""
    kept = connection.execute(
        insert(inbound_calls)
        .values(
            id=call_id,
            sid=sid,
            platform=platform,
            person_id=entry.person_id if entry else None,
            entry_id=entry.id if entry else None,
            answered_with=answered_with,
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=[inbound_calls.c.sid])
        .returning(inbound_calls.c.id)
    ).first()
    if kept is not None and platform is not None:
        facts = {"answered_with": answered_with}
        line = JournalEntry(now, platform, Event.INBOUND_CALL, journal.by_system("inbound"), facts=facts)
        journal.write(connection, _about(line, entry))


def _about(line: JournalEntry, entry: Entry | None) -> JournalEntry:
    if entry is None:
        return line
    return JournalEntry(
        line.at,
        line.platform,
        line.event,
        line.actor,
        case_record_id=entry.case_record_id,
        entry_id=entry.id,
        facts=line.facts,
    )


def was_kept(connection: Connection, sid: str) -> bool:
    found = connection.execute(select(inbound_calls.c.id).where(inbound_calls.c.sid == sid))
    return found.first() is not None


def hand_to(
    connection: Connection,
    entry: Entry,
    caller: Caller,
    *,
    agent_id: UUID,
    lease_id: UUID,
    until: datetime,
    now: datetime,
) -> None:
    """Lease an entry to the agent who will answer its person. Raises Conflict when the number is in hand."""
    try:
        with connection.begin_nested():
            connection.execute(
                update(entries)
                .where(entries.c.id == entry.id)
                .values(
                    state=EntryState.LEASED,
                    lease_id=lease_id,
                    leased_by=agent_id,
                    leased_until=until,
                    phone_position=caller.phone_position,
                    number_index=caller.number_index,
                    shed_level=NEVER_SHED,  # who calls us is owed a call, whatever SMS stood for it
                    message_id=None,
                    version=entries.c.version + 1,
                )
            )
    except IntegrityError:
        raise Conflict("An agent is calling that number now.", code="number_taken") from None
    facts = {"lease_id": str(lease_id), "call_class": int(entry.call_class), "because": "INBOUND_CALL"}
    line = JournalEntry(now, entry.platform, Event.ENTRY_LEASED, journal.by_user(agent_id), facts=facts)
    journal.write(connection, _about(line, entry))
