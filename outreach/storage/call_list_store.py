"""Entries of the call list: reading one with what a decision needs, and moving it where the decision says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select, text, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_list import CallClass, EntryState, Queue
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, NotFound
from outreach.storage import journal, tables
from outreach.storage.hot_sql import HotStatement
from outreach.storage.journal import Event, JournalEntry

entries = tables.call_list_entries


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
    entered_at: datetime
    phone_position: int
    number_index: bytes | None
    leased_by: UUID | None
    leased_until: datetime | None
    message_id: UUID | None
    callback_at: datetime | None
    not_before: datetime | None
    language: str


@dataclass(frozen=True)
class NextNumber:
    """Another of the person's numbers that may still be good."""

    position: int
    number_index: bytes


@dataclass(frozen=True)
class EntryContext:
    """What surrounds an entry: its case, its callee, its platform and the mode there."""

    opened_at: datetime
    vulnerable: bool
    household: bool
    collective_setting: bool
    last_exposure_on: date | None
    zone: str
    adult: bool
    opted_out: bool
    others_can_sms: bool  # any good number but the one called now, and not opted out
    can_sms: bool  # any good number, none of them opted out
    informed: bool
    platform_zone: str
    department: str
    calling_hours: Mapping[str, Any]
    mode: str
    mode_ends_at: datetime | None
    mode_rules: Mapping[str, Any]
    next_number: NextNumber | None


@dataclass(frozen=True)
class HouseholdEntry:
    """Another open entry behind the same number, to be dealt with in the same call."""

    entry_id: UUID
    case_record_id: UUID
    person_id: UUID
    purpose: Purpose
    call_class: CallClass
    state: EntryState


_COLUMNS = [entries.c[name] for name in Entry.__dataclass_fields__]


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    kinds = {"purpose": Purpose, "state": EntryState, "queue": Queue, "call_class": CallClass}
    return Entry(**values | {name: kind(values[name]) for name, kind in kinds.items()})


def read(connection: Connection, entry_id: UUID) -> Entry:
    """The entry as it stands. Raises NotFound."""
    return _one(connection, select(*_COLUMNS).where(entries.c.id == entry_id))


def lock(connection: Connection, entry_id: UUID) -> Entry:
    """The entry, held until the transaction ends. Raises NotFound."""
    return _one(connection, select(*_COLUMNS).where(entries.c.id == entry_id).with_for_update())


def lock_all(connection: Connection, entry_ids: Iterable[UUID]) -> None:
    """Hold several entries until the transaction ends, in the order in which everyone locks several."""
    query = select(entries.c.id).where(entries.c.id.in_(list(entry_ids)))
    connection.execute(query.order_by(entries.c.id).with_for_update())


def _one(connection: Connection, query: Select[Any]) -> Entry:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such entry on the call list.")
    return _entry(row)


def held_entry(connection: Connection, entry_id: UUID, agent_id: UUID) -> Entry:
    """The entry, if the agent holds it: locked. Raises Conflict when the lease lapsed or is another's.

    A lease whose time ran out but which no sweep took back is still theirs: they are here after all.
    """
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
                update(entries)
                .where(entries.c.id == entry.id)
                .values(
                    phone_position=position,
                    number_index=number_index,
                    version=entries.c.version + 1,
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
        update(entries)
        .where(entries.c.id == entry_id)
        .values(tries=entries.c.tries + 1, version=entries.c.version + 1)
    )


_CONTEXT = text(
    """
    select coalesce(c.result_at, c.listed_at) as opened_at, c.vulnerable, c.household, c.collective_setting,
      c.last_exposure_on, p.time_zone as zone, p.adult,
      p.opted_out, exists (select from person_phones x
        where x.person_id = e.person_id and x.can_sms and not x.bad and x.position <> e.phone_position
          and not exists (select from opt_outs o where o.number_index = x.number_index)) as others_can_sms,
      exists (select from person_phones x where x.person_id = e.person_id and x.can_sms and not x.bad)
        and not exists (select from person_phones x join opt_outs o on o.number_index = x.number_index
          where x.person_id = e.person_id) as can_sms,
      c.informed_at is not null as informed,
      pl.time_zone as platform_zone, pl.department,
      pl.calling_hours, coalesce(m.mode, 'NORMAL') as mode, m.ends_at as mode_ends_at,
      coalesce(m.rules, '{}') as mode_rules,
      other.position as other_position, other.number_index as other_index
    from call_list_entries e
    join case_records c on c.id = e.case_record_id
    join persons p on p.id = e.person_id
    join platforms pl on pl.code = e.platform
    left join platform_modes m on m.platform = e.platform
    left join lateral (
      select position, number_index from person_phones x
      where x.person_id = e.person_id and not x.bad and x.position <> e.phone_position
        and e.number_index is not null
      order by x.position < e.phone_position, x.position limit 1
    ) other on true
    where e.id = :entry_id
    """
)


def context_of(connection: Connection, entry_id: UUID) -> EntryContext:
    """All that the rules of next step, order and shedding look at."""
    row = dict(connection.execute(_CONTEXT, {"entry_id": entry_id}).mappings().one())
    position, index = row.pop("other_position"), row.pop("other_index")
    other = None if position is None else NextNumber(position, index)
    return EntryContext(**row, next_number=other)


_OUT_OF_HAND = {"lease_id": None, "leased_by": None, "leased_until": None}


def move(
    connection: Connection,
    entry: Entry,
    *,
    event: Event,
    facts: Mapping[str, Any],
    actor: str,
    now: datetime,
    **values: object,
) -> None:
    """Set columns of an entry that no agent holds from now on, with its journal line."""
    connection.execute(
        update(entries)
        .where(entries.c.id == entry.id)
        .values(**_OUT_OF_HAND, **values, version=entries.c.version + 1)
    )
    journal.write(connection, _line(entry, event, facts, actor, now))


def close(
    connection: Connection, entry: Entry, *, because: str, actor: str, now: datetime, tries: int
) -> None:
    """The entry leaves the list for good."""
    move(
        connection,
        entry,
        event=Event.ENTRY_CLOSED,
        facts={"because": because},
        actor=actor,
        now=now,
        state=EntryState.CLOSED.value,
        closed_at=now,
        closed_because=because,
        tries=tries,
    )


def _line(entry: Entry, event: Event, facts: Mapping[str, Any], actor: str, now: datetime) -> JournalEntry:
    return JournalEntry(
        now,
        entry.platform,
        event,
        actor,
        case_record_id=entry.case_record_id,
        entry_id=entry.id,
        facts=dict(facts),
    )


def free_own_callbacks(connection: Connection, agent_id: UUID) -> int:
    """Callbacks promised by an agent who leaves are open to everyone from their moment on."""
    changed = connection.execute(
        update(entries)
        .where(
            entries.c.callback_agent_id == agent_id,
            entries.c.callback_for_me_only,
            entries.c.state.in_([EntryState.WAITING, EntryState.READY]),
        )
        .values(callback_for_me_only=False)
    )
    return changed.rowcount


def close_case_if_done(
    connection: Connection, entry: Entry, *, because: str, actor: str, now: datetime
) -> None:
    """A case record whose last open entry closed is closed with it."""
    cases = tables.case_records
    still_open = select(entries.c.id).where(
        entries.c.case_record_id == entry.case_record_id, entries.c.state != EntryState.CLOSED
    )
    closed = connection.execute(
        update(cases)
        .where(cases.c.id == entry.case_record_id, cases.c.state == "OPEN", ~still_open.exists())
        .values(state="CLOSED", closed_because=because, version=cases.c.version + 1)
    )
    if closed.rowcount:
        journal.write(
            connection,
            JournalEntry(
                now,
                entry.platform,
                Event.CASE_CLOSED,
                actor,
                case_record_id=entry.case_record_id,
                facts={"because": because},
            ),
        )


# The state is written out, not bound: only so does a prepared plan use the index of open entries.
_HOUSEHOLD = HotStatement(
    """
    select other.id, other.case_record_id, other.person_id, other.purpose, other.call_class, other.state
    from call_list_entries this join call_list_entries other
      on other.number_index = this.number_index and other.platform = this.platform
      and other.state <> 'CLOSED' and other.id <> this.id
    where this.id = :entry_id
    order by other.call_class, other.effective_deadline, other.tie_break, other.id
    """
)


def household_of(connection: Connection, entry_id: UUID) -> list[HouseholdEntry]:
    """The platform's other open entries behind the number of this one, most urgent first."""
    rows = _HOUSEHOLD.rows(connection, {"entry_id": entry_id})
    read = ((*row[:3], Purpose(row[3]), CallClass(row[4]), EntryState(row[5])) for row in rows)
    return [HouseholdEntry(*values) for values in read]
