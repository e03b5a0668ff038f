"""Replies: who wrote, kept sealed, and the call that answers them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.call_list import CallClass
from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.tables import inbound_messages


class Reply(NamedTuple):
    """One received SMS; `sealed_body` under the writer's key, or the system's for a stranger."""

    id: UUID
    sid: str
    platform: str | None
    person_id: UUID | None
    meaning: str
    sealed_body: bytes
    received_at: datetime


class Writer(NamedTuple):
    """Who most likely wrote: of a household, the one we texted last, else anyone of it."""

    person_id: UUID
    platform: str


def writer_of(connection: Connection, number: bytes) -> Writer | None:
    row = connection.execute(
        text(
            """
            select p.id, p.platform
            from person_phones ph join persons p on p.id = ph.person_id
            join person_keys k on k.person_id = p.id
            left join lateral (select max(m.created_at) as texted_at from messages m
              where m.person_id = p.id and m.number_index = ph.number_index) last on true
            where ph.number_index = :number
            order by last.texted_at desc nulls last, p.id limit 1
            """
        ),
        {"number": number},
    ).first()
    return None if row is None else Writer(*row)


def keep(connection: Connection, reply: Reply) -> bool:
    """Keep a reply once; whether it is new."""
    kept = connection.execute(
        insert(inbound_messages)
        .values(**reply._asdict())
        .on_conflict_do_nothing(index_elements=["sid"])
        .returning(inbound_messages.c.id)
    )
    return kept.first() is not None


def journal_reply(connection: Connection, number: bytes, *, meaning: str, now: datetime) -> None:
    """One line on each open case record behind the number."""
    connection.execute(
        text(
            """
            insert into journal (at, platform, event, actor, case_record_id, facts)
            select :now, c.platform, :event, :actor, c.id,
              jsonb_build_object('meaning', cast(:meaning as text))
            from case_records c
            where c.person_id in (select person_id from person_phones where number_index = :number)
              and c.state = 'OPEN'
            """
        ),
        {
            "number": number,
            "meaning": meaning,
            "now": now,
            "event": Event.REPLY_RECEIVED.value,
            "actor": journal.by_system("replies"),
        },
    )


def messages_to(connection: Connection, number: bytes) -> list[UUID]:
    """Messages to a number that a reply may answer: posted, and not known to have failed."""
    rows = connection.execute(
        text(
            "select id from messages where number_index = :number and ended_at is null"
            " and status in ('SENDING', 'UNCERTAIN', 'UNKNOWN', 'ACCEPTED', 'SENT', 'DELIVERED')"
            " order by id for update"
        ),
        {"number": number},
    )
    return list(rows.scalars())


_PROMISE = text(
    """
    with promised as (
      update call_list_entries e
      set state = case when e.state = 'READY' then 'READY' else 'WAITING' end, not_before = :now,
          ready_until = case when e.state = 'READY' then e.ready_until end, callback_at = :now, front = 1,
          callback_agent_id = null, callback_for_me_only = false, shed_level = 0, message_id = null,
          call_class = case when e.call_class = 1 then 1 else cast(:call_class as smallint) end,
          version = e.version + 1
      from case_records c
      where c.id = e.case_record_id and e.state in ('TEXTED', 'WAITING', 'READY')
        and c.person_id in (select person_id from person_phones where number_index = :number)
      returning e.id, e.platform, e.case_record_id, e.call_class
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, id,
        jsonb_build_object('because', cast(:because as text), 'call_class', call_class)
      from promised
    )
    select id from promised
    """
)


def promise_call(connection: Connection, number: bytes, *, because: str, now: datetime) -> list[UUID]:
    """Whoever waits, or was texted, behind the number has a callback due now; leased ones are in hand."""
    rows = connection.execute(
        _PROMISE,
        {
            "number": number,
            "call_class": CallClass.CALLBACK.value,
            "because": because,
            "now": now,
            "event": Event.ENTRY_RETURNED.value,
            "actor": journal.by_system("replies"),
        },
    )
    return list(rows.scalars())


_NEW_CALLBACK = text(
    """
    with last as (
      select e.* from call_list_entries e
      join case_records c on c.id = e.case_record_id
      where c.person_id = :person
      order by e.closed_at desc nulls last, e.id desc limit 1
    ), reopened as (
      update case_records c set state = 'OPEN', closed_because = null, version = c.version + 1
      from last where c.id = last.case_record_id and c.state = 'CLOSED'
    ), added as (
      insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, queue, language,
        call_class, front, effective_deadline, tie_break, deadline, shed_level, not_before, callback_at,
        number_index, phone_position, entered_at)
      select :id, last.platform, last.case_record_id, last.person_id,
        case when last.purpose = 'INTERVIEW' then 'FOLLOW_UP' else last.purpose end, 'WAITING', 'AGENTS',
        last.language, :call_class, 1, :deadline, 0, :deadline, 0, :now, :now, ph.number_index, ph.position,
        :now
      from last join person_phones ph on ph.person_id = last.person_id and ph.number_index = :number
      where not exists (select from call_list_entries o join case_records c on c.id = o.case_record_id
        where c.person_id = :person and o.state <> 'CLOSED')
      order by ph.position limit 1
      returning id, platform, case_record_id, purpose, call_class, effective_deadline
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id, jsonb_build_object('purpose', purpose,
      'call_class', call_class, 'effective_deadline', cast(:told_deadline as text),
      'because', cast(:because as text))
    from added
    """
)


def open_callback(
    connection: Connection,
    writer: Writer,
    number: bytes,
    *,
    entry_id: UUID,
    deadline: datetime,
    because: str,
    now: datetime,
) -> None:
    """Someone whose calls were all done asks for one: their case is open again, with a callback due now."""
    connection.execute(
        _NEW_CALLBACK,
        {
            "person": writer.person_id,
            "number": number,
            "id": entry_id,
            "deadline": deadline,
            "told_deadline": deadline.isoformat(),
            "call_class": CallClass.CALLBACK.value,
            "because": because,
            "now": now,
            "event": Event.ENTRY_ADDED.value,
            "actor": journal.by_system("replies"),
        },
    )


def has_open_entry(connection: Connection, number: bytes) -> bool:
    """Whether a call to someone behind this number is still to be made, or is under way."""
    found = connection.execute(
        text(
            """
            select exists (select from call_list_entries e join case_records c on c.id = e.case_record_id
              where e.state <> 'CLOSED' and c.person_id in (
                select person_id from person_phones where number_index = :number))
            """
        ),
        {"number": number},
    )
    return bool(found.scalar_one())
