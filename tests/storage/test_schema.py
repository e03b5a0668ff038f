"""The migrations make exactly the tables of the code, and take them away again."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from outreach.domain.load_shedding import MODES, Mode
from outreach.storage import schema
from outreach.storage.database import Database

OF_THE_FIFTH = {
    "call_list_to_call_idx",
    "call_list_other_queue_idx",
    "call_list_after_deadline_idx",
    "alarms_subject_idx",
    "alarms_platform_raised_idx",
    "alarms_cleared_idx",
    "inbound_calls_person_id_idx",
}
# Entries of every state in two queues, some late before their last callable moment.
FILLED_ENTRIES = """
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, queue, call_class,
    effective_deadline, deadline, entered_at, lease_id, leased_by, leased_until, closed_at)
  select gen_random_uuid(), '40', gen_random_uuid(), gen_random_uuid(), 'INFORM', state,
    case when n % 7 = 0 then 'SENIORS' else 'AGENTS' end, 1 + n % 5,
    now() + n * interval '1 minute', now() + (n + n % 3 - 1) * interval '1 minute', now(),
    case when state = 'LEASED' then gen_random_uuid() end,
    case when state = 'LEASED' then gen_random_uuid() end,
    case when state = 'LEASED' then now() end,
    case when state = 'CLOSED' then now() end
  from generate_series(1, 200) n cross join
    unnest(array['WAITING', 'READY', 'LEASED', 'TEXTED', 'CLOSED']) state
"""
FILLED_ALARMS = """
insert into alarms (id, platform, kind, subject, raised_at, cleared_at)
  select gen_random_uuid(), case when n % 2 = 0 then '40' end, 'EMERGENCY', n,
    now() + n * interval '1 minute', case when n % 3 = 0 then now() end
  from generate_series(1, 300) n
"""
FILLED_CALLS = """
insert into inbound_calls (id, sid, person_id, answered_with, received_at)
  select gen_random_uuid(), 'CA' || n, gen_random_uuid(), 'AGENT', now() from generate_series(1, 50) n
"""


@pytest.fixture
def bare_database(server_urls: tuple[str, str], worker_number: int) -> Iterator[Database]:
    """A database without tables."""
    admin, name = server_urls[0], f"outreach_bare_{worker_number}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name}")
    database = Database(admin.replace("/postgres?", f"/{name}?"))
    yield database
    database.close()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def test_an_empty_database_goes_to_head_and_back_to_nothing(bare_database: Database) -> None:
    assert not schema.is_current(bare_database)
    schema.migrate(bare_database)
    assert schema.is_current(bare_database)
    schema.migrate(bare_database, schema.BASE)
    assert inspect(bare_database.engine).get_table_names() == ["alembic_version"]
    schema.migrate(bare_database)
    assert schema.is_current(bare_database)


def test_the_last_migration_is_found_as_alembic_finds_it() -> None:
    assert schema.heads() == set(ScriptDirectory(schema.MIGRATIONS).get_heads())


def test_the_migrations_and_the_tables_of_the_code_do_not_drift(bare_database: Database) -> None:
    schema.migrate(bare_database)
    with bare_database.begin() as connection:
        assert schema.drift(connection) == []


def test_a_platform_of_the_first_tables_texts_missed_contacts_after_the_second_migration(
    bare_database: Database,
) -> None:
    schema.migrate(bare_database, "0001")
    with bare_database.begin() as connection:
        connection.exec_driver_sql(
            "insert into platforms (code, name, time_zone, department, created_at) "
            "values ('40', 'Landes', 'Europe/Paris', '40', now())"
        )
        connection.exec_driver_sql(
            "insert into platform_modes (platform, mode, level, version, reason, starts_at) "
            "values ('40', 'NORMAL', 0, 1, 'start', now())"
        )
    schema.migrate(bare_database)
    with bare_database.begin() as connection:
        level = connection.exec_driver_sql("select level from platform_modes").scalar_one()
    assert level == MODES[Mode.NORMAL].level


def test_ways_into_an_account_that_were_made_before_the_fourth_migration_are_no_news(
    bare_database: Database,
) -> None:
    schema.migrate(bare_database, "0003")
    with bare_database.begin() as connection:
        connection.exec_driver_sql(
            "insert into users (id, login, roles, platforms, languages, created_at)"
            " select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'user' || n,"
            " '{agent}', '{40}', '{fr}', now() from generate_series(1, 2) n"
        )
        connection.exec_driver_sql(
            "insert into sign_in_lines (at, event, user_id, address) select now(), 'LINK_MADE', id, ''"
            " from users where login = 'user1'"
        )
    schema.migrate(bare_database)
    with bare_database.begin() as connection:
        told = connection.exec_driver_sql(
            "select told_line = coalesce((select max(id) from sign_in_lines where user_id = users.id), 0),"
            " told_line > 0 from users order by login"
        )
        assert [tuple(row) for row in told] == [(True, True), (True, False)]


def test_a_filled_database_goes_back_over_the_fifth_migration_and_keeps_its_rows(
    bare_database: Database,
) -> None:
    schema.migrate(bare_database)
    before = _indexes(bare_database)
    with bare_database.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        for filled in (FILLED_ENTRIES, FILLED_ALARMS, FILLED_CALLS):
            connection.execute(text(filled))
    rows = _rows(bare_database)
    assert [len(each) for each in rows.values()] == [1_000, 300, 50]
    with bare_database.begin() as connection:
        command.downgrade(schema._config(connection), "0004")
    assert before - _indexes(bare_database) == OF_THE_FIFTH
    assert _rows(bare_database) == rows
    schema.migrate(bare_database)
    assert _indexes(bare_database) == before
    assert _rows(bare_database) == rows
    with bare_database.begin() as connection:
        assert schema.drift(connection) == []


def _indexes(database: Database) -> set[str]:
    """Those that a query could use."""
    with database.begin() as connection:
        return set(
            connection.exec_driver_sql(
                "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid"
                " where i.indisvalid and c.relnamespace = 'public'::regnamespace"
            ).scalars()
        )


def _rows(database: Database) -> dict[str, list[str]]:
    """All rows of the tables whose indexes the fifth migration makes."""
    with database.begin() as connection:
        return {
            table: list(connection.exec_driver_sql(f"select t::text from {table} t order by id").scalars())
            for table in ("call_list_entries", "alarms", "inbound_calls")
        }
