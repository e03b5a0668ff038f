"""Supervisors beside agents: who listens to which room, what agents are told, and screens on walls."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

call_listeners = Table(
    "call_listeners",
    metadata,
    id_column(),
    platform_column(),
    needed("attempt_id", Uuid),  # the try that was going on when they came
    needed("conference", Uuid),  # the room: it outlives a try when the agent calls again
    reference("users", "user_id"),
    needed("how", Text),  # domain/supervision.py ListenHow
    Column("sid", Text),
    Column("coached_sid", Text),  # the agent's leg that a whisper is for
    needed("ordered_at", Moment),
    Column("in_room_at", Moment),
    Column("asked_at", Moment),  # when the phone company was last asked about the leg
    Column("ended_at", Moment),
    Index(
        "call_listeners_one_room_idx",
        "user_id",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
    Index("call_listeners_room_idx", "conference", postgresql_where=text("ended_at is null")),
)

told_agents = Table(
    "told_agents",
    metadata,
    id_column(),
    platform_column(),
    reference("users", "user_id"),
    reference("users", "by_user"),
    needed("kind", Text),  # domain/supervision.py ActKind
    needed("reason", Text),  # domain/supervision.py ActReason
    needed("entry_id", Uuid),
    needed("at", Moment),
    Column("seen_at", Moment),
    Index("told_agents_unseen_idx", "user_id", "id", postgresql_where=text("seen_at is null")),
)

wall_passes = Table(  # the address of a wall screen: figures of these platforms, and nothing else
    "wall_passes",
    metadata,
    id_column(),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256; the token itself is never kept
    needed("platforms", ARRAY(Text)),
    reference("users", "made_by"),
    needed("made_at", Moment),
    needed("good_until", Moment),
    Column("ended_at", Moment),
)
