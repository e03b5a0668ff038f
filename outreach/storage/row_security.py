"""Row-level security: what is read for a signed-in person is held to their reach by PostgreSQL itself.

Such a reading runs as the role `outreach_reader`, which owns nothing: a forgotten WHERE clause shows it no
row of another platform. The hot paths (leases, webhooks, senders, imports) stay the owner's (docs/adr/0022).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, Table, text

from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import metadata

ROLE = "outreach_reader"

_PLATFORMS = "(select string_to_array(current_setting('outreach.platforms', true), ','))::text[]"
_RECORDS = "(select string_to_array(current_setting('outreach.records', true), ',')::uuid[])::uuid[]"
_LOANS = "(select string_to_array(current_setting('outreach.loans', true), ',')::int[])::int[]"
_READER = "(select nullif(current_setting('outreach.reader', true), '')::uuid)"
_MINE = f"platform = any ({_PLATFORMS})"


def _with(table: str, own: str, key: str = "id") -> str:
    """Rows of something that is seen itself: the policy of that table decides."""
    return f"exists (select from {table} seen where seen.{key} = {own})"


_OF_RECORD = f"{_MINE} or {_with('case_records', '{table}.case_record_id')}"
_OF_PERSON = f"{_MINE} or {_with('persons', '{table}.person_id')}"

# Which rows the reader sees. A record in hand, or opened by breaking the glass, is in outreach.records; an
# entry lent to one of the reader's platforms opens its record too (docs/adr/0019).
RULES: dict[str, str] = {
    "case_records": f"{_MINE} or id = any ({_RECORDS})"
    f" or exists (select from call_list_entries e where e.case_record_id = case_records.id"
    f" and e.loan = any ({_LOANS}))",
    "call_list_entries": f"{_MINE} or case_record_id = any ({_RECORDS}) or loan = any ({_LOANS})",
    "persons": f"{_MINE} or {_with('case_records', 'persons.id', 'person_id')}",
    "person_keys": _with("persons", "person_keys.person_id"),
    "person_phones": _with("persons", "person_phones.person_id"),
    "case_references": _OF_RECORD,
    "case_tags": _with("case_records", "case_tags.case_record_id"),
    "exposures": f"{_with('case_records', 'exposures.contact_id')}"
    f" or {_with('case_records', 'exposures.positive_id')}",
    "call_attempts": _OF_RECORD,
    "call_listeners": _MINE,
    "told_agents": f"{_MINE} or user_id = {_READER}",
    "interview_answers": _OF_RECORD,
    "interview_figures": _OF_RECORD,
    "watched_records": _OF_RECORD,
    "restricted_records": _OF_RECORD,
    "merged_records": _with("case_records", "merged_records.kept_id"),
    "messages": _OF_RECORD,
    "page_answers": _with("messages", "page_answers.message_id"),
    # A stranger's words belong to whoever sees the conversation of their number.
    "inbound_messages": f"{_OF_PERSON} or (inbound_messages.person_id is null"
    f" and {_with('conversations', 'inbound_messages.number_index', 'number_index')})",
    "inbound_calls": _OF_PERSON,
    "conversations": _OF_PERSON,
    "asked_calls": _OF_PERSON,
    "training_sessions": f"{_MINE} or user_id = {_READER}",
    "imports": _MINE,
    "import_rows": _with("imports", "import_rows.import_id"),
    "import_findings": _with("imports", "import_findings.import_id"),
    "campaigns": _MINE,
    "campaign_members": _with("campaigns", "campaign_members.campaign_id"),
    "campaign_people": _with("campaigns", "campaign_people.campaign_id"),
    "campaign_findings": _with("campaigns", "campaign_findings.campaign_id"),
    "desk_drafts": f"user_id = {_READER}",
    "undoable_outcomes": f"agent_id = {_READER}",
    "access_lines": _MINE,
    "broken_glass": f"{_MINE} or user_id = {_READER}",
    "written_reasons": _with("case_records", "written_reasons.case_record_id"),
    "journal": f"{_MINE} or platform = '' or case_record_id = any ({_RECORDS})",
}
# The reader has no business with these: raw events of the phone company, secrets, marks of running work.
CLOSED = frozenset(
    {
        "access_tokens",
        "credentials",
        "idempotency_keys",
        "opt_outs",
        "outbox",
        "platform_move_people",
        "provider_events",
        "recovery_codes",
        "sign_in_links",
        "sign_in_tries",
        "wall_passes",
    }
)
# What the reader may write: that it read (or looked for somebody, and found nobody).
WRITES = {
    "access_lines": f"user_id is not distinct from {_READER} and (case_record_id is null"
    f" or {_with('case_records', 'access_lines.case_record_id')})"
}
NAMES_SOMEBODY = frozenset({"person_id", "case_record_id", "contact_id", "positive_id"})


def holds_personal_data(table: Table) -> bool:
    """Whether it has a sealed or keyed column, or says something of one person."""
    return any(isinstance(c.type, LargeBinary) or c.name in NAMES_SOMEBODY for c in table.columns)


def statements() -> list[str]:
    """Everything that holds the reader to its rows. They may be run again."""
    return [line for table in metadata.sorted_tables for line in _of_table(table)]


def _of_table(table: Table) -> list[str]:
    name = table.name
    open_columns = ", ".join(f'"{c.name}"' for c in table.columns if not isinstance(c.type, LargeBinary))
    if name in CLOSED:
        return [f"revoke all on {name} from {ROLE}"]
    if name not in RULES:
        # A secret among columns that anybody may read, as an agent's own phone, is left out.
        return [f"revoke all on {name} from {ROLE}", f"grant select ({open_columns}) on {name} to {ROLE}"]
    rule = RULES[name].replace("{table}", name)
    lines = [
        f"alter table {name} enable row level security",
        f"drop policy if exists reader_sees on {name}",
        f"create policy reader_sees on {name} for select to {ROLE} using ({rule})",
        f"grant select on {name} to {ROLE}",
    ]
    if name in WRITES:
        lines += [
            f"drop policy if exists reader_writes on {name}",
            f"create policy reader_writes on {name} for insert to {ROLE} with check ({WRITES[name]})",
            f"grant insert on {name} to {ROLE}",
        ]
    return lines


# Roles belong to the whole server: another database of it may be making this one at the same moment.
_MAKE_ROLE = f"""
do $$ begin
  if not exists (select from pg_roles where rolname = '{ROLE}') then
    begin
      create role {ROLE} nologin;
    exception when duplicate_object or unique_violation or insufficient_privilege then null;
    end;
  end if;
  if exists (select from pg_roles where rolname = '{ROLE}')
      and not pg_has_role(current_user, '{ROLE}', 'MEMBER') then
    begin
      execute format('grant {ROLE} to %I', current_user);
    exception when insufficient_privilege or unique_violation then null;
    end;
  end if;
end $$
"""  # noqa: S608 - a constant
_MAY_BE_READER = f"""
select coalesce(bool_or(pg_has_role(current_user, oid, 'MEMBER')), false)
from pg_roles where rolname = '{ROLE}'
"""  # noqa: S608 - a constant
_MARK = """
create or replace function outreach_row_security() returns text language sql immutable
as $mark$ select '{digest}' $mark$
"""
_IS_MARKED = "select to_regprocedure('outreach_row_security()') is not null"


def install(connection: Connection) -> bool:
    """Bring roles, rights and policies to what this version needs; whether the database user may."""
    connection.execute(text(_MAKE_ROLE))
    if not connection.execute(text(_MAY_BE_READER)).scalar():
        return False
    if not is_installed(connection):
        for statement in statements():
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(_MARK.format(digest=_digest()))
    return True


def remove(connection: Connection) -> None:
    """Take the policies away: a migration could not change the columns they name. Without them the reader
    sees nothing."""
    found = connection.execute(
        text("select tablename, policyname from pg_policies where policyname like 'reader\\_%'")
    )
    for table, policy in found.all():
        connection.exec_driver_sql(f'drop policy {policy} on "{table}"')
    connection.exec_driver_sql("drop function if exists outreach_row_security()")


def is_installed(connection: Connection) -> bool:
    """Whether what this version needs is in force, and the database user may read under it."""
    if not connection.execute(text(_MAY_BE_READER)).scalar():
        return False
    if not connection.execute(text(_IS_MARKED)).scalar():
        return False
    found = connection.execute(text("select outreach_row_security()")).scalar()
    return bool(found == _digest())


def command_for(connection: Connection) -> str:
    """What an administrator of the server must run where the database user may not; "" when it may."""
    if connection.execute(text(_MAY_BE_READER)).scalar():
        return ""
    user = connection.execute(text("select quote_ident(current_user)")).scalar()
    return f"create role {ROLE} nologin; grant {ROLE} to {user};"


def _digest() -> str:
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()[:16]


# Also before what is read is known: one journey. The role comes last, and leaves with the transaction.
_NARROW = HotStatement(
    f"""
    select set_config('outreach.platforms', :platforms, true),
      set_config('outreach.reader', :reader, true),
      set_config('outreach.loans', coalesce((
        select string_agg(l.number::text, ',') from mutual_aid_loans l
        where l.helper = any(string_to_array(:platforms, ',')) and l.taken_back_at is null
          and l.starts_at <= :now and :now < l.ends_at and l.settled_at is null), ''), true),
      set_config('outreach.records', coalesce((
        select string_agg(r.id::text, ',') from (
          select e.case_record_id as id from call_list_entries e
          where e.state = 'LEASED' and e.leased_by = nullif(:reader, '')::uuid
          union
          select a.case_record_id from call_attempts a
          where a.agent_id = nullif(:reader, '')::uuid and a.outcome is null
          union
          select g.case_record_id from broken_glass g
          where g.user_id = nullif(:reader, '')::uuid and g.until > :now) r), ''), true),
      set_config('role', '{ROLE}', true)
    """  # noqa: S608 - a constant
)


def narrow(connection: Connection, platforms: Sequence[str], *, reader: UUID | None, now: datetime) -> None:
    """From here on the transaction sees what these platforms' people may, and what the reader holds."""
    # A code with a comma would read as two; none has one (domain/territories), and none is let through.
    listed = ",".join(code for code in platforms if "," not in code)
    _NARROW.rows(connection, {"platforms": listed, "reader": str(reader or ""), "now": now})
