"""How much each person read, and how much of it was about people they worked on."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class Readings(NamedTuple):
    """Case records that one person read; `beyond_work`: those they neither held, nor called, nor answered."""

    user_id: UUID
    roles: list[str]
    platforms: list[str]
    read: int
    beyond_work: int


# A record in hand leaves a CALL line, which is work itself; files are told elsewhere; names beside a record
# come with it, and the words of reasons with lines of the journal.
_READINGS = text(
    """
    with read as (
      select l.user_id, l.case_record_id from access_lines l
      where l.at > :since and l.at <= :now and l.user_id is not null and l.case_record_id is not null
        and l.why not in ('CALL', 'LETTERS', 'IMPORT_ROWS', 'LISTENING', 'RELATED', 'REASONS')
      group by l.user_id, l.case_record_id
    ), many as (select user_id from read group by user_id having count(*) > :least
    ), judged as (
      select r.user_id, not (
        exists (select from access_lines c where c.case_record_id = r.case_record_id
          and c.user_id = r.user_id and c.why = 'CALL' and c.at > :worked_since)
        or exists (select from call_attempts a where a.case_record_id = r.case_record_id
          and a.agent_id = r.user_id and a.started_at > :worked_since)
        or exists (select from case_records k join conversations v on v.person_id = k.person_id
          where k.id = r.case_record_id and r.user_id in (v.assigned_to, v.answered_by))
      ) as beyond
      from read r join many m on m.user_id = r.user_id
    )
    select u.id, u.roles, u.platforms, count(*), count(*) filter (where j.beyond)
    from judged j join users u on u.id = j.user_id
    group by u.id having count(*) filter (where j.beyond) > :least
    """
)


def readings(
    connection: Connection, *, since: datetime, now: datetime, worked_since: datetime, least: int
) -> list[Readings]:
    """Of whoever read more than `least` records beyond their work since a moment."""
    values = {"since": since, "now": now, "worked_since": worked_since, "least": least}
    return [Readings(*row) for row in connection.execute(_READINGS, values)]
