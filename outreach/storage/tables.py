"""The tables: personal data in `persons` only (sealed), everything else by id and keyed index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)
Moment = DateTime(timezone=True)


def _id(name: str = "id") -> Column[Any]:
    return Column(name, Uuid, primary_key=True)


def _ref(target: str, name: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, Uuid, ForeignKey(f"{target}.id"), nullable=null, index=index)


def _platform(*, index: bool = False) -> Column[Any]:
    return Column("platform", Text, ForeignKey("platforms.code"), nullable=False, index=index)


def _need(
    name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], default: str | None = None
) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, nullable=False, server_default=text(default) if default else None)


# --- Who works, and where -------------------------------------------------------------------------

platforms = Table(
    "platforms",
    metadata,
    Column("code", Text, primary_key=True),
    _need("name", Text),
    _need("time_zone", Text),
    _need("department", Text),
    _need("region", Text, "''"),
    _need("country", Text, "'FR'"),
    _need("language", Text, "'fr'"),
    _need("calling_hours", JSONB, "'{}'"),  # per purpose; {} means the built-in hours
    _need("sender", Text, "''"),  # SMS sender; '' means the one in the settings
    _need("caller_id", Text, "''"),
    _need("created_at", Moment),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("login", Text, nullable=False, unique=True),
    _need("roles", ARRAY(Text)),
    _need("platforms", ARRAY(Text)),
    _need("languages", ARRAY(Text), "'{fr}'"),
    Column("sealed_phone", LargeBinary),  # the agent's own phone, sealed for the purpose "agent-phone"
    _need("created_at", Moment),
    Column("ended_at", Moment),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    _id(),
    _ref("users", "user_id", index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256; the token itself is never kept
    _need("scopes", ARRAY(Text)),
    _need("created_at", Moment),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

agent_presence = Table(
    "agent_presence",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    _need("state", Text),  # ON_SHIFT | PAUSED | OFF
    _need("heartbeat_at", Moment),
    _need("since", Moment),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _ref("users", "user_id"),
    _need("key", Text),
    _need("route", Text),
    _need("request_digest", LargeBinary),
    Column("status", Integer),  # null while the first request runs
    Column("sealed_answer", LargeBinary),
    Column("created_at", Moment, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "route", "key"),
)

# --- People: the only personal data ---------------------------------------------------------------

persons = Table(
    "persons",
    metadata,
    _id(),
    _platform(),
    Column("sealed", LargeBinary),  # JSON under the person's own key; null once erased
    Column("name_birth_index", LargeBinary, index=True),
    _need("language", Text, "'fr'"),
    _need("time_zone", Text),
    _need("phone_region", Text, "'FR'"),
    _need("adult", Boolean, "true"),
    _need("opted_out", Boolean, "false"),
    _need("created_at", Moment),
    Column("erased_at", Moment),
)

# Kept apart so that backups of the keys can be short-lived: without its key a person is erased everywhere.
person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    _need("wrapped_key", LargeBinary),
)

person_phones = Table(
    "person_phones",
    metadata,
    _ref("persons", "person_id"),
    _need("position", SmallInteger),  # 0 is tried first; the number itself lies in persons.sealed
    _need("number_index", LargeBinary),
    _need("line_type", Text),
    _need("can_sms", Boolean),
    _need("time_zone", Text),
    _need("bad", Boolean, "false"),
    PrimaryKeyConstraint("person_id", "position"),
    Index("person_phones_number_index_idx", "number_index"),
)

case_records = Table(
    "case_records",
    metadata,
    _id(),
    _platform(),
    _ref("persons", "person_id", index=True),
    _need("kind", Text),  # POSITIVE | CONTACT
    _need("state", Text, "'OPEN'"),  # OPEN | CLOSED
    Column("closed_because", Text),
    Column("sampled_at", Moment),
    Column("result_at", Moment),  # positives
    _need("listed_at", Moment),  # when we first knew of them; contacts' clock starts here
    _need("deadline", Moment),
    Column("last_exposure_on", Date),
    _need("household", Boolean, "false"),
    _need("collective_setting", Boolean, "false"),
    _need("vulnerable", Boolean, "false"),
    _need("needs_sick_leave", Boolean, "false"),
    Column("converted_at", Moment),
    # Live figures, written with the outcome; service_level recomputes them from the journal.
    Column("first_called_at", Moment),
    Column("reached_at", Moment),
    Column("informed_at", Moment),
    Column("last_outcome", Text),
    _need("version", Integer, "1"),
    Index(
        "case_records_platform_result_idx",
        "platform",
        "result_at",
        postgresql_where=text("kind = 'POSITIVE'"),
    ),
    Index("case_records_platform_listed_idx", "platform", "listed_at"),
)

case_references = Table(  # what outside systems call a record; several when records were merged
    "case_references",
    metadata,
    _platform(),
    _need("source", Text),
    _need("external_id", Text),
    _ref("case_records", "case_record_id", index=True),
    _need("content_digest", LargeBinary),
    _need("created_at", Moment),
    PrimaryKeyConstraint("platform", "source", "external_id"),
)

exposures = Table(
    "exposures",
    metadata,
    _id(),
    _ref("case_records", "contact_id"),
    _ref("case_records", "positive_id", null=True, index=True),
    _need("positive_reference", Text, "''"),  # kept when the positive is not known yet
    Column("last_contact_on", Date),
    _need("nature", Text, "''"),
    _need("created_at", Moment),
    UniqueConstraint("contact_id", "positive_reference", name="exposures_contact_positive_key"),
    Index("exposures_unsettled_idx", "positive_reference", postgresql_where=text("positive_id is null")),
)

# --- The call list --------------------------------------------------------------------------------

call_list_entries = Table(
    "call_list_entries",
    metadata,
    _id(),
    _platform(),
    _ref("case_records", "case_record_id", index=True),
    _ref("persons", "person_id"),
    _need("purpose", Text),  # INTERVIEW | INFORM | FOLLOW_UP | CAMPAIGN
    _need("state", Text),  # WAITING | READY | LEASED | TEXTED | CLOSED
    _need("queue", Text, "'AGENTS'"),
    _need("language", Text, "'fr'"),
    # The stored order: domain/call_list.py decides it, SQL only sorts.
    _need("call_class", SmallInteger),
    _need("front", SmallInteger, "1"),  # 0: lapsed lease, before the others of its class
    _need("effective_deadline", Moment),
    _need("tie_break", Integer, "0"),
    _need("deadline", Moment),
    _need("shed_level", SmallInteger, "0"),  # lightest mode that would text it; 0 = never
    Column("not_before", Moment),
    Column("ready_until", Moment),  # end of the current calling hours
    Column("callback_at", Moment),
    Column("callback_agent_id", Uuid),
    _need("callback_for_me_only", Boolean, "false"),
    Column("number_index", LargeBinary),  # the number to call now; null when there is none
    _need("phone_position", SmallInteger, "0"),
    _need("tries", SmallInteger, "0"),
    _need("tried_parts", SmallInteger, "0"),  # bits: 1 morning, 2 midday, 4 evening
    _need("entered_at", Moment),
    Column("lease_id", Uuid),
    Column("leased_by", Uuid),
    Column("leased_until", Moment),
    Column("message_id", Uuid),  # the message that stands for the call while TEXTED
    Column("closed_at", Moment),
    Column("closed_because", Text),
    _need("version", Integer, "1"),
    Index(
        "call_list_one_open_entry_idx",
        "case_record_id",
        "purpose",
        unique=True,
        postgresql_where=text("state <> 'CLOSED'"),
    ),
    Index(
        "call_list_one_lease_per_number_idx",
        "number_index",
        unique=True,
        postgresql_where=text("state = 'LEASED'"),
    ),
    Index(
        "call_list_ready_idx",
        "platform",
        "queue",
        "call_class",
        "front",
        "effective_deadline",
        "tie_break",
        "id",
        "shed_level",
        "language",
        postgresql_where=text("state = 'READY'"),
    ),
    Index(
        "call_list_shed_idx",
        "platform",
        "shed_level",
        "id",
        postgresql_where=text("state in ('READY', 'WAITING') and shed_level > 0"),
    ),
    Index("call_list_waiting_idx", "not_before", postgresql_where=text("state = 'WAITING'")),
    Index("call_list_ready_until_idx", "ready_until", postgresql_where=text("state = 'READY'")),
    Index("call_list_leased_until_idx", "leased_until", postgresql_where=text("state = 'LEASED'")),
    Index("call_list_leased_by_idx", "leased_by", postgresql_where=text("state = 'LEASED'")),
    Index("call_list_open_number_idx", "number_index", postgresql_where=text("state <> 'CLOSED'")),
    Index("call_list_message_idx", "message_id", postgresql_where=text("state = 'TEXTED'")),
    CheckConstraint("(state = 'LEASED') = (lease_id is not null)", name="leased_has_lease"),
    # Leases churn the head of the index: vacuum early and keep free space in the pages.
    postgresql_with={
        "fillfactor": "85",
        "autovacuum_vacuum_scale_factor": "0.01",
        "autovacuum_vacuum_cost_delay": "0",
    },
)

# --- Calls ----------------------------------------------------------------------------------------

call_attempts = Table(
    "call_attempts",
    metadata,
    _id(),
    _platform(),
    _ref("call_list_entries", "entry_id", index=True),
    _ref("case_records", "case_record_id", index=True),
    _ref("persons", "person_id"),
    _ref("users", "agent_id", index=True),
    _need("status", Text),  # domain/call_attempts.py CallStatus
    _need("phone_position", SmallInteger),
    Column("number_index", LargeBinary),
    Column("agent_sid", Text),
    Column("person_sid", Text),
    Column("conference_sid", Text),
    Column("answered_by", Text),
    Column("sip_code", Text),
    _need("on_hold", Boolean, "false"),
    _need("voicemail_left", Boolean, "false"),
    _need("started_at", Moment),
    Column("agent_answered_at", Moment),
    Column("dialled_at", Moment),  # the person's leg was ordered
    Column("answered_at", Moment),  # the person (or a machine) picked up
    Column("ended_at", Moment),
    Column("outcome", Text),
    Column("outcome_at", Moment),
    Column("sealed_note", LargeBinary),  # under the person's key
    _need("mode_version", Integer, "1"),
    _need("script", Text, "''"),
    _need("version", Integer, "1"),
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
    Index("call_attempts_live_idx", "started_at", postgresql_where=text("outcome is null")),
)

inbound_calls = Table(
    "inbound_calls",
    metadata,
    _id(),
    Column("platform", Text, ForeignKey("platforms.code")),
    Column("sid", Text, nullable=False, unique=True),
    Column("person_id", Uuid),
    Column("entry_id", Uuid),
    _need("answered_with", Text),  # AGENT | MESSAGE
    _need("received_at", Moment),
)

# --- Messages -------------------------------------------------------------------------------------

messages = Table(
    "messages",
    metadata,
    _id(),  # also the token in the callback address
    _platform(),
    _ref("persons", "person_id", index=True),
    Column("case_record_id", Uuid, index=True),
    Column("entry_id", Uuid, index=True),
    _need("purpose", Text),  # CONTACT_INFORMED | MISSED_CALL | …
    _need("status", Text),  # domain/messages.py MessageStatus
    _need("urgency", SmallInteger),  # 0 before 1 before 2
    _need("number_index", LargeBinary),
    _need("phone_position", SmallInteger),
    _need("sender", Text),
    _need("template", Text),
    _need("template_version", Integer),
    _need("mode_version", Integer),
    _need("language", Text),
    Column("sealed_body", LargeBinary),  # under the person's key
    _need("segments", SmallInteger),
    _need("send_id", Uuid),  # one try at sending: in the signed callback address; new on each safe retry
    _need("tries", SmallInteger, "0"),
    _need("not_before", Moment),
    _need("useful_until", Moment),
    Column("claimed_by", BigInteger),  # the sender's advisory-lock key
    Column("claimed_at", Moment),
    Column("uncertain_since", Moment),
    Column("provider_sid", Text),
    Column("error_code", Text),
    _need("created_at", Moment),
    Column("accepted_at", Moment),
    Column("sent_at", Moment),
    Column("delivered_at", Moment),
    Column("read_at", Moment),
    Column("ended_at", Moment),
    Column("returned_at", Moment),  # its entries went back to the call list
    Index(
        "messages_queued_idx",
        "sender",
        "urgency",
        "not_before",
        "id",
        postgresql_where=text("status = 'QUEUED'"),
    ),
    Index("messages_sending_idx", "claimed_at", postgresql_where=text("status = 'SENDING'")),
    Index("messages_uncertain_idx", "uncertain_since", postgresql_where=text("status = 'UNCERTAIN'")),
    Index(
        "messages_open_idx",
        "accepted_at",
        postgresql_where=text("status in ('ACCEPTED', 'SENT', 'DELIVERED')"),
    ),
    Index("messages_provider_sid_idx", "provider_sid"),
    Index("messages_send_id_idx", "send_id"),
    Index("messages_number_idx", "number_index"),
    postgresql_with={"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"},
)

senders = Table(  # pace learned from the carrier, shared by every worker
    "senders",
    metadata,
    Column("sender", Text, primary_key=True),
    _need("pace", Integer),  # segments per second now
    _need("most", Integer),  # segments per second allowed
    _need("tokens", Integer, "0"),
    _need("refilled_at", Moment),
    Column("paused_until", Moment),
    Column("stopped_because", Text),
)

inbound_messages = Table(
    "inbound_messages",
    metadata,
    _id(),
    Column("sid", Text, nullable=False, unique=True),
    Column("platform", Text, ForeignKey("platforms.code")),
    Column("person_id", Uuid, index=True),
    _need("meaning", Text),  # domain/messages.py ReplyMeaning
    _need("sealed_body", LargeBinary),
    _need("received_at", Moment),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("number_index", LargeBinary, primary_key=True),
    _need("since", Moment),
    _need("because", Text),  # REPLY | PROVIDER
)

# --- Modes ----------------------------------------------------------------------------------------

platform_modes = Table(
    "platform_modes",
    metadata,
    Column("platform", Text, ForeignKey("platforms.code"), primary_key=True),
    _need("mode", Text),
    _need("level", SmallInteger),  # 0 NORMAL … : entries with 0 < shed_level <= level are texted
    _need("version", Integer),
    Column("author_id", Uuid),
    _need("reason", Text),
    _need("starts_at", Moment),
    Column("ends_at", Moment),  # after it the level is 0
)

# --- What happened, and what leaves ---------------------------------------------------------------

journal = Table(  # append-only: a trigger refuses UPDATE and DELETE
    "journal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("platform", Text, nullable=False),
    _need("event", Text),  # storage/journal.py Event
    _need("actor", Text),  # "user:<id>" | "system:<part>"
    Column("case_record_id", Uuid),
    Column("entry_id", Uuid),
    Column("attempt_id", Uuid),
    Column("message_id", Uuid),
    _need("facts", JSONB, "'{}'"),
    Index("journal_case_record_idx", "case_record_id", "id"),
    Index("journal_entry_idx", "entry_id", postgresql_where=text("entry_id is not null")),
    Index("journal_platform_event_at_idx", "platform", "event", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),  # the idempotency key
    _platform(),
    _need("kind", Text),
    _need("payload", JSONB),  # record numbers and codes, no names
    _need("created_at", Moment),
    _need("tries", SmallInteger, "0"),
    Column("next_try_at", Moment),
    Column("delivered_at", Moment),
    Column("dead_at", Moment),
    Column("last_error", Text),
    Index("outbox_due_idx", "next_try_at", postgresql_where=text("delivered_at is null and dead_at is null")),
)

provider_events = Table(
    "provider_events",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _need("kind", Text),
    _need("sealed", LargeBinary),  # the form as received, sealed for the purpose "provider-event"
    Column("received_at", Moment, nullable=False, index=True),
    Column("applied_at", Moment),
    Column("effect", Text),  # MOVED | LATE | REPEATED | UNKNOWN
    Index("provider_events_unapplied_idx", "received_at", postgresql_where=text("applied_at is null")),
)

alarms = Table(
    "alarms",
    metadata,
    _id(),
    Column("platform", Text),
    _need("kind", Text),  # POSITIVE_NEAR_DEADLINE | IMPORT_INCOMPLETE | EMERGENCY | SENDER_STOPPED …
    _need("subject", Text, "''"),  # an id, so that one cause raises one alarm
    _need("facts", JSONB, "'{}'"),
    _need("raised_at", Moment),
    Column("cleared_at", Moment),
    Column("cleared_by", Uuid),
    Index("alarms_one_open_idx", "kind", "subject", unique=True, postgresql_where=text("cleared_at is null")),
)

# --- Imports --------------------------------------------------------------------------------------

imports = Table(
    "imports",
    metadata,
    _id(),
    _platform(index=True),
    _need("mapping", Text),
    _need("file_digest", LargeBinary),
    Column("sealed_file", LargeBinary),  # null once read
    _need("file_type", Text),
    Column("started_by", Uuid),
    _need("state", Text),  # QUEUED | RUNNING | DONE | INCOMPLETE | REFUSED
    Column("refused_because", Text),
    _need("rows", Integer, "0"),
    _need("created", Integer, "0"),
    _need("updated", Integer, "0"),
    _need("unchanged", Integer, "0"),
    _need("merged", Integer, "0"),
    _need("rejected", Integer, "0"),
    _need("rows_total", Integer, "0"),
    _need("created_at", Moment),
    Column("finished_at", Moment),
)

import_findings = Table(
    "import_findings",
    metadata,
    _ref("imports", "import_id"),
    _need("number", Integer),
    _need("severity", Text),  # ERROR | WARNING
    _need("row", Integer),
    _need("field", Text),
    _need("value", Text),  # masked
    _need("reason", Text),
    _need("mend", Text),
    PrimaryKeyConstraint("import_id", "number"),
)

column_mappings = Table(
    "column_mappings",
    metadata,
    _platform(),
    _need("name", Text),
    _need("mapping", JSONB),  # header -> field
    _need("created_at", Moment),
    PrimaryKeyConstraint("platform", "name"),
)
