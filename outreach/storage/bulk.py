"""Writes many rows at once, by binary COPY, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table, types
from sqlalchemy.dialects.postgresql import JSONB

# What PostgreSQL calls the column types of tables/: binary COPY takes no other form of a value.
_POSTGRES_TYPES: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.Uuid, "uuid"),
    (types.SmallInteger, "int2"),
    (types.BigInteger, "int8"),
    (types.Integer, "int4"),
    (types.Boolean, "bool"),
    (types.DateTime, "timestamptz"),
    (types.Date, "date"),
    (types.LargeBinary, "bytea"),
    (JSONB, "jsonb"),
    (types.Text, "text"),
)


def copy_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Append rows; each holds the values of `columns` in order. JSONB values come as psycopg's Jsonb."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("COPY needs psycopg's own connection")
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_postgres_type(table, name) for name in columns])
        for row in rows:
            copy.write_row(row)


def _postgres_type(table: Table, column: str) -> str:
    kind = table.c[column].type
    return next(name for known, name in _POSTGRES_TYPES if isinstance(kind, known))
