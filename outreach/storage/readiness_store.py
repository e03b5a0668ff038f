"""Readiness: entries whose calling hours begin or end, found in pieces and moved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from outreach.domain.call_list import (
    AFTER_FIRST_CALLS,
    IN_ORDER,
    Queue,
    Standing,
)
from outreach.domain.load_shedding import TEXTED_ANYWAY
from outreach.domain.purposes import Purpose
from outreach.storage import tables

entries = tables.call_list_entries


@dataclass(frozen=True)
class StoredHours:
    """A platform's stored calling hours, and where it stands."""

    calling_hours: Mapping[str, Any]
    zone: str
    department: str


@dataclass(frozen=True)
class DueEntry:
    """An entry whose readiness is to be looked at again; `zone` is the callee's."""

    entry_id: UUID
    platform: str
    purpose: Purpose
    queue: Queue
    zone: str


_DUE = """
    select e.id as entry_id, e.platform, e.purpose, e.queue, p.time_zone as zone
    from (
      select * from call_list_entries
      where state = '{state}' and {column} <= :now order by {order} limit :most for update skip locked
    ) e join persons p on p.id = e.person_id
"""
_DUE_TO_CLOSE = text(_DUE.format(state="READY", column="ready_until", order="ready_until"))
_DUE_TO_OPEN = text(_DUE.format(state="WAITING", column="not_before", order="call_class, not_before"))


def due_to_close(connection: Connection, *, now: datetime, most: int) -> list[DueEntry]:
    """READY entries whose calling hours ended, locked."""
    return _due(connection, _DUE_TO_CLOSE, now, most)


def due_to_open(connection: Connection, *, now: datetime, most: int) -> list[DueEntry]:
    """WAITING entries whose moment came, locked: positives first."""
    return _due(connection, _DUE_TO_OPEN, now, most)


def _due(connection: Connection, statement: Any, now: datetime, most: int) -> list[DueEntry]:
    rows = connection.execute(statement, {"now": now, "most": most})
    return [
        DueEntry(row.entry_id, row.platform, Purpose(row.purpose), Queue(row.queue), row.zone) for row in rows
    ]


def stand(connection: Connection, entry_ids: Sequence[UUID], standing: Standing) -> None:
    """Keep the readiness of many entries. No journal line: calling hours alone say it again."""
    connection.execute(
        update(entries)
        .where(entries.c.id == func.any(bindparam("ids", list(entry_ids), ARRAY(Uuid))))
        .values(state=standing.state, not_before=standing.not_before, ready_until=standing.ready_until)
    )


_FALL_BEHIND = text(
    f"""
    update call_list_entries set front = {AFTER_FIRST_CALLS}, version = version + 1
    where id in (
      select id from call_list_entries
      where state = 'READY' and front = {IN_ORDER} and purpose in ('INTERVIEW', 'INFORM')
        and callback_at is null and deadline < :now
      order by deadline limit :most for update skip locked
    )
    """  # noqa: S608 - constants of the domain
)


def fall_behind(connection: Connection, *, now: datetime, most: int) -> int:
    """Entries whose 24 hours are over, behind those who can still be in time; how many moved."""
    return connection.execute(_FALL_BEHIND, {"now": now, "most": most}).rowcount


_TEXT_BEFORE_LATE = text(
    f"""
    update call_list_entries set shed_level = {TEXTED_ANYWAY}, version = version + 1
    where id in (
      select e.id from call_list_entries e
      where e.purpose = 'INFORM' and e.queue = 'AGENTS' and e.state in ('READY', 'WAITING')
        and e.shed_level > {TEXTED_ANYWAY} and e.effective_deadline between :now and :until
        and exists (select from persons p
          where p.id = e.person_id and p.time_zone = any(cast(:zones as text[])))
        and not exists (select from case_records c
          where c.id = e.case_record_id and c.informed_at is not null)
      order by e.effective_deadline limit :most for update of e skip locked
    )
    """  # noqa: S608 - constants of the domain
)


_NEARLY_LATE = text(
    """
    select distinct p.time_zone from call_list_entries e join persons p on p.id = e.person_id
    where e.purpose = 'INFORM' and e.queue = 'AGENTS' and e.state in ('READY', 'WAITING')
      and e.shed_level > 1 and e.effective_deadline between :now and :until
    """
)


def zones_nearly_late(connection: Connection, *, now: datetime, until: datetime) -> list[str]:
    """Where the contacts live whose last callable minute comes by `until`."""
    return list(connection.execute(_NEARLY_LATE, {"now": now, "until": until}).scalars())


def text_before_late(
    connection: Connection, *, now: datetime, until: datetime, zones: Sequence[str], most: int
) -> int:
    """Contacts whom nobody told, and whose last callable minute comes by `until`, get the SMS; how many.

    Those who can get one, and live where one may arrive now (`zones`).
    """
    wanted = {"now": now, "until": until, "zones": list(zones), "most": most}
    return connection.execute(_TEXT_BEFORE_LATE, wanted).rowcount


def hours_of_platforms(connection: Connection) -> dict[str, StoredHours]:
    """Every platform's hours, by its code."""
    c = tables.platforms.c
    rows = connection.execute(select(c.code, c.calling_hours, c.time_zone, c.department))
    return {row.code: StoredHours(row.calling_hours, row.time_zone, row.department) for row in rows}


@dataclass(frozen=True)
class UntriedPositive:
    """A positive nobody tried yet, close to the last moment for it."""

    entry_id: UUID
    platform: str
    effective_deadline: datetime


_UNTRIED = text(
    """
    select e.id, e.platform, e.effective_deadline from call_list_entries e
    where e.purpose = 'INTERVIEW' and e.state <> 'CLOSED' and e.tries = 0 and e.effective_deadline <= :before
      and not exists (select from call_attempts a where a.entry_id = e.id and a.outcome is null)
      and not exists (select from alarms a where a.kind = :kind and a.subject = cast(e.id as text))
    order by e.effective_deadline limit :most
    """
)


def untried_positives(
    connection: Connection, *, before: datetime, kind: str, most: int
) -> list[UntriedPositive]:
    """Those whose effective deadline comes before a moment, and for whom no such alarm was ever raised."""
    rows = connection.execute(_UNTRIED, {"before": before, "kind": kind, "most": most})
    return [UntriedPositive(*row) for row in rows]


_SEEN_TO = text(
    """
    select a.subject from alarms a left join call_list_entries e on e.id = cast(a.subject as uuid)
    where a.kind = :kind and a.cleared_at is null
      and (e.id is null or e.state = 'CLOSED' or e.tries > 0
        or exists (select from call_attempts t where t.entry_id = e.id and t.outcome is null))
    limit :most
    """
)


def called_since(connection: Connection, *, kind: str, most: int) -> list[str]:
    """Entries by id, as text, of such open alarms whom someone has called, or who need no call any more."""
    return list(connection.execute(_SEEN_TO, {"kind": kind, "most": most}).scalars())
