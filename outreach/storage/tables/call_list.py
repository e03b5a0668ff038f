"""The call list: one open entry for each case record and purpose, in the order the domain decided."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_code, reference

call_list_entries = Table(
    "call_list_entries",
    metadata,
    id_column(),
    platform_code(),
    reference("case_records", "case_record_id", index=True),
    needed("person_id", Uuid),  # the case record's own, which has the foreign key
    needed("purpose", Text),  # INTERVIEW | INFORM | FOLLOW_UP | CAMPAIGN
    needed("state", Text),  # WAITING | READY | LEASED | TEXTED | CLOSED
    needed("queue", Text, "'AGENTS'"),
    needed("language", Text, "'fr'"),
    # The stored order: domain/call_list.py decides it, SQL only sorts.
    needed("call_class", SmallInteger),
    needed(
        "front", SmallInteger, "1"
    ),  # 0: lapsed lease; 1: in order; 2: after the first calls (docs/adr/0008)
    needed("effective_deadline", Moment),
    needed("tie_break", Integer, "0"),
    needed("deadline", Moment),
    needed("shed_level", SmallInteger, "0"),  # lightest mode that would text it; 0 = never
    Column("not_before", Moment),
    Column("ready_until", Moment),  # end of the current calling hours
    Column("callback_at", Moment),
    Column("callback_agent_id", Uuid),
    needed("callback_for_me_only", Boolean, "false"),
    Column("number_index", LargeBinary),  # the number to call now; null when there is none
    needed("phone_position", SmallInteger, "0"),
    needed("tries", SmallInteger, "0"),
    needed("tried_parts", SmallInteger, "0"),  # bits: 1 morning, 2 midday, 4 evening
    needed("entered_at", Moment),
    Column("lease_id", Uuid),
    Column("leased_by", Uuid),
    Column("leased_until", Moment),
    Column("message_id", Uuid),  # the message that stands for the call while TEXTED
    Column("closed_at", Moment),
    Column("closed_because", Text),
    Column("campaign_id", Uuid),
    Column("prepared_at", Moment),  # a positive was asked by SMS to list whom they met
    needed("loan", Integer, "0"),  # mutual_aid_loans.number: agents of another platform may take it too
    needed("version", Integer, "1"),
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
        "call_list_ready_idx",  # one lane (platform, queue, language, shed level), read in the stored order
        "platform",
        "queue",
        "language",
        "shed_level",
        "call_class",
        "front",
        "effective_deadline",
        "tie_break",
        "id",
        postgresql_where=text("state = 'READY'"),
    ),
    Index(
        "call_list_own_callback_idx",
        "callback_agent_id",
        postgresql_where=text("state = 'READY' and callback_agent_id is not null"),
    ),
    Index(
        "call_list_untried_positive_idx",
        "effective_deadline",
        postgresql_where=text("purpose = 'INTERVIEW' and state <> 'CLOSED' and tries = 0"),
    ),
    Index(
        "call_list_shed_idx",
        "platform",
        "shed_level",
        "id",
        postgresql_where=text("state in ('READY', 'WAITING') and shed_level > 0"),
    ),
    # When a platform opens, positives become ready before contacts.
    Index("call_list_waiting_idx", "call_class", "not_before", postgresql_where=text("state = 'WAITING'")),
    Index(  # whose deadline passes falls behind those who can still be in time
        "call_list_deadline_idx",
        "deadline",
        postgresql_where=text(
            "state = 'READY' and front = 1 and purpose in ('INTERVIEW', 'INFORM') and callback_at is null"
        ),
    ),
    Index(  # contacts whose 24 hours are nearly over
        "call_list_before_late_idx",
        "effective_deadline",
        postgresql_where=text(
            "purpose = 'INFORM' and queue = 'AGENTS' and state in ('READY', 'WAITING') and shed_level > 1"
        ),
    ),
    Index(  # when a desk that has nobody to call gets somebody
        "call_list_next_waiting_idx", "platform", "not_before", postgresql_where=text("state = 'WAITING'")
    ),
    Index(  # how many calls are promised for an hour
        "call_list_promised_idx",
        "platform",
        "callback_at",
        postgresql_where=text("callback_at is not null and state <> 'CLOSED'"),
    ),
    Index(  # everybody to be called, as who steers reads the list
        "call_list_to_call_idx",
        "platform",
        "call_class",
        "effective_deadline",
        "id",
        postgresql_where=text("state in ('READY', 'WAITING', 'LEASED')"),
    ),
    Index(  # the same for the few who wait for somebody else than an agent
        "call_list_other_queue_idx",
        "platform",
        "queue",
        "call_class",
        "effective_deadline",
        "id",
        postgresql_where=text("state in ('READY', 'WAITING', 'LEASED') and queue <> 'AGENTS'"),
    ),
    Index(  # whose 24 hours hold no callable moment: late before their last one
        "call_list_after_deadline_idx",
        "platform",
        "deadline",
        postgresql_where=text("state in ('READY', 'WAITING', 'LEASED') and effective_deadline > deadline"),
    ),
    Index("call_list_ready_until_idx", "ready_until", postgresql_where=text("state = 'READY'")),
    Index("call_list_leased_until_idx", "leased_until", postgresql_where=text("state = 'LEASED'")),
    Index("call_list_leased_by_idx", "leased_by", postgresql_where=text("state = 'LEASED'")),
    Index("call_list_open_number_idx", "number_index", postgresql_where=text("state <> 'CLOSED'")),
    Index(  # what a helping platform reads, in the stored order
        "call_list_lent_idx",
        "loan",
        "queue",
        "language",
        "shed_level",
        "call_class",
        "front",
        "effective_deadline",
        "tie_break",
        "id",
        postgresql_where=text("state = 'READY' and loan <> 0"),
    ),
    Index("call_list_loan_idx", "loan", postgresql_where=text("loan <> 0 and state <> 'CLOSED'")),
    Index("call_list_campaign_idx", "campaign_id", "state", postgresql_where=text("campaign_id is not null")),
    Index("call_list_message_idx", "message_id", postgresql_where=text("state = 'TEXTED'")),
    CheckConstraint("(state = 'LEASED') = (lease_id is not null)", name="leased_has_lease"),
    # Leases churn the head of the index: vacuum early and keep free space in the pages.
    postgresql_with={
        "fillfactor": "85",
        "autovacuum_vacuum_scale_factor": "0.01",
        "autovacuum_vacuum_cost_delay": "0",
    },
)
