"""A platform's calling hours, and the open entries that follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text, update

from outreach.domain.calling_hours import check_hours
from outreach.errors import NotFound
from outreach.storage.tables import platforms


def lock(connection: Connection, code: str) -> dict[str, Any]:
    """The hours as stored, held until the transaction ends. Raises NotFound."""
    query = select(platforms.c.calling_hours).where(platforms.c.code == code).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {code!r}.", code="unknown_platform")
    return dict(row.calling_hours)


def keep(connection: Connection, code: str, hours: Mapping[str, Any]) -> None:
    """Raises InvalidInput for hours that a platform may not store."""
    check_hours(hours)
    connection.execute(update(platforms).where(platforms.c.code == code).values(calling_hours=dict(hours)))


# Whoever waits for a promise, a later part of the day or a follow-up's day keeps their moment.
_LOOK_AGAIN = (
    text(
        """
        update call_list_entries set ready_until = :now
        where platform = :platform and purpose = :purpose and state = 'READY' and ready_until is not null
        """
    ),
    text(
        """
        update call_list_entries set not_before = :now
        where platform = :platform and purpose = :purpose and state = 'WAITING' and purpose <> 'FOLLOW_UP'
          and tries = 0 and callback_at is null and queue <> 'SEARCH'
        """
    ),
)


def look_again(connection: Connection, platform: str, purpose: str, now: datetime) -> None:
    """Let the next sweep of readiness read the hours anew for all who wait for nothing else."""
    for statement in _LOOK_AGAIN:
        connection.execute(statement, {"platform": platform, "purpose": purpose, "now": now})


class TimedEntry(NamedTuple):
    """An open entry and its last callable moment; `zone` is the callee's, `opened_at` begins the 24 hours."""

    id: UUID
    case_record_id: UUID
    call_class: int
    zone: str
    opened_at: datetime
    deadline: datetime
    effective_deadline: datetime


_TIMED = text(
    """
    select e.id, e.case_record_id, e.call_class, p.time_zone, coalesce(c.result_at, c.listed_at),
      e.deadline, e.effective_deadline
    from call_list_entries e join persons p on p.id = e.person_id
      join case_records c on c.id = e.case_record_id
    where e.platform = :platform and e.purpose = :purpose and e.state <> 'CLOSED'
      and (cast(:after as uuid) is null or e.id > :after)
    order by e.id limit :most for update of e
    """
)


def timed(
    connection: Connection, platform: str, purpose: str, *, after: UUID | None, most: int
) -> list[TimedEntry]:
    """Open entries by id, locked."""
    wanted = {"platform": platform, "purpose": purpose, "after": after, "most": most}
    return [TimedEntry(*row) for row in connection.execute(_TIMED, wanted)]


_MOVE = text(
    """
    update call_list_entries e set effective_deadline = moved.at, version = version + 1
    from unnest(cast(:ids as uuid[]), cast(:moments as timestamptz[])) moved(id, at)
    where e.id = moved.id
    """
)


def move(connection: Connection, ids: Sequence[UUID], moments: Sequence[datetime]) -> None:
    """Keep other last callable moments."""
    connection.execute(_MOVE, {"ids": list(ids), "moments": list(moments)})
