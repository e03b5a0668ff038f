"""Hot statements behave as any other of the same transaction."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from outreach.ids import new_id
from outreach.storage.database import Database, DataError, OperationalError
from outreach.storage.hot_sql import HotStatement

ADD = HotStatement("insert into sweep_runs (sweep, found) values (:sweep, :found)")
FOUND = HotStatement("select found from sweep_runs where sweep = :sweep")


def test_a_hot_statement_is_part_of_its_transaction(database: Database) -> None:
    with database.begin() as connection:
        ADD.count(connection, {"sweep": "a", "found": 1})
        connection.rollback()
    with database.begin() as connection:
        assert FOUND.one(connection, {"sweep": "a"}) is None


def test_it_sees_what_other_statements_wrote_before_and_they_see_it(connection: Connection) -> None:
    connection.execute(text("insert into sweep_runs (sweep, found) values ('a', 1)"))
    assert FOUND.one(connection, {"sweep": "a"}) == (1,)
    ADD.count(connection, {"sweep": "b", "found": 2})
    assert connection.execute(text("select count(*) from sweep_runs")).scalar_one() == 2


def test_casts_and_signs_in_the_words_are_left_alone(connection: Connection) -> None:
    kept = HotStatement("select '1'::integer + :n, 'ab' like 'a%', cast(:moment as timestamptz)")
    moment = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
    assert kept.one(connection, {"n": 1, "moment": moment}) == (2, True, moment)


def test_it_counts_what_it_changed(connection: Connection) -> None:
    ADD.count(connection, {"sweep": "a", "found": 1})
    raised = HotStatement("update sweep_runs set found = found + 1 where sweep = any(:sweeps)")
    assert raised.count(connection, {"sweeps": ["a", "b"]}) == 1


def test_errors_the_program_knows_come_as_everywhere_and_quote_no_value(database: Database) -> None:
    secret = f"Dupont {new_id()}"
    with pytest.raises(DataError) as told, database.begin() as connection:
        HotStatement("select cast(:value as integer)").one(connection, {"value": 2**70})
    assert str(2**70) not in str(told.value)
    with pytest.raises(DataError), database.begin() as connection:
        FOUND.one(connection, {"sweep": f"{secret}\0"})
    with pytest.raises(OperationalError), database.begin() as connection:
        HotStatement("select pg_terminate_backend(pg_backend_pid())").one(connection, {})
    with database.begin() as connection:
        assert FOUND.rows(connection, {"sweep": "a"}) == []
