"""Versions of texts, dated parameters, and the counter that tells every process that one of them changed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from outreach.storage.tables.base import Moment, id_column, metadata, needed

script_versions = Table(
    "script_versions",
    metadata,
    id_column(),
    needed("name", Text),  # in the catalog
    needed("language", Text),
    needed("platform", Text, "''"),  # '': for all platforms without a text of their own
    needed("number", Integer),  # counts the versions of a name and language, whatever the platform
    needed("body", Text),  # never changed
    needed("reason", Text),
    Column("author_id", Uuid),  # null: it came with the program
    needed("created_at", Moment),
    Column("effective_from", Moment),  # null: a draft
    Column("scheduled_by", Uuid),
    Column("scheduled_at", Moment),
    Column("withdrawn_by", Uuid),
    Column("withdrawn_at", Moment),
    UniqueConstraint("name", "language", "number"),
    Index("script_versions_effective_from_idx", "effective_from"),
)

dated_parameters = Table(
    "dated_parameters",
    metadata,
    id_column(),
    needed("name", Text),
    needed("country", Text),
    needed("value", Integer),
    needed("effective_from", Date),
    needed("reason", Text),
    Column("author_id", Uuid),
    needed("created_at", Moment),
    Column("withdrawn_by", Uuid),
    Column("withdrawn_at", Moment),
)

script_revisions = Table(  # one row; a change of what is or will be in force adds one to it
    "script_revisions",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    needed("number", BigInteger),
)
