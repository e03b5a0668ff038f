"""The engine and its transactions, on a server of yours or on the embedded one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from outreach.clock import monotonic
from outreach.storage import row_security, touched

# Services pass a connection on and name these errors; nothing else of SQLAlchemy is known outside storage.
__all__ = ["Connection", "DataError", "Database", "OperationalError", "SQLAlchemyError"]


def _driver_url(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


IDLE_SECONDS = 5.0  # a connection at rest for longer is asked whether it still lives


def _note_return(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.info["returned"] = monotonic()


def _ask_if_idle(
    connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Like SQLAlchemy's pre-ping, which asks at every checkout: a fifth of a short transaction's time."""
    if monotonic() - record.info.get("returned", 0.0) < IDLE_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("select 1")
        cursor.close()
        connection.rollback()
    except psycopg.Error:
        raise DisconnectionError from None  # the pool tries another one


def _tell_nobody(_topics: frozenset[str]) -> None:
    """Where no pages are shown."""


class Database:
    """PostgreSQL. `begin()` is one transaction: it commits when the block ends, rolls back when it raises.

    `tell` is given the topics that a transaction touched, once it has committed.
    """

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self.tell: Callable[[frozenset[str]], None] = _tell_nobody
        self.engine: Engine = create_engine(
            _driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,  # an error must not quote the values of a statement
            connect_args={"options": "-c timezone=UTC -c jit=off", "application_name": "outreach"},
        )

        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._still = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        event.listen(self.engine, "checkin", _note_return)
        event.listen(self.engine, "checkout", _ask_if_idle)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            touched.taken_from(connection)  # of one that was rolled back
            yield connection
            topics = touched.taken_from(connection)
        if topics:
            self.tell(topics)

    @contextmanager
    def reading_as(
        self, platforms: Sequence[str], *, reader: UUID | None = None, now: datetime
    ) -> Iterator[Connection]:
        """A transaction that sees these platforms' rows, and what the reader holds (row_security.py)."""
        with self.begin() as connection:
            row_security.narrow(connection, platforms, reader=reader, now=now)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For one statement that reads: two journeys to the server less than a transaction. Each further
        statement would see a state of its own."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """For several statements that read one state: nobody who moves between them is seen twice."""
        with self._still.begin() as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """One connection outside the pool's reuse, for session advisory locks; autocommit."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                yield connection
            finally:
                # The server hears of the end later than whoever asks next: locks are let go by name.
                with suppress(SQLAlchemyError):  # its connection died, and they with it
                    connection.execute(text("select pg_advisory_unlock_all()"))
                connection.invalidate()

    def answers(self) -> bool:
        """Whether a trivial query succeeds."""
        with self.engine.connect() as connection:
            return bool(connection.execute(text("select 1")).scalar_one() == 1)

    def close(self) -> None:
        self.engine.dispose()
