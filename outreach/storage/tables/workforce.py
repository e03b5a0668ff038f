"""Who works, and where: platforms, users, tokens, presence."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, reference

platforms = Table(
    "platforms",
    metadata,
    Column("code", Text, primary_key=True),
    needed("name", Text),
    needed("time_zone", Text),
    needed("department", Text),
    needed("region", Text, "''"),
    needed("country", Text, "'FR'"),
    needed("language", Text, "'fr'"),
    needed("calling_hours", JSONB, "'{}'"),  # per purpose; {}: as built in (hours_store.py)
    needed("sender", Text, "''"),  # SMS sender; '' means the one in the settings
    needed("caller_id", Text, "''"),
    needed("sms_accents", Text, "'REPLACE'"),  # domain/sms_text.py Accents
    needed("created_at", Moment),
)

users = Table(
    "users",
    metadata,
    id_column(),
    Column("login", Text, nullable=False, unique=True),
    needed("roles", ARRAY(Text)),
    needed("platforms", ARRAY(Text)),
    needed("languages", ARRAY(Text), "'{fr}'"),
    Column("territory", Text),  # their reach beside their own platforms: every platform inside it
    Column("sealed_phone", LargeBinary),  # the agent's own phone, sealed for the purpose "agent-phone"
    needed("created_at", Moment),
    Column("ended_at", Moment),
    needed("access_version", Integer, "1"),  # a session of an older version is over
    Column("page_language", Text),  # of the pages this person reads; null: what their browser asks for
    needed("told_line", BigInteger, "0"),  # the last sign-in line about their access that they were told of
)

access_tokens = Table(
    "access_tokens",
    metadata,
    id_column(),
    reference("users", "user_id", index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256; the token itself is never kept
    needed("scopes", ARRAY(Text)),
    needed("created_at", Moment),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

agent_presence = Table(
    "agent_presence",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    needed("state", Text),  # ON_SHIFT | PAUSED | OFF
    needed("heartbeat_at", Moment),
    needed("since", Moment),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    reference("users", "user_id"),
    needed("key", Text),
    needed("route", Text),
    needed("request_digest", LargeBinary),
    Column("status", Integer),  # null while the first request runs
    Column("sealed_answer", LargeBinary),
    Column("created_at", Moment, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "route", "key"),
)
