"""The mode in force (one row for each platform), its rules, what surrounds a switch, and territories."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column

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
    Column("previous_mode", Text),  # what an undo goes back to; null after an undo
    Column("previous_ends_at", Moment),
    needed("rules", JSONB, "'{}'"),  # the platform's own copies of modes; {}: the built-in ones
)

mode_rules = Table(  # every version of a platform's own copy of a mode
    "mode_rules",
    metadata,
    platform_column(),
    needed("mode", Text),
    needed("version", Integer),
    needed("rule", JSONB),
    Column("author_id", Uuid),
    needed("reason", Text),
    needed("at", Moment),
    PrimaryKeyConstraint("platform", "mode", "version"),
    Index("mode_rules_at_idx", "at"),
)

planned_switches = Table(
    "planned_switches",
    metadata,
    id_column(),
    platform_column(),
    needed("mode", Text),
    needed("reason", Text),
    Column("author_id", Uuid),
    needed("starts_at", Moment),
    Column("ends_at", Moment),
    needed("state", Text, "'PLANNED'"),  # PLANNED | DONE | CANCELLED | REFUSED
    needed("because", Text, "''"),  # of a refusal
    needed("created_at", Moment),
    Index("planned_switches_due_idx", "starts_at", postgresql_where=text("state = 'PLANNED'")),
    Index("planned_switches_platform_idx", "platform", "starts_at"),
)

territories = Table(  # beside the built-in tree, or in place of its nodes
    "territories",
    metadata,
    Column("code", Text, primary_key=True),
    needed("name", Text),
    needed("kind", Text),  # domain/territory_tree.py TerritoryKind
    Column("parent", Text),
)

auto_modes = Table(
    "auto_modes",
    metadata,
    Column("platform", Text, ForeignKey("platforms.code"), primary_key=True),
    needed("setting", Text),  # OFF | PROPOSE | APPLY
    needed("called", Float, "0.99"),  # the targets: shares in time of positives, and
    needed("informed", Float, "0.95"),  # of contacts
    Column("author_id", Uuid),
    needed("changed_at", Moment),
)

mode_proposals = Table(
    "mode_proposals",
    metadata,
    id_column(),
    platform_column(),
    needed("mode", Text),
    needed("because", Text),  # the sentence
    Column("from_mode", Text),  # and what it says: from this mode, to such shares in time
    Column("called", Float),
    Column("informed", Float),
    needed("mode_version", Integer),  # of the row that was looked at
    needed("made_at", Moment),
    needed("expires_at", Moment),
    needed("state", Text, "'OPEN'"),  # OPEN | ACCEPTED | DECLINED | WITHDRAWN
    Column("answered_by", Uuid),
    Column("answered_at", Moment),
    needed("answer_reason", Text, "''"),
    Index("mode_proposals_one_open_idx", "platform", unique=True, postgresql_where=text("state = 'OPEN'")),
    Index("mode_proposals_platform_idx", "platform", "made_at"),
)
