"""Database objects that SQLAlchemy's tables cannot say: the journal's refusal to forget."""

from __future__ import annotations

from sqlalchemy import DDL, event

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
