"""Forecasts as they were made, and what came of them."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, SmallInteger, Table, Text, text

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column

forecasts = Table(  # of the mode in force: no other can be compared with what happened
    "forecasts",
    metadata,
    id_column(),
    platform_column(),
    needed("mode", Text),
    needed("mode_version", Integer),
    needed("made_at", Moment),
    needed("hours", SmallInteger),  # the horizon
    needed("until", Moment),
    Column("called", Float),  # shares of those due within the horizon; null when nobody is
    Column("reached", Float),
    Column("informed", Float),
    Column("called_seen", Float),
    Column("reached_seen", Float),
    Column("informed_seen", Float),
    needed("state", Text, "'OPEN'"),  # OPEN | SCORED | VOID: the mode changed meanwhile
    Index("forecasts_open_idx", "until", postgresql_where=text("state = 'OPEN'")),
    Index("forecasts_platform_idx", "platform", "made_at"),
)
