"""Interviews of positives and how many contacts each named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from outreach.storage.alarm_store import AlarmKind
from outreach.storage.undo_store import STANDS


@dataclass(frozen=True)
class Interviewed:
    """One positive's last finished interview."""

    at: datetime
    script: str
    light: bool
    inbound: bool
    own_agent: bool
    contacts: int


_INTERVIEWS = text(
    f"""
    select last.at, last.script, last.light, last.inbound, last.own, named.n
    from (
      select distinct on (j.case_record_id) j.case_record_id, j.at, a.script, a.inbound,
        coalesce(a.script_parameters ->> 'light', '0') not in ('0', 'false') as light,
        j.platform = any(u.platforms) as own
      from journal j
      join call_attempts a on a.id = j.attempt_id
      join users u on u.id = a.agent_id
      where j.platform = :platform and j.event = 'ATTEMPT_OUTCOME' and j.at >= :since and j.at < :until
        and j.facts ->> 'purpose' = 'INTERVIEW' and j.facts ->> 'outcome' = any(cast(:finished as text[]))
        and {STANDS}
      order by j.case_record_id, j.at desc
    ) last cross join lateral (
      select count(*) as n from exposures x where x.positive_id = last.case_record_id
    ) named
    order by last.at
    """  # noqa: S608 - a constant
)


def interviews(
    connection: Connection, platform: str, *, since: datetime, until: datetime, finished: Sequence[str]
) -> list[Interviewed]:
    """Each positive whose interview ended with one of these outcomes in [since, until)."""
    rows = connection.execute(
        _INTERVIEWS, {"platform": platform, "since": since, "until": until, "finished": list(finished)}
    )
    return [Interviewed(*row) for row in rows]


def was_alarmed(connection: Connection, kind: AlarmKind, subject: str) -> bool:
    """Whether such an alarm was ever raised, cleared or not."""
    found = connection.execute(
        text("select exists (select from alarms where kind = :kind and subject = :subject)"),
        {"kind": kind.value, "subject": subject},
    )
    return bool(found.scalar())
