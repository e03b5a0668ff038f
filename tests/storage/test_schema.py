"""The migrations make exactly the tables of the code, and take them away again."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from outreach.domain.load_shedding import MODES, Mode
from outreach.storage import schema
from outreach.storage.database import Database


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
