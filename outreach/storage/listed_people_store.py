"""Who waits for a call, as a forecast and a mode look at them: grouped, in a walk over the list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text


class WaitingPeople(NamedTuple):
    """Entries that are alike to a forecast. `due_in`: whole hours left; `ready_in`: before they wait.

    `loan`: under which another platform's agents may take them too; 0: none.
    """

    purpose: str
    tries: int
    shed_level: int
    from_sms: bool
    due_in: int
    ready_in: int
    loan: int
    people: int


class ListedPeople(NamedTuple):
    """Entries ready or waiting that are alike to a forecast and to a mode; `due_in` as of WaitingPeople.

    `searched`: for a number first, so that nobody of them waits for a call yet.
    """

    purpose: str
    tries: int
    shed_level: int
    call_class: int
    searched: bool
    due_in: int
    loan: int
    people: int


# Hours are binned as moments, which is cheaper a row than as spans.
_LISTED = text(
    """
    select purpose, tries, shed_level, call_class, searched,
      cast(extract(epoch from due - :now) / 3600 as integer), loan, people
    from (
      select purpose, least(tries, 2) as tries, shed_level, call_class, queue = 'SEARCH' as searched,
        date_bin('1 hour', greatest(least(effective_deadline, :latest), :earliest), :now) as due,
        loan, count(*) as people
      from call_list_entries
      where platform = :platform and state in ('READY', 'WAITING')
      group by 1, 2, 3, 4, 5, 6, 7
    ) binned
    """
)
# Whoever is in an agent's hands is called under every mode; a positive who was called already is not a first
# call any more, though no try is counted before the outcome.
_ALIKE = """
    select purpose,
      case when state = 'LEASED' and tries = 0 and exists (select from case_records c
          where c.id = e.case_record_id and c.first_called_at is not null) then 1 else least(tries, 2) end,
      case when state = 'LEASED' then 0 else shed_level end, call_class = 6,
      greatest(-1, least(:most, floor(extract(epoch from effective_deadline - :now) / 3600)))::integer, 0,
      loan, count(*)
    from call_list_entries e
"""
_IN_HAND = text(
    f"""
    {_ALIKE} where platform = :platform and state = 'LEASED' and queue <> 'SEARCH'
    group by 1, 2, 3, 4, 5, 7
    """
)
_LENT = text(
    f"""
    {_ALIKE} where loan = :loan and loan <> 0 and state <> 'CLOSED' and state in ('READY', 'WAITING')
    group by 1, 2, 3, 4, 5, 7
    """
)
_TEXTED = text(
    """
    select 'INFORM', 1, 0, true, -1,
      greatest(1, ceil(extract(epoch from m.created_at + interval '24 hours' - :now) / 3600))::integer,
      0, count(*)
    from call_list_entries e join messages m on m.id = e.message_id
    where e.platform = :platform and e.state = 'TEXTED'
    group by 6
    """
)


def listed(connection: Connection, platform: str, *, now: datetime, hours: int) -> list[ListedPeople]:
    """Everybody who waits for a call, grouped, in one walk over the list."""
    # Without it the planner, who takes each moment for a group of its own, would not share the walk.
    connection.execute(text("set local parallel_tuple_cost = 0"))
    earliest, latest = now - timedelta(hours=1), now + timedelta(hours=hours)
    wanted = {"platform": platform, "now": now, "earliest": earliest, "latest": latest}
    rows = connection.execute(_LISTED, wanted).all()
    connection.execute(text("set local parallel_tuple_cost to default"))
    return [ListedPeople(*row) for row in rows]


def in_hand(connection: Connection, platform: str, *, now: datetime, hours: int) -> list[WaitingPeople]:
    """Those in an agent's hands, grouped."""
    rows = connection.execute(_IN_HAND, {"platform": platform, "now": now, "most": hours})
    return [WaitingPeople(*row) for row in rows]


def lent(connection: Connection, loan: int, *, now: datetime, hours: int) -> list[WaitingPeople]:
    """Those who wait under a loan, grouped."""
    rows = connection.execute(_LENT, {"loan": loan, "now": now, "most": hours})
    return [WaitingPeople(*row) for row in rows]


def count_waiting(connection: Connection, platform: str) -> int:
    """Everybody of a platform who waits for a call."""
    statement = text(
        "select count(*) from call_list_entries"
        " where platform = :platform and state in ('READY', 'WAITING') and queue <> 'SEARCH'"
    )
    return int(connection.execute(statement, {"platform": platform}).scalar_one())


def texted(connection: Connection, platform: str, *, now: datetime) -> list[WaitingPeople]:
    """Those an SMS stands for, by the hour in which they are called if it was not read."""
    rows = connection.execute(_TEXTED, {"platform": platform, "now": now})
    return [WaitingPeople(*row) for row in rows]
