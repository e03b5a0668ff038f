"""What we learn about numbers: no SMS there, nobody there, no more SMS wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.load_shedding import ShedFacts
from outreach.domain.purposes import Purpose
from outreach.storage import journal
from outreach.storage.journal import Event


def mark_no_sms(connection: Connection, numbers: Sequence[bytes]) -> None:
    """These lines take calls only, whoever is behind them."""
    connection.execute(
        text("update person_phones set can_sms = false where number_index = any(cast(:numbers as bytea[]))"),
        {"numbers": list(numbers)},
    )
    _call_those_without_sms(connection, numbers)


_NEXT_NUMBER = text(
    """
    update call_list_entries e
    set number_index = n.number_index, phone_position = coalesce(n.position, e.phone_position),
        queue = case when n.position is null then 'SEARCH' else e.queue end, version = e.version + 1
    from (
      select mine.id, ph.position, ph.number_index
      from call_list_entries mine left join lateral (
        select position, number_index from person_phones x
        where x.person_id = mine.person_id and not x.bad and x.number_index <> all(cast(:numbers as bytea[]))
        order by position limit 1) ph on true
      where mine.number_index = any(cast(:numbers as bytea[]))
        and (cast(:people as uuid[]) is null or mine.person_id = any(cast(:people as uuid[])))
        and mine.state in ('WAITING', 'READY', 'TEXTED')
    ) n
    where e.id = n.id
    """
)


def mark_bad(
    connection: Connection, numbers: Sequence[bytes], *, people: Sequence[UUID] | None = None
) -> None:
    """These numbers lead to nobody, or not to these people: their next number is called, or looked up."""
    values = {"numbers": list(numbers), "people": None if people is None else list(people)}
    connection.execute(
        text(
            "update person_phones set bad = true where number_index = any(cast(:numbers as bytea[]))"
            " and (cast(:people as uuid[]) is null or person_id = any(cast(:people as uuid[])))"
        ),
        values,
    )
    connection.execute(_NEXT_NUMBER, values)
    _call_those_without_sms(connection, numbers)


def _call_those_without_sms(connection: Connection, numbers: Sequence[bytes]) -> None:
    connection.execute(
        text(
            """
            update call_list_entries e set shed_level = 0, version = e.version + 1
            from case_records c
            where c.id = e.case_record_id and e.purpose = 'INFORM' and e.shed_level > 0
              and e.state <> 'CLOSED'
              and c.person_id in (select person_id from person_phones
                where number_index = any(cast(:numbers as bytea[])))
              and not exists (select from person_phones x where x.person_id = c.person_id and x.can_sms
                and not x.bad and not exists (select from opt_outs o where o.number_index = x.number_index))
            """
        ),
        {"numbers": list(numbers)},
    )


def is_opted_out(connection: Connection, number_index: bytes) -> bool:
    found = connection.execute(
        text("select exists (select from opt_outs where number_index = :number)"), {"number": number_index}
    )
    return bool(found.scalar_one())


_HOLD = text(
    """
    select e.id from case_records c join call_list_entries e on e.case_record_id = c.id
    where e.state <> 'CLOSED' and c.person_id = any(cast(:people as uuid[]) || array(
      select person_id from person_phones where number_index = any(cast(:numbers as bytea[]))))
    order by e.id for update of e
    """
)


def _hold_entries(
    connection: Connection, *, numbers: Sequence[bytes] = (), people: Sequence[UUID] = ()
) -> None:
    """Everyone locks entries before the people they are about: agents, imports, and what changes both."""
    connection.execute(_HOLD, {"numbers": list(numbers), "people": list(people)})


_OPT_OUT = text(
    """
    with new as (
      insert into opt_outs (number_index, since, because)
      select n, :now, :because from unnest(cast(:numbers as bytea[])) n
      on conflict do nothing returning number_index
    ), flagged as (
      update persons p set opted_out = true
      from person_phones ph
      where ph.number_index in (select number_index from new) and p.id = ph.person_id
      returning p.id, p.platform
    )
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select distinct on (c.id) :now, c.platform, :event, :actor, c.id,
      jsonb_build_object('because', cast(:because as text))
    from flagged join case_records c on c.person_id = flagged.id
    """
)


def opt_out(connection: Connection, numbers: Sequence[bytes], *, because: str, now: datetime) -> None:
    """No more SMS to these numbers; a call stays possible. Saying it again changes nothing."""
    _hold_entries(connection, numbers=numbers)
    connection.execute(
        _OPT_OUT,
        {
            "numbers": list(numbers),
            "because": because,
            "now": now,
            "event": Event.OPTED_OUT.value,
            "actor": journal.by_system("messages"),
        },
    )
    connection.execute(
        text(
            """
            update call_list_entries e set shed_level = 0, version = e.version + 1
            from case_records c
            where c.id = e.case_record_id and e.purpose = 'INFORM' and e.shed_level > 0
              and e.state <> 'CLOSED'
              and c.person_id in (select person_id from person_phones
                where number_index = any(cast(:numbers as bytea[])))
            """
        ),
        {"numbers": list(numbers)},
    )


_OPT_OUT_PERSON = text(
    """
    with flagged as (
      update persons set opted_out = true where id = :person returning id
    ), called as (
      update call_list_entries e set shed_level = 0, version = e.version + 1
      from case_records c
      where c.id = e.case_record_id and c.person_id = :person and e.purpose = 'INFORM'
        and e.shed_level > 0 and e.state <> 'CLOSED'
    )
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select :now, c.platform, :event, :actor, c.id, jsonb_build_object('because', cast(:because as text))
    from flagged join case_records c on c.person_id = flagged.id
    """
)


def opt_out_person(connection: Connection, person_id: UUID, *, because: str, now: datetime) -> None:
    """No more SMS to this person at any number; others behind the same numbers may still get theirs."""
    _hold_entries(connection, people=[person_id])
    connection.execute(
        _OPT_OUT_PERSON,
        {
            "person": person_id,
            "because": because,
            "now": now,
            "event": Event.OPTED_OUT.value,
            "actor": journal.by_system("messages"),
        },
    )


def opt_in(connection: Connection, number: bytes, *, now: datetime) -> bool:
    """SMS are wanted again on this number; whether they had been refused. The dead are never written to."""
    _hold_entries(connection, numbers=[number])
    gone = connection.execute(
        text("delete from opt_outs where number_index = :number returning number_index"), {"number": number}
    ).first()
    if gone is None:
        return False
    connection.execute(
        text(
            """
            with back as (
              update persons p set opted_out = false
              from person_phones mine
              where mine.number_index = :number and p.id = mine.person_id and not exists (
                select from person_phones x join opt_outs o on o.number_index = x.number_index
                where x.person_id = p.id and x.number_index <> :number)
                and not exists (select from case_records c
                  join call_list_entries e on e.case_record_id = c.id
                  where c.person_id = p.id and e.closed_because = 'DECEASED')
              returning p.id
            )
            insert into journal (at, platform, event, actor, case_record_id, facts)
            select :now, c.platform, :event, :actor, c.id, '{}'
            from back join case_records c on c.person_id = back.id
            """
        ),
        {
            "number": number,
            "now": now,
            "event": Event.OPTED_IN.value,
            "actor": journal.by_system("messages"),
        },
    )
    return True


@dataclass(frozen=True)
class OpenContact:
    """A contact still to be informed, and what its shed level depends on."""

    entry_id: UUID
    platform: str
    facts: ShedFacts


def contacts_of_number(connection: Connection, number: bytes) -> list[OpenContact]:
    """Open entries of contacts behind a number that wait for their call; a call that is owed stays owed."""
    rows = connection.execute(
        text(
            """
            select e.id, e.platform, p.adult, p.opted_out, c.vulnerable, c.household, c.collective_setting,
              (e.callback_at is not null or e.call_class = 6
                or e.queue <> 'AGENTS' or c.informed_at is not null) as promised_call,
              exists (select from person_phones x
                where x.person_id = p.id and x.can_sms and not x.bad) as can_sms
            from person_phones ph join persons p on p.id = ph.person_id
            join case_records c on c.person_id = p.id
            join call_list_entries e on e.case_record_id = c.id
            where ph.number_index = :number and e.purpose = 'INFORM' and e.state in ('READY', 'WAITING')
            order by e.id for update of e
            """
        ),
        {"number": number},
    )
    return [
        OpenContact(
            row.id,
            row.platform,
            ShedFacts(
                purpose=Purpose.INFORM,
                can_sms=row.can_sms,
                adult=row.adult,
                vulnerable=row.vulnerable,
                household=row.household,
                collective_setting=row.collective_setting,
                opted_out=row.opted_out,
                promised_call=row.promised_call,
            ),
        )
        for row in rows
    ]


def put_shed_levels(connection: Connection, levels: dict[UUID, int]) -> None:
    connection.execute(
        text(
            """
            update call_list_entries e set shed_level = a.level, version = e.version + 1
            from unnest(cast(:ids as uuid[]), cast(:levels as smallint[])) a(id, level)
            where e.id = a.id and e.shed_level <> a.level
            """
        ),
        {"ids": list(levels), "levels": list(levels.values())},
    )
