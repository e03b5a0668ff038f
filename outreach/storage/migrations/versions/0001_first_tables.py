"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from outreach.storage.ddl import DROP_JOURNAL_GUARD, JOURNAL_GUARD

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("alarms_pkey")),
    )
    op.create_index(
        "alarms_one_open_idx",
        "alarms",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("cleared_at is null"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("journal_pkey")),
    )
    op.create_index("journal_case_record_idx", "journal", ["case_record_id", "id"], unique=False)
    op.create_index(
        "journal_entry_idx",
        "journal",
        ["entry_id"],
        unique=False,
        postgresql_where=sa.text("entry_id is not null"),
    )
    op.create_index("journal_platform_event_at_idx", "journal", ["platform", "event", "at"], unique=False)
    op.create_table(
        "opt_outs",
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number_index", name=op.f("opt_outs_pkey")),
    )
    op.create_table(
        "platforms",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("country", sa.Text(), server_default=sa.text("'FR'"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'fr'"), nullable=False),
        sa.Column(
            "calling_hours",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("sender", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("caller_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("platforms_pkey")),
    )
    op.create_table(
        "provider_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_events_pkey")),
        sa.UniqueConstraint("key", name=op.f("provider_events_key_key")),
    )
    op.create_index(op.f("provider_events_received_at_idx"), "provider_events", ["received_at"], unique=False)
    op.create_table(
        "senders",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sender", name=op.f("senders_pkey")),
    )
    op.create_table(
        "sweep_runs",
        sa.Column("sweep", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("sweep", name=op.f("sweep_runs_pkey")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{fr}'"), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("login", name=op.f("users_login_key")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("access_tokens_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("access_tokens_pkey")),
        sa.UniqueConstraint("digest", name=op.f("access_tokens_digest_key")),
    )
    op.create_index(op.f("access_tokens_user_id_idx"), "access_tokens", ["user_id"], unique=False)
    op.create_table(
        "agent_presence",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("agent_presence_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("agent_presence_pkey")),
    )
    op.create_table(
        "column_mappings",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("column_mappings_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", "name", name=op.f("column_mappings_pkey")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("idempotency_keys_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", "route", "key", name=op.f("idempotency_keys_pkey")),
    )
    op.create_index(op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=True),
        sa.Column("file_type", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("merged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("imports_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("imports_pkey")),
    )
    op.create_index(op.f("imports_platform_idx"), "imports", ["platform"], unique=False)
    op.create_table(
        "inbound_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("answered_with", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("inbound_calls_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbound_calls_pkey")),
        sa.UniqueConstraint("sid", name=op.f("inbound_calls_sid_key")),
    )
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("inbound_messages_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("inbound_messages_pkey")),
        sa.UniqueConstraint("sid", name=op.f("inbound_messages_sid_key")),
    )
    op.create_index(op.f("inbound_messages_person_id_idx"), "inbound_messages", ["person_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("outbox_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_index(
        "outbox_due_idx",
        "outbox",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at is null and dead_at is null"),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_birth_index", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), server_default=sa.text("'fr'"), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("phone_region", sa.Text(), server_default=sa.text("'FR'"), nullable=False),
        sa.Column("adult", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("opted_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("persons_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("persons_pkey")),
    )
    op.create_index(op.f("persons_name_birth_index_idx"), "persons", ["name_birth_index"], unique=False)
    op.create_index(op.f("persons_time_zone_idx"), "persons", ["time_zone"], unique=False)
    op.create_table(
        "platform_modes",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("platform_modes_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", name=op.f("platform_modes_pkey")),
    )
    op.create_table(
        "case_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'OPEN'"), nullable=False),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_exposure_on", sa.Date(), nullable=True),
        sa.Column("household", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("collective_setting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("vulnerable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("needs_sick_leave", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("converted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("case_records_person_id_fkey")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("case_records_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_records_pkey")),
    )
    op.create_index(op.f("case_records_person_id_idx"), "case_records", ["person_id"], unique=False)
    op.create_index(
        "case_records_platform_listed_idx", "case_records", ["platform", "listed_at"], unique=False
    )
    op.create_index(
        "case_records_platform_result_idx",
        "case_records",
        ["platform", "result_at"],
        unique=False,
        postgresql_where=sa.text("kind = 'POSITIVE'"),
    )
    op.create_table(
        "import_findings",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mend", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("import_findings_import_id_fkey")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("import_findings_pkey")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_position", sa.SmallInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("mode_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=True),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("send_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useful_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uncertain_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_sid", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("messages_person_id_fkey")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("messages_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pkey")),
        postgresql_with={"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"},
    )
    op.create_index(op.f("messages_case_record_id_idx"), "messages", ["case_record_id"], unique=False)
    op.create_index(op.f("messages_entry_id_idx"), "messages", ["entry_id"], unique=False)
    op.create_index("messages_number_idx", "messages", ["number_index"], unique=False)
    op.create_index(
        "messages_open_idx",
        "messages",
        ["accepted_at"],
        unique=False,
        postgresql_where=sa.text("status in ('ACCEPTED', 'SENT', 'DELIVERED') and ended_at is null"),
    )
    op.create_index(op.f("messages_person_id_idx"), "messages", ["person_id"], unique=False)
    op.create_index("messages_provider_sid_idx", "messages", ["provider_sid"], unique=False)
    op.create_index(
        "messages_queued_idx",
        "messages",
        ["sender", "urgency", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    op.create_index("messages_send_id_idx", "messages", ["send_id"], unique=False)
    op.create_index(
        "messages_sending_idx",
        "messages",
        ["claimed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'SENDING'"),
    )
    op.create_index(
        "messages_uncertain_idx",
        "messages",
        ["uncertain_since"],
        unique=False,
        postgresql_where=sa.text("status = 'UNCERTAIN'"),
    )
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("person_keys_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_keys_pkey")),
    )
    op.create_table(
        "person_phones",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("line_type", sa.Text(), nullable=False),
        sa.Column("can_sms", sa.Boolean(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("bad", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("person_phones_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", "position", name=op.f("person_phones_pkey")),
    )
    op.create_index("person_phones_number_index_idx", "person_phones", ["number_index"], unique=False)
    op.create_table(
        "call_list_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), server_default=sa.text("'AGENTS'"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'fr'"), nullable=False),
        sa.Column("call_class", sa.SmallInteger(), nullable=False),
        sa.Column("front", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("effective_deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tie_break", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shed_level", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_agent_id", sa.Uuid(), nullable=True),
        sa.Column("callback_for_me_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_position", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_parts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(state = 'LEASED') = (lease_id is not null)",
            name=op.f("call_list_entries_leased_has_lease_check"),
        ),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("call_list_entries_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("call_list_entries_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("call_list_entries_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("call_list_entries_pkey")),
        postgresql_with={
            "fillfactor": "85",
            "autovacuum_vacuum_scale_factor": "0.01",
            "autovacuum_vacuum_cost_delay": "0",
        },
    )
    op.create_index(
        op.f("call_list_entries_case_record_id_idx"), "call_list_entries", ["case_record_id"], unique=False
    )
    op.create_index(
        "call_list_leased_by_idx",
        "call_list_entries",
        ["leased_by"],
        unique=False,
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.create_index(
        "call_list_leased_until_idx",
        "call_list_entries",
        ["leased_until"],
        unique=False,
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.create_index(
        "call_list_message_idx",
        "call_list_entries",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("state = 'TEXTED'"),
    )
    op.create_index(
        "call_list_one_lease_per_number_idx",
        "call_list_entries",
        ["number_index"],
        unique=True,
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.create_index(
        "call_list_one_open_entry_idx",
        "call_list_entries",
        ["case_record_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.create_index(
        "call_list_open_number_idx",
        "call_list_entries",
        ["number_index"],
        unique=False,
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.create_index(
        "call_list_own_callback_idx",
        "call_list_entries",
        ["callback_agent_id"],
        unique=False,
        postgresql_where=sa.text("state = 'READY' and callback_agent_id is not null"),
    )
    op.create_index(
        "call_list_ready_idx",
        "call_list_entries",
        [
            "platform",
            "queue",
            "language",
            "shed_level",
            "call_class",
            "front",
            "effective_deadline",
            "tie_break",
            "id",
        ],
        unique=False,
        postgresql_where=sa.text("state = 'READY'"),
    )
    op.create_index(
        "call_list_ready_until_idx",
        "call_list_entries",
        ["ready_until"],
        unique=False,
        postgresql_where=sa.text("state = 'READY'"),
    )
    op.create_index(
        "call_list_shed_idx",
        "call_list_entries",
        ["platform", "shed_level", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('READY', 'WAITING') and shed_level > 0"),
    )
    op.create_index(
        "call_list_untried_positive_idx",
        "call_list_entries",
        ["effective_deadline"],
        unique=False,
        postgresql_where=sa.text("purpose = 'INTERVIEW' and state <> 'CLOSED' and tries = 0"),
    )
    op.create_index(
        "call_list_waiting_idx",
        "call_list_entries",
        ["call_class", "not_before"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_table(
        "case_references",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("case_references_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("case_references_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", "source", "external_id", name=op.f("case_references_pkey")),
    )
    op.create_index(
        op.f("case_references_case_record_id_idx"), "case_references", ["case_record_id"], unique=False
    )
    op.create_table(
        "exposures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("positive_id", sa.Uuid(), nullable=True),
        sa.Column("positive_reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("nature", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["case_records.id"], name=op.f("exposures_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["positive_id"], ["case_records.id"], name=op.f("exposures_positive_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("exposures_pkey")),
        sa.UniqueConstraint("contact_id", "positive_reference", name="exposures_contact_positive_key"),
    )
    op.create_index(op.f("exposures_positive_id_idx"), "exposures", ["positive_id"], unique=False)
    op.create_index(
        "exposures_unsettled_idx",
        "exposures",
        ["positive_reference"],
        unique=False,
        postgresql_where=sa.text("positive_id is null"),
    )
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("phone_position", sa.SmallInteger(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("inbound", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("conference", sa.Uuid(), nullable=False),
        sa.Column("agent_sid", sa.Text(), nullable=True),
        sa.Column("person_sid", sa.Text(), nullable=True),
        sa.Column("conference_sid", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("transfer_sid", sa.Text(), nullable=True),
        sa.Column("transfer_user_id", sa.Uuid(), nullable=True),
        sa.Column("sip_code", sa.Text(), nullable=True),
        sa.Column("suggested_outcome", sa.Text(), nullable=True),
        sa.Column("on_hold", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("voicemail_left", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=True),
        sa.Column("mode_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("script", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["users.id"], name=op.f("call_attempts_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("call_attempts_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["call_list_entries.id"], name=op.f("call_attempts_entry_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("call_attempts_person_id_fkey")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("call_attempts_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("call_attempts_pkey")),
    )
    op.create_index(op.f("call_attempts_agent_id_idx"), "call_attempts", ["agent_id"], unique=False)
    op.create_index("call_attempts_agent_sid_idx", "call_attempts", ["agent_sid"], unique=False)
    op.create_index(
        op.f("call_attempts_case_record_id_idx"), "call_attempts", ["case_record_id"], unique=False
    )
    op.create_index(op.f("call_attempts_entry_id_idx"), "call_attempts", ["entry_id"], unique=False)
    op.create_index(
        "call_attempts_live_idx",
        "call_attempts",
        ["started_at"],
        unique=False,
        postgresql_where=sa.text("outcome is null"),
    )
    op.create_index(
        "call_attempts_one_open_per_agent_idx",
        "call_attempts",
        ["agent_id"],
        unique=True,
        postgresql_where=sa.text("outcome is null"),
    )
    op.create_index(
        "call_attempts_one_open_per_entry_idx",
        "call_attempts",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("outcome is null"),
    )
    op.create_index("call_attempts_person_sid_idx", "call_attempts", ["person_sid"], unique=False)
    op.execute(JOURNAL_GUARD)


def downgrade() -> None:
    op.execute(DROP_JOURNAL_GUARD)
    op.drop_index("call_attempts_person_sid_idx", table_name="call_attempts")
    op.drop_index(
        "call_attempts_one_open_per_entry_idx",
        table_name="call_attempts",
        postgresql_where=sa.text("outcome is null"),
    )
    op.drop_index(
        "call_attempts_one_open_per_agent_idx",
        table_name="call_attempts",
        postgresql_where=sa.text("outcome is null"),
    )
    op.drop_index(
        "call_attempts_live_idx", table_name="call_attempts", postgresql_where=sa.text("outcome is null")
    )
    op.drop_index(op.f("call_attempts_entry_id_idx"), table_name="call_attempts")
    op.drop_index(op.f("call_attempts_case_record_id_idx"), table_name="call_attempts")
    op.drop_index("call_attempts_agent_sid_idx", table_name="call_attempts")
    op.drop_index(op.f("call_attempts_agent_id_idx"), table_name="call_attempts")
    op.drop_table("call_attempts")
    op.drop_index(
        "exposures_unsettled_idx", table_name="exposures", postgresql_where=sa.text("positive_id is null")
    )
    op.drop_index(op.f("exposures_positive_id_idx"), table_name="exposures")
    op.drop_table("exposures")
    op.drop_index(op.f("case_references_case_record_id_idx"), table_name="case_references")
    op.drop_table("case_references")
    op.drop_index(
        "call_list_waiting_idx", table_name="call_list_entries", postgresql_where=sa.text("state = 'WAITING'")
    )
    op.drop_index(
        "call_list_untried_positive_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("purpose = 'INTERVIEW' and state <> 'CLOSED' and tries = 0"),
    )
    op.drop_index(
        "call_list_shed_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state in ('READY', 'WAITING') and shed_level > 0"),
    )
    op.drop_index(
        "call_list_ready_until_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'READY'"),
    )
    op.drop_index(
        "call_list_ready_idx", table_name="call_list_entries", postgresql_where=sa.text("state = 'READY'")
    )
    op.drop_index(
        "call_list_own_callback_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'READY' and callback_agent_id is not null"),
    )
    op.drop_index(
        "call_list_open_number_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.drop_index(
        "call_list_one_open_entry_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.drop_index(
        "call_list_one_lease_per_number_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.drop_index(
        "call_list_message_idx", table_name="call_list_entries", postgresql_where=sa.text("state = 'TEXTED'")
    )
    op.drop_index(
        "call_list_leased_until_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.drop_index(
        "call_list_leased_by_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'LEASED'"),
    )
    op.drop_index(op.f("call_list_entries_case_record_id_idx"), table_name="call_list_entries")
    op.drop_table("call_list_entries")
    op.drop_index("person_phones_number_index_idx", table_name="person_phones")
    op.drop_table("person_phones")
    op.drop_table("person_keys")
    op.drop_index(
        "messages_uncertain_idx", table_name="messages", postgresql_where=sa.text("status = 'UNCERTAIN'")
    )
    op.drop_index(
        "messages_sending_idx", table_name="messages", postgresql_where=sa.text("status = 'SENDING'")
    )
    op.drop_index("messages_send_id_idx", table_name="messages")
    op.drop_index("messages_queued_idx", table_name="messages", postgresql_where=sa.text("status = 'QUEUED'"))
    op.drop_index("messages_provider_sid_idx", table_name="messages")
    op.drop_index(op.f("messages_person_id_idx"), table_name="messages")
    op.drop_index(
        "messages_open_idx",
        table_name="messages",
        postgresql_where=sa.text("status in ('ACCEPTED', 'SENT', 'DELIVERED') and ended_at is null"),
    )
    op.drop_index("messages_number_idx", table_name="messages")
    op.drop_index(op.f("messages_entry_id_idx"), table_name="messages")
    op.drop_index(op.f("messages_case_record_id_idx"), table_name="messages")
    op.drop_table("messages")
    op.drop_table("import_findings")
    op.drop_index(
        "case_records_platform_result_idx",
        table_name="case_records",
        postgresql_where=sa.text("kind = 'POSITIVE'"),
    )
    op.drop_index("case_records_platform_listed_idx", table_name="case_records")
    op.drop_index(op.f("case_records_person_id_idx"), table_name="case_records")
    op.drop_table("case_records")
    op.drop_table("platform_modes")
    op.drop_index(op.f("persons_time_zone_idx"), table_name="persons")
    op.drop_index(op.f("persons_name_birth_index_idx"), table_name="persons")
    op.drop_table("persons")
    op.drop_index(
        "outbox_due_idx",
        table_name="outbox",
        postgresql_where=sa.text("delivered_at is null and dead_at is null"),
    )
    op.drop_table("outbox")
    op.drop_index(op.f("inbound_messages_person_id_idx"), table_name="inbound_messages")
    op.drop_table("inbound_messages")
    op.drop_table("inbound_calls")
    op.drop_index(op.f("imports_platform_idx"), table_name="imports")
    op.drop_table("imports")
    op.drop_index(op.f("idempotency_keys_created_at_idx"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("column_mappings")
    op.drop_table("agent_presence")
    op.drop_index(op.f("access_tokens_user_id_idx"), table_name="access_tokens")
    op.drop_table("access_tokens")
    op.drop_table("users")
    op.drop_table("sweep_runs")
    op.drop_table("senders")
    op.drop_index(op.f("provider_events_received_at_idx"), table_name="provider_events")
    op.drop_table("provider_events")
    op.drop_table("platforms")
    op.drop_table("opt_outs")
    op.drop_index("journal_platform_event_at_idx", table_name="journal")
    op.drop_index("journal_entry_idx", table_name="journal", postgresql_where=sa.text("entry_id is not null"))
    op.drop_index("journal_case_record_idx", table_name="journal")
    op.drop_table("journal")
    op.drop_index("alarms_one_open_idx", table_name="alarms", postgresql_where=sa.text("cleared_at is null"))
    op.drop_table("alarms")
