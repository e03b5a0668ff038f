"""Statements of the hottest paths, on psycopg's own cursor: same transaction, a third of the toolkit's price.

psycopg prepares a statement on each connection after a few runs, so its words must not change from run to
run. Parameters are written :name, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, OperationalError

_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
Values = Mapping[str, Any]
HotRow = tuple[Any, ...]


@dataclass(frozen=True)
class HotStatement:
    """One statement; its errors come as SQLAlchemy's, like those of any other."""

    text: str

    @cached_property
    def _query(self) -> bytes:
        # psycopg keeps its reading of a statement only up to 4,096 characters: spaces are left out.
        # Values go in binary (b): long lists are written in half the time.
        return _PARAMETER.sub(r"%(\1)b", " ".join(self.text.replace("%", "%%").split())).encode()

    def rows(self, connection: Connection, values: Values) -> list[HotRow]:
        with _errors_as_everywhere():
            return _driver(connection).execute(self._query, values).fetchall()

    def one(self, connection: Connection, values: Values) -> HotRow | None:
        """The only row, or None."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def count(self, connection: Connection, values: Values) -> int:
        """How many rows a change changed."""
        with _errors_as_everywhere():
            return _driver(connection).execute(self._query, values).rowcount


_KINDS: tuple[tuple[type[psycopg.Error], type[DBAPIError]], ...] = (
    (psycopg.OperationalError, OperationalError),
    (psycopg.DataError, DataError),
    (psycopg.IntegrityError, IntegrityError),
    (psycopg.Error, DatabaseError),
)


@contextmanager
def _errors_as_everywhere() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind("a hot statement", None, error, hide_parameters=True) from None


def _driver(connection: Connection) -> psycopg.Connection[HotRow]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("hot statements need psycopg's own connection")
    return driver
