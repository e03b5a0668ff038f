"""Messages, replies and opt-outs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

messages = Table(
    "messages",
    metadata,
    id_column(),  # also the token in the callback address
    platform_column(),
    reference("persons", "person_id", index=True),
    Column("case_record_id", Uuid, index=True),
    Column("entry_id", Uuid, index=True),
    needed("purpose", Text),  # CONTACT_INFORMED | MISSED_CALL | …
    needed("status", Text),  # domain/messages.py MessageStatus
    needed("urgency", SmallInteger),  # 0 before 1 before 2
    needed("number_index", LargeBinary),
    needed("phone_position", SmallInteger),
    needed("sender", Text),
    needed("template", Text),
    needed("template_version", Integer),
    needed("parameters", Text, "''"),  # the dated ones that the text named: isolation_days=7
    needed("mode_version", Integer),
    needed("language", Text),
    Column("sealed_body", LargeBinary),  # under the person's key
    needed("segments", SmallInteger),
    needed("send_id", Uuid),  # one try at sending: in the signed callback address; new on each safe retry
    needed("tries", SmallInteger, "0"),
    needed("not_before", Moment),
    needed("useful_until", Moment),
    Column("held_until", Moment),  # not_before, while nothing but a breaker of spending holds it back
    Column("claimed_by", BigInteger),  # the sender's advisory-lock key
    Column("claimed_at", Moment),
    Column("uncertain_since", Moment),
    Column("provider_sid", Text),
    Column("error_code", Text),
    needed("created_at", Moment),
    Column("accepted_at", Moment),
    Column("receipt_asked_at", Moment),  # when we last asked the provider for a receipt that did not come
    Column("sent_at", Moment),
    Column("delivered_at", Moment),
    Column("read_at", Moment),
    Column("ended_at", Moment),
    Column("returned_at", Moment),  # its entries went back to the call list
    Column("campaign_id", Uuid),
    Column("link_digest", LargeBinary),  # finds the message of a personal link; null: its text has none
    Column("opened_at", Moment),  # its personal page was first asked for, by a person or a machine
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
        postgresql_where=text("status in ('ACCEPTED', 'SENT', 'DELIVERED') and ended_at is null"),
    ),
    Index("messages_provider_sid_idx", "provider_sid"),
    Index("messages_send_id_idx", "send_id"),
    Index("messages_number_idx", "number_index"),
    Index("messages_campaign_idx", "campaign_id", "status", postgresql_where=text("campaign_id is not null")),
    Index(
        "messages_link_digest_idx",
        "link_digest",
        unique=True,
        postgresql_where=text("link_digest is not null"),
    ),
    postgresql_with={"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"},
)

inbound_messages = Table(
    "inbound_messages",
    metadata,
    id_column(),
    Column("sid", Text, nullable=False, unique=True),
    Column("platform", Text, ForeignKey("platforms.code")),
    Column("person_id", Uuid, index=True),
    needed("meaning", Text),  # domain/replies.py ReplyMeaning
    Column("number_index", LargeBinary, index=True),
    needed("channel", Text, "'SMS'"),  # SMS | PAGE: written on the personal page
    needed("sealed_body", LargeBinary),
    needed("received_at", Moment),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("number_index", LargeBinary, primary_key=True),
    needed("since", Moment),
    needed("because", Text),  # REPLY | PROVIDER
)
