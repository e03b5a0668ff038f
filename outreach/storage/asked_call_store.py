"""Calls that people ask for, by SMS, on their page or by ringing: promised now, or when hands are free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.call_list import FRONT, IN_ORDER, CallClass
from outreach.domain.replies import Suggestion
from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.reply_store import Writer


class AskedCall(NamedTuple):
    """A call asked for from a number. `due_at`: the moment they chose, or that of asking."""

    number: bytes
    writer: Writer
    because: str
    asked_at: datetime
    due_at: datetime

    @property
    def front(self) -> int:
        """Who may be in danger stands at the head of their class."""
        return FRONT if self.because == Suggestion.DISTRESS.value else IN_ORDER


class HeldEntry(NamedTuple):
    """An open entry behind the number, locked. `talking`: its agent speaks with them now."""

    entry_id: UUID
    leased: bool
    talking: bool


_OPEN = text(
    """
    select e.id, e.state = 'LEASED', exists (
      select from call_attempts a where a.entry_id = e.id and a.outcome is null and a.status = 'ANSWERED')
    from call_list_entries e join case_records c on c.id = e.case_record_id
    where e.state <> 'CLOSED'
      and c.person_id in (select person_id from person_phones where number_index = :number)
    order by e.id for update of e
    """
)


def hold_entries(connection: Connection, number: bytes) -> list[HeldEntry]:
    """Every open entry of the people behind a number."""
    return [HeldEntry(*row) for row in connection.execute(_OPEN, {"number": number})]


# They used this number: it is good, and it is the one to call. No positive waits past their deadline.
_PROMISE = text(
    """
    with good as (
      update person_phones set bad = false where number_index = :number and bad
    ), line as (
      select distinct on (person_id) person_id, position from person_phones
      where number_index = :number order by person_id, position
    ), wanted as (
      select e.id, line.position, case when e.purpose = 'INTERVIEW' and e.deadline < :due_at
          then cast(:now as timestamptz) else cast(:due_at as timestamptz) end as due_at
      from line join case_records c on c.person_id = line.person_id
      join call_list_entries e on e.case_record_id = c.id
      where e.state in ('TEXTED', 'WAITING', 'READY')
    ), promised as (
      update call_list_entries e
      set state = case when e.state = 'READY' and w.due_at <= :now then 'READY' else 'WAITING' end,
          ready_until = case when e.state = 'READY' and w.due_at <= :now then e.ready_until end,
          not_before = w.due_at, callback_at = w.due_at, front = :front, callback_agent_id = null,
          callback_for_me_only = false, shed_level = 0, message_id = null,
          queue = case when e.queue = 'SEARCH' then 'AGENTS' else e.queue end,
          number_index = :number, phone_position = w.position,
          call_class = case when e.call_class = 1 then 1 else cast(:call_class as smallint) end,
          version = e.version + 1
      from wanted w where w.id = e.id
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


def promise(connection: Connection, asked: AskedCall, *, now: datetime) -> list[UUID]:
    """Whoever waits, or was texted, behind the number has a callback; leased ones are in hand."""
    rows = connection.execute(
        _PROMISE,
        {
            "number": asked.number,
            "due_at": max(asked.due_at, now),
            "front": asked.front,
            "call_class": CallClass.CALLBACK.value,
            "because": asked.because,
            "now": now,
            "event": Event.ENTRY_RETURNED.value,
            "actor": journal.by_system("replies"),
        },
    )
    return list(rows.scalars())


# Whoever was given up before they were ever spoken to is asked for the same as before; the others for more.
_REOPEN = text(
    """
    with last as (
      select e.*, e.closed_because = 'UNREACHED' as given_up from call_list_entries e
      join case_records c on c.id = e.case_record_id
      where c.person_id = :person
      order by e.closed_at desc nulls last, e.id desc limit 1
    ), reopened as (
      update case_records c set state = 'OPEN', closed_because = null, version = c.version + 1
      from last where c.id = last.case_record_id and c.state = 'CLOSED'
        and last.closed_because <> 'DECEASED'
    ), added as (
      insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, queue, language,
        call_class, front, effective_deadline, tie_break, deadline, shed_level, not_before, callback_at,
        number_index, phone_position, entered_at)
      select :id, last.platform, last.case_record_id, last.person_id,
        case when last.purpose = 'INTERVIEW' and not last.given_up then 'FOLLOW_UP' else last.purpose end,
        'WAITING', 'AGENTS', last.language,
        case when last.purpose = 'INTERVIEW' and last.given_up then 1 else cast(:call_class as smallint) end,
        cast(:front as smallint), case when last.given_up then last.effective_deadline else :deadline end, 0,
        case when last.given_up then last.deadline else :deadline end, 0, :due_at, :due_at,
        ph.number_index, ph.position, :now
      from last join person_phones ph on ph.person_id = last.person_id and ph.number_index = :number
      where last.state = 'CLOSED' and last.closed_because <> 'DECEASED'
        and not exists (select from call_list_entries o join case_records c on c.id = o.case_record_id
          where c.person_id = :person and o.state <> 'CLOSED')
      order by ph.position limit 1
      returning id, platform, case_record_id, purpose, call_class, effective_deadline
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, id, jsonb_build_object('purpose', purpose,
        'queue', 'AGENTS', 'call_class', call_class, 'effective_deadline', effective_deadline,
        'because', cast(:because as text))
      from added
    )
    select id from added
    """
)


def reopen(
    connection: Connection, asked: AskedCall, *, entry_id: UUID, deadline: datetime, now: datetime
) -> bool:
    """Someone whose calls were all done asks for one: their case is open again. Whether that could be."""
    added = connection.execute(
        _REOPEN,
        {
            "person": asked.writer.person_id,
            "number": asked.number,
            "id": entry_id,
            "deadline": deadline,
            "due_at": max(asked.due_at, now),
            "front": asked.front,
            "call_class": CallClass.CALLBACK.value,
            "because": asked.because,
            "now": now,
            "event": Event.ENTRY_ADDED.value,
            "actor": journal.by_system("replies"),
        },
    )
    return added.first() is not None


def given_up(connection: Connection, number: bytes) -> Writer | None:
    """Someone behind a number whose last entry ended as UNREACHED, and whom nobody is to call."""
    row = connection.execute(
        text(
            """
            select last.person_id, last.platform from person_phones ph
            join lateral (
              select c.person_id, e.platform, e.closed_because, e.closed_at, e.id
              from case_records c join call_list_entries e on e.case_record_id = c.id
              where c.person_id = ph.person_id
              order by e.state <> 'CLOSED' desc, e.closed_at desc nulls last, e.id desc limit 1) last on true
            where ph.number_index = :number and last.closed_because = 'UNREACHED'
            order by last.closed_at desc, last.id limit 1
            """
        ),
        {"number": number},
    ).first()
    return None if row is None else Writer(*row)


def note(connection: Connection, asked: AskedCall, *, asked_id: UUID) -> None:
    """Keep it until no agent has the number in hand."""
    connection.execute(
        text(
            "insert into asked_calls (id, platform, person_id, number_index, because, asked_at, due_at)"
            " values (:id, :platform, :person, :number, :because, :asked_at, :due_at)"
        ),
        {
            "id": asked_id,
            "platform": asked.writer.platform,
            "person": asked.writer.person_id,
            "number": asked.number,
            "because": asked.because,
            "asked_at": asked.asked_at,
            "due_at": asked.due_at,
        },
    )


def out_of_hand(connection: Connection, *, most: int) -> list[tuple[UUID, AskedCall]]:
    """Calls asked for whose number no agent has in hand any more, oldest first."""
    rows = connection.execute(
        text(
            """
            select a.id, a.number_index, a.person_id, a.platform, a.because, a.asked_at, a.due_at
            from asked_calls a
            where a.settled_at is null and not exists (
              select from person_phones ph join case_records c on c.person_id = ph.person_id
              join call_list_entries e on e.case_record_id = c.id
              where ph.number_index = a.number_index and e.state = 'LEASED')
            order by a.asked_at, a.id limit :most
            """
        ),
        {"most": most},
    )
    return [
        (
            row.id,
            AskedCall(
                row.number_index, Writer(row.person_id, row.platform), row.because, row.asked_at, row.due_at
            ),
        )
        for row in rows
    ]


def was_spoken_to(connection: Connection, asked: AskedCall, *, outcomes: Sequence[str]) -> bool:
    """Whether someone behind the number was talked to since, to one of these outcomes."""
    found = connection.execute(
        text(
            """
            select exists (
              select from person_phones ph join case_records c on c.person_id = ph.person_id
              join call_list_entries e on e.case_record_id = c.id
              join call_attempts a on a.entry_id = e.id
              where ph.number_index = :number and a.answered_at >= :asked_at
                and a.outcome = any(cast(:outcomes as text[])))
            """
        ),
        {"number": asked.number, "asked_at": asked.asked_at, "outcomes": list(outcomes)},
    )
    return bool(found.scalar_one())


def settle(connection: Connection, asked_id: UUID, *, settled_with: str, now: datetime) -> bool:
    """Whether nobody else settled it."""
    settled = connection.execute(
        text(
            "update asked_calls set settled_at = :now, settled_with = :settled_with"
            " where id = :id and settled_at is null returning id"
        ),
        {"id": asked_id, "settled_with": settled_with, "now": now},
    )
    return settled.first() is not None
