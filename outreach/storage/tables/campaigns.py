"""Campaigns, whom each is for, and the tags that audiences are chosen by."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

campaigns = Table(
    "campaigns",
    metadata,
    id_column(),
    platform_column(index=True),
    needed("name", Text),
    needed("channel", Text),  # SMS | CALLS
    needed("state", Text),  # domain/campaigns.py CampaignState
    Column("trigger", Text),  # of a standing campaign: people join as it fires
    needed("plan", JSONB),  # domain/campaigns.py CampaignPlan
    needed("from_file", Boolean, "false"),  # only people whom a file named: campaign_people
    Column("as_of", Moment),  # records listed later are not of the audience
    Column("counted", JSONB),  # the last count: domain/audiences.py AudienceCount
    Column("previewed_at", Moment),
    Column("confirmed_count", Integer),
    Column("starts_at", Moment),
    Column("ends_at", Moment),  # nothing is sent or called after it
    Column("frozen_after", Uuid),  # people up to this id are members already
    Column("frozen_at", Moment),  # all are
    Column("released_at", Moment),  # the pace's mark: what was made is paid for up to here
    Column("author_id", Uuid),
    needed("created_at", Moment),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    needed("letter_batches", Integer, "0"),
    needed("version", Integer, "1"),
    # The sweep looks at these only.
    Index(
        "campaigns_at_work_idx", "id", postgresql_where=text("state in ('RUNNING', 'PAUSED', 'CANCELLED')")
    ),
)

campaign_members = Table(
    "campaign_members",
    metadata,
    reference("campaigns", "campaign_id"),
    reference("persons", "person_id"),
    # The campaign itself; in a standing campaign the case record: someone may join again in another case.
    needed("occasion", Uuid),
    needed("case_record_id", Uuid),
    needed("state", Text),  # PENDING | MADE | LEFT_OUT
    Column("left_out_because", Text),  # domain/audiences.py Exclusion
    Column("number_index", LargeBinary),  # of an SMS campaign: one message for each number
    Column("message_id", Uuid),
    Column("reminder_id", Uuid),
    Column("entry_id", Uuid),
    needed("joined_at", Moment),
    Column("made_at", Moment),
    Column("look_at", Moment),  # when the follow-up looks again; null: nothing follows
    Column("outcome", Text),  # the campaign's own code for how the call went
    Column("letter_batch", Integer),
    PrimaryKeyConstraint("campaign_id", "person_id", "occasion"),
    Index(
        "campaign_members_one_per_number_idx",
        "campaign_id",
        "number_index",
        unique=True,
        postgresql_where=text("state <> 'LEFT_OUT' and number_index is not null"),
    ),
    Index(
        "campaign_members_pending_idx",
        "campaign_id",
        "person_id",
        postgresql_where=text("state = 'PENDING'"),
    ),
    Index("campaign_members_look_idx", "look_at", postgresql_where=text("look_at is not null")),
    Index("campaign_members_entry_idx", "entry_id", postgresql_where=text("entry_id is not null")),
    Index("campaign_members_person_idx", "person_id"),
)

campaign_people = Table(  # whom an audience file named
    "campaign_people",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    PrimaryKeyConstraint("campaign_id", "person_id"),
)

campaign_findings = Table(  # rows of an audience file that match nobody
    "campaign_findings",
    metadata,
    reference("campaigns", "campaign_id"),
    needed("row", Integer),
    needed("value", Text),  # masked
    needed("reason", Text),
    needed("mend", Text),
    PrimaryKeyConstraint("campaign_id", "row"),
)

case_tags = Table(
    "case_tags",
    metadata,
    reference("case_records", "case_record_id"),
    needed("tag", Text),  # a word a platform chose: no name, no number
    needed("tagged_at", Moment),
    PrimaryKeyConstraint("case_record_id", "tag"),
    Index("case_tags_tag_idx", "tag"),
)
