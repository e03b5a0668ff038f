"""What stood before two records were merged, kept so that they can be told apart, and putting it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables import merged_records
from outreach.storage.undo_store import STANDS


@dataclass(frozen=True)
class KeptMerge:
    """A merge that may be told apart. `sealed`: the kept person `before` and `after`, as JSON."""

    other_id: UUID
    kept_id: UUID
    kept_person_id: UUID
    other_person_id: UUID
    merged_at: datetime
    sealed: bytes
    before: Mapping[str, Any]
    after: Mapping[str, Any] | None


_KEEP = text(
    """
    insert into merged_records (other_id, kept_id, kept_person_id, other_person_id, merged_at, sealed, before)
    select o.id, k.id, k.person_id, o.person_id, :now, :sealed, jsonb_build_object(
      'kept', to_jsonb(k), 'other', to_jsonb(o),
      'entries', (select jsonb_agg(to_jsonb(e)) from call_list_entries e
        where e.case_record_id in (k.id, o.id) and e.state <> 'CLOSED'),
      'references', (select jsonb_agg(jsonb_build_object('source', r.source, 'external_id', r.external_id))
        from case_references r where r.case_record_id = o.id),
      'exposures', (select jsonb_agg(to_jsonb(x)) from exposures x
        where x.contact_id = o.id or x.positive_id = o.id or (x.contact_id = k.id and x.positive_id = o.id)),
      'tags', (select jsonb_agg(t.tag) from case_tags t where t.case_record_id = k.id),
      'watched', (select jsonb_agg(to_jsonb(w)) from watched_records w where w.case_record_id = o.id),
      'merged', (select jsonb_agg(m.id) from case_records m where m.merged_into = o.id),
      'positions', (select jsonb_agg(p.position) from person_phones p where p.person_id = k.person_id),
      'opted_out', (select p.opted_out from persons p where p.id = k.person_id),
      'other_person', (select jsonb_build_object('name_birth_index', p.name_birth_index) from persons p
        where p.id = o.person_id),
      'phones', (select jsonb_agg(to_jsonb(p)) from person_phones p
        where p.person_id = o.person_id and o.person_id <> k.person_id),
      'conversations', (select jsonb_agg(c.id) from conversations c
        where c.person_id = o.person_id and o.person_id <> k.person_id),
      'asked_calls', (select jsonb_agg(a.id) from asked_calls a
        where a.person_id = o.person_id and o.person_id <> k.person_id and a.settled_at is null))
    from case_records k, case_records o where k.id = :kept and o.id = :other
    on conflict (other_id) do update set kept_id = excluded.kept_id, kept_person_id = excluded.kept_person_id,
      other_person_id = excluded.other_person_id, merged_at = excluded.merged_at, sealed = excluded.sealed,
      before = excluded.before, after = null
    """
)
_FACTS = """
    select jsonb_build_object(
      'record', (select to_jsonb(f) from (select kind, sampled_at, result_at, deadline, last_exposure_on,
          household, collective_setting, vulnerable, converted_at from case_records where id = :kept) f),
      'references', (select jsonb_agg(source || ' ' || external_id order by source, external_id)
        from case_references where case_record_id = :kept),
      'merged', (select jsonb_agg(id order by id) from case_records where merged_into = :kept))
"""


def keep(connection: Connection, kept: UUID, other: UUID, *, sealed: bytes, now: datetime) -> None:
    """Remember what stands, in the transaction that is about to merge; both records are held."""
    connection.execute(_KEEP, {"kept": kept, "other": other, "sealed": sealed, "now": now})


def note_after(connection: Connection, kept: UUID, other: UUID) -> None:
    """The merge is done: as long as this stands, the records can be told apart."""
    statement = text(f"update merged_records set after = ({_FACTS}) where other_id = :other")  # noqa: S608
    connection.execute(statement, {"kept": kept, "other": other})


def facts_now(connection: Connection, kept: UUID) -> Mapping[str, Any]:
    """What `after` was, as it stands now."""
    found: Mapping[str, Any] = connection.execute(text(_FACTS), {"kept": kept}).scalar_one()
    return found


_SAID_SINCE = text(
    f"""
    select exists (select from journal j
      where j.case_record_id = :kept and j.event = 'ATTEMPT_OUTCOME' and j.at > :merged_at and {STANDS})
    """  # noqa: S608 - a constant
)


def outcome_since(connection: Connection, merge: KeptMerge) -> bool:
    """Whether a call or a message to the kept record came to something after the merge, and stands."""
    wanted = {"kept": merge.kept_id, "merged_at": merge.merged_at}
    return bool(connection.execute(_SAID_SINCE, wanted).scalar_one())


def of_record(connection: Connection, other: UUID) -> KeptMerge | None:
    """The merge that a record was merged away by."""
    c = merged_records.c
    columns = [c[name] for name in KeptMerge.__dataclass_fields__]
    row = connection.execute(select(*columns).where(c.other_id == other)).one_or_none()
    return None if row is None else KeptMerge(*row)


def last_of(connection: Connection, kept: UUID, *, since: datetime) -> UUID | None:
    """The record that was merged into this one last, not before `since`."""
    c = merged_records.c
    query = select(c.other_id).where(c.kept_id == kept, c.merged_at > since).order_by(c.merged_at.desc())
    return connection.execute(query.limit(1)).scalar()


def forget(connection: Connection, other: UUID) -> None:
    connection.execute(delete(merged_records).where(merged_records.c.other_id == other))


def forget_before(connection: Connection, moment: datetime) -> int:
    """Merges that nobody doubted in time; how many."""
    return connection.execute(delete(merged_records).where(merged_records.c.merged_at <= moment)).rowcount


_PUT_BACK = (
    """
    update case_references r set case_record_id = :other
    from jsonb_to_recordset(:references) b(source text, external_id text)
    where r.case_record_id = :kept and r.source = b.source and r.external_id = b.external_id
    """,
    # Rows of the other's, and those that became one with a row of the kept record's.
    """
    update exposures x set contact_id = b.contact_id, positive_id = case
        when x.positive_id = :kept and b.positive_id = :other then :other else x.positive_id end
    from jsonb_populate_recordset(null::exposures, :exposures) b where x.id = b.id
    """,
    """
    insert into exposures select b.* from jsonb_populate_recordset(null::exposures, :exposures) b
    where not exists (select from exposures x where x.id = b.id)
    """,
    """
    delete from case_tags t where t.case_record_id = :kept and not :tags ? t.tag
      and exists (select from case_tags o where o.case_record_id = :other and o.tag = t.tag)
    """,
    # One that a supervisor set on the kept record itself has a beginning of its own.
    """
    delete from restricted_records k using restricted_records o
    where k.case_record_id = :kept and o.case_record_id = :other and k.since = o.since
    """,
    """
    insert into watched_records select b.* from jsonb_populate_recordset(null::watched_records, :watched) b
    on conflict do nothing
    """,
    """
    update case_records set merged_into = :other
    where id in (select cast(value as uuid) from jsonb_array_elements_text(:merged) value)
    """,
    """
    update case_records set state = :other_state, closed_because = :other_because, merged_into = null,
      version = version + 1 where id = :other
    """,
)
_PUT_BACK_PEOPLE = (
    """
    insert into person_phones select b.* from jsonb_populate_recordset(null::person_phones, :phones) b
    on conflict do nothing
    """,
    # What was learned of a number while both were one holds for whoever has it.
    """
    update person_phones o set bad = k.bad from person_phones k
    where o.person_id = :other_person_id and k.person_id = :kept_person_id
      and o.number_index = k.number_index and o.bad <> k.bad
    """,
    """
    update persons p set version = p.version + 1,
      name_birth_index = (jsonb_populate_record(null::persons, :other_person)).name_birth_index
    where p.id = :other_person_id
    """,
    """
    update conversations set person_id = :other_person_id
    where id in (select cast(value as uuid) from jsonb_array_elements_text(:conversations) value)
    """,
    """
    update asked_calls set person_id = :other_person_id
    where id in (select cast(value as uuid) from jsonb_array_elements_text(:asked_calls) value)
    """,
    """
    delete from person_phones
    where person_id = :kept_person_id and not :positions @> to_jsonb(cast(position as integer))
    """,
    # A wish of the kept person's own numbers since then is kept.
    """
    update persons p set opted_out = false where p.id = :kept_person_id and p.opted_out and not :opted_out
      and not exists (select from person_phones x join opt_outs o on o.number_index = x.number_index
        where x.person_id = p.id)
    """,
)
# What the merge closed waits again, as it stood; the readiness sweep finds its moment. An SMS that stood for
# a call was cancelled with the merge, or has nobody who answers for it now: the call is owed.
_LIST_AGAIN = text(
    """
    update call_list_entries e set state = 'WAITING', closed_at = null, closed_because = null,
      queue = b.queue, call_class = b.call_class, front = b.front, tries = b.tries,
      tried_parts = b.tried_parts, callback_at = b.callback_at, callback_agent_id = b.callback_agent_id,
      callback_for_me_only = b.callback_for_me_only,
      not_before = greatest(b.not_before, :now), ready_until = null, message_id = null,
      shed_level = case when b.state = 'TEXTED' then 0 else b.shed_level end, version = e.version + 1
    from jsonb_populate_recordset(null::call_list_entries, :entries) b
    where e.id = b.id and e.state = 'CLOSED' and e.closed_at = :merged_at
    returning e.id, e.case_record_id
    """
).bindparams(bindparam("entries", type_=JSONB))
_CLOSE_CONVERTED = text(
    """
    update call_list_entries set state = 'CLOSED', closed_because = :because, closed_at = :now,
      lease_id = null, leased_by = null, leased_until = null, message_id = null, version = version + 1
    where case_record_id = :kept and state <> 'CLOSED' and entered_at = :merged_at and purpose = 'INTERVIEW'
    returning id, case_record_id
    """
)
# Who stood for a number that went with the other person is called at another of theirs, or looked for.
_OWN_NUMBERS = text(
    """
    update call_list_entries e set number_index = mine.number_index, version = e.version + 1,
      phone_position = coalesce(mine.position, e.phone_position),
      queue = case when mine.position is null then 'SEARCH' else e.queue end,
      shed_level = case when mine.position is null then 0 else e.shed_level end
    from (select k.person_id from case_records k where k.id = :kept) k
    left join lateral (select p.position, p.number_index from person_phones p
      where p.person_id = k.person_id and not p.bad order by p.position limit 1) mine on true
    where e.case_record_id = :kept and e.state <> 'CLOSED' and e.number_index is not null and not exists (
      select from person_phones p where p.person_id = k.person_id and p.number_index = e.number_index)
    """
)
_OWN_CLOCKS = text(
    """
    update case_records c set first_called_at = b.first_called_at, reached_at = b.reached_at,
      informed_at = b.informed_at, last_outcome = b.last_outcome
    from jsonb_populate_record(null::case_records, :record) b where c.id = b.id
    """
).bindparams(bindparam("record", type_=JSONB))
_LISTS = ("references", "exposures", "tags", "watched", "merged", "phones", "conversations", "asked_calls")


def put_back(connection: Connection, merge: KeptMerge) -> None:
    """References, exposures, tags, numbers and conversations are each record's own again; both are held."""
    before = merge.before
    values = {name: before[name] or [] for name in (*_LISTS, "positions")} | {
        "kept": merge.kept_id,
        "other": merge.other_id,
        "other_state": before["other"]["state"],
        "other_because": before["other"]["closed_because"],
        "other_person": before["other_person"],
        "other_person_id": merge.other_person_id,
        "kept_person_id": merge.kept_person_id,
        "opted_out": before["opted_out"],
    }
    two = merge.kept_person_id != merge.other_person_id
    for words in (*_PUT_BACK, *(_PUT_BACK_PEOPLE if two else ())):
        statement = text(words)
        names = statement.compile().params.keys() & values.keys()
        as_json = [bindparam(name, type_=JSONB) for name in names if isinstance(values[name], list | dict)]
        connection.execute(statement.bindparams(*as_json), {name: values[name] for name in names})
    forget(connection, merge.other_id)


@dataclass(frozen=True)
class Relisted:
    """An entry that stands on the list again (or, `closed`, no longer), and its record."""

    entry_id: UUID
    case_record_id: UUID
    closed: bool


def put_lists_back(
    connection: Connection, merge: KeptMerge, now: datetime, *, because: str
) -> list[Relisted]:
    """Entries that the merge closed wait again; an interview that only the other's result asked for ends."""
    moments = {"now": now, "merged_at": merge.merged_at, "kept": merge.kept_id, "because": because}
    closed = []
    if merge.before["kept"]["kind"] == "CONTACT":
        rows = connection.execute(_CLOSE_CONVERTED, moments)
        closed = [Relisted(row.id, row.case_record_id, closed=True) for row in rows]
    again = connection.execute(
        _LIST_AGAIN,
        {"now": now, "merged_at": merge.merged_at, "entries": merge.before["entries"] or []},
    )
    relisted = [Relisted(row.id, row.case_record_id, closed=False) for row in again]
    connection.execute(_OWN_NUMBERS, {"kept": merge.kept_id})
    return [*closed, *relisted]


def told_by_merge(connection: Connection, merge: KeptMerge) -> list[UUID]:
    """Entries of the kept record that were called done because the other person had been told."""
    rows = connection.execute(
        text(
            "select entry_id from journal where case_record_id = :kept and event = 'ATTEMPT_OUTCOME'"
            " and at = :merged_at and facts ->> 'outcome' = 'ALREADY_DONE'"
        ),
        {"kept": merge.kept_id, "merged_at": merge.merged_at},
    )
    return list(rows.scalars())


def put_clocks_back(connection: Connection, record: Mapping[str, Any]) -> None:
    """Who was reached only under the other record was not reached."""
    connection.execute(_OWN_CLOCKS, {"record": record})
