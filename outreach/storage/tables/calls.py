"""Call attempts and calls to us."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

call_attempts = Table(
    "call_attempts",
    metadata,
    id_column(),
    platform_column(),
    reference("call_list_entries", "entry_id", index=True),
    reference("case_records", "case_record_id", index=True),
    reference("persons", "person_id", index=True),  # erasing a person blanks what they said
    reference("users", "agent_id", index=True),
    needed("status", Text),  # domain/call_attempts.py CallStatus
    needed("phone_position", SmallInteger),
    Column("number_index", LargeBinary),
    needed("inbound", Boolean, "false"),  # the person called us
    needed("conference", Uuid),  # the first attempt's id: calling again keeps the agent in the same room
    Column("agent_sid", Text),
    Column("person_sid", Text),
    Column("conference_sid", Text),
    Column("answered_by", Text),
    Column("transfer_sid", Text),
    Column("transfer_user_id", Uuid),
    Column("sip_code", Text),
    Column("suggested_outcome", Text),  # what the line says; the agent confirms or corrects it
    needed("on_hold", Boolean, "false"),
    needed("voicemail_left", Boolean, "false"),
    needed("started_at", Moment),
    Column("agent_answered_at", Moment),
    Column("dialled_at", Moment),  # the person's leg was ordered
    Column("answered_at", Moment),  # the person (or a machine) picked up
    Column("ended_at", Moment),
    Column("agent_left_at", Moment),
    Column("outcome", Text),
    Column("outcome_at", Moment),
    Column("sealed_note", LargeBinary),  # under the person's key
    needed("mode_version", Integer, "1"),
    # What the agent reads, as it was in force when the attempt began; '' before there were interviews.
    needed("script", Text, "''"),
    needed("script_version", Integer, "0"),
    needed("script_language", Text, "''"),
    needed("script_parameters", JSONB, "'{}'"),
    needed("version", Integer, "1"),
    Index(
        "call_attempts_one_open_per_entry_idx",
        "entry_id",
        unique=True,
        postgresql_where=text("outcome is null"),
    ),
    Index(
        "call_attempts_one_open_per_agent_idx",
        "agent_id",
        unique=True,
        postgresql_where=text("outcome is null"),
    ),
    Index("call_attempts_agent_sid_idx", "agent_sid"),
    Index("call_attempts_person_sid_idx", "person_sid"),
    Index(
        "call_attempts_colleague_idx",
        "transfer_user_id",
        postgresql_where=text("transfer_user_id is not null"),
    ),
    Index("call_attempts_live_idx", "started_at", postgresql_where=text("outcome is null")),
)

inbound_calls = Table(
    "inbound_calls",
    metadata,
    id_column(),
    Column("platform", Text, ForeignKey("platforms.code")),
    Column("sid", Text, nullable=False, unique=True),
    Column("person_id", Uuid, index=True),
    Column("entry_id", Uuid),
    needed("answered_with", Text),  # AGENT | MESSAGE
    needed("received_at", Moment),
)
