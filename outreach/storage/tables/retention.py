"""How long a platform keeps case records, where it is not the usual time."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from outreach.storage.tables.base import Moment, metadata, needed, platform_column

retention_rules = Table(
    "retention_rules",
    metadata,
    platform_column(),
    needed("kind", Text),  # POSITIVE | CONTACT
    needed("days", SmallInteger),
    needed("changed_at", Moment),
    Column("changed_by", Uuid),
    PrimaryKeyConstraint("platform", "kind"),
)
