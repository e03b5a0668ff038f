"""Every list comes as a file too: the same rows under the same names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from outreach.bootstrap import App
from outreach.web import sheets
from outreach.web.sheets import cell
from tests.web.conftest import Hire
from tests.web.filled_lists import (
    ROWS,
    Fill,
    fill_aid,
    fill_alarms,
    fill_call_list,
    fill_campaigns,
    fill_decisions,
    fill_glass,
    fill_imports,
    fill_loans,
    fill_nothing,
    fill_notices,
    fill_practice,
    fill_sign_ins,
    fill_switches,
    fill_users,
    fill_versions,
    fill_wall_passes,
    fill_watch_list,
    lent,
    switched,
)
from tests.web.list_routes import files, lists

# Why a list comes as no file of its own.
HELD = "another file holds it"
OWN = "somebody's own work, or of the call in hand"
SHORT = "a handful that stands whole where it is needed"
CHOICES = "what a form offers"
FIGURES = "figures of one moment: /figures.csv and the report are taken away"
WITHOUT_A_FILE = {
    "/api/v1/softphone/stand-in": OWN,
    "/api/v1/entries/{entry_id}/callback-times": CHOICES,
    "/api/v1/attempts/{attempt_id}/answers": "what one person said: read where it leaves a line",
    "/api/v1/interviews/contacts-missing": "whom to ask again, looked up by programs",
    "/api/v1/restricted-records/{case_record_id}": "restrictions of one person: nothing to carry away",
    "/api/v1/campaigns/{campaign_id}/findings": "what is to be mended in one campaign before it starts",
    "/api/v1/campaigns/{campaign_id}/failures": f"{HELD}: /campaigns/{{campaign_id}}/members.csv",
    "/api/v1/platforms/{platform}/standing-campaigns": SHORT,
    "/api/v1/imports/{import_id}/rows": "cells of people: mended in place, never taken away",
    "/api/v1/call-list": f"{HELD}, line by line: /call-list/entries.csv",
    "/api/v1/call-list/late": f"{HELD}: /call-list/entries.csv",
    "/api/v1/call-list/at-risk": f"{HELD}: /call-list/entries.csv",
    "/api/v1/queues/{queue}": f"{HELD}: /call-list/entries.csv?queue=…",
    "/api/v1/attempts/current/listeners": OWN,
    "/api/v1/attempts/{attempt_id}/listeners": "who is beside an agent at this moment",
    "/api/v1/told": OWN,
    "/api/v1/platforms/{platform}/rota/week": f"{HELD}: /platforms/{{platform}}/rota.csv",
    "/api/v1/platforms/{platform}/absences": "why people are away is not carried away",
    "/api/v1/platforms/{platform}/staff": FIGURES,
    "/api/v1/notices": "what one agent has to read",
    "/api/v1/platforms/{platform}/moves": SHORT,
    "/api/v1/platforms/{platform}/mode/preview": FIGURES,
    "/api/v1/platforms/{platform}/mode/planned": f"{SHORT}; those that came are in /mode/history.csv",
    "/api/v1/platforms/{platform}/modes": SHORT,
    "/api/v1/platforms/{platform}/modes/{mode}/versions": "rules are compared on their page",
    "/api/v1/platforms/{platform}/forecast/errors": FIGURES,
    "/api/v1/platforms/{platform}/forecast/past": FIGURES,
    "/api/v1/territories/{code}/mode": FIGURES,
    # Strangers' replies too: without who wrote and what, a line says nothing, and both are personal.
    "/api/v1/inbox": "conversations are opened one by one, and each reading leaves a line",
    "/api/v1/inbox/counts": FIGURES,
    "/api/v1/inbox/templates": CHOICES,
    "/api/v1/scripts/{name}/samples": CHOICES,
    "/api/v1/figures/contact-yield": FIGURES,
    "/api/v1/alarms": f"{HELD}: /alarms/history.csv?open=true",
    "/api/v1/write-backs/dead": "looked at and sent again one by one by whoever runs the installation",
    "/api/v1/training/scripts": CHOICES,
    "/api/v1/training/mine": "one's own; the page gives the file",
    "/api/v1/users/{user_id}/sessions": SHORT,
}


def test_every_list_comes_as_a_file_or_says_why_not() -> None:
    assert lists() - files() == set(WITHOUT_A_FILE)


LAST_DAYS = "since=2021-03-15T00:00:00Z&until=2021-03-22T00:00:00Z"


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


@pytest.mark.parametrize(
    ("role", "path", "fill"),
    [
        ("pilot", "/imports", fill_imports),
        ("supervisor", "/notices/published", fill_notices),
        ("supervisor", "/wall-passes", fill_wall_passes),
        ("pilot", "/scripts/voicemail/versions", fill_versions),
        ("pilot", "/scripts?platform=40&channel=sms", fill_nothing),
        ("supervisor", "/alarms/history", fill_alarms),
        ("administrator", "/users", fill_users),
        ("administrator", "/sign-in-lines", fill_sign_ins),
        ("supervisor", "/platforms/40/mode/auto/decisions", fill_decisions),
        ("supervisor", "/platforms/40/mode/history", fill_switches),
        ("supervisor", "/platforms/40/loans", fill_loans),
        ("supervisor", f"/platforms/40/help?{LAST_DAYS}", fill_aid),
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


def test_a_file_of_readers_names_first_who_has_not_acknowledged(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    agents = [hire("agent", login=f"agent-{number}") for number in range(ROWS)]
    fill_notices(app, hire)
    notice = supervisor.get("/notices/published").json()["items"][0]["id"]
    assert agents[0].post(f"/notices/{notice}/acknowledge").status_code == 204
    names = [row["login"] for row in rows_of(supervisor.get(f"/notices/{notice}/readers.csv"))]
    assert names == [*(f"agent-{n}" for n in range(1, ROWS)), "author", "supervisor", "agent-0"]
    done = rows_of(supervisor.get(f"/notices/{notice}/readers.csv?state=DONE"))
    assert [row["login"] for row in done] == ["agent-0"]


def test_a_file_of_tokens_holds_no_token(app: App, hire: Hire) -> None:
    administrator, lea = hire("administrator"), hire("agent", login="lea")
    whose = app.access.user_named("lea").id
    revoked, _ = app.access.new_token(whose)
    app.access.revoke_token(revoked)
    file = administrator.get(f"/users/{whose}/tokens.csv")
    assert len(rows_of(file)) == 2
    assert lea.token not in file.text
    assert [row["id"] for row in rows_of(administrator.get(f"/users/{whose}/tokens.csv?good=false"))] == [
        str(revoked)
    ]


@pytest.mark.parametrize(
    ("role", "path", "said"),
    [
        ("administrator", "/platforms.csv", {"code": "40", "department": "40"}),
        ("supervisor", "/territories.csv", {"code": "FR-NAQ"}),
        ("supervisor", "/platforms/40/senders.csv", {"sender": "+33536490001"}),
        ("supervisor", "/platforms/40/parameters.csv", {"in_force": "yes", "country": "FR"}),
        ("administrator", "/retention.csv", {"is_overdue": "no"}),
        (
            "administrator",
            "/platforms/40/retention.csv",
            {"kind": "POSITIVE", "days": "90"},
        ),
    ],
)
def test_what_is_set_comes_as_a_file(hire: Hire, role: str, path: str, said: dict[str, str]) -> None:
    rows = rows_of(hire(role).get(path))
    found = [{name: row[name].removeprefix("'") for name in said} for row in rows]
    assert said in found


def test_a_platform_in_a_file_stands_with_its_hours(hire: Hire) -> None:
    (row,) = rows_of(hire("administrator").get("/platforms.csv"))
    week = json.loads(row["hours"])["INTERVIEW"].split(" / ")
    assert len(week) in {7, 8}
    assert all("-" in day for day in week)


def test_of_the_durations_one_of_each_name_counts_today(app: App, hire: Hire) -> None:
    today, _ = app.script_reading.parameters("40")
    rows = rows_of(hire("supervisor").get("/platforms/40/parameters.csv"))
    assert {row["name"]: int(row["value"]) for row in rows if row["in_force"] == "yes"} == today


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
