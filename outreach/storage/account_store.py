"""The account of a platform: where everybody stands, so that whoever is missing shows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Account:
    """Counts of one platform.

    `people`: case records by the state of their latest entry ("NO ENTRY" would be somebody lost); `outcomes`:
    of call attempts; `messages`: by purpose and status; `told_by_sms`, `told_by_call`: contacts informed.
    """

    case_records: int
    people: dict[str, int]
    outcomes: dict[str, int]
    messages: dict[tuple[str, str], int]
    told_by_call: int
    told_by_sms: int
    open_attempts: int

    @property
    def lost(self) -> int:
        """Case records that no entry ever stood for."""
        return self.people.get(NO_ENTRY, 0)


NO_ENTRY = "NO ENTRY"

_PEOPLE = text(
    """
    select coalesce(latest.state, 'NO ENTRY'), count(*)
    from case_records c left join lateral (
      select e.state from call_list_entries e where e.case_record_id = c.id
      order by e.state = 'CLOSED', e.entered_at desc limit 1
    ) latest on true
    where c.platform = :platform group by 1 order by 1
    """
)
_OUTCOMES = text(
    """
    select outcome, count(*) from call_attempts
    where platform = :platform and outcome is not null group by 1 order by 2 desc
    """
)
_MESSAGES = text(
    "select purpose, status, count(*) from messages where platform = :platform group by 1, 2 order by 1, 2"
)
_TOLD = text(
    """
    select count(*) filter (where last_outcome not like 'SMS%'),
      count(*) filter (where last_outcome like 'SMS%')
    from case_records where platform = :platform and kind = 'CONTACT' and informed_at is not null
    """
)
_OPEN = text("select count(*) from call_attempts where platform = :platform and outcome is null")
_TOTAL = text("select count(*) from case_records where platform = :platform")


def account(connection: Connection, platform: str) -> Account:
    """Everybody of a platform, counted in one snapshot of the caller's transaction."""
    which = {"platform": platform}
    told = connection.execute(_TOLD, which).one()
    return Account(
        case_records=connection.execute(_TOTAL, which).scalar_one(),
        people=dict(connection.execute(_PEOPLE, which).all()),
        outcomes=dict(connection.execute(_OUTCOMES, which).all()),
        messages={(purpose, status): n for purpose, status, n in connection.execute(_MESSAGES, which)},
        told_by_call=told[0],
        told_by_sms=told[1],
        open_attempts=connection.execute(_OPEN, which).scalar_one(),
    )


_DROPPED = text(
    """
    select count(*) from case_records c
    where c.platform = :platform and c.kind = 'POSITIVE' and not exists (
      select from call_list_entries e
      where e.case_record_id = c.id and e.purpose = 'INTERVIEW'
        and (e.state <> 'CLOSED' or exists (
          select from journal j
          where j.case_record_id = c.id and j.event = 'ATTEMPT_OUTCOME'
            and j.facts ->> 'outcome' = e.closed_because))
    )
    """
)


def positives_dropped(connection: Connection, platform: str) -> int:
    """Positives who are neither on the list nor closed by an outcome that the journal knows."""
    return int(connection.execute(_DROPPED, {"platform": platform}).scalar_one())
