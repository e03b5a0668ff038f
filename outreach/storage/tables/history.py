"""What happened (journal, provider events, alarms) and what leaves (outbox)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
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

journal = Table(  # append-only: a trigger refuses UPDATE and DELETE
    "journal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("platform", Text, nullable=False),
    needed("event", Text),  # storage/journal.py Event
    needed("actor", Text),  # "user:<id>" | "system:<part>"
    Column("case_record_id", Uuid),
    Column("entry_id", Uuid),
    Column("attempt_id", Uuid),
    Column("message_id", Uuid),
    needed("facts", JSONB, "'{}'"),
    Index("journal_case_record_idx", "case_record_id", "id"),
    Index("journal_entry_idx", "entry_id", postgresql_where=text("entry_id is not null")),
    Index("journal_platform_event_at_idx", "platform", "event", "at"),
    Index("journal_at_idx", "at", postgresql_using="brin"),  # a day of everything; costs an append nothing
)

access_lines = Table(  # who read a case record, and why; append-only like the journal
    "access_lines",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    needed("at", Moment),
    needed("platform", Text),
    Column("user_id", Uuid),  # null: the command line
    Column("case_record_id", Uuid),  # null: a search that found nobody, rows of a file
    needed("why", Text),  # storage/access_store.py AccessReason
    Index("access_lines_case_record_idx", "case_record_id", "id"),
    Index("access_lines_user_idx", "user_id", "id"),
    Index("access_lines_at_idx", "at", postgresql_using="brin"),  # lines come in the order of time
)

restricted_records = Table(  # of somebody whom many would be curious about: whoever reads must say why
    "restricted_records",
    metadata,
    Column("case_record_id", Uuid, ForeignKey("case_records.id"), primary_key=True),
    platform_column(),
    reference("users", "by_user"),
    needed("since", Moment),
    # A claim of the person's puts erasure off until then; kept before claims had an end: three months more.
    needed("kept_until", Moment, "now() + interval '90 days'"),
    Index("restricted_records_kept_until_idx", "kept_until"),
)

written_reasons = Table(  # why something was done to somebody, in words: the journal names the row alone
    "written_reasons",
    metadata,
    id_column(),
    needed("at", Moment),
    reference("case_records", "case_record_id", index=True),
    Column("sealed", LargeBinary),  # under the person's key: it may name them; null once erased
)

broken_glass = Table(  # readings beyond one's reach, each with its reason, for an hour
    "broken_glass",
    metadata,
    id_column(),
    platform_column(index=True),  # the record's
    reference("case_records", "case_record_id", index=True),
    reference("users", "user_id"),
    Column("sealed_reason", LargeBinary),  # under the person's key: it may name them; null once erased
    needed("at", Moment),
    needed("until", Moment),
    Index("broken_glass_user_idx", "user_id", "until"),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),  # the idempotency key
    platform_column(),
    needed("kind", Text),
    needed("payload", JSONB),  # record numbers and codes, no names
    needed("created_at", Moment),
    needed("tries", SmallInteger, "0"),
    Column("next_try_at", Moment),
    Column("delivered_at", Moment),
    Column("dead_at", Moment),
    Column("last_error", Text),
    Index("outbox_case_record_idx", text("(payload ->> 'case_record_id')")),
    Index("outbox_due_idx", "next_try_at", postgresql_where=text("delivered_at is null and dead_at is null")),
)

provider_events = Table(
    "provider_events",
    metadata,
    id_column(),
    Column("key", Text, nullable=False, unique=True),
    needed("kind", Text),
    needed("sealed", LargeBinary),  # the form as received, sealed for the purpose "provider-event"
    Column("received_at", Moment, nullable=False, index=True),
    Column("applied_at", Moment),
    Column("effect", Text),  # MOVED | LATE | REPEATED | UNKNOWN
)

alarms = Table(
    "alarms",
    metadata,
    id_column(),
    Column("platform", Text),
    needed("kind", Text),  # POSITIVE_NEAR_DEADLINE | IMPORT_INCOMPLETE | EMERGENCY | SENDER_STOPPED …
    needed("subject", Text, "''"),  # an id, so that one cause raises one alarm
    needed("facts", JSONB, "'{}'"),
    needed("raised_at", Moment),
    Column("cleared_at", Moment),
    Column("cleared_by", Uuid),
    Index("alarms_one_open_idx", "kind", "subject", unique=True, postgresql_where=text("cleared_at is null")),
    Index("alarms_subject_idx", "kind", "subject"),  # whether it was ever raised
    Index("alarms_platform_raised_idx", "platform", "raised_at", "id"),  # the history, read backwards
    Index("alarms_cleared_idx", "cleared_at", postgresql_where=text("cleared_at is not null")),
)

sweep_runs = Table(  # one row for each sweep: when it last ran, and what it repaired
    "sweep_runs",
    metadata,
    Column("sweep", Text, primary_key=True),
    Column("ran_at", Moment),
    Column("failed_at", Moment),
    needed("found", BigInteger, "0"),  # in all its runs
    needed("runs", BigInteger, "0"),
)

kept_figures = Table(  # counts over whole tables, for the metrics
    "kept_figures",
    metadata,
    Column("figure", Text, primary_key=True),  # services/kept_figures.py COUNTS
    needed("rows", JSONB),  # labels and numbers
    needed("counted_at", Moment),
    needed("took_ms", Integer),
)
