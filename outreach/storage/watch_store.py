"""Watched case records: found by what they lack, resolved by what came in or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.watch_list import CONFIRMING, USUAL_DAYS, Missing, Resolution
from outreach.storage import journal
from outreach.storage.journal import Event
from outreach.storage.tables import case_records, watch_settings, watched_records

c = watched_records.c


@dataclass(frozen=True)
class Watched:
    case_record_id: UUID
    platform: str
    kind: str
    why: Missing
    listed_at: datetime
    since: datetime


_LACKS = {
    Missing.NO_RESULT: """
      r.kind = 'POSITIVE' and not exists (select from case_references f
        where f.case_record_id = r.id and (f.source = any(cast(:confirming as text[]))
          or exists (select from column_mappings m where m.platform = f.platform and m.name = f.source)))""",
    Missing.NO_POSITIVE: """
      r.kind = 'CONTACT'
      and exists (select from exposures x where x.contact_id = r.id and x.positive_id is null)
      and not exists (select from exposures x where x.contact_id = r.id and x.positive_id is not null)""",
}
_LACKING = " or ".join(f"(:why = '{why.value}' and {lacks})" for why, lacks in _LACKS.items())
_WATCH = text(
    f"""
    with added as (
      insert into watched_records (case_record_id, platform, why, since)
      select r.id, r.platform, :why, :now from case_records r
      left join watch_settings s on s.platform = r.platform
      where r.listed_at <= cast(:now as timestamptz) - make_interval(days => coalesce(s.days, {USUAL_DAYS}))
        and r.listed_at > cast(:now as timestamptz) - make_interval(days => 365)
        and ({_LACKING})
      limit :most on conflict do nothing
      returning case_record_id, platform
    )
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select :now, platform, :event, :actor, case_record_id, jsonb_build_object('why', cast(:why as text))
    from added
    """  # noqa: S608 - constants above
)
_RESOLVE = text(
    f"""
    with found as (
      update watched_records w set resolved_at = :now, resolved_because = :because
      from case_records r
      where r.id = w.case_record_id and w.resolved_at is null and w.why = :why and not ({_LACKING})
      returning w.case_record_id, w.platform
    )
    insert into journal (at, platform, event, actor, case_record_id, facts)
    select :now, platform, :event, :actor, case_record_id,
      jsonb_build_object('because', cast(:because as text))
    from found
    """  # noqa: S608 - constants above
)


def watch(connection: Connection, why: Missing, *, now: datetime, most: int) -> int:
    """Put on the list who still lacks this after their platform's days; never twice. How many."""
    told = {"event": Event.RECORD_WATCHED.value, "actor": journal.by_system("watch list")}
    wanted = {"why": why.value, "now": now, "most": most, "confirming": list(CONFIRMING)}
    return connection.execute(_WATCH, told | wanted).rowcount


def resolve_by_import(connection: Connection, why: Missing, *, now: datetime) -> int:
    """What was missing came in: how many left the list."""
    told = {"event": Event.RECORD_WATCH_RESOLVED.value, "actor": journal.by_system("watch list")}
    wanted = {"why": why.value, "now": now, "confirming": list(CONFIRMING)}
    return connection.execute(_RESOLVE, told | wanted | {"because": Resolution.IMPORTED.value}).rowcount


def open_records(
    connection: Connection,
    platform: str,
    *,
    after: UUID | None,
    most: int,
    why: Missing | None = None,
    listed_before: datetime | None = None,
) -> list[Watched]:
    """Who is on the list, by id; only those who lack this, and who came in before that moment."""
    statement = (
        select(c.case_record_id, c.platform, case_records.c.kind, c.why, case_records.c.listed_at, c.since)
        .join(case_records, case_records.c.id == c.case_record_id)
        .where(c.platform == platform, c.resolved_at.is_(None))
        .order_by(c.case_record_id)
        .limit(most)
    )
    if after is not None:
        statement = statement.where(c.case_record_id > after)
    if why is not None:
        statement = statement.where(c.why == why.value)
    if listed_before is not None:
        statement = statement.where(case_records.c.listed_at < listed_before)
    return [
        Watched(row.case_record_id, row.platform, row.kind, Missing(row.why), row.listed_at, row.since)
        for row in connection.execute(statement)
    ]


def counts(connection: Connection, platform: str) -> dict[Missing, int]:
    """How many lack what."""
    rows = connection.execute(
        select(c.why, func.count()).where(c.platform == platform, c.resolved_at.is_(None)).group_by(c.why)
    )
    found = {Missing(why): people for why, people in rows}
    return {why: found.get(why, 0) for why in Missing}


def platform_of(connection: Connection, case_record_id: UUID) -> str | None:
    """The platform of a record that was ever watched."""
    return connection.execute(select(c.platform).where(c.case_record_id == case_record_id)).scalar()


def resolve(
    connection: Connection, case_record_id: UUID, because: Resolution, *, by: UUID | None, now: datetime
) -> bool:
    """Whether it was on the list."""
    done = connection.execute(
        update(watched_records)
        .where(c.case_record_id == case_record_id, c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_because=because.value, resolved_by=by)
    )
    return done.rowcount > 0


def set_days(connection: Connection, platform: str, days: int) -> None:
    connection.execute(
        insert(watch_settings)
        .values(platform=platform, days=days)
        .on_conflict_do_update(index_elements=[watch_settings.c.platform], set_={"days": days})
    )


def days_of(connection: Connection, platform: str) -> int:
    days = connection.execute(
        select(watch_settings.c.days).where(watch_settings.c.platform == platform)
    ).scalar()
    return USUAL_DAYS if days is None else days
