"""Counts for /metrics: the state of the whole installation, without a single person in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, case, func, select, text

from outreach.domain.call_list import AT_RISK_BEFORE
from outreach.storage.tables import (
    agent_presence,
    alarms,
    call_list_entries,
    messages,
    platform_modes,
    provider_events,
)

entries = call_list_entries.c
Rows = Sequence[Row[*tuple[object, ...]]]


def entries_by_class(connection: Connection) -> Rows:
    """platform, queue, class, state, count of open entries."""
    columns = (entries.platform, entries.queue, entries.call_class, entries.state)
    return connection.execute(
        select(*columns, func.count()).where(entries.state != "CLOSED").group_by(*columns)
    ).all()


def late_and_at_risk(connection: Connection, now: datetime) -> Rows:
    """platform, class, late, at risk: among those whom nobody has in hand yet."""
    return connection.execute(
        select(
            entries.platform,
            entries.call_class,
            func.count().filter(entries.deadline < now),
            func.count().filter(
                entries.deadline >= now,
                entries.effective_deadline.between(now, now + AT_RISK_BEFORE),
            ),
        )
        .where(entries.state.in_(["READY", "WAITING"]))
        .group_by(entries.platform, entries.call_class)
    ).all()


def messages_by_status(connection: Connection) -> Rows:
    """platform, status, count."""
    columns = (messages.c.platform, messages.c.status)
    return connection.execute(select(*columns, func.count()).group_by(*columns)).all()


def open_alarms(connection: Connection) -> Rows:
    """kind, count."""
    return connection.execute(
        select(alarms.c.kind, func.count()).where(alarms.c.cleared_at.is_(None)).group_by(alarms.c.kind)
    ).all()


def mode_levels(connection: Connection, now: datetime) -> Rows:
    """platform, mode, level in force, version."""
    level = case((platform_modes.c.ends_at <= now, 0), else_=platform_modes.c.level)
    return connection.execute(
        select(platform_modes.c.platform, platform_modes.c.mode, level, platform_modes.c.version)
    ).all()


def agents_by_state(connection: Connection) -> Rows:
    """state, count."""
    return connection.execute(
        select(agent_presence.c.state, func.count()).group_by(agent_presence.c.state)
    ).all()


def events_by_effect(connection: Connection) -> Rows:
    """effect, count of the raw events still kept."""
    c = provider_events.c
    return connection.execute(select(c.effect, func.count()).group_by(c.effect)).all()


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
