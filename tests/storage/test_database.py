"""Connections that died while they rested are replaced before anybody notices."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from outreach.storage import database as module
from outreach.storage.database import Database


def test_a_connection_that_died_at_rest_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Database(database.url, pool_size=1)
    with own.begin() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
    with psycopg.connect(database.url, autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
    with own.begin() as connection:
        assert connection.execute(text("select pg_backend_pid()")).scalar_one() != pid
    own.close()


def test_what_a_session_held_is_free_the_moment_it_ends(database: Database) -> None:
    take = text("select pg_try_advisory_lock(7)")
    for _ in range(6):
        with ExitStack() as ready:  # whoever asks next has a connection already
            for _ in range(5):
                ready.enter_context(database.engine.connect())
        for _ in range(5):
            with database.session() as session:
                assert session.execute(take).scalar_one() is True


def test_a_session_whose_connection_died_ends_without_a_word(database: Database) -> None:
    with database.session() as session, psycopg.connect(database.url, autocommit=True) as admin:
        pid = session.execute(text("select pg_backend_pid()")).scalar_one()
        admin.execute("select pg_terminate_backend(%s, 5000)", (pid,))


def test_a_transaction_that_raises_leaves_nothing(database: Database, platform: str) -> None:
    try:
        with database.begin() as connection:
            connection.execute(text("update platforms set name = 'changed'"))
            raise RuntimeError  # noqa: TRY301 - the point of the test
    except RuntimeError:
        pass
    with database.begin() as connection:
        assert connection.execute(text("select name from platforms")).scalar_one() == "Landes"
