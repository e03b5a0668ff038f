"""People of whom every case record is past its time: who they are, and what holds some of them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.case_records import CaseKind
from outreach.domain.retention import USUAL_DAYS, Hold, RetentionRule
from outreach.storage.erasure_store import ErasedRecord
from outreach.storage.tables import retention_rules

# A record's time runs from its closing; from its last line in the journal, but never before its deadline,
# when nobody closed it. One that was merged is as old as the record that stands for it.
_SINCE = """
  case when k.state = 'CLOSED' then coalesce(
      (select max(j.at) from journal j where j.case_record_id = k.id and j.event = 'CASE_CLOSED'),
      (select j.at from journal j where j.case_record_id = k.id order by j.id desc limit 1), k.deadline)
    else greatest(k.deadline,
      (select j.at from journal j where j.case_record_id = k.id order by j.id desc limit 1)) end
"""
_THEIRS = "select from case_records r join case_records k on k.id = r.id or k.id = r.merged_into"
_HOLDS: Mapping[Hold, str] = {
    Hold.OPEN_ENTRY: f"""{_THEIRS} join call_list_entries e on e.case_record_id = k.id
      where r.person_id = p.id and e.state <> 'CLOSED'""",
    Hold.LIVE_CALL: f"""{_THEIRS} join call_attempts a on a.case_record_id = k.id
      where r.person_id = p.id and a.outcome is null""",
    Hold.MESSAGE_ON_ITS_WAY: """select from messages m where m.person_id = p.id and (
        m.status in ('SENDING', 'UNCERTAIN') or m.status in ('ACCEPTED', 'SENT') and m.ended_at is null)""",
    Hold.OPEN_QUESTION: "select from conversations c where c.person_id = p.id and c.state = 'OPEN'",
    Hold.RESTRICTED: f"""{_THEIRS} join restricted_records x on x.case_record_id = k.id
      where r.person_id = p.id and x.kept_until > cast(:now as timestamptz)""",
}
_HOLD = " ".join(f"when exists ({held}) then '{hold.value}'" for hold, held in _HOLDS.items())
# The index of people who are not erased gives the oldest first; each one's records are then looked up.
_PAST = f"""
  select p.id, p.platform, p.created_at, case {_HOLD} else '' end as hold
  from persons p cross join lateral (
    select bool_and({_SINCE}
      <= cast(:now as timestamptz) - make_interval(days => coalesce(s.days, {USUAL_DAYS}))) as over
    from case_records r join case_records k on k.id = coalesce(r.merged_into, r.id)
    left join retention_rules s on s.platform = k.platform and s.kind = k.kind
    where r.person_id = p.id
  ) records
  where p.erased_at is null and records.over and p.created_at <= cast(:now as timestamptz) - make_interval(
    days => (select least({USUAL_DAYS}, min(days)) from retention_rules))
"""  # noqa: S608 - constants above
_DUE = text(f"select id from ({_PAST}) past where hold = '' order by created_at, id limit :most")  # noqa: S608
_STILL_DUE = text(f"select id from ({_PAST} and p.id = any(cast(:ids as uuid[]))) past where hold = ''")  # noqa: S608
_COUNTS = text(
    f"select platform, hold, count(*) as people from ({_PAST}) past group by 1, 2 order by 1, 2"  # noqa: S608
)


@dataclass(frozen=True)
class PastTime:
    """People of a platform whose time has passed. `hold` None: the sweep erases them."""

    platform: str
    hold: Hold | None
    people: int


def past_time(connection: Connection, now: datetime) -> list[PastTime]:
    """By platform, and what holds them."""
    rows = connection.execute(_COUNTS, {"now": now})
    return [PastTime(row.platform, Hold(row.hold) if row.hold else None, row.people) for row in rows]


def due(connection: Connection, now: datetime, *, most: int) -> list[UUID]:
    """People to erase, those known longest first. Nothing is locked."""
    return list(connection.execute(_DUE, {"now": now, "most": most}).scalars())


def hold_due(connection: Connection, now: datetime, people: Sequence[UUID]) -> list[UUID]:
    """Lock these people, then look again: those who still are to be erased.

    Messages that wait, then entries, then records and people: the order in which everyone locks.
    """
    ids = {"ids": list(people)}
    for statement in (
        "select id from messages where person_id = any(cast(:ids as uuid[])) and status = 'QUEUED'"
        " order by id for update",
        "select e.id from call_list_entries e join case_records r on r.id = e.case_record_id"
        " where r.person_id = any(cast(:ids as uuid[])) order by e.id for update of e",
        "select r.id from case_records r join persons p on p.id = r.person_id"
        " where p.id = any(cast(:ids as uuid[])) order by r.id for update",
    ):
        connection.execute(text(statement), ids)
    return list(connection.execute(_STILL_DUE, ids | {"now": now}).scalars())


def with_queued_messages(connection: Connection, people: Sequence[UUID]) -> list[UUID]:
    """Those of them for whom an SMS waits."""
    rows = connection.execute(
        text(
            "select distinct person_id from messages"
            " where person_id = any(cast(:ids as uuid[])) and status = 'QUEUED' order by 1"
        ),
        {"ids": list(people)},
    )
    return list(rows.scalars())


def close_records(connection: Connection, people: Sequence[UUID], *, because: str) -> list[ErasedRecord]:
    """Close the records of theirs that nobody ever closed."""
    rows = connection.execute(
        text(
            "update case_records set state = 'CLOSED', closed_because = :because, version = version + 1"
            " where person_id = any(cast(:ids as uuid[])) and state <> 'CLOSED' returning id, platform"
        ),
        {"ids": list(people), "because": because},
    )
    return [ErasedRecord(row.id, row.platform) for row in rows]


def rules(connection: Connection) -> dict[tuple[str, CaseKind], int]:
    """Days by platform and kind, where they are not the usual ones."""
    rows = connection.execute(text("select platform, kind, days from retention_rules"))
    return {(row.platform, CaseKind(row.kind)): row.days for row in rows}


def save_rule(connection: Connection, rule: RetentionRule, *, by: UUID | None, now: datetime) -> None:
    values: dict[str, Any] = {"days": rule.days, "changed_at": now, "changed_by": by}
    connection.execute(
        insert(retention_rules)
        .values(platform=rule.platform, kind=rule.kind.value, **values)
        .on_conflict_do_update(index_elements=["platform", "kind"], set_=values)
    )
