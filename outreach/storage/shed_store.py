"""Entries that the mode turns into messages, and their way back to the calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.call_list import CallClass
from outreach.domain.household_texts import ToldNumbers
from outreach.storage import journal
from outreach.storage.journal import Event


@dataclass(frozen=True)
class ShedEntry:
    """An entry taken for the mode, locked. `number_index` is None when no number of the person takes SMS."""

    entry_id: UUID
    case_record_id: UUID
    person_id: UUID
    language: str
    time_zone: str
    sealed_person: bytes
    wrapped_key: bytes
    phone_position: int | None
    number_index: bytes | None


@dataclass(frozen=True)
class UnpreparedPositive:
    """A positive nobody called yet, and who was not asked to list whom they met."""

    entry_id: UUID
    case_record_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class InformedEntry:
    """An entry whose person was told by the message that stands for the call."""

    entry_id: UUID
    platform: str
    case_record_id: UUID
    message_id: UUID


_SMS_NUMBER = """
    select ph.position, ph.number_index from person_phones ph
    where ph.person_id = p.id and ph.can_sms and not ph.bad
      and not exists (select from opt_outs o where o.number_index = ph.number_index)
    order by ph.position limit 1
"""
_COLUMNS = """
    e.id, e.case_record_id, e.person_id, p.language, p.time_zone, p.sealed, k.wrapped_key,
    n.position, n.number_index
"""
_IS_SHED = """
    e.platform = :platform and e.purpose = 'INFORM' and e.state in ('READY', 'WAITING')
    and e.shed_level > 0 and e.shed_level <= :level
"""

# An entry whose number is in an agent's hands is left for that call: the household is spoken to there. Who
# was told already, or waits in another queue than the agents', is taken without a number, that is: called.
_TAKE = text(
    f"""
    select {_COLUMNS}
    from call_list_entries e
    join persons p on p.id = e.person_id and p.sealed is not null
    join person_keys k on k.person_id = p.id
    join case_records c on c.id = e.case_record_id
    left join lateral ({_SMS_NUMBER}) n on e.queue = 'AGENTS' and c.informed_at is null
    where {_IS_SHED} and p.time_zone = any(cast(:zones as text[]))
      and not exists (select from call_list_entries held
        where held.state = 'LEASED' and held.number_index = e.number_index)
    order by e.shed_level, e.id
    limit :most
    for update of e skip locked
    """  # noqa: S608 - constants above
)
_TAKE_HOUSEHOLD = text(
    f"""
    select {_COLUMNS}
    from person_phones n
    join persons p on p.id = n.person_id and p.sealed is not null
    join person_keys k on k.person_id = p.id
    join call_list_entries e on e.case_record_id in (
      select c.id from case_records c where c.person_id = p.id and c.informed_at is null)
    where {_IS_SHED} and e.queue = 'AGENTS'
      and n.number_index = any(cast(:numbers as bytea[])) and n.can_sms and not n.bad
      and e.id <> all(cast(:taken as uuid[]))
    order by e.id
    for update of e skip locked
    """  # noqa: S608 - constants above
)


def take(
    connection: Connection, platform: str, *, level: int, zones: Sequence[str], most: int
) -> list[ShedEntry]:
    """Entries that the level in force texts, of people who may get SMS at this hour; locked, oldest first."""
    rows = connection.execute(
        _TAKE, {"platform": platform, "level": level, "zones": list(zones), "most": most}
    )
    return [ShedEntry(*row) for row in rows]


def take_household(
    connection: Connection, platform: str, *, level: int, numbers: Sequence[bytes], taken: Sequence[UUID]
) -> list[ShedEntry]:
    """The other shed entries behind these numbers: one SMS is for all of them."""
    rows = connection.execute(
        _TAKE_HOUSEHOLD,
        {"platform": platform, "level": level, "numbers": list(numbers), "taken": list(taken)},
    )
    return [ShedEntry(*row) for row in rows]


def zones_of_callees(connection: Connection) -> list[str]:
    """Every zone in which someone lives, found by skipping through the index."""
    rows = connection.execute(
        text(
            """
            with recursive zones as (
              (select time_zone from persons order by time_zone limit 1)
              union all
              select (select p.time_zone from persons p where p.time_zone > z.time_zone
                      order by p.time_zone limit 1)
              from zones z where z.time_zone is not null
            )
            select time_zone from zones where time_zone is not null
            """
        )
    )
    return list(rows.scalars())


def told_numbers(connection: Connection, numbers: Sequence[bytes], *, since: datetime) -> ToldNumbers:
    """Which of these numbers an SMS tells already, and where one may have arrived whose people are called."""
    rows = connection.execute(
        text(
            """
            select number_index, id, status = 'UNKNOWN' or returned_at is not null as doubted from messages
            where number_index = any(cast(:numbers as bytea[])) and purpose = 'CONTACT_INFORMED'
              and status in ('QUEUED', 'SENDING', 'UNCERTAIN', 'UNKNOWN', 'ACCEPTED', 'SENT', 'DELIVERED')
              and created_at >= :since
            order by id
            """
        ),
        {"numbers": list(numbers), "since": since},
    ).all()
    return ToldNumbers(
        standing={bytes(row.number_index): row.id for row in rows if not row.doubted},
        doubted=frozenset(bytes(row.number_index) for row in rows if row.doubted),
    )


_STAND = text(
    """
    with shed as (
      update call_list_entries e
      set state = 'TEXTED', message_id = a.message_id, ready_until = null, version = e.version + 1
      from unnest(cast(:entries as uuid[]), cast(:messages as uuid[])) a(entry_id, message_id)
      where e.id = a.entry_id
      returning e.id, e.platform, e.case_record_id, e.message_id
    )
    insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
    select :now, platform, :event, :actor, case_record_id, id, message_id,
      jsonb_build_object('message_id', message_id, 'mode_version', cast(:mode_version as integer))
    from shed
    """
)


def stand(
    connection: Connection, pairs: Sequence[tuple[UUID, UUID]], *, mode_version: int, now: datetime
) -> None:
    """From now on a message stands for each entry's call; pairs of entry and message."""
    if pairs:
        connection.execute(
            _STAND,
            {
                "entries": [entry for entry, _ in pairs],
                "messages": [message for _, message in pairs],
                "mode_version": mode_version,
                "now": now,
                "event": Event.ENTRY_SHED.value,
                "actor": journal.by_system("shedding"),
            },
        )


def never_shed(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """These people have no number for SMS after all: they are called under every mode."""
    if entry_ids:
        connection.execute(
            text(
                "update call_list_entries set shed_level = 0, version = version + 1"
                " where id = any(cast(:ids as uuid[]))"
            ),
            {"ids": list(entry_ids)},
        )


_UNPREPARED = text(
    """
    select id, case_record_id, person_id from call_list_entries
    where platform = :platform and purpose = 'INTERVIEW' and state <> 'CLOSED' and tries = 0
      and state in ('READY', 'WAITING') and prepared_at is null
    order by effective_deadline limit :most
    for update skip locked
    """
)


def unprepared_positives(connection: Connection, platform: str, *, most: int) -> list[UnpreparedPositive]:
    """Locked, the most urgent first."""
    return [
        UnpreparedPositive(*row)
        for row in connection.execute(_UNPREPARED, {"platform": platform, "most": most})
    ]


def mark_prepared(connection: Connection, entry_ids: Sequence[UUID], *, now: datetime) -> None:
    """They are not looked at again."""
    connection.execute(
        text("update call_list_entries set prepared_at = :now where id = any(cast(:ids as uuid[]))"),
        {"ids": list(entry_ids), "now": now},
    )


def call_missed(connection: Connection, platform: str) -> int:
    """Missed contacts who were to be texted are called again: nobody texts there now; how many."""
    return connection.execute(
        text(
            "update call_list_entries set shed_level = 0, version = version + 1"
            " where platform = :platform and shed_level = 1 and state in ('READY', 'WAITING')"
        ),
        {"platform": platform},
    ).rowcount


_RETURN = text(
    """
    with back as (
      update call_list_entries e
      set state = 'WAITING', not_before = :now, ready_until = null, front = 1, message_id = null,
          call_class = case when :owed then cast(:call_class as smallint) else e.call_class end,
          shed_level = case when :owed then 0 else e.shed_level end, version = e.version + 1
      where e.state = 'TEXTED' and e.message_id = any(cast(:messages as uuid[]))
      returning e.id, e.platform, e.case_record_id, e.call_class
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, facts)
      select :now, platform, :event, :actor, case_record_id, id,
        jsonb_build_object('because', cast(:because as text), 'call_class', call_class)
      from back
    ), marked as (
      update messages set returned_at = coalesce(returned_at, :now) where id = any(cast(:messages as uuid[]))
    )
    select id from back
    """
)


def return_entries(
    connection: Connection, message_ids: Sequence[UUID], *, because: str, owed: bool, now: datetime
) -> list[UUID]:
    """Entries for which these messages stood wait for a call again, with their own deadline.

    `owed`: the SMS went out, or could not: they are called, in class 6, and never shed again. Otherwise they
    stand exactly as before the SMS. The readiness sweep knows the calling hours.
    """
    if not message_ids:
        return []
    rows = connection.execute(
        _RETURN,
        {
            "messages": list(message_ids),
            "owed": owed,
            "call_class": CallClass.SMS_RETURNED.value,
            "because": because,
            "now": now,
            "event": Event.ENTRY_RETURNED.value,
            "actor": journal.by_system("messages"),
        },
    )
    return list(rows.scalars())


_INFORM = text(
    """
    with told as (
      select e.id, e.platform, e.purpose, e.case_record_id, e.message_id
      from call_list_entries e join case_records c on c.id = e.case_record_id
      where e.state = 'TEXTED' and e.message_id = any(cast(:messages as uuid[])) and c.informed_at is null
    ), kept as (
      update case_records c set informed_at = :now, last_outcome = :outcome
      from told where c.id = told.case_record_id
    ), noted as (
      insert into journal (at, platform, event, actor, case_record_id, entry_id, message_id, facts)
      select :now, platform, :event, :actor, case_record_id, id, message_id,
        jsonb_build_object('outcome', cast(:outcome as text), 'purpose', purpose,
          'informed_at', cast(:told_at as text))
      from told
    )
    select id as entry_id, platform, case_record_id, message_id from told order by id
    """
)


def inform(
    connection: Connection, message_ids: Sequence[UUID], *, outcome: str, now: datetime
) -> list[InformedEntry]:
    """The people for whom these messages stand were told by SMS: live figures and journal."""
    if not message_ids:
        return []
    rows = connection.execute(
        _INFORM,
        {
            "messages": list(message_ids),
            "now": now,
            "told_at": now.isoformat(),
            "outcome": outcome,
            "event": Event.ATTEMPT_OUTCOME.value,
            "actor": journal.by_system("messages"),
        },
    )
    return [InformedEntry(*row) for row in rows]


def entries_of(connection: Connection, message_ids: Sequence[UUID]) -> list[UUID]:
    """The entries for which these messages stand."""
    rows = connection.execute(
        text(
            "select id from call_list_entries where state = 'TEXTED'"
            " and message_id = any(cast(:messages as uuid[])) order by id"
        ),
        {"messages": list(message_ids)},
    )
    return list(rows.scalars())


def unsent_not_shed(connection: Connection, *, now: datetime, most: int) -> list[UUID]:
    """Messages still in our queue although the mode in force no longer sheds for whom they stand; locked."""
    rows = connection.execute(
        text(
            """
            select m.id from messages m
            where m.status = 'QUEUED' and m.purpose = 'CONTACT_INFORMED' and not exists (
              select from call_list_entries e join platform_modes pm on pm.platform = e.platform
              where e.message_id = m.id and e.state = 'TEXTED' and e.shed_level > 0
                and e.shed_level <= case when pm.ends_at <= :now then 1 else pm.level end)
            order by m.id limit :most
            for update of m skip locked
            """
        ),
        {"now": now, "most": most},
    )
    return list(rows.scalars())
