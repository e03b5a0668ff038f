"""Every list comes as a file too: the same rows under the same names."""

from __future__ import annotations

import csv
import io
import typing
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import insert

from outreach.bootstrap import App
from outreach.domain.call_list import CallClass, Queue
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.mutual_aid import LoanTerms
from outreach.domain.notices import NewNotice
from outreach.storage import alarm_store, journal, mutual_aid_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.journal import Event, JournalEntry
from outreach.web import sheets
from outreach.web.app import ROUTERS
from outreach.web.paging import Page
from outreach.web.sheets import cell
from tests.call_list_rows import Listed, add_contact, add_platform
from tests.conftest import MORNING
from tests.message_world import give_numbers
from tests.web.case_files import FILE
from tests.web.conftest import Hire

MINUTE = timedelta(minutes=1)

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


Fill = Callable[[App, Hire], None]
ROWS = 5  # of each list: more than two pieces of a file


def _user(app: App, hire: Hire, role: str, login: str) -> UUID:
    hire(role, login=login)
    return app.access.user_named(login).id


def fill_imports(app: App, hire: Hire) -> None:
    for _ in range(ROWS):
        app.case_import.import_file(FILE, platform="40")


def fill_notices(app: App, hire: Hire) -> None:
    author = _user(app, hire, "supervisor", "author")
    notice = NewNotice("=1+1", "New durations.", app.clock.now(), None, platform="40")
    for _ in range(ROWS):
        app.steering.notices.publish(notice, author_id=author, platforms=["40"])


def fill_alarms(app: App, hire: Hire) -> None:
    with app.database.begin() as connection:
        for number in range(ROWS):
            alarm_store.raise_alarm(
                connection, AlarmKind.DISTRESS, f"{number}", platform="40", now=app.clock.now()
            )


def fill_users(app: App, hire: Hire) -> None:
    for number in range(ROWS):
        hire("agent", login=f"agent-{number}")


def fill_sign_ins(app: App, hire: Hire) -> None:
    whose = _user(app, hire, "agent", "lea")
    for _ in range(ROWS):
        app.signing_in.links.invite(whose)


def fill_decisions(app: App, hire: Hire) -> None:
    now = app.clock.now()
    facts = {"mode": "NORMAL", "because": "enough hands", "done": "NOTHING"}
    lines = [
        JournalEntry(now, "40", Event.AUTO_DECIDED, journal.by_system("auto"), facts=facts)
        for _ in range(ROWS)
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)


def fill_glass(app: App, hire: Hire) -> None:
    by, people = _user(app, hire, "agent", "lea"), listed(app)
    for each in people:
        app.break_glass.open(each.case_record_id, "They stand at our desk", by=by)


def fill_practice(app: App, hire: Hire) -> None:
    agent = hire("agent")
    for _ in range(ROWS):
        path = f"/training/{agent.post('/training', {'platform': '40'}).json()['id']}"
        agent.post(f"{path}/call")
        agent.post(f"{path}/outcome", {"outcome": "NO_ANSWER"})


def fill_watch_list(app: App, hire: Hire) -> None:
    rows = [
        {"case_record_id": each.case_record_id, "platform": "40", "why": "NO_POSITIVE", "since": MORNING}
        for each in listed(app)
    ]
    with app.database.begin() as connection:
        connection.execute(insert(tables.watched_records), rows)


def fill_call_list(app: App, hire: Hire) -> None:
    listed(app)


def fill_campaigns(app: App, hire: Hire) -> None:
    by, plan = _user(app, hire, "pilot", "author"), CampaignPlan("campaign_isolation_check")
    for number in range(ROWS):
        app.campaigning.campaigns.draft("40", f"Week {number}", CampaignChannel.SMS, plan, by=by)


def fill_switches(app: App, hire: Hire) -> None:
    switched(app, ROWS)


def fill_loans(app: App, hire: Hire) -> None:
    lent(app, ROWS)


def listed(app: App) -> list[Listed]:
    """As many contacts as a list has rows."""
    with app.database.begin() as connection:
        found = [add_contact(connection, app.clock.now()) for _ in range(ROWS)]
        for number, each in enumerate(found):
            give_numbers(connection, app.vault, each, (f"+3363998000{number}",))
    return found


def switched(app: App, times: int) -> None:
    """The mode of platform 40, one minute after the other."""
    facts = {"mode": "NORMAL", "version": 1, "reason": "a wave", "ends_at": None, "previous": "LIGHT"}
    actor = journal.by_system("test")
    lines = [
        JournalEntry(MORNING - n * MINUTE, "40", Event.MODE_SWITCHED, actor, facts=facts)
        for n in range(times)
    ]
    with app.database.begin() as connection:
        journal.write_all(connection, lines)


def lent(app: App, times: int) -> None:
    """By platform 40 to another one."""
    terms = LoanTerms(
        owner="40",
        helper="33",
        share=20,
        amount=None,
        most=10,
        call_classes=frozenset({CallClass.CONTACT}),
        queues=frozenset({Queue.AGENTS}),
        languages=frozenset(),
        starts_at=MORNING,
        ends_at=MORNING + 60 * MINUTE,
        reason="a wave",
    )
    with app.database.begin() as connection:
        add_platform(connection, "33", MORNING)
        for _ in range(times):
            mutual_aid_store.add(connection, terms, None)


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


@pytest.mark.parametrize(
    ("role", "path", "fill"),
    [
        ("pilot", "/imports", fill_imports),
        ("supervisor", "/notices/published", fill_notices),
        ("supervisor", "/alarms/history", fill_alarms),
        ("administrator", "/users", fill_users),
        ("administrator", "/sign-in-lines", fill_sign_ins),
        ("supervisor", "/platforms/40/mode/auto/decisions", fill_decisions),
        ("supervisor", "/platforms/40/mode/history", fill_switches),
        ("supervisor", "/platforms/40/loans", fill_loans),
        ("supervisor", "/broken-glass", fill_glass),
        ("supervisor", "/training/results", fill_practice),
        ("supervisor", "/platforms/40/watch-list", fill_watch_list),
        ("supervisor", "/call-list/entries?platform=40", fill_call_list),
        ("pilot", "/campaigns?platform=40", fill_campaigns),
    ],
)
def test_a_file_holds_the_rows_of_the_list_in_its_order(
    app: App, hire: Hire, monkeypatch: pytest.MonkeyPatch, role: str, path: str, fill: Fill
) -> None:
    someone = hire(role)
    fill(app, hire)
    monkeypatch.setattr(sheets, "PIECE", 2)
    place, _, asked = path.partition("?")
    told = someone.get(path).json()
    items = told["items"] if isinstance(told, dict) else told
    assert len(items) >= ROWS
    rows = rows_of(someone.get(f"{place}.csv?{asked}"))
    assert len(rows) == len(items)
    for item, row in zip(items, rows, strict=True):
        for name, value in item.items():
            if name in row and not isinstance(value, str):
                assert row[name].removeprefix("'") == cell(value)
            elif name in row and name.endswith("id"):
                assert row[name] == value
    assert not any(value.startswith("=") for row in rows for value in row.values())


@pytest.mark.parametrize(
    ("fill", "path"), [(switched, "/platforms/40/mode/history.csv"), (lent, "/platforms/40/loans.csv")]
)
def test_a_file_goes_on_after_what_one_page_of_its_list_may_hold(
    app: App, hire: Hire, fill: Callable[[App, int], None], path: str
) -> None:
    fill(app, 203)
    assert len(rows_of(hire("supervisor").get(path))) == 203


@pytest.mark.parametrize(("most", "said"), [(ROWS - 1, True), (ROWS, False)])
def test_a_file_that_leaves_rows_out_says_so_in_its_last_line(
    app: App, hire: Hire, monkeypatch: pytest.MonkeyPatch, most: int, said: bool
) -> None:
    monkeypatch.setattr(sheets, "MOST", most)
    fill_call_list(app, hire)
    lines = hire("supervisor").get("/call-list/entries.csv?platform=40").text.splitlines()
    assert len(lines) == 1 + most + said
    assert lines[-1].startswith("Cut here") == said


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
