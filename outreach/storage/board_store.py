"""The board's readings: counts of the list and of messages, and what each agent of a platform is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.board import ENDS
from outreach.domain.outcomes import FLAGS
from outreach.ids import first_id_of
from outreach.storage.agent_store import STILL_THERE

SILENT_FOR = timedelta(hours=1)  # whose page fell silent is shown for so long
LATELY_OFF = timedelta(hours=12)  # whoever ended their shift is still shown
MOST_AGENTS = 400


@dataclass(frozen=True)
class BacklogRow:
    """Open entries of one class with the same time left; `texted` wait for an SMS to be read."""

    call_class: int
    time_left: str
    ready: int
    waiting: int
    in_hand: int
    texted: int


@dataclass(frozen=True)
class AgentRow:
    """One agent, without a word about whom they talk to but the record's number."""

    user_id: UUID
    login: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    presence: str
    since: datetime
    heartbeat_at: datetime
    pause: str | None
    paused_since: datetime | None
    attempt_id: UUID | None
    status: str | None
    started_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    left_at: datetime | None
    on_hold: bool | None
    conference: UUID | None
    entry_id: UUID | None
    case_record_id: UUID | None
    call_class: int | None
    record_number: str | None
    calls_today: int
    last_outcome_at: datetime | None


def time_left_case() -> str:
    """As SQL: how long until the last moment at which they can be called in time."""
    ends = " ".join(f"when effective_deadline < :h{hours} then '{left}'" for left, hours in ENDS.items())
    return f"case when deadline < :now then 'LATE' {ends} else 'LONGER' end"


_BACKLOG = text(
    f"""
    select call_class, time_left, count(*) filter (where state = 'READY'),
      count(*) filter (where state = 'WAITING'), count(*) filter (where state = 'LEASED'),
      count(*) filter (where state = 'TEXTED')
    from (
      select call_class, state, {time_left_case()} as time_left
      from call_list_entries
      where platform = :platform and state in ('READY', 'WAITING', 'LEASED', 'TEXTED')
    ) e
    group by call_class, time_left order by call_class
    """  # noqa: S608 - constants of ours
)


def backlog(connection: Connection, platform: str, now: datetime) -> list[BacklogRow]:
    """The list by class and time left."""
    hours = {f"h{hours}": now + timedelta(hours=hours) for hours in ENDS.values()}
    rows = connection.execute(_BACKLOG, {"platform": platform, "now": now, **hours})
    return [BacklogRow(*row) for row in rows]


_LATE_POSITIVES = text(
    """
    select e.case_record_id, count(*) over () as all_of_them
    from call_list_entries e join case_records c on c.id = e.case_record_id
    where e.platform = :platform and e.purpose = 'INTERVIEW' and e.state in ('READY', 'WAITING', 'LEASED')
      and e.deadline < :now and c.first_called_at is null
    order by e.deadline, e.id limit :most
    """
)


def late_positives(
    connection: Connection, platform: str, now: datetime, *, most: int
) -> tuple[list[UUID], int]:
    """Positives whose 24 hours are over and whom nobody called: the oldest records, and how many in all."""
    rows = connection.execute(_LATE_POSITIVES, {"platform": platform, "now": now, "most": most}).all()
    return [row.case_record_id for row in rows], (rows[0].all_of_them if rows else 0)


_MESSAGES = text(
    """
    select status, count(*) as count from messages
    where platform = :platform and (
      status in ('QUEUED', 'SENDING', 'UNCERTAIN') or (id >= :first and created_at >= :since))
    group by status
    """
)


def messages_lately(connection: Connection, platform: str, now: datetime) -> dict[str, int]:
    """Messages by status: those of the last 24 hours, and older ones whose fate is open."""
    since = now - timedelta(hours=24)
    found = connection.execute(_MESSAGES, {"platform": platform, "since": since, "first": first_id_of(since)})
    return {status: count for status, count in found}  # noqa: C416 - rows, not pairs


_AGENTS = text(
    """
    select u.id, u.login, u.roles, u.languages, p.state, p.since, p.heartbeat_at,
      pause.reason, pause.started_at,
      a.id, a.status, a.started_at, a.answered_at, a.ended_at, a.agent_left_at, a.on_hold, a.conference,
      coalesce(a.entry_id, held.id), coalesce(a.case_record_id, held.case_record_id),
      coalesce(of_call.call_class, held.call_class),
      (select r.external_id from case_references r
        where r.case_record_id = coalesce(a.case_record_id, held.case_record_id) order by r.source limit 1),
      coalesce(today.calls, 0), today.last_outcome_at
    from users u
    join agent_presence p on p.user_id = u.id
    left join agent_pauses pause
      on pause.user_id = u.id and pause.ended_at is null and p.state = 'PAUSED'
    left join call_attempts a on a.agent_id = u.id and a.outcome is null
    left join call_list_entries of_call on of_call.id = a.entry_id
    left join lateral (
      select e.id, e.case_record_id, e.call_class from call_list_entries e
      where e.leased_by = u.id and e.state = 'LEASED' order by e.leased_until desc limit 1
    ) held on true
    left join (
      select agent_id, count(*) as calls, max(outcome_at) as last_outcome_at from call_attempts
      where id >= :first and started_at >= :midnight group by agent_id
    ) today on today.agent_id = u.id
    where u.ended_at is null and u.platforms @> array[cast(:platform as text)]
      and (p.state <> 'OFF' and (p.heartbeat_at > :seen or a.id is not null or held.id is not null)
           or p.state = 'OFF' and p.since > :lately)
    order by u.login limit :most
    """
)


def agents(connection: Connection, platform: str, *, now: datetime, midnight: datetime) -> list[AgentRow]:
    """Everybody on shift today, by login. `midnight`: the beginning of the platform's day.

    Whose page fell silent is shown for an hour, and for as long as someone is in their hands.
    """
    asked = {
        "platform": platform,
        "midnight": midnight,
        "first": first_id_of(midnight),
        "seen": now - SILENT_FOR,
        "lately": now - LATELY_OFF,
        "most": MOST_AGENTS,
    }
    return [_agent_row(tuple(row)) for row in connection.execute(_AGENTS, asked)]


def _agent_row(row: tuple[Any, ...]) -> AgentRow:
    """From the columns in the order of the fields."""
    values = (*row[:2], tuple(row[2]), tuple(row[3]), *row[4:])
    return AgentRow(*values)


def is_there(row: AgentRow, now: datetime) -> bool:
    """Whether their page gave a sign of life lately."""
    return row.heartbeat_at > now - STILL_THERE


_WAITING_REPLIES = text("select count(*) from conversations where platform = :platform and state = 'OPEN'")


def open_conversations(connection: Connection, platform: str) -> int:
    """Replies by SMS that nobody answered yet."""
    return int(connection.execute(_WAITING_REPLIES, {"platform": platform}).scalar_one())


@dataclass(frozen=True)
class HourRow:
    """One hour's work."""

    hour: datetime
    calls: int
    reached: int
    agents: int


_BY_HOUR = text(
    """
    select hour, coalesce(done.calls, 0), coalesce(done.reached, 0), coalesce(done.agents, 0)
    from generate_series(date_trunc('hour', cast(:since as timestamptz)), :now, interval '1 hour') hour
    left join (
      select date_trunc('hour', started_at) as hour_of, count(*) as calls,
        count(*) filter (where outcome = any(:human)) as reached, count(distinct agent_id) as agents
      from call_attempts
      where platform = :platform and id >= :first and started_at >= :since group by 1
    ) done on done.hour_of = hour order by hour
    """
)


def calls_by_hour(connection: Connection, platform: str, now: datetime) -> list[HourRow]:
    """The last 24 hours."""
    since = now - timedelta(hours=24)
    human = [
        outcome.value for outcome, flags in FLAGS.items() if flags.right_person and flags.counts_as_attempt
    ]
    asked = {
        "platform": platform,
        "since": since,
        "now": now,
        "first": first_id_of(since),
        "human": human,
    }
    return [HourRow(*row) for row in connection.execute(_BY_HOUR, asked)]


_NUMBERS = text(
    "select distinct on (case_record_id) case_record_id, external_id from case_references"
    " where case_record_id = any(:records) order by case_record_id, source"
)


def record_numbers(connection: Connection, records: Sequence[UUID]) -> dict[UUID, str]:
    """The number by which people know each record."""
    rows = connection.execute(_NUMBERS, {"records": list(records)})
    return {row.case_record_id: row.external_id for row in rows}
