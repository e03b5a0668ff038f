"""What stood before an agent's last outcome, and putting it back; one row for each agent, written over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, TextClause, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from outreach.errors import Conflict
from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import undoable_outcomes


def stands(line: str) -> str:
    """As SQL: a journal line that an outcome brought was not taken back; figures leave the others out."""
    return (
        f"not exists (select from journal undone where undone.platform = {line}.platform"
        f" and undone.event = 'OUTCOME_UNDONE' and undone.entry_id = {line}.entry_id"
        f" and undone.id > {line}.id"
        f" and cast(undone.facts ->> 'said_at' as timestamptz) = {line}.at)"
    )


STANDS = stands("j")

_BEFORE = bindparam("before", type_=JSONB)


@dataclass(frozen=True)
class Undoable:
    """An agent's last outcome. `before`: rows as they stood, by name of their table."""

    attempt_id: UUID
    said_at: datetime
    before: Mapping[str, Any]

    @property
    def entry_ids(self) -> list[UUID]:
        return [UUID(entry["id"]) for entry in self.before["entries"]]


# Entries of the person that the outcome does not touch are kept for one column: a death stops their SMS.
_KEEP = HotStatement(
    """
    insert into undoable_outcomes (agent_id, attempt_id, person_id, said_at, before)
    select :agent_id, :attempt_id, :person_id, :now, jsonb_build_object(
      'entries', (select jsonb_agg(to_jsonb(e)) from call_list_entries e
        where e.id = any(cast(:entry_ids as uuid[]))),
      'others', (select jsonb_agg(jsonb_build_object('id', e.id, 'shed_level', e.shed_level))
        from call_list_entries e join case_records c on c.id = e.case_record_id
        where c.person_id = :person_id and e.state <> 'CLOSED' and e.shed_level > 0
          and e.id <> all(cast(:entry_ids as uuid[]))),
      'records', (select jsonb_agg(jsonb_build_object('id', c.id, 'state', c.state,
          'closed_because', c.closed_because, 'needs_sick_leave', c.needs_sick_leave,
          'first_called_at', c.first_called_at, 'reached_at', c.reached_at, 'informed_at', c.informed_at,
          'last_outcome', c.last_outcome))
        from case_records c where c.id in (
          select e.case_record_id from call_list_entries e where e.id = any(cast(:entry_ids as uuid[])))),
      'phones', (select jsonb_agg(jsonb_build_object('position', x.position, 'bad', x.bad))
        from person_phones x where x.person_id = :person_id),
      'opted_out', (select p.opted_out from persons p where p.id = :person_id))
    on conflict (agent_id) do update set attempt_id = excluded.attempt_id, person_id = excluded.person_id,
      said_at = excluded.said_at, before = excluded.before
    """
)


def keep(
    connection: Connection,
    *,
    agent_id: UUID,
    attempt_id: UUID,
    person_id: UUID,
    entry_ids: Sequence[UUID],
    now: datetime,
) -> None:
    """Remember what stands, in the transaction that is about to change it."""
    values = {"agent_id": agent_id, "attempt_id": attempt_id, "person_id": person_id, "now": now}
    _KEEP.count(connection, {**values, "entry_ids": list(entry_ids)})


def last_of(connection: Connection, agent_id: UUID) -> Undoable | None:
    """What the agent said last, held until the transaction ends."""
    c = undoable_outcomes.c
    row = connection.execute(
        select(c.attempt_id, c.said_at, c.before).where(c.agent_id == agent_id).with_for_update()
    ).one_or_none()
    return None if row is None else Undoable(*row)


def said_lately(connection: Connection, agent_id: UUID, *, since: datetime) -> Undoable | None:
    """The same, to be shown: nothing is held."""
    c = undoable_outcomes.c
    row = connection.execute(
        select(c.attempt_id, c.said_at, c.before).where(c.agent_id == agent_id, c.said_at > since)
    ).one_or_none()
    return None if row is None else Undoable(*row)


def forget(connection: Connection, agent_id: UUID) -> None:
    connection.execute(undoable_outcomes.delete().where(undoable_outcomes.c.agent_id == agent_id))


_MOVED_ON = text(
    """
    select exists (select from call_attempts a
        where a.entry_id = any(cast(:entry_ids as uuid[])) and a.started_at > :said_at) as called_again,
      exists (select from call_list_entries e
        join jsonb_to_recordset(cast(:before as jsonb)) b(id uuid, state text) on b.id = e.id
        where e.state in ('LEASED', 'TEXTED')
          or (e.state = 'CLOSED' and e.closed_at <> cast(:said_at as timestamptz))
          or exists (select from case_records c
            where c.id = e.case_record_id and c.merged_into is not null)
          or exists (select from call_list_entries since
            where since.case_record_id = e.case_record_id and since.entered_at > :said_at)) as moved,
      exists (select from messages m where m.entry_id = any(cast(:entry_ids as uuid[]))
        and m.created_at >= :said_at and m.status not in ('QUEUED', 'CANCELLED', 'EXPIRED')) as texted
    """
)


def since_then(connection: Connection, undoable: Undoable) -> tuple[bool, bool, bool]:
    """Whether the person was called again; stands elsewhere; a message about the outcome has left.

    The entries must be held.
    """
    row = connection.execute(
        _MOVED_ON.bindparams(_BEFORE),
        {
            "before": undoable.before["entries"],
            "entry_ids": undoable.entry_ids,
            "said_at": undoable.said_at,
        },
    ).one()
    return row.called_again, row.moved, row.texted


_QUEUED = text(
    """
    select m.id from messages m
    where m.entry_id = any(cast(:entry_ids as uuid[])) and m.created_at >= :said_at and m.status = 'QUEUED'
    order by m.id for update
    """
)


def queued_since(connection: Connection, undoable: Undoable) -> list[UUID]:
    """Messages that the outcome brought and that have not left, held."""
    rows = connection.execute(_QUEUED, {"entry_ids": undoable.entry_ids, "said_at": undoable.said_at})
    return list(rows.scalars())


_ENTRIES = text(
    """
    update call_list_entries e set state = b.state, queue = b.queue, call_class = b.call_class,
      front = b.front, shed_level = b.shed_level, not_before = b.not_before, ready_until = b.ready_until,
      callback_at = b.callback_at, callback_agent_id = b.callback_agent_id,
      callback_for_me_only = b.callback_for_me_only, number_index = b.number_index,
      phone_position = b.phone_position, tries = b.tries, tried_parts = b.tried_parts,
      message_id = b.message_id, closed_at = null, closed_because = null, version = e.version + 1,
      lease_id = case when b.state = 'LEASED' then cast(:lease_id as uuid) end,
      leased_by = case when b.state = 'LEASED' then cast(:agent_id as uuid) end,
      leased_until = case when b.state = 'LEASED' then cast(:until as timestamptz) end
    from jsonb_populate_recordset(null::call_list_entries, cast(:before as jsonb)) b
    where e.id = b.id
    """
)
_RECORDS = text(
    """
    update case_records c set state = b.state, closed_because = b.closed_because,
      needs_sick_leave = b.needs_sick_leave, first_called_at = b.first_called_at, reached_at = b.reached_at,
      informed_at = b.informed_at, last_outcome = b.last_outcome, version = c.version + 1
    from jsonb_populate_recordset(null::case_records, cast(:before as jsonb)) b
    where c.id = b.id
    """
)
_PHONES = text(
    """
    update person_phones x set bad = b.bad
    from jsonb_to_recordset(cast(:before as jsonb)) b(position smallint, bad boolean)
    where x.person_id = :person_id and x.position = b.position and x.bad <> b.bad
    """
)
_WRITTEN_TO_AGAIN = text(
    "update persons set opted_out = false where id = :person_id and opted_out returning id"
)
_OTHERS = text(
    """
    update call_list_entries e set shed_level = b.shed_level, version = e.version + 1
    from jsonb_to_recordset(cast(:before as jsonb)) b(id uuid, shed_level smallint)
    where e.id = b.id and e.state <> 'CLOSED' and e.shed_level = 0
    """
)


def put_back(
    connection: Connection,
    undoable: Undoable,
    *,
    agent_id: UUID,
    person_id: UUID,
    lease_id: UUID,
    until: datetime,
) -> None:
    """Everything stands as it stood before the outcome; the entry is leased to the agent again.

    The entries must be held. Raises Conflict when someone behind the same number is in other hands.
    """
    lease = {"lease_id": lease_id, "agent_id": agent_id, "until": until}
    try:
        with connection.begin_nested():
            _restore(connection, _ENTRIES, undoable, "entries", **lease)
    except IntegrityError:
        raise Conflict(
            "Somebody else has this person in hand by now; the outcome stands.", code="moved_on"
        ) from None
    _restore(connection, _RECORDS, undoable, "records")
    _restore(connection, _PHONES, undoable, "phones", person_id=person_id)
    if not undoable.before["opted_out"]:
        again = connection.execute(_WRITTEN_TO_AGAIN, {"person_id": person_id}).first()
        if again is not None:
            _restore(connection, _OTHERS, undoable, "others")


def _restore(
    connection: Connection, statement: TextClause, undoable: Undoable, name: str, **values: object
) -> None:
    rows = undoable.before[name]
    if rows:
        connection.execute(statement.bindparams(_BEFORE), {"before": rows, **values})
