"""Those to be called, filtered, in pages and whole: a supervisor's list over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from outreach.bootstrap import App
from outreach.domain.board import TimeLeft
from outreach.storage.tables import call_list_entries
from tests.call_list_rows import add_contact, add_positive
from tests.web.conftest import Hire

HOUR = timedelta(hours=1)


@pytest.fixture
def listed(app: App) -> dict[str, str]:
    """A fresh positive, one with three hours left, a late one, a contact: by name of ours, their records."""
    now = app.clock.now()
    with app.database.begin() as connection:
        return {
            "fresh": str(add_positive(connection, now).case_record_id),
            "risk": str(add_positive(connection, now, result_ago=21 * HOUR).case_record_id),
            "late": str(add_positive(connection, now, result_ago=26 * HOUR).case_record_id),
            "contact": str(add_contact(connection, now).case_record_id),
        }


def names(listed: dict[str, str], rows: list[dict[str, Any]]) -> set[str]:
    by_record = {record: name for name, record in listed.items()}
    return {by_record[row["case_record_id"]] for row in rows}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"fresh", "risk", "late", "contact"}),
        ({"left": ["HOUR", "FOUR_HOURS"]}, {"risk"}),
        ({"left": ["LATE"]}, {"late"}),
        ({"left": ["DAY"]}, {"fresh", "contact"}),
        ({"call_class": "1"}, {"fresh", "risk", "late"}),
        ({"call_class": "1", "left": ["DAY"]}, {"fresh"}),
        ({"queue": "SEARCH"}, set()),
        ({"state": "LEASED"}, set()),
        ({"first": "true"}, {"fresh", "risk", "late", "contact"}),
    ],
)
def test_those_to_be_called_are_found_by_what_they_are(
    hire: Hire, listed: dict[str, str], asked: dict[str, Any], found: set[str]
) -> None:
    answer = hire("supervisor").get("/call-list/entries", params={"platform": "40", **asked})
    assert names(listed, answer.json()["items"]) == found


def test_each_column_of_the_board_holds_as_many_as_its_list(
    app: App, hire: Hire, listed: dict[str, str]
) -> None:
    supervisor, backlog = hire("supervisor"), app.board.view("40").backlog
    for left in TimeLeft:
        asked = {"platform": "40", "left": left.value, "call_class": 1}
        rows = supervisor.get("/call-list/entries", params=asked).json()["items"]
        assert len(rows) == backlog.cell(1, left), left


def test_a_list_comes_in_pages_and_whole_as_a_file_that_names_nobody(
    hire: Hire, listed: dict[str, str]
) -> None:
    supervisor = hire("supervisor")
    first = supervisor.get("/call-list/entries?platform=40&limit=3").json()
    rest = supervisor.get(f"/call-list/entries?platform=40&limit=3&cursor={first['next']}").json()
    in_pages = [row["case_record_id"] for row in (*first["items"], *rest["items"])]
    file = supervisor.get("/call-list/entries.csv?platform=40")
    assert file.headers["content-disposition"] == 'attachment; filename="call-list-40.csv"'
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["case_record_id"] for row in rows] == in_pages
    assert (len(in_pages), rest["next"]) == (4, None)
    assert set(rows[0]) == set(first["items"][0])


@pytest.mark.parametrize("list_name", ["entries", "late"])
def test_whoever_moves_in_the_list_while_it_is_read_hides_nobody_behind_them(
    app: App, hire: Hire, list_name: str
) -> None:
    with app.database.begin() as connection:
        for hours in (26, 27, 28):
            add_positive(connection, app.clock.now(), result_ago=hours * HOUR)
    supervisor, path = hire("supervisor"), f"/call-list/{list_name}?platform=40"
    before = [row["entry_id"] for row in supervisor.get(path).json()["items"]]
    first = supervisor.get(f"{path}&limit=1").json()
    with app.database.begin() as connection:
        last = call_list_entries.c.id == UUID(before[0])
        connection.execute(update(call_list_entries).where(last).values(call_class=4))
    rest = supervisor.get(f"{path}&cursor={first['next']}").json()["items"]
    assert [row["entry_id"] for row in rest] == [*before[1:], before[0]]


@pytest.mark.parametrize("path", ["/call-list/entries", "/call-list/entries.csv"])
def test_the_list_of_another_platform_is_out_of_reach(hire: Hire, path: str) -> None:
    assert hire("supervisor").get(f"{path}?platform=33").status_code == 404
