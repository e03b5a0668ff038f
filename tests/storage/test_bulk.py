"""What COPY writes is what was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from outreach.storage import intake_rows
from outreach.storage.bulk import copy_encoded, copy_rows, row_encoder, with_last_uuid

SOME_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
EVERY_TYPE = Table(
    "every_type",
    MetaData(),
    Column("small", SmallInteger),
    Column("whole", Integer),
    Column("big", BigInteger),
    Column("flag", Boolean),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
    Column("raw", LargeBinary),
    Column("told", JSONB),
    Column("words", Text),
    Column("id", Uuid),
    prefixes=["temporary"],
)
COLUMNS = tuple(EVERY_TYPE.c.keys())
NOTHING = (None,) * len(COLUMNS)
MORNING = datetime(2021, 3, 16, 9, 30, tzinfo=UTC)
IN_GUYANE = datetime(2021, 3, 16, 6, 30, tzinfo=timezone(timedelta(hours=-3)))
LAST_OF_1999 = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
LONG = 70_000
ROWS: list[tuple[Any, ...]] = [
    (1, LONG, 2**40, True, MORNING, MORNING.date(), b"\0\xff", "{}", "", SOME_ID),
    (-1, -LONG, -(2**40), False, LAST_OF_1999, date(1890, 1, 1), b"", '["Léa €"]', "Léa d’Ax €", UUID(int=0)),
    (0, 0, 0, True, IN_GUYANE, date(2000, 1, 1), b"x" * LONG, "[1]", "x" * LONG, UUID(int=2**128 - 1)),
    NOTHING,
]


@pytest.fixture
def every_type(connection: Connection) -> Iterator[Connection]:
    EVERY_TYPE.create(connection)
    yield connection
    EVERY_TYPE.drop(connection)


def _stored(connection: Connection) -> list[tuple[Any, ...]]:
    told = [EVERY_TYPE.c[name] if name != "told" else text("told::text") for name in COLUMNS]
    return [tuple(row) for row in connection.execute(select(*told).select_from(EVERY_TYPE))]


@pytest.mark.parametrize("shared", [0, 4, len(COLUMNS)])
def test_every_type_of_column_comes_back_as_it_was_given(every_type: Connection, shared: int) -> None:
    encode = row_encoder(EVERY_TYPE, COLUMNS, shared=shared)
    copy_encoded(every_type, EVERY_TYPE, COLUMNS, [encode(row) for row in ROWS])
    assert _stored(every_type) == ROWS


def test_no_rows_are_no_statement_and_rows_go_to_the_columns_named(every_type: Connection) -> None:
    copy_rows(every_type, EVERY_TYPE, ["id", "small"], [])
    copy_rows(every_type, EVERY_TYPE, ["id", "small"], [(SOME_ID, 7)])
    assert _stored(every_type) == [(7, *NOTHING[1:-1], SOME_ID)]


def test_a_last_uuid_left_null_may_be_filled_in_later(every_type: Connection) -> None:
    row = row_encoder(EVERY_TYPE, COLUMNS)(NOTHING)
    copy_encoded(every_type, EVERY_TYPE, COLUMNS, [with_last_uuid(row, SOME_ID)])
    assert _stored(every_type) == [(*NOTHING[:-1], SOME_ID)]


def test_the_positive_of_an_exposure_is_the_last_column() -> None:
    assert intake_rows.NewExposure._fields[-1] == "positive_id"
