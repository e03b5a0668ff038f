"""Steering: the rota and who is away, loans between platforms, what waits to be settled, notices, moves."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

rota_shifts = Table(  # either so many positions, or one agent
    "rota_shifts",
    metadata,
    id_column(),
    platform_column(),
    Column("day", Date, nullable=False),  # on the platform's calendar
    needed("starts_at", Moment),
    needed("ends_at", Moment),
    Column("positions", SmallInteger),
    reference("users", "user_id", null=True),
    needed("written_at", Moment),
    Index("rota_shifts_platform_idx", "platform", "ends_at"),
    CheckConstraint("(positions is null) <> (user_id is null)", name="positions_or_agent"),
)

rota_absences = Table(
    "rota_absences",
    metadata,
    id_column(),
    platform_column(),
    reference("users", "user_id", null=True),
    Column("positions", SmallInteger),
    needed("starts_at", Moment),
    needed("ends_at", Moment),
    needed("reason", Text),  # domain/rota.py AbsenceReason
    needed("written_at", Moment),
    Index("rota_absences_platform_idx", "platform", "ends_at"),
    CheckConstraint("(positions is null) <> (user_id is null)", name="positions_or_agent"),
)

agent_pauses = Table(
    "agent_pauses",
    metadata,
    id_column(),
    reference("users", "user_id"),
    platform_column(),
    needed("reason", Text),  # domain/rota.py PauseReason
    needed("started_at", Moment),
    Column("ended_at", Moment),
    Index("agent_pauses_one_open_idx", "user_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("agent_pauses_platform_idx", "platform", "started_at"),
)

mutual_aid_loans = Table(  # entries of one platform that agents of another may take as well
    "mutual_aid_loans",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("owner", Text, ForeignKey("platforms.code"), nullable=False, index=True),
    Column("helper", Text, ForeignKey("platforms.code"), nullable=False, index=True),
    Column("share", SmallInteger),  # percent of those who wait, kept up
    Column("amount", Integer),  # or so many entries in all
    needed("most", Integer),  # in the helper's reach at one time
    needed("call_classes", ARRAY(SmallInteger)),
    needed("queues", ARRAY(Text)),
    needed("languages", ARRAY(Text)),  # {}: every language
    needed("starts_at", Moment),
    needed("ends_at", Moment),
    needed("reason", Text),
    Column("author_id", Uuid),
    needed("lent", Integer, "0"),  # entries lent so far
    Column("taken_back_at", Moment),
    Column("settled_at", Moment),  # over, and no entry is marked any more
    CheckConstraint("(share is null) <> (amount is null)", name="share_or_amount"),
)

watch_settings = Table(
    "watch_settings",
    metadata,
    Column("platform", Text, ForeignKey("platforms.code"), primary_key=True),
    needed("days", SmallInteger),
)

watched_records = Table(  # case records without a positive result or a doctor's validation
    "watched_records",
    metadata,
    Column("case_record_id", Uuid, ForeignKey("case_records.id"), primary_key=True),
    platform_column(),
    needed("why", Text),  # domain/watch_list.py Missing
    needed("since", Moment),
    Column("resolved_at", Moment),
    Column("resolved_because", Text),
    Column("resolved_by", Uuid),
    Index("watched_records_open_idx", "platform", "since", postgresql_where=text("resolved_at is null")),
)

notices = Table(  # instructions of a supervisor to agents; no personal data
    "notices",
    metadata,
    id_column(),
    Column("platform", Text, ForeignKey("platforms.code")),  # or
    Column("region", Text),  # all platforms of a region
    needed("title", Text),
    needed("text", Text),
    needed("author_id", Uuid),
    needed("starts_at", Moment),
    Column("ends_at", Moment),
    needed("published_at", Moment),
    Column("withdrawn_at", Moment),
    Index("notices_platform_idx", "platform", "starts_at"),
    Index("notices_region_idx", "region", "starts_at"),
    CheckConstraint("(platform is null) <> (region is null)", name="platform_or_region"),
)

notice_readings = Table(
    "notice_readings",
    metadata,
    reference("notices", "notice_id"),
    reference("users", "user_id", index=True),
    needed("acknowledged_at", Moment),
    PrimaryKeyConstraint("notice_id", "user_id"),
)

platform_moves = Table(  # a platform merged into another, or split
    "platform_moves",
    metadata,
    id_column(),
    Column("source", Text, ForeignKey("platforms.code"), nullable=False),
    Column("target", Text, ForeignKey("platforms.code"), nullable=False),
    needed("kind", Text),  # MERGE | SPLIT
    needed("counts", JSONB, "'{}'"),  # rows moved, by table
    needed("expected", JSONB, "'{}'"),  # rows there were at the start
    needed("reason", Text),
    Column("author_id", Uuid),
    needed("started_at", Moment),
    Column("done_at", Moment),
    Index("platform_moves_one_open_idx", "source", unique=True, postgresql_where=text("done_at is null")),
)

platform_move_people = Table(  # who is to be moved; emptied at the end
    "platform_move_people",
    metadata,
    reference("platform_moves", "move_id"),
    needed("person_id", Uuid),
    Column("moved_at", Moment),
    PrimaryKeyConstraint("move_id", "person_id"),
)
