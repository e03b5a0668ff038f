"""messages and modes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("access_lines_pkey")),
    )
    op.create_index("access_lines_case_record_idx", "access_lines", ["case_record_id", "id"], unique=False)
    op.create_index("access_lines_user_idx", "access_lines", ["user_id", "id"], unique=False)
    op.create_table(
        "dated_parameters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("dated_parameters_pkey")),
    )
    op.create_table(
        "kept_figures",
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("figure", name=op.f("kept_figures_pkey")),
    )
    op.create_table(
        "script_revisions",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("script_revisions_pkey")),
    )
    op.create_table(
        "script_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_by", sa.Uuid(), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("script_versions_pkey")),
        sa.UniqueConstraint(
            "name", "language", "number", name=op.f("script_versions_name_language_number_key")
        ),
    )
    op.create_index("script_versions_effective_from_idx", "script_versions", ["effective_from"], unique=False)
    op.create_table(
        "territories",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("territories_pkey")),
    )
    op.create_table(
        "agent_pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("agent_pauses_platform_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("agent_pauses_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("agent_pauses_pkey")),
    )
    op.create_index(
        "agent_pauses_one_open_idx",
        "agent_pauses",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index("agent_pauses_platform_idx", "agent_pauses", ["platform", "started_at"], unique=False)
    op.create_table(
        "asked_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_with", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("asked_calls_person_id_fkey")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("asked_calls_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("asked_calls_pkey")),
    )
    op.create_index(
        "asked_calls_open_idx",
        "asked_calls",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_index(op.f("asked_calls_person_id_idx"), "asked_calls", ["person_id"], unique=False)
    op.create_table(
        "auto_modes",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("auto_modes_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", name=op.f("auto_modes_pkey")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("from_file", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_count", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_after", sa.Uuid(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letter_batches", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("campaigns_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("campaigns_pkey")),
    )
    op.create_index(
        "campaigns_at_work_idx",
        "campaigns",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state in ('RUNNING', 'PAUSED', 'CANCELLED')"),
    )
    op.create_index(op.f("campaigns_platform_idx"), "campaigns", ["platform"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unread", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("suggestion", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_with", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("conversations_person_id_fkey")),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("conversations_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("conversations_pkey")),
        sa.UniqueConstraint("number_index", name=op.f("conversations_number_index_key")),
    )
    op.create_index(
        "conversations_due_idx",
        "conversations",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(
        "conversations_list_idx", "conversations", ["platform", "state", "last_at", "id"], unique=False
    )
    op.create_index(op.f("conversations_person_id_idx"), "conversations", ["person_id"], unique=False)
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("mode_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called", sa.Float(), nullable=True),
        sa.Column("reached", sa.Float(), nullable=True),
        sa.Column("informed", sa.Float(), nullable=True),
        sa.Column("called_seen", sa.Float(), nullable=True),
        sa.Column("reached_seen", sa.Float(), nullable=True),
        sa.Column("informed_seen", sa.Float(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'OPEN'"), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("forecasts_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("forecasts_pkey")),
    )
    op.create_index(
        "forecasts_open_idx", "forecasts", ["until"], unique=False, postgresql_where=sa.text("state = 'OPEN'")
    )
    op.create_index("forecasts_platform_idx", "forecasts", ["platform", "made_at"], unique=False)
    op.create_table(
        "mode_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("mode_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'OPEN'"), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("mode_proposals_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mode_proposals_pkey")),
    )
    op.create_index(
        "mode_proposals_one_open_idx",
        "mode_proposals",
        ["platform"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("mode_proposals_platform_idx", "mode_proposals", ["platform", "made_at"], unique=False)
    op.create_table(
        "mode_rules",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("mode_rules_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", "mode", "version", name=op.f("mode_rules_pkey")),
    )
    op.create_index("mode_rules_at_idx", "mode_rules", ["at"], unique=False)
    op.create_table(
        "mutual_aid_loans",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("helper", sa.Text(), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("call_classes", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("queues", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("lent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(share is null) <> (amount is null)", name=op.f("mutual_aid_loans_share_or_amount_check")
        ),
        sa.ForeignKeyConstraint(["helper"], ["platforms.code"], name=op.f("mutual_aid_loans_helper_fkey")),
        sa.ForeignKeyConstraint(["owner"], ["platforms.code"], name=op.f("mutual_aid_loans_owner_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("mutual_aid_loans_pkey")),
    )
    op.create_index(op.f("mutual_aid_loans_helper_idx"), "mutual_aid_loans", ["helper"], unique=False)
    op.create_index(op.f("mutual_aid_loans_owner_idx"), "mutual_aid_loans", ["owner"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(platform is null) <> (region is null)", name=op.f("notices_platform_or_region_check")
        ),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("notices_platform_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("notices_pkey")),
    )
    op.create_index("notices_platform_idx", "notices", ["platform", "starts_at"], unique=False)
    op.create_index("notices_region_idx", "notices", ["region", "starts_at"], unique=False)
    op.create_table(
        "planned_switches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'PLANNED'"), nullable=False),
        sa.Column("because", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("planned_switches_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("planned_switches_pkey")),
    )
    op.create_index(
        "planned_switches_due_idx",
        "planned_switches",
        ["starts_at"],
        unique=False,
        postgresql_where=sa.text("state = 'PLANNED'"),
    )
    op.create_index(
        "planned_switches_platform_idx", "planned_switches", ["platform", "starts_at"], unique=False
    )
    op.create_table(
        "platform_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "expected",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["platforms.code"], name=op.f("platform_moves_source_fkey")),
        sa.ForeignKeyConstraint(["target"], ["platforms.code"], name=op.f("platform_moves_target_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("platform_moves_pkey")),
    )
    op.create_index(
        "platform_moves_one_open_idx",
        "platform_moves",
        ["source"],
        unique=True,
        postgresql_where=sa.text("done_at is null"),
    )
    op.create_table(
        "platform_senders",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("preference", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("purposes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("platform_senders_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("platform", "sender", name=op.f("platform_senders_pkey")),
    )
    op.create_table(
        "rota_absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("positions", sa.SmallInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(positions is null) <> (user_id is null)", name=op.f("rota_absences_positions_or_agent_check")
        ),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("rota_absences_platform_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("rota_absences_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("rota_absences_pkey")),
    )
    op.create_index("rota_absences_platform_idx", "rota_absences", ["platform", "ends_at"], unique=False)
    op.create_table(
        "rota_shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("positions", sa.SmallInteger(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(positions is null) <> (user_id is null)", name=op.f("rota_shifts_positions_or_agent_check")
        ),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("rota_shifts_platform_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("rota_shifts_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("rota_shifts_pkey")),
    )
    op.create_index("rota_shifts_platform_idx", "rota_shifts", ["platform", "ends_at"], unique=False)
    op.create_table(
        "spend_limits",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("daily_euros", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("monthly_euros", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("per_hour", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("spend_limits_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", name=op.f("spend_limits_pkey")),
    )
    op.create_table(
        "spending",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prefix", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("forgiven", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("spending_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", "span", "starts_at", "prefix", name=op.f("spending_pkey")),
    )
    op.create_table(
        "stopped_prefixes",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("stopped_prefixes_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("platform", "prefix", name=op.f("stopped_prefixes_pkey")),
    )
    op.create_table(
        "watch_settings",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("watch_settings_platform_fkey")),
        sa.PrimaryKeyConstraint("platform", name=op.f("watch_settings_pkey")),
    )
    op.create_table(
        "campaign_findings",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mend", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("campaign_findings_campaign_id_fkey")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "row", name=op.f("campaign_findings_pkey")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Uuid(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_out_because", sa.Text(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("reminder_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("letter_batch", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("campaign_members_campaign_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("campaign_members_person_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "occasion", name=op.f("campaign_members_pkey")),
    )
    op.create_index(
        "campaign_members_entry_idx",
        "campaign_members",
        ["entry_id"],
        unique=False,
        postgresql_where=sa.text("entry_id is not null"),
    )
    op.create_index(
        "campaign_members_look_idx",
        "campaign_members",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at is not null"),
    )
    op.create_index(
        "campaign_members_one_per_number_idx",
        "campaign_members",
        ["campaign_id", "number_index"],
        unique=True,
        postgresql_where=sa.text("state <> 'LEFT_OUT' and number_index is not null"),
    )
    op.create_index(
        "campaign_members_pending_idx",
        "campaign_members",
        ["campaign_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index("campaign_members_person_idx", "campaign_members", ["person_id"], unique=False)
    op.create_table(
        "campaign_people",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("campaign_people_campaign_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("campaign_people_person_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("campaign_people_pkey")),
    )
    op.create_table(
        "case_tags",
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("case_tags_case_record_id_fkey")
        ),
        sa.PrimaryKeyConstraint("case_record_id", "tag", name=op.f("case_tags_pkey")),
    )
    op.create_index("case_tags_tag_idx", "case_tags", ["tag"], unique=False)
    op.create_table(
        "interview_figures",
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("contacts_to_name", sa.SmallInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("interview_figures_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("interview_figures_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("case_record_id", name=op.f("interview_figures_pkey")),
    )
    op.create_index(
        "interview_figures_to_name_idx",
        "interview_figures",
        ["platform", "case_record_id"],
        unique=False,
        postgresql_where=sa.text("contacts_to_name > 0"),
    )
    op.create_table(
        "notice_readings",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("notice_readings_notice_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("notice_readings_user_id_fkey")),
        sa.PrimaryKeyConstraint("notice_id", "user_id", name=op.f("notice_readings_pkey")),
    )
    op.create_index(op.f("notice_readings_user_id_idx"), "notice_readings", ["user_id"], unique=False)
    op.create_table(
        "page_answers",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("page_answers_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", "kind", name=op.f("page_answers_pkey")),
    )
    op.create_table(
        "platform_move_people",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["move_id"], ["platform_moves.id"], name=op.f("platform_move_people_move_id_fkey")
        ),
        sa.PrimaryKeyConstraint("move_id", "person_id", name=op.f("platform_move_people_pkey")),
    )
    op.create_table(
        "watched_records",
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_because", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("watched_records_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(["platform"], ["platforms.code"], name=op.f("watched_records_platform_fkey")),
        sa.PrimaryKeyConstraint("case_record_id", name=op.f("watched_records_pkey")),
    )
    op.create_index(
        "watched_records_open_idx",
        "watched_records",
        ["platform", "since"],
        unique=False,
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.create_table(
        "interview_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("case_record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("script_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("interview_answers_answered_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["call_attempts.id"], name=op.f("interview_answers_attempt_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["case_record_id"], ["case_records.id"], name=op.f("interview_answers_case_record_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("interview_answers_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["platform"], ["platforms.code"], name=op.f("interview_answers_platform_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("interview_answers_pkey")),
    )
    op.create_index(
        op.f("interview_answers_case_record_id_idx"), "interview_answers", ["case_record_id"], unique=False
    )
    op.create_index(op.f("interview_answers_person_id_idx"), "interview_answers", ["person_id"], unique=False)
    op.add_column(
        "call_attempts",
        sa.Column("script_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "call_attempts", sa.Column("script_language", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "call_attempts",
        sa.Column(
            "script_parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_index(
        "call_attempts_colleague_idx",
        "call_attempts",
        ["transfer_user_id"],
        unique=False,
        postgresql_where=sa.text("transfer_user_id is not null"),
    )
    op.add_column("call_list_entries", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column("call_list_entries", sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "call_list_entries", sa.Column("loan", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "call_list_campaign_idx",
        "call_list_entries",
        ["campaign_id", "state"],
        unique=False,
        postgresql_where=sa.text("campaign_id is not null"),
    )
    op.create_index(
        "call_list_deadline_idx",
        "call_list_entries",
        ["deadline"],
        unique=False,
        postgresql_where=sa.text(
            "state = 'READY' and front = 1 and purpose in ('INTERVIEW', 'INFORM') and callback_at is null"
        ),
    )
    op.create_index(
        "call_list_lent_idx",
        "call_list_entries",
        [
            "loan",
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
        postgresql_where=sa.text("state = 'READY' and loan <> 0"),
    )
    op.create_index(
        "call_list_loan_idx",
        "call_list_entries",
        ["loan"],
        unique=False,
        postgresql_where=sa.text("loan <> 0 and state <> 'CLOSED'"),
    )
    op.drop_constraint(op.f("call_list_entries_platform_fkey"), "call_list_entries", type_="foreignkey")
    op.drop_constraint(op.f("call_list_entries_person_id_fkey"), "call_list_entries", type_="foreignkey")
    op.drop_constraint(op.f("case_records_platform_fkey"), "case_records", type_="foreignkey")
    op.drop_constraint(op.f("case_references_platform_fkey"), "case_references", type_="foreignkey")
    op.add_column("inbound_messages", sa.Column("number_index", sa.LargeBinary(), nullable=True))
    op.add_column(
        "inbound_messages", sa.Column("channel", sa.Text(), server_default=sa.text("'SMS'"), nullable=False)
    )
    op.create_index(
        op.f("inbound_messages_number_index_idx"), "inbound_messages", ["number_index"], unique=False
    )
    op.add_column(
        "messages", sa.Column("parameters", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("messages", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column("messages", sa.Column("link_digest", sa.LargeBinary(), nullable=True))
    op.add_column("messages", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "messages_campaign_idx",
        "messages",
        ["campaign_id", "status"],
        unique=False,
        postgresql_where=sa.text("campaign_id is not null"),
    )
    op.create_index(
        "messages_link_digest_idx",
        "messages",
        ["link_digest"],
        unique=True,
        postgresql_where=sa.text("link_digest is not null"),
    )
    op.drop_constraint(op.f("persons_platform_fkey"), "persons", type_="foreignkey")
    op.add_column("platform_modes", sa.Column("previous_mode", sa.Text(), nullable=True))
    op.add_column("platform_modes", sa.Column("previous_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "platform_modes",
        sa.Column(
            "rules", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "platforms", sa.Column("sms_accents", sa.Text(), server_default=sa.text("'REPLACE'"), nullable=False)
    )
    op.add_column("senders", sa.Column("ceiling", sa.Integer(), nullable=True))
    op.add_column("senders", sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("senders", sa.Column("resting_because", sa.Text(), nullable=True))
    op.add_column(
        "senders", sa.Column("rests", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("senders", sa.Column("usual_pace", sa.Double(), nullable=True))
    op.add_column("senders", sa.Column("usual_share", sa.Double(), nullable=True))
    # NORMAL is level 1 from here on: a missed contact is texted under every mode (docs/adr/0009).
    op.execute("update platform_modes set level = 1 where level = 0")


def downgrade() -> None:
    op.execute("update platform_modes set level = 0 where mode = 'NORMAL'")
    op.drop_column("senders", "usual_share")
    op.drop_column("senders", "usual_pace")
    op.drop_column("senders", "rests")
    op.drop_column("senders", "resting_because")
    op.drop_column("senders", "resting_until")
    op.drop_column("senders", "ceiling")
    op.drop_column("platforms", "sms_accents")
    op.drop_column("platform_modes", "rules")
    op.drop_column("platform_modes", "previous_ends_at")
    op.drop_column("platform_modes", "previous_mode")
    op.create_foreign_key(op.f("persons_platform_fkey"), "persons", "platforms", ["platform"], ["code"])
    op.drop_index(
        "messages_link_digest_idx", table_name="messages", postgresql_where=sa.text("link_digest is not null")
    )
    op.drop_index(
        "messages_campaign_idx", table_name="messages", postgresql_where=sa.text("campaign_id is not null")
    )
    op.drop_column("messages", "opened_at")
    op.drop_column("messages", "link_digest")
    op.drop_column("messages", "campaign_id")
    op.drop_column("messages", "parameters")
    op.drop_index(op.f("inbound_messages_number_index_idx"), table_name="inbound_messages")
    op.drop_column("inbound_messages", "channel")
    op.drop_column("inbound_messages", "number_index")
    op.create_foreign_key(
        op.f("case_references_platform_fkey"), "case_references", "platforms", ["platform"], ["code"]
    )
    op.create_foreign_key(
        op.f("case_records_platform_fkey"), "case_records", "platforms", ["platform"], ["code"]
    )
    op.create_foreign_key(
        op.f("call_list_entries_person_id_fkey"), "call_list_entries", "persons", ["person_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("call_list_entries_platform_fkey"), "call_list_entries", "platforms", ["platform"], ["code"]
    )
    op.drop_index(
        "call_list_loan_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("loan <> 0 and state <> 'CLOSED'"),
    )
    op.drop_index(
        "call_list_lent_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("state = 'READY' and loan <> 0"),
    )
    op.drop_index(
        "call_list_deadline_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text(
            "state = 'READY' and front = 1 and purpose in ('INTERVIEW', 'INFORM') and callback_at is null"
        ),
    )
    op.drop_index(
        "call_list_campaign_idx",
        table_name="call_list_entries",
        postgresql_where=sa.text("campaign_id is not null"),
    )
    op.drop_column("call_list_entries", "loan")
    op.drop_column("call_list_entries", "prepared_at")
    op.drop_column("call_list_entries", "campaign_id")
    op.drop_index(
        "call_attempts_colleague_idx",
        table_name="call_attempts",
        postgresql_where=sa.text("transfer_user_id is not null"),
    )
    op.drop_column("call_attempts", "script_parameters")
    op.drop_column("call_attempts", "script_language")
    op.drop_column("call_attempts", "script_version")
    op.drop_index(op.f("interview_answers_person_id_idx"), table_name="interview_answers")
    op.drop_index(op.f("interview_answers_case_record_id_idx"), table_name="interview_answers")
    op.drop_table("interview_answers")
    op.drop_index(
        "watched_records_open_idx",
        table_name="watched_records",
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.drop_table("watched_records")
    op.drop_table("platform_move_people")
    op.drop_table("page_answers")
    op.drop_index(op.f("notice_readings_user_id_idx"), table_name="notice_readings")
    op.drop_table("notice_readings")
    op.drop_index(
        "interview_figures_to_name_idx",
        table_name="interview_figures",
        postgresql_where=sa.text("contacts_to_name > 0"),
    )
    op.drop_table("interview_figures")
    op.drop_index("case_tags_tag_idx", table_name="case_tags")
    op.drop_table("case_tags")
    op.drop_table("campaign_people")
    op.drop_index("campaign_members_person_idx", table_name="campaign_members")
    op.drop_index(
        "campaign_members_pending_idx",
        table_name="campaign_members",
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.drop_index(
        "campaign_members_one_per_number_idx",
        table_name="campaign_members",
        postgresql_where=sa.text("state <> 'LEFT_OUT' and number_index is not null"),
    )
    op.drop_index(
        "campaign_members_look_idx",
        table_name="campaign_members",
        postgresql_where=sa.text("look_at is not null"),
    )
    op.drop_index(
        "campaign_members_entry_idx",
        table_name="campaign_members",
        postgresql_where=sa.text("entry_id is not null"),
    )
    op.drop_table("campaign_members")
    op.drop_table("campaign_findings")
    op.drop_table("watch_settings")
    op.drop_table("stopped_prefixes")
    op.drop_table("spending")
    op.drop_table("spend_limits")
    op.drop_index("rota_shifts_platform_idx", table_name="rota_shifts")
    op.drop_table("rota_shifts")
    op.drop_index("rota_absences_platform_idx", table_name="rota_absences")
    op.drop_table("rota_absences")
    op.drop_table("platform_senders")
    op.drop_index(
        "platform_moves_one_open_idx",
        table_name="platform_moves",
        postgresql_where=sa.text("done_at is null"),
    )
    op.drop_table("platform_moves")
    op.drop_index("planned_switches_platform_idx", table_name="planned_switches")
    op.drop_index(
        "planned_switches_due_idx",
        table_name="planned_switches",
        postgresql_where=sa.text("state = 'PLANNED'"),
    )
    op.drop_table("planned_switches")
    op.drop_index("notices_region_idx", table_name="notices")
    op.drop_index("notices_platform_idx", table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("mutual_aid_loans_owner_idx"), table_name="mutual_aid_loans")
    op.drop_index(op.f("mutual_aid_loans_helper_idx"), table_name="mutual_aid_loans")
    op.drop_table("mutual_aid_loans")
    op.drop_index("mode_rules_at_idx", table_name="mode_rules")
    op.drop_table("mode_rules")
    op.drop_index("mode_proposals_platform_idx", table_name="mode_proposals")
    op.drop_index(
        "mode_proposals_one_open_idx", table_name="mode_proposals", postgresql_where=sa.text("state = 'OPEN'")
    )
    op.drop_table("mode_proposals")
    op.drop_index("forecasts_platform_idx", table_name="forecasts")
    op.drop_index("forecasts_open_idx", table_name="forecasts", postgresql_where=sa.text("state = 'OPEN'"))
    op.drop_table("forecasts")
    op.drop_index(op.f("conversations_person_id_idx"), table_name="conversations")
    op.drop_index("conversations_list_idx", table_name="conversations")
    op.drop_index(
        "conversations_due_idx", table_name="conversations", postgresql_where=sa.text("state = 'OPEN'")
    )
    op.drop_table("conversations")
    op.drop_index(op.f("campaigns_platform_idx"), table_name="campaigns")
    op.drop_index(
        "campaigns_at_work_idx",
        table_name="campaigns",
        postgresql_where=sa.text("state in ('RUNNING', 'PAUSED', 'CANCELLED')"),
    )
    op.drop_table("campaigns")
    op.drop_table("auto_modes")
    op.drop_index(op.f("asked_calls_person_id_idx"), table_name="asked_calls")
    op.drop_index(
        "asked_calls_open_idx", table_name="asked_calls", postgresql_where=sa.text("settled_at is null")
    )
    op.drop_table("asked_calls")
    op.drop_index("agent_pauses_platform_idx", table_name="agent_pauses")
    op.drop_index(
        "agent_pauses_one_open_idx", table_name="agent_pauses", postgresql_where=sa.text("ended_at is null")
    )
    op.drop_table("agent_pauses")
    op.drop_table("territories")
    op.drop_index("script_versions_effective_from_idx", table_name="script_versions")
    op.drop_table("script_versions")
    op.drop_table("script_revisions")
    op.drop_table("kept_figures")
    op.drop_table("dated_parameters")
    op.drop_index("access_lines_user_idx", table_name="access_lines")
    op.drop_index("access_lines_case_record_idx", table_name="access_lines")
    op.drop_table("access_lines")
