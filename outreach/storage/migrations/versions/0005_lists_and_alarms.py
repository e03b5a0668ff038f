"""lists and alarms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TO_CALL = "state in ('READY', 'WAITING', 'LEASED')"
LISTS = {
    "call_list_to_call_idx": (["platform", "call_class", "effective_deadline", "id"], TO_CALL),
    "call_list_other_queue_idx": (
        ["platform", "queue", "call_class", "effective_deadline", "id"],
        f"{TO_CALL} and queue <> 'AGENTS'",
    ),
    "call_list_after_deadline_idx": (
        ["platform", "deadline"],
        f"{TO_CALL} and effective_deadline > deadline",
    ),
}


def upgrade() -> None:
    for name, (columns, where) in LISTS.items():
        op.create_index(name, "call_list_entries", columns, unique=False, postgresql_where=sa.text(where))
    op.create_index("alarms_subject_idx", "alarms", ["kind", "subject"], unique=False)
    op.create_index("alarms_platform_raised_idx", "alarms", ["platform", "raised_at", "id"], unique=False)
    op.create_index(
        "alarms_cleared_idx",
        "alarms",
        ["cleared_at"],
        unique=False,
        postgresql_where=sa.text("cleared_at is not null"),
    )
    op.create_index(op.f("inbound_calls_person_id_idx"), "inbound_calls", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("inbound_calls_person_id_idx"), table_name="inbound_calls")
    for name in ("alarms_cleared_idx", "alarms_platform_raised_idx", "alarms_subject_idx"):
        op.drop_index(name, table_name="alarms")
    for name in reversed(LISTS):
        op.drop_index(name, table_name="call_list_entries")
