"""The board's counts for many platforms at once: one statement each, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, TextClause, text

from outreach.domain.board import ENDS
from outreach.storage.board_store import LATELY_OFF, SILENT_FOR, BacklogRow, time_left_case

_BACKLOGS = text(
    f"""
    select platform, call_class, time_left, count(*) filter (where state = 'READY'),
      count(*) filter (where state = 'WAITING'), count(*) filter (where state = 'LEASED'),
      count(*) filter (where state = 'TEXTED')
    from (
      select platform, call_class, state, {time_left_case()} as time_left
      from call_list_entries
      where platform = any(:platforms) and state in ('READY', 'WAITING', 'LEASED', 'TEXTED')
    ) e
    group by platform, call_class, time_left
    """  # noqa: S608 - constants of ours
)


def backlogs(connection: Connection, platforms: Sequence[str], now: datetime) -> dict[str, list[BacklogRow]]:
    """As board_store.backlog, by platform; one with an empty list is left out."""
    hours = {f"h{hours}": now + timedelta(hours=hours) for hours in ENDS.values()}
    found: defaultdict[str, list[BacklogRow]] = defaultdict(list)
    for platform, *row in connection.execute(_BACKLOGS, {"platforms": list(platforms), "now": now, **hours}):
        found[platform].append(BacklogRow(*row))
    return found


_LATE = text(
    """
    select e.platform, count(*) from call_list_entries e join case_records c on c.id = e.case_record_id
    where e.platform = any(:platforms) and e.purpose = 'INTERVIEW'
      and e.state in ('READY', 'WAITING', 'LEASED') and e.deadline < :now and c.first_called_at is null
    group by e.platform
    """
)


def late_positives(connection: Connection, platforms: Sequence[str], now: datetime) -> dict[str, int]:
    """Positives whose 24 hours are over and whom nobody called."""
    return _counted(connection, _LATE, platforms, now=now)


_AT_WORK = text(
    """
    select code, count(*) from users u join agent_presence p on p.user_id = u.id
    cross join lateral (select exists (select from call_attempts a
        where a.agent_id = u.id and a.outcome is null)
      or exists (select from call_list_entries e where e.leased_by = u.id and e.state = 'LEASED') as busy) now
    cross join lateral unnest(u.platforms) code
    where u.ended_at is null and u.platforms && cast(:platforms as text[]) and code = any(:platforms)
      and (p.state <> 'OFF' and (p.heartbeat_at > :seen or busy)
           or p.state = 'OFF' and p.since > :lately and busy)
    group by code
    """
)


def at_work(connection: Connection, platforms: Sequence[str], now: datetime) -> dict[str, int]:
    """Agents whom the platform's own board shows, but for those whose shift is over."""
    since = {"seen": now - SILENT_FOR, "lately": now - LATELY_OFF}
    return _counted(connection, _AT_WORK, platforms, **since)


_ALARMS = text(
    """
    select code, count(*) from alarms a cross join lateral (
      select a.platform as code where a.platform = any(:platforms)
      union all select unnest(cast(:platforms as text[])) where a.platform is null) theirs
    where a.cleared_at is null group by code
    """
)


def alarms(connection: Connection, platforms: Sequence[str]) -> dict[str, int]:
    """Open ones, those of the whole installation counted for every platform."""
    return _counted(connection, _ALARMS, platforms)


def _counted(
    connection: Connection, statement: TextClause, platforms: Sequence[str], **values: object
) -> dict[str, int]:
    rows = connection.execute(statement, {"platforms": list(platforms), **values})
    return {platform: count for platform, count in rows}  # noqa: C416 - rows, not pairs
