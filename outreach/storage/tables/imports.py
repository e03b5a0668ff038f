"""Imports, their findings and saved column mappings."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_column, reference

imports = Table(
    "imports",
    metadata,
    id_column(),
    platform_column(index=True),
    needed("mapping", Text),
    needed("file_digest", LargeBinary),
    Column("sealed_file", LargeBinary),  # null once read
    Column("sealed_name", LargeBinary),  # the file's own name, which may name someone
    needed("file_type", Text),
    Column("started_by", Uuid),
    needed("state", Text),  # storage/import_store.py ImportState
    Column("refused_because", Text),
    needed("rows", Integer, "0"),
    needed("created", Integer, "0"),
    needed("updated", Integer, "0"),
    needed("unchanged", Integer, "0"),
    needed("merged", Integer, "0"),
    needed("rejected", Integer, "0"),
    needed("rows_total", Integer, "0"),
    needed("converted", Integer, "0"),  # of the updated: contacts who turned positive
    needed("asked", Integer, "0"),  # rows with a number that two countries have
    Column("checked_at", Moment),  # a dry run of the draft ended
    Column("undone_at", Moment),
    Column("undone_by", Uuid),
    needed("taken_back", Integer, "0"),  # case records
    needed("created_at", Moment),
    Column("finished_at", Moment),
)

import_findings = Table(
    "import_findings",
    metadata,
    reference("imports", "import_id"),
    needed("number", Integer),
    needed("severity", Text),  # ERROR | WARNING
    needed("row", Integer),
    needed("field", Text),
    needed("value", Text),  # masked
    needed("reason", Text),
    needed("mend", Text),
    PrimaryKeyConstraint("import_id", "number"),
)

import_rows = Table(  # refused rows, until someone mends them or a week has passed
    "import_rows",
    metadata,
    reference("imports", "import_id"),
    needed("row", Integer),
    needed("sealed", LargeBinary),  # {header: cell}
    needed("kept_until", Moment),
    PrimaryKeyConstraint("import_id", "row"),
    Index("import_rows_kept_until_idx", "kept_until"),
)

column_mappings = Table(
    "column_mappings",
    metadata,
    platform_column(),
    needed("name", Text),
    needed("mapping", JSONB),  # header -> field
    needed("created_at", Moment),
    PrimaryKeyConstraint("platform", "name"),
)
