"""A reading for somebody's platforms shows nothing of another one, whatever its SQL forgot to ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ProgrammingError

from outreach.errors import NotFound
from outreach.ids import new_id
from outreach.storage import case_sheet_store, inbox_store, list_view_store, row_security, tables
from outreach.storage.database import Connection, Database
from outreach.storage.vault import Vault
from tests.conftest import MORNING

OURS, THEIRS = "40", "64"
ME = new_id()
GUARDED = sorted(row_security.RULES)


def _ids() -> dict[str, UUID]:
    """One person's, and what hangs on them."""
    kinds = ("person", "case_record", "entry", "message", "import", "campaign", "attempt", "user")
    return {kind: new_id() for kind in kinds}


# What a column of this name points at; `id` of the table in brackets.
_POINTS_AT = {
    "person_id": "person",
    "case_record_id": "case_record",
    "contact_id": "case_record",
    "positive_id": "case_record",
    "kept_id": "case_record",
    "entry_id": "entry",
    "message_id": "message",
    "import_id": "import",
    "campaign_id": "campaign",
    "attempt_id": "attempt",
    "user_id": "user",
    "agent_id": "user",
}
_IS = {
    "persons": "person",
    "case_records": "case_record",
    "call_list_entries": "entry",
    "messages": "message",
    "imports": "import",
    "campaigns": "campaign",
    "call_attempts": "attempt",
    "users": "user",
}


def _value(column: Column[Any], table: Table, ids: Mapping[str, UUID], platform: str, mark: int) -> Any:
    kind = column.type
    if column.name == "platform":
        return platform
    if isinstance(kind, Uuid):
        named = _IS.get(table.name) if column.name == "id" else _POINTS_AT.get(column.name)
        return ids[named] if named else new_id()
    if isinstance(kind, LargeBinary):
        return f"{platform}/{mark}/{column.name}".encode()
    for types, value in _PLAIN.items():
        if isinstance(kind, types):
            return value
    return f"{platform}/{mark}"


_PLAIN: dict[Any, Any] = {
    DateTime: MORNING,
    Date: date(2021, 3, 16),
    Boolean: False,
    (BigInteger, SmallInteger, Integer, Numeric): 1,
    JSONB: {},
    ARRAY: [],
}


def _add_everywhere(connection: Connection, platform: str, ids: Mapping[str, UUID]) -> None:
    """One row in every table that holds personal data, all about one person of a platform."""
    connection.execute(text("set local session_replication_role = replica"))
    for mark, name in enumerate(GUARDED):
        table = tables.metadata.tables[name]
        values = {
            column.name: _value(column, table, ids, platform, mark)
            for column in table.columns
            if column.identity is None and (_must_be_given(column) or column.name in _POINTS_AT)
        }
        connection.execute(insert(table).values(values | _platform_of(table, platform)))


def _must_be_given(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _platform_of(table: Table, platform: str) -> dict[str, str]:
    return {"platform": platform} if "platform" in table.c else {}


def _seen(connection: Connection) -> dict[str, int]:
    """How many rows of each table are seen without asking for any platform."""
    return {
        name: connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
        for name in GUARDED
    }


@pytest.fixture
def theirs(database: Database) -> dict[str, UUID]:
    """Somebody of each of two platforms; the ids of the other platform's."""
    ours, theirs = _ids(), _ids()
    with database.begin() as connection:
        _add_everywhere(connection, OURS, ours)
        _add_everywhere(connection, THEIRS, theirs)
    return theirs


ONE_OF_EACH = dict.fromkeys(GUARDED, 1)
BY_PERSON_ONLY = ("desk_drafts", "undoable_outcomes")  # whoever typed it, wherever they belong


def _of_platforms(seen: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in seen.items() if name not in BY_PERSON_ONLY}


def test_without_any_where_clause_a_reader_sees_their_own_platforms_rows_alone(
    database: Database, theirs: dict[str, UUID]
) -> None:
    with database.reading_as([OURS], now=MORNING) as connection:
        assert _of_platforms(_seen(connection)) == _of_platforms(ONE_OF_EACH)
    with database.reading_as([OURS, THEIRS], now=MORNING) as connection:
        assert _of_platforms(_seen(connection)) == _of_platforms(dict.fromkeys(GUARDED, 2))


def test_a_reader_of_no_platform_sees_nobody(database: Database, theirs: dict[str, UUID]) -> None:
    with database.reading_as([], now=MORNING) as connection:
        assert set(_seen(connection).values()) == {0}


def test_what_somebody_types_is_theirs_alone(database: Database, theirs: dict[str, UUID]) -> None:
    with database.reading_as([], reader=theirs["user"], now=MORNING) as connection:
        seen = _seen(connection)
    assert [seen[name] for name in BY_PERSON_ONLY] == [1, 1]


def test_stores_that_are_told_the_wrong_platform_find_nothing(
    database: Database, vault: Vault, theirs: dict[str, UUID]
) -> None:
    """The second lock alone: every caller here asks as if for the other platform."""
    record = theirs["case_record"]
    with database.reading_as([OURS], now=MORNING) as connection:
        with pytest.raises(NotFound):
            case_sheet_store.card(connection, vault, record, platforms=[THEIRS])
        with pytest.raises(NotFound):
            case_sheet_store.facts(connection, record)
        assert case_sheet_store.entries_of(connection, record) == []
        assert case_sheet_store.attempts_of(connection, record) == []
        assert case_sheet_store.messages_of(connection, record) == []
        assert case_sheet_store.replies_of(connection, theirs["person"]) == []
        assert list_view_store.by_class(connection, [THEIRS], MORNING) == []
        assert inbox_store.counts(connection, [THEIRS], user_id=ME, now=MORNING) == []


IN_HAND = ("call_list_entries", "case_records", "persons", "person_keys", "person_phones", "call_attempts")


def _seen_by_me(database: Database, now: datetime = MORNING) -> set[int]:
    with database.reading_as([OURS], reader=ME, now=now) as connection:
        seen = _seen(connection)
    return {seen[name] for name in IN_HAND}


def test_the_record_in_hand_is_seen_wherever_it_belongs(database: Database, theirs: dict[str, UUID]) -> None:
    assert _seen_by_me(database) == {1}
    with database.begin() as connection:
        connection.execute(
            tables.call_list_entries.update()
            .where(tables.call_list_entries.c.id == theirs["entry"])
            .values(state="LEASED", lease_id=new_id(), leased_by=ME)
        )
    assert _seen_by_me(database) == {2}


def test_the_record_of_ones_open_call_is_seen_until_its_outcome(
    database: Database, theirs: dict[str, UUID]
) -> None:
    attempts = tables.call_attempts
    with database.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        mine = attempts.update().where(attempts.c.id == theirs["attempt"])
        connection.execute(mine.values(agent_id=ME))
    assert _seen_by_me(database) == {2}
    with database.begin() as connection:
        connection.execute(mine.values(outcome="COMPLETED"))
    assert _seen_by_me(database) == {1}


def test_lent_entries_are_seen_by_the_helper_while_the_loan_lasts(
    database: Database, theirs: dict[str, UUID]
) -> None:
    hour = timedelta(hours=1)
    loan = {
        "owner": THEIRS,
        "helper": OURS,
        "amount": 1,
        "most": 1,
        "call_classes": [],
        "queues": [],
        "languages": [],
        "starts_at": MORNING,
        "ends_at": MORNING + hour,
        "reason": "test",
    }
    with database.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        number = connection.execute(
            insert(tables.mutual_aid_loans).values(loan).returning(tables.mutual_aid_loans.c.number)
        ).scalar_one()
        connection.execute(
            tables.call_list_entries.update()
            .where(tables.call_list_entries.c.id == theirs["entry"])
            .values(loan=number)
        )
    assert _seen_by_me(database) == {2}
    assert _seen_by_me(database, MORNING + hour) == {1}


def test_broken_glass_shows_a_record_for_its_hour(database: Database, theirs: dict[str, UUID]) -> None:
    hour = timedelta(hours=1)
    with database.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            insert(tables.broken_glass).values(
                id=new_id(),
                platform=THEIRS,
                case_record_id=theirs["case_record"],
                user_id=ME,
                at=MORNING,
                until=MORNING + hour,
            )
        )
    assert _seen_by_me(database) == {2}
    assert _seen_by_me(database, MORNING + hour) == {1}


@pytest.mark.parametrize("name", sorted(row_security.CLOSED))
def test_what_a_reader_has_no_business_with_is_refused(database: Database, name: str) -> None:
    with database.reading_as([OURS], now=MORNING) as connection, pytest.raises(ProgrammingError):
        connection.execute(select(func.count()).select_from(tables.metadata.tables[name]))


def test_an_agents_own_phone_is_refused_and_their_login_is_not(database: Database) -> None:
    with database.reading_as([OURS], now=MORNING) as connection:
        assert connection.execute(select(tables.users.c.login)).all() == []
        with pytest.raises(ProgrammingError):
            connection.execute(select(tables.users.c.sealed_phone))


def test_a_reader_changes_nothing_and_notes_readings_in_their_own_name_alone(
    database: Database, theirs: dict[str, UUID]
) -> None:
    line = {"at": MORNING, "platform": THEIRS, "case_record_id": theirs["case_record"], "why": "SHEET"}
    with database.reading_as([THEIRS], reader=ME, now=MORNING) as connection:
        connection.execute(insert(tables.access_lines).values(**line, user_id=ME))
        with pytest.raises(ProgrammingError), connection.begin_nested():
            connection.execute(insert(tables.access_lines).values(**line, user_id=new_id()))
        with pytest.raises(ProgrammingError), connection.begin_nested():
            connection.execute(tables.case_records.update().values(state="CLOSED"))


def test_a_database_user_who_may_not_read_as_others_is_told_the_one_command(database: Database) -> None:
    with database.begin() as connection:
        assert row_security.command_for(connection) == ""
        with connection.begin_nested() as savepoint:
            connection.execute(text("create role outreach_plain"))
            connection.execute(text("set local role outreach_plain"))
            told = row_security.command_for(connection)
            assert not row_security.is_installed(connection)
            savepoint.rollback()
    assert told == "create role outreach_reader nologin; grant outreach_reader to outreach_plain;"


def test_the_role_ends_with_its_transaction(database: Database, theirs: dict[str, UUID]) -> None:
    with database.reading_as([], now=MORNING) as connection:
        assert connection.execute(text("select current_user")).scalar() == row_security.ROLE
    with database.begin() as connection:
        assert connection.execute(text("select current_user")).scalar() != row_security.ROLE
        assert set(_seen(connection).values()) == {2}


def test_every_table_with_something_of_a_person_says_who_may_read_it() -> None:
    silent = [
        table.name
        for table in tables.metadata.sorted_tables
        if row_security.holds_personal_data(table)
        and table.name not in row_security.RULES
        and table.name not in row_security.CLOSED
        and table.name != "users"  # its one secret is left out of the rights: tested above
    ]
    assert silent == [], f"Say in storage/row_security.py (RULES or CLOSED) who may read {', '.join(silent)}."


def test_rules_name_tables_that_exist() -> None:
    assert {*row_security.RULES, *row_security.CLOSED} <= set(tables.metadata.tables)
