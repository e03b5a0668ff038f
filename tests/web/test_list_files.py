"""Every list comes as a file too: the same rows under the same names."""

from __future__ import annotations

import csv
import io
import typing
from typing import Any

import pytest
from fastapi.routing import APIRoute

from outreach.bootstrap import App
from outreach.domain.notices import NewNotice
from outreach.web.app import ROUTERS
from outreach.web.paging import Page
from outreach.web.sheets import cell
from tests.web.conftest import Hire

# Lists of somebody's own work, or that stand whole on one page of their own, or whose file is another one.
WITHOUT_A_FILE = {
    "/api/v1/call-list/at-risk": "/call-list/entries.csv holds it",
    "/api/v1/call-list/late": "/call-list/entries.csv holds it",
    "/api/v1/interviews/contacts-missing": "whom to ask again, looked up by programs",
    "/api/v1/imports/{import_id}/rows": "cells of people: mended in place, never taken away",
    "/api/v1/inbox": "conversations are opened one by one, and each reading leaves a line",
    "/api/v1/notices": "what one agent has to read",
    "/api/v1/training/mine": "one's own; the page gives the file",
    "/api/v1/scripts/{name}/versions": "texts are compared on their page",
}


def paged_lists() -> set[str]:
    return {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and _is_page(route.response_model)
    }


def _is_page(model: Any) -> bool:
    return isinstance(model, type) and issubclass(typing.get_origin(model) or model, Page)


def files() -> set[str]:
    return {
        route.path.removesuffix(".csv")
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.endswith(".csv")
    }


def test_every_list_that_comes_in_pages_comes_as_a_file_or_says_why_not() -> None:
    assert paged_lists() - files() == set(WITHOUT_A_FILE)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("pilot", "/imports"),
        ("supervisor", "/notices/published"),
        ("supervisor", "/alarms/history"),
        ("administrator", "/users"),
        ("administrator", "/sign-in-lines"),
        ("supervisor", "/platforms/40/mode/auto/decisions"),
        ("supervisor", "/broken-glass"),
        ("supervisor", "/training/results"),
        ("supervisor", "/platforms/40/watch-list"),
        ("supervisor", "/call-list/entries?platform=40"),
        ("pilot", "/campaigns?platform=40"),
    ],
)
def test_a_file_holds_the_rows_of_the_list_in_its_order(app: App, hire: Hire, role: str, path: str) -> None:
    someone = hire(role)
    notice = NewNotice("=1+1", "New durations.", app.clock.now(), None, platform="40")
    app.steering.notices.publish(notice, author_id=app.access.user_named(role).id, platforms=["40"])
    place, _, asked = path.partition("?")
    items = someone.get(path).json()["items"]
    answer = someone.get(f"{place}.csv?{asked}")
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == len(items)
    for item, row in zip(items, rows, strict=True):
        for name, value in item.items():
            if name in row and not isinstance(value, str):
                assert row[name].removeprefix("'") == cell(value)
    assert not any(value.startswith("=") for row in rows for value in row.values())


def test_a_week_of_the_rota_that_was_taken_away_can_be_sent_again(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    for ends in ("17:00", "24:00"):
        shift = {"day": "2021-03-17", "starts": "13:30", "ends": ends, "positions": 4}
        assert supervisor.post("/platforms/40/shifts", shift).status_code == 201
    span = "since=2021-03-15&until=2021-03-21"
    file = supervisor.get(f"/platforms/40/rota.csv?{span}")
    assert "2021-03-17;13:30;24:00;4;" in file.text
    sent = supervisor.post_file("/platforms/40/rota", file.content)
    assert (sent.json()["errors"], sent.json()["shifts"]) == ([], 2)
    again = supervisor.get(f"/platforms/40/rota.csv?{span}")
    assert again.text == file.text


def test_accounts_are_listed_by_what_they_are(hire: Hire) -> None:
    administrator, _ = hire("administrator"), hire("agent", login="lea.martin")
    for asked, logins in (
        ("login=lea", ["lea.martin"]),
        ("role=administrator", ["administrator"]),
        ("ended=true", []),
        ("platform=40", ["administrator", "lea.martin"]),
    ):
        found = administrator.get(f"/users?{asked}").json()["items"]
        assert [user["login"] for user in found] == logins, asked
        assert administrator.get(f"/users.csv?{asked}").text.count("\n") == 1 + len(logins)


def test_who_switched_what_is_taken_away_with_what_it_sent(hire: Hire) -> None:
    supervisor = hire("supervisor")
    switch = {"mode": "SMS_CONTACTS", "reason": "a wave", "version": 1}
    modes = supervisor.get("/platforms/40/mode").json()
    switch["version"] = modes["version"]
    assert supervisor.put("/platforms/40/mode", switch).status_code == 200
    file = supervisor.get("/platforms/40/mode/history.csv")
    assert "texted.delivered" in file.text.splitlines()[0]
    assert '""reason"": ""a wave""' in file.text
