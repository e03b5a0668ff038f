"""Leases: handing out the most urgent callable entry, and taking back what is not in hand any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_list import (
    OWN_CALLBACK_GRACE,
    CallClass,
    EntryState,
    Queue,
)
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict
from outreach.storage import journal, tables
from outreach.storage.hot_sql import HotRow, HotStatement
from outreach.storage.journal import Event
from outreach.storage.lease_sql import lease_statement
from outreach.storage.touched import touch_agent, touch_platform

entries = tables.call_list_entries

LOOKS = (4, 64, 2_000)  # entries read in each lane


@dataclass(frozen=True)
class Leased:
    """What the page needs to fetch the person and show why they stand first."""

    entry_id: UUID
    lease_id: UUID
    leased_until: datetime
    platform: str
    case_record_id: UUID
    person_id: UUID
    purpose: Purpose
    queue: Queue
    call_class: CallClass
    deadline: datetime
    effective_deadline: datetime
    callback_at: datetime | None
    phone_position: int
    number_index: bytes | None
    tries: int
    mode_version: int


@dataclass(frozen=True)
class Borrowed:
    """A loan in force, as its helper's agents read it."""

    owner: str
    number: int
    queues: Sequence[str]


class NumberTaken(Conflict):
    """Another agent took someone behind the same number at the same instant: ask again."""

    code = "number_taken"


def lease_next(
    connection: Connection,
    *,
    agent_id: UUID,
    platforms: Sequence[str],
    languages: Sequence[str],
    queues: Sequence[Queue],
    now: datetime,
    lease_id: UUID,
    lease_for: timedelta,
    loans: Sequence[Borrowed] = (),
) -> Leased | None:
    """Lease the most urgent callable entry of these platforms, languages and queues; None when there is none.

    `loans`: what other platforms lend to these, in force now.

    The mode in force, calling hours, promises to one agent and numbers already in hand are respected.
    Raises NumberTaken: the transaction is over, and the same request may be made again at once.
    """
    lists = {"platform": platforms, "queue": [queue.value for queue in queues], "language": languages}
    if not all(lists.values()):
        return None
    wanted = {
        "agent_id": agent_id,
        "now": now,
        "grace_ended": now - OWN_CALLBACK_GRACE,
        "lease_id": lease_id,
        "until": now + lease_for,
        "event": Event.ENTRY_LEASED.value,
        "actor": journal.by_user(agent_id),
    } | {f"{name}_{n}": value for name, values in lists.items() for n, value in enumerate(values)}
    lent = _lent(loans, lists["queue"])
    wanted |= {f"{name}_{n}": value for n, loan in enumerate(lent) for name, value in loan.items()}
    for most in LOOKS:  # a wider look before saying that nothing waits: others may hold all the heads
        statement = lease_statement(len(platforms), len(queues), len(languages), most, len(lent))
        if leased := _lease(connection, statement, wanted):
            touch_agent(connection, agent_id)
            touch_platform(connection, leased.platform)
            return leased
    return None


def _lent(loans: Sequence[Borrowed], queues: Sequence[str]) -> list[dict[str, Any]]:
    """What is lent of these queues, by the names the statement has for it."""
    return [
        {"owner": loan.owner, "loan": loan.number, "loan_queue": queue}
        for loan in loans
        for queue in queues
        if queue in loan.queues
    ]


def _lease(connection: Connection, statement: HotStatement, wanted: dict[str, Any]) -> Leased | None:
    try:
        row = statement.one(connection, wanted)
    except IntegrityError as error:
        if "call_list_one_lease_per_number_idx" not in str(error.orig):
            raise
        raise NumberTaken("Someone behind this number has just been taken in hand.") from None
    return None if row is None else _leased(row)


def _leased(row: HotRow) -> Leased:
    """From the columns in the order of the fields."""
    values = (*row[:6], Purpose(row[6]), Queue(row[7]), CallClass(row[8]), *row[9:])
    return Leased(*values)


_HELD = HotStatement(
    """
    select e.id, e.lease_id, e.leased_until, e.platform, e.case_record_id, e.person_id, e.purpose, e.queue,
      e.call_class, e.deadline, e.effective_deadline, e.callback_at, e.phone_position, e.number_index,
      e.tries, coalesce(m.version, 0)
    from call_list_entries e left join platform_modes m on m.platform = e.platform
    where e.state = 'LEASED' and e.leased_by = :agent_id
    order by e.leased_until desc limit 1
    """
)
# One statement more would cost a lease a tenth of its time: loans come with what the agent holds.
_HELD_AND_LOANS = HotStatement(
    """
    select (
      select json_agg(json_build_array(l.owner, l.number, l.queues)) from mutual_aid_loans l
      where l.helper = any(:platforms) and l.settled_at is null and l.taken_back_at is null
        and l.starts_at <= :now and l.ends_at > :now
    ), e.id, e.lease_id, e.leased_until, e.platform, e.case_record_id, e.person_id, e.purpose, e.queue,
      e.call_class, e.deadline, e.effective_deadline, e.callback_at, e.phone_position, e.number_index,
      e.tries, coalesce(m.version, 0)
    from (values (1)) one(n)
    left join lateral (
      select * from call_list_entries held
      where held.state = 'LEASED' and held.leased_by = :agent_id
      order by held.leased_until desc limit 1
    ) e on true left join platform_modes m on m.platform = e.platform
    """
)
# The entries are looked up by what the beat returns: so the agent's row is held before any entry of theirs.
_KEEP_ALIVE = HotStatement(
    """
    with beat as (
      insert into agent_presence (user_id, state, heartbeat_at, since)
      values (:agent_id, 'ON_SHIFT', :now, :now)
      on conflict (user_id) do update set heartbeat_at = excluded.heartbeat_at
      returning user_id
    )
    update call_list_entries set leased_until = greatest(leased_until, :until)
    where state = 'LEASED' and leased_by = (select user_id from beat)
    """
)


def lease_of(connection: Connection, agent_id: UUID) -> Leased | None:
    """What the agent holds now: after a reload, or on another computer."""
    row = _HELD.one(connection, {"agent_id": agent_id})
    return None if row is None else _leased(row)


def held_and_loans(
    connection: Connection, *, agent_id: UUID, platforms: Sequence[str], now: datetime
) -> tuple[Leased | None, list[Borrowed]]:
    """What the agent holds now, and what is lent to their platforms."""
    wanted = {"agent_id": agent_id, "platforms": list(platforms), "now": now}
    (row,) = _HELD_AND_LOANS.rows(connection, wanted)
    loans = [Borrowed(*loan) for loan in row[0] or ()]
    return (None if row[1] is None else _leased(row[1:])), loans


def keep_alive(connection: Connection, *, agent_id: UUID, now: datetime, until: datetime) -> int:
    """The agent is there, and every lease of theirs goes on (none gets shorter); how many they hold."""
    return _KEEP_ALIVE.count(connection, {"agent_id": agent_id, "now": now, "until": until})


# Back on the list as it was; outside calling hours it waits, and the readiness sweep finds its next moment.
_STATE_AFTER_LEASE = "case when e.ready_until is null or e.ready_until > :now then 'READY' else 'WAITING' end"

_HAND_OVER = text(
    """
    with handed as (
      update call_list_entries
      set state = 'LEASED', lease_id = :lease_id, leased_by = :agent_id, leased_until = :until,
          version = version + 1
      where id = :entry_id and state in ('READY', 'WAITING')
      returning id, platform, case_record_id
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
    select :now, platform, :event, :actor, case_record_id, id,
      jsonb_build_object('lease_id', cast(:lease_id as uuid), 'because', cast(:because as text))
    from handed
    """
)


def hand_over(
    connection: Connection,
    entry_id: UUID,
    *,
    agent_id: UUID,
    lease_id: UUID,
    until: datetime,
    because: str,
    now: datetime,
) -> None:
    """Lease an entry that stands on the list to someone who did not ask for it."""
    told = {"event": Event.ENTRY_LEASED.value, "actor": journal.by_user(agent_id), "because": because}
    lease = {"entry_id": entry_id, "agent_id": agent_id, "lease_id": lease_id, "until": until, "now": now}
    connection.execute(_HAND_OVER, told | lease)
    touch_agent(connection, agent_id)


def prolong(connection: Connection, entry_id: UUID, *, until: datetime) -> None:
    """The lease of an entry goes on (it gets no shorter), whether or not its agent gave a sign of life."""
    connection.execute(
        update(entries)
        .where(entries.c.id == entry_id, entries.c.state == EntryState.LEASED)
        .values(leased_until=func.greatest(entries.c.leased_until, until))
    )


_RELEASE = text(
    f"""
    with back as (
      update call_list_entries e
      set state = {_STATE_AFTER_LEASE}, not_before = coalesce(e.not_before, :now),
          lease_id = null, leased_by = null, leased_until = null, version = e.version + 1
      where e.state = 'LEASED' and e.leased_by = :agent_id
        and (cast(:lease_id as uuid) is null or e.lease_id = :lease_id)
        and not exists (select from call_attempts a where a.entry_id = e.id and a.outcome is null)
      returning e.id, e.platform, e.case_record_id
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, id,
        jsonb_build_object('because', cast(:because as text))
      from back
    )
    select id, platform from back
    """  # noqa: S608 - a constant above
)


def held_by(connection: Connection, agent_id: UUID) -> list[UUID]:
    """The entries in an agent's hands, seen without holding them."""
    query = select(entries.c.id).where(entries.c.state == EntryState.LEASED, entries.c.leased_by == agent_id)
    return list(connection.execute(query).scalars())


def _hold_own(connection: Connection, agent_id: UUID) -> None:
    query = select(entries.c.id).where(entries.c.state == EntryState.LEASED, entries.c.leased_by == agent_id)
    connection.execute(query.order_by(entries.c.id).with_for_update())


def release(
    connection: Connection,
    *,
    agent_id: UUID,
    now: datetime,
    because: str,
    lease_id: UUID | None = None,
) -> list[UUID]:
    """Give back one lease, or all of an agent's, in the same order; entries with an open attempt stay."""
    _hold_own(connection, agent_id)  # a click that ends in between is seen by the next statement alone
    given_back = connection.execute(
        _RELEASE,
        {
            "agent_id": agent_id,
            "lease_id": lease_id,
            "now": now,
            "event": Event.ENTRY_RELEASED.value,
            "actor": journal.by_user(agent_id),
            "because": because,
        },
    )
    rows = given_back.all()
    for row in rows:
        touch_agent(connection, agent_id)
        touch_platform(connection, row.platform)
    return [row.id for row in rows]


_RUN_OUT = text(
    """
    select e.id from call_list_entries e
    where e.state = 'LEASED' and e.leased_until <= :now and not exists (
      select from call_attempts a where a.entry_id = e.id and a.outcome is null)
    order by e.leased_until limit :most
    for update skip locked
    """
)
# The attempts are looked at again: a click that was ending when the entries were held is seen by now.
_LAPSE = text(
    f"""
    with gone as (
      select e.id, e.leased_by from call_list_entries e
      where e.id = any(cast(:entry_ids as uuid[])) and not exists (
        select from call_attempts a where a.entry_id = e.id and a.outcome is null)
    ), back as (
      update call_list_entries e
      set state = {_STATE_AFTER_LEASE}, not_before = coalesce(e.not_before, :now), front = 0,
          lease_id = null, leased_by = null, leased_until = null, version = e.version + 1
      from gone where e.id = gone.id
      returning e.id, e.platform, e.case_record_id, gone.leased_by
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, id, jsonb_build_object('agent_id', leased_by)
      from back
    )
    select id, platform, leased_by from back
    """  # noqa: S608 - a constant above
)


def lapse(connection: Connection, *, now: datetime, most: int) -> list[UUID]:
    """Put entries whose lease ran out at the front of their class; an open attempt keeps its entry."""
    run_out = connection.execute(_RUN_OUT, {"now": now, "most": most})
    put_back = connection.execute(
        _LAPSE,
        {
            "now": now,
            "entry_ids": list(run_out.scalars()),
            "event": Event.LEASE_LAPSED.value,
            "actor": journal.by_system("lapse"),
        },
    )
    rows = put_back.all()
    for row in rows:
        touch_agent(connection, row.leased_by)
        touch_platform(connection, row.platform)
    return [row.id for row in rows]


_ABANDONED = text(
    """
    select a.id from call_list_entries e join call_attempts a on a.entry_id = e.id
    where e.state = 'LEASED' and e.leased_until <= :now and a.outcome is null and a.status = 'WRAP_UP'
      and a.suggested_outcome is null
    order by e.leased_until limit :most
    """
)


def abandoned_wrap_ups(connection: Connection, *, now: datetime, most: int) -> list[UUID]:
    """Conversations that are over, whose agent fell silent before saying how they went.

    Where the line itself said how it went, the repair of calls confirms that.
    """
    return list(connection.execute(_ABANDONED, {"now": now, "most": most}).scalars())
