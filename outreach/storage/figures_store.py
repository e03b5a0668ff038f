"""Counts for /metrics: the state of the whole installation, without a single person in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select, text
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.call_list import AT_RISK_BEFORE
from outreach.storage import outbox
from outreach.storage.tables import (
    agent_presence,
    alarms,
    call_list_entries,
    campaigns,
    case_records,
    kept_figures,
    messages,
    platform_modes,
    provider_events,
)

entries = call_list_entries.c
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class KeptFigure:
    """Rows of a count, as `count_…` gives them; `took` says how long the counting lasted."""

    rows: Rows
    counted_at: datetime
    took: timedelta


def kept(connection: Connection) -> dict[str, KeptFigure]:
    """Every figure as it was last counted."""
    found = connection.execute(select(kept_figures))
    return {
        row.figure: KeptFigure(row.rows, row.counted_at, timedelta(milliseconds=row.took_ms)) for row in found
    }


def kept_or_counted(
    connection: Connection, name: str, count: Callable[[Connection, datetime], Rows], now: datetime
) -> KeptFigure:
    """As it was last counted; counted now where nobody ever did."""
    return kept(connection).get(name) or KeptFigure(count(connection, now), now, timedelta())


def keep(connection: Connection, name: str, figure: KeptFigure) -> None:
    """In the place of the last count."""
    counted = {
        "rows": [list(row) for row in figure.rows],
        "counted_at": figure.counted_at,
        "took_ms": round(figure.took.total_seconds() * 1000),
    }
    connection.execute(
        insert(kept_figures)
        .values(figure=name, **counted)
        .on_conflict_do_update(index_elements=[kept_figures.c.figure], set_=counted)
    )


def count_entries(connection: Connection, now: datetime) -> Rows:
    """platform, queue, class, state, open entries, late, at risk; the last two of those in nobody's hands."""
    columns = (entries.platform, entries.queue, entries.call_class, entries.state)
    waits = entries.state.in_(["READY", "WAITING"])
    soon = entries.effective_deadline.between(now, now + AT_RISK_BEFORE)
    return connection.execute(
        select(
            *columns,
            func.count(),
            func.count().filter(waits, entries.deadline < now),
            func.count().filter(waits, entries.deadline >= now, soon),
        )
        .where(entries.state != "CLOSED")
        .group_by(*columns)
    ).all()


def count_open_records(connection: Connection, _: datetime) -> Rows:
    """platform, records that are open."""
    c = case_records.c
    return connection.execute(
        select(c.platform, func.count()).where(c.state == "OPEN").group_by(c.platform)
    ).all()


def count_messages(connection: Connection, _: datetime) -> Rows:
    """platform, status, count."""
    columns = (messages.c.platform, messages.c.status)
    return connection.execute(select(*columns, func.count()).group_by(*columns)).all()


def campaigns_by_state(connection: Connection) -> Rows:
    """platform, channel, state, count; a few rows each."""
    columns = (campaigns.c.platform, campaigns.c.channel, campaigns.c.state)
    return connection.execute(select(*columns, func.count()).group_by(*columns)).all()


def count_provider_events(connection: Connection, _: datetime) -> Rows:
    """effect, count of the raw events still kept."""
    c = provider_events.c
    return connection.execute(select(c.effect, func.count()).group_by(c.effect)).all()


def count_outbox(connection: Connection, now: datetime) -> Rows:
    """One row: waiting, dead, delivered, age of the oldest that waits in seconds."""
    figures = outbox.figures(connection)
    lag = (now - figures.oldest_waiting_at).total_seconds() if figures.oldest_waiting_at else 0.0
    return [(figures.waiting, figures.dead, figures.delivered, lag)]


def open_alarms(connection: Connection) -> Rows:
    """kind, count."""
    return connection.execute(
        select(alarms.c.kind, func.count()).where(alarms.c.cleared_at.is_(None)).group_by(alarms.c.kind)
    ).all()


def mode_levels(connection: Connection, now: datetime) -> Rows:
    """platform, mode, level in force, version."""
    level = case((platform_modes.c.ends_at <= now, 1), else_=platform_modes.c.level)
    return connection.execute(
        select(platform_modes.c.platform, platform_modes.c.mode, level, platform_modes.c.version)
    ).all()


def agents_by_state(connection: Connection) -> Rows:
    """state, count."""
    return connection.execute(
        select(agent_presence.c.state, func.count()).group_by(agent_presence.c.state)
    ).all()


def oldest_snapshot_seconds(connection: Connection) -> float:
    """Age of the oldest transaction that keeps dead rows from being removed: a long one slows every lease."""
    return float(
        connection.execute(
            text(
                "select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)"
                " from pg_stat_activity where datname = current_database() and backend_xmin is not null"
                " and pid <> pg_backend_pid()"
            )
        ).scalar_one()
    )
