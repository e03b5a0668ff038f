"""The journal keeps what is written, in order, for ever."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from outreach.ids import new_id
from outreach.storage import journal
from outreach.storage.database import Database
from tests.conftest import MORNING


def _line(case_record_id: object, event: journal.Event) -> journal.JournalEntry:
    return journal.JournalEntry(
        MORNING,
        "40",
        event,
        journal.by_system("test"),
        case_record_id=case_record_id,  # type: ignore[arg-type]
    )


def test_lines_come_back_in_the_order_written(connection: Connection) -> None:
    record = new_id()
    events = [journal.Event.CASE_CREATED, journal.Event.CASE_UPDATED, journal.Event.CASE_CLOSED]
    journal.write(connection, *[_line(record, event) for event in events])
    assert [line["event"] for line in journal.of_case_record(connection, record)] == events


@pytest.mark.parametrize(
    "statement", ["update journal set event = 'x'", "delete from journal", "truncate journal"]
)
def test_the_journal_refuses_to_forget(database: Database, statement: str) -> None:
    with database.begin() as connection:
        journal.write(connection, _line(new_id(), journal.Event.CASE_CREATED))
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))
