"""Forms of the board: back to the list they were sent from, and every alert that was counted seen to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.storage import alarm_store, tables
from outreach.storage.alarm_store import AlarmKind
from outreach.web.pages.access import SESSION_COOKIE
from tests.call_list_rows import add_contact, add_platform
from tests.web.conftest import Hire

HIDDEN = re.compile('name="(alarm|older)" value="([^"]+)"')


@pytest.fixture
def headers(app: App, hire: Hire) -> dict[str, str]:
    """A supervisor's browser."""
    hire("supervisor")
    session = app.sessions.open(app.access.user_named("supervisor").id)
    return {"cookie": f"{SESSION_COOKIE}={session}", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize("back", ["which=", "which=risk", "which=late&state=READY"])
def test_whoever_acts_from_a_list_comes_back_to_it(
    app: App, web: TestClient, headers: dict[str, str], back: str
) -> None:
    with app.database.begin() as connection:
        entry = add_contact(connection, app.clock.now()).entry_id
    given = {"platform": "40", "back": f"platform=40&{back}", "entry": str(entry)}
    given |= {"queue": "MEDICAL", "reason": "OTHER"}
    answer = web.post("/board/entries/move", data=given, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/board/entries?platform=40&{back}")


def test_a_page_of_the_list_leads_to_the_next(app: App, web: TestClient, headers: dict[str, str]) -> None:
    with app.database.begin() as connection:
        for _ in range(52):
            add_contact(connection, app.clock.now())
    first = web.get("/board/entries?platform=40&which=", headers=headers).text
    (following,) = re.findall('href="([^"]+cursor=[^"]+)"', first)
    second = web.get(following.replace("&amp;", "&"), headers=headers).text
    assert second.count('name="entry"') * 25 == first.count('name="entry"')


def _raise(app: App, number: int, platform: str | None = "40") -> None:
    kind, subject, now = AlarmKind.POSITIVE_NEAR_DEADLINE, str(UUID(int=number)), app.clock.now()
    with app.database.begin() as connection:
        alarm_store.raise_alarm(connection, kind, subject, platform=platform, now=now)


def _open(app: App) -> list[int]:
    c = tables.alarms.c
    with app.database.begin() as connection:
        subjects = connection.execute(select(c.subject).where(c.cleared_at.is_(None))).scalars()
        return sorted(UUID(each).int for each in subjects)


def test_seen_to_clears_all_of_a_kind_that_were_counted_and_none_raised_since(
    app: App, clock: SetClock, web: TestClient, headers: dict[str, str]
) -> None:
    with app.database.begin() as connection:
        add_platform(connection, "33", app.clock.now())
    _raise(app, 1, platform="33")
    for number in range(2, 70):
        _raise(app, number)
        clock.advance(timedelta(seconds=1))
    form: dict[str, Any] = {"platform": "40", "alarm": []}
    for name, value in HIDDEN.findall(web.get("/board?platform=40", headers=headers).text):
        form[name] = [*form[name], value] if name == "alarm" else value
    _raise(app, 70)
    answer = web.post("/board/alarms/clear", data=form, headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    assert _open(app) == [1, 70]
    c = tables.journal.c
    with app.database.begin() as connection:
        lines = connection.execute(select(c.id).where(c.event == "ALARM_CLEARED")).all()
    assert len(lines) == 68


def test_no_alarm_of_another_platform_says_what_is_older(
    app: App, web: TestClient, headers: dict[str, str]
) -> None:
    with app.database.begin() as connection:
        add_platform(connection, "33", app.clock.now())
    _raise(app, 1, platform="33")
    c = tables.alarms.c
    with app.database.begin() as connection:
        theirs = str(connection.execute(select(c.id)).scalar_one())
    form = {"platform": "40", "alarm": theirs, "older": theirs}
    assert web.post("/board/alarms/clear", data=form, headers=headers).status_code == 404
    assert _open(app) == [1]
