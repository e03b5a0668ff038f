"""Practice calls: no person, no case record and no entry stands behind them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

training_sessions = Table(
    "training_sessions",
    metadata,
    id_column(),
    reference("users", "user_id", index=True),
    platform_column(),
    needed("seed", BigInteger),  # with the day, the whole invented person
    needed("day", Date),
    Column("scenario", Text),  # null: drawn by the seed
    needed("script", Text, "''"),  # the interview practised; '' of calls begun before one could be chosen
    needed("kind", Text, "''"),  # of the person, where the script decides it
    needed("language", Text),
    needed("started_at", Moment),
    Column("called_at", Moment),
    Column("hung_up_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", Text),
    needed("asked", JSONB, "'[]'"),  # questions put to the partner, in order
    needed("acts", JSONB, "'[]'"),  # buttons of the call bar, in order: domain/practice_call.py
    needed("answers", JSONB, "'{}'"),  # of nobody: what the agent kept of what the partner said
    Column("sealed", LargeBinary),  # what the agent typed in words: answers, and the contacts grid
    Column("marks", JSONB),
    needed("version", Integer, "1"),
    Index("training_sessions_platform_idx", "platform", "id"),
    Index(
        "training_sessions_one_open_idx", "user_id", unique=True, postgresql_where=text("ended_at is null")
    ),
)
