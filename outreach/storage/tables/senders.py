"""Who sends SMS, at what pace, and what may be spent on them."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, Numeric, PrimaryKeyConstraint, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from outreach.storage.tables.base import Moment, metadata, needed, platform_column

senders = Table(  # pace learned from the carrier, shared by every worker
    "senders",
    metadata,
    Column("sender", Text, primary_key=True),
    needed("pace", Integer),  # segments per second now
    needed("most", Integer),  # segments per second allowed
    needed("tokens", Integer, "0"),
    needed("refilled_at", Moment),
    Column("paused_until", Moment),
    Column("stopped_because", Text),
    Column("ceiling", Integer),  # segments per second set for this sender; null: as the settings say
    Column("resting_until", Moment),  # others send in its place until then
    Column("resting_because", Text),
    needed("rests", SmallInteger, "0"),  # in a row, without a healthy look between
    Column("usual_pace", Double),
    Column("usual_share", Double),  # of settled messages, delivered
)

platform_senders = Table(  # none for a platform: platforms.sender, or the one in the settings
    "platform_senders",
    metadata,
    platform_column(),
    needed("sender", Text),
    needed("preference", SmallInteger, "0"),  # the lowest first
    needed("purposes", ARRAY(Text), "'{}'"),  # MessagePurpose; empty: all
    PrimaryKeyConstraint("platform", "sender"),
)

spend_limits = Table(  # none for a platform: domain/spend_limits.py
    "spend_limits",
    metadata,
    platform_column(),
    Column("daily_euros", Numeric(12, 2)),
    Column("monthly_euros", Numeric(12, 2)),
    Column("per_hour", JSONB),  # segments by allowed prefix; null: the built-in list
    PrimaryKeyConstraint("platform"),
)

spending = Table(  # segments claimed, counted in the claim's own transaction
    "spending",
    metadata,
    platform_column(),
    needed("span", Text),  # HOUR | DAY | MONTH
    needed("starts_at", Moment),
    needed("prefix", Text, "''"),  # of hours only
    needed("segments", Integer),
    needed("forgiven", Integer, "0"),  # counted no more since a supervisor reset the breaker
    PrimaryKeyConstraint("platform", "span", "starts_at", "prefix"),
)

stopped_prefixes = Table(  # tripped by their hourly rate, until someone resets them
    "stopped_prefixes",
    metadata,
    platform_column(),
    needed("prefix", Text),
    needed("since", Moment),
    needed("segments", Integer),
    PrimaryKeyConstraint("platform", "prefix"),
)
