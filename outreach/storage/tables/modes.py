"""The mode in force: one row for each platform."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, SmallInteger, Table, Text, Uuid

from outreach.storage.tables.base import Moment, metadata, needed

platform_modes = Table(
    "platform_modes",
    metadata,
    Column("platform", Text, ForeignKey("platforms.code"), primary_key=True),
    needed("mode", Text),
    needed("level", SmallInteger),  # entries with 0 < shed_level <= level are texted; 1: NORMAL
    needed("version", Integer),
    Column("author_id", Uuid),
    needed("reason", Text),
    needed("starts_at", Moment),
    Column("ends_at", Moment),  # after it the level is 1
)
