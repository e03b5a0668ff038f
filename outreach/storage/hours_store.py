"""A platform's calling hours, and how far the open entries of its call list follow a change of them.

While entries still follow, the hours of the purpose carry "change" (its id) and "followed_to" (the last entry
seen, by id) beside their week: nothing else is needed to go on where a process died.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text, update

from outreach.domain.calling_hours import check_hours
from outreach.domain.campaigns import HELD_UNTIL
from outreach.errors import NotFound
from outreach.ids import new_id
from outreach.storage.tables import platforms


def change(
    connection: Connection, code: str, purpose: str, hours: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Keep other hours, which entries are to follow from the first one on; those before, None: built in.

    Raises InvalidInput for hours that a platform may not store, NotFound.
    """
    # Not a plain "for update": each new call and message refers to the platform's row, and would wait.
    query = select(platforms.c.calling_hours).where(platforms.c.code == code)
    row = connection.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotFound(f"There is no platform {code!r}.", code="unknown_platform")
    changed = {**row.calling_hours, purpose: {**hours, "change": str(new_id())}}
    check_hours(changed)
    connection.execute(update(platforms).where(platforms.c.code == code).values(calling_hours=changed))
    before: dict[str, Any] | None = row.calling_hours.get(purpose)
    return before


class Change(NamedTuple):
    """Hours that entries still follow; `followed_to` None: none has yet."""

    platform: str
    purpose: str
    id: str
    followed_to: UUID | None


_UNFOLLOWED = text(
    """
    select p.code, h.key, h.value ->> 'change', cast(h.value ->> 'followed_to' as uuid)
    from platforms p, jsonb_each(p.calling_hours) h
    where h.value ->> 'change' is not null order by 3
    """
)


def unfollowed(connection: Connection) -> list[Change]:
    """The oldest first."""
    return [Change(*row) for row in connection.execute(_UNFOLLOWED)]


_FOLLOWED_TO = text(
    """
    update platforms set calling_hours = jsonb_set(calling_hours,
      array[cast(:purpose as text), 'followed_to'], to_jsonb(cast(:last as text)))
    where code = :platform and calling_hours #>> array[cast(:purpose as text), 'change'] = :change
    """
)
_FOLLOWED = text(
    """
    update platforms set calling_hours = calling_hours
      #- array[cast(:purpose as text), 'change'] #- array[cast(:purpose as text), 'followed_to']
    where code = :platform and calling_hours #>> array[cast(:purpose as text), 'change'] = :change
    """
)


def followed_to(connection: Connection, change: Change, last: UUID | None) -> None:
    """Entries up to this one follow, None: all do. Of a change that another one replaced, nothing is kept."""
    wanted = {"platform": change.platform, "purpose": change.purpose, "change": change.id}
    if last is None:
        connection.execute(_FOLLOWED, wanted)
    else:
        connection.execute(_FOLLOWED_TO, wanted | {"last": str(last)})


_NEXT = text(
    """
    select id from call_list_entries
    where platform = :platform and purpose = :purpose and state <> 'CLOSED'
      and (cast(:after as uuid) is null or id > :after)
    order by id limit :most
    """
)


def next_entries(connection: Connection, change: Change, *, most: int) -> list[UUID]:
    """Open entries that do not follow yet, by id, not locked."""
    wanted = {"platform": change.platform, "purpose": change.purpose, "after": change.followed_to}
    return list(connection.execute(_NEXT, wanted | {"most": most}).scalars())


class TimedEntry(NamedTuple):
    """An open entry and its moments; `zone` is the callee's, `opened_at` begins the 24 hours.

    `waits_for_hours`: for nothing else.
    """

    id: UUID
    case_record_id: UUID
    purpose: str
    call_class: int
    zone: str
    opened_at: datetime
    deadline: datetime
    state: str
    waits_for_hours: bool
    not_before: datetime | None
    ready_until: datetime | None
    effective_deadline: datetime


# Whoever waits for a promise, a later part of the day, a follow-up's day or the end of a campaign's pause
# keeps their moment, and so does whoever is called within minutes anyway.
_LOCK_FREE = text(
    """
    select e.id, e.case_record_id, e.purpose, e.call_class, p.time_zone,
      coalesce(c.result_at, c.listed_at), e.deadline, e.state,
      e.state = 'WAITING' and e.purpose <> 'FOLLOW_UP' and e.tries = 0 and e.callback_at is null
        and e.queue <> 'SEARCH' and e.not_before > :soon and e.not_before < :held,
      e.not_before, e.ready_until, e.effective_deadline
    from call_list_entries e join persons p on p.id = e.person_id
      join case_records c on c.id = e.case_record_id
    where e.id = any(cast(:ids as uuid[])) and e.platform = :platform and e.state <> 'CLOSED'
    order by e.id for update of e skip locked
    """
)


def lock_free(
    connection: Connection, platform: str, ids: Sequence[UUID], *, soon: datetime
) -> list[TimedEntry]:
    """Those that are open, of the platform, and in no other transaction's hands; locked."""
    wanted = {"platform": platform, "ids": list(ids), "soon": soon, "held": HELD_UNTIL}
    return [TimedEntry(*row) for row in connection.execute(_LOCK_FREE, wanted)]


_MOVE = text(
    """
    update call_list_entries e set state = m.state, not_before = m.not_before, ready_until = m.ready_until,
      effective_deadline = m.last,
      version = e.version + case when m.last = e.effective_deadline then 0 else 1 end
    from unnest(cast(:ids as uuid[]), cast(:states as text[]), cast(:not_befores as timestamptz[]),
      cast(:ready_untils as timestamptz[]), cast(:lasts as timestamptz[]))
      m(id, state, not_before, ready_until, last)
    where e.id = m.id
    """
)


def move(connection: Connection, moved: Sequence[TimedEntry]) -> None:
    """Keep other moments of locked entries."""
    values = {
        "ids": [each.id for each in moved],
        "states": [each.state for each in moved],
        "not_befores": [each.not_before for each in moved],
        "ready_untils": [each.ready_until for each in moved],
        "lasts": [each.effective_deadline for each in moved],
    }
    connection.execute(_MOVE, values)
