"""Brings a database to the tables this version needs, and says whether it is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from outreach.storage import ddl, row_security
from outreach.storage.database import Database
from outreach.storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is brought in where it is used: every command would wait for it.

HEAD, BASE = "head", "base"
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x736368656D61  # "schema"
_NAMES = re.compile(r'^(revision|down_revision)\b.*= "(\w+)"$', re.MULTILINE)

assert ddl  # the guard of the journal is made with its table


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, target: str = HEAD) -> None:
    """Move the tables to `target`; processes that start together take turns."""
    from alembic import command

    with database.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = _config(connection)
        if target == BASE:
            row_security.remove(connection)
            command.downgrade(config, BASE)
            return
        if not _at_heads(connection):
            row_security.remove(connection)
            command.upgrade(config, target)
        if target == HEAD:
            row_security.install(connection)


def _at_heads(connection: Connection) -> bool:
    return _applied(connection) == heads()


def _applied(connection: Connection) -> set[str]:
    if connection.execute(text("select to_regclass('alembic_version')")).scalar_one() is None:
        return set()
    return set(connection.execute(text("select version_num from alembic_version")).scalars())


def heads() -> set[str]:
    """The last migrations, as Alembic finds them, read without it."""
    files = (file.read_text(encoding="utf-8") for file in (MIGRATIONS / "versions").glob("*.py"))
    named = [said for content in files for said in _NAMES.findall(content)]
    return {name for word, name in named if word == "revision"} - {
        name for word, name in named if word != "revision"
    }


def is_current(database: Database) -> bool:
    """Whether every migration was applied, and what is read for a person is held to their reach."""
    with database.begin() as connection:
        return _at_heads(connection) and row_security.is_installed(connection)


def command_to_run(database: Database) -> str:
    """What an administrator of the server must run so that this user may read as others; "" for nothing."""
    with database.begin() as connection:
        return row_security.command_for(connection)


def drift(connection: Connection) -> list[object]:
    """How the database differs from the tables in the code; empty when it does not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


def write_revision(database: Database, message: str) -> None:
    """Write a new migration from the difference between the database and the tables: read what it wrote."""
    from alembic import command

    with database.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)
