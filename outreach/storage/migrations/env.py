"""Runs migrations on the connection that `outreach.storage.schema` hands over."""

from __future__ import annotations

from alembic import context

from outreach.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
