"""Database objects that SQLAlchemy's tables cannot say: the refusal of journal and access lines to forget."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, Connection, Table, event, text

from outreach.storage.tables import journal

JOURNAL_GUARD = """
create or replace function refuse_journal_change() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only';
end $$;
create trigger journal_is_append_only before update or delete or truncate on journal
  for each statement execute function refuse_journal_change();
"""
DROP_JOURNAL_GUARD = """
drop trigger if exists journal_is_append_only on journal;
drop function if exists refuse_journal_change();
"""

event.listen(journal, "after_create", DDL(JOURNAL_GUARD.replace("%", "%%")))  # type: ignore[no-untyped-call]

ACCESS_GUARD = """
create or replace function refuse_access_change() returns trigger language plpgsql as $$
begin
  raise exception 'the lines of accesses are append-only';
end $$;
create trigger access_lines_are_append_only before update or delete or truncate on access_lines
  for each statement execute function refuse_access_change();
"""

SIGN_IN_GUARD = (
    ACCESS_GUARD.replace("access_lines", "sign_in_lines")
    .replace("refuse_access_change", "refuse_sign_in_change")
    .replace("lines of accesses", "lines of sign-ins")
)


@event.listens_for(Table, "after_create")
def _guard(table: Table, connection: Connection, **_: Any) -> None:
    """Also for the table that a migration describes, which is not the one of the code."""
    if table.name == "access_lines":
        connection.execute(text(ACCESS_GUARD))
    if table.name == "sign_in_lines":
        connection.execute(text(SIGN_IN_GUARD))
