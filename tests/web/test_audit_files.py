"""What an auditor is shown of records in alarms, and what is noted of files that are taken away."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.storage import tables
from tests.call_list_rows import Listed, add_contact
from tests.message_world import give_numbers
from tests.web.conftest import Hire

REASON = "The person stands at our desk and is not on our list"


def listed(app: App, number: str = "+33639980001") -> Listed:
    with app.database.begin() as connection:
        contact = add_contact(connection, app.clock.now())
        give_numbers(connection, app.vault, contact, (number,))
    return contact


def _id(app: App, login: str) -> UUID:
    return app.access.user_named(login).id


def test_an_alarm_of_a_claim_that_ends_names_the_record_to_an_auditor_nowhere(
    app: App, clock: SetClock, hire: Hire
) -> None:
    contact, auditor, supervisor = listed(app), hire("auditor"), hire("supervisor")
    by, record = _id(app, "supervisor"), str(contact.case_record_id)
    kept_until = clock.now() + timedelta(days=3)
    app.break_glass.restrict(contact.case_record_id, by=by, platforms=["40"], kept_until=kept_until)
    assert app.old_records.remind() == 1
    assert record in supervisor.get("/alarms").json()[0]["subject"]
    answers = [auditor.get(path) for path in ("/alarms", "/alarms/history", "/alarms/history.csv")]
    pseudonym = app.vault.pseudonym(contact.case_record_id)
    for answer in answers:
        assert record not in answer.text
        assert answer.text.count(pseudonym) == 2, "in the facts and in the subject"


@pytest.mark.parametrize(
    ("role", "path", "what"),
    [
        ("supervisor", "/broken-glass.csv", "GLASS"),
        ("administrator", "/users.csv", "USERS"),
        ("administrator", "/sign-in-lines.csv", "SIGN_INS"),
    ],
)
def test_whoever_takes_a_file_about_people_away_leaves_a_line(
    app: App, hire: Hire, role: str, path: str, what: str
) -> None:
    assert hire(role).get(path).status_code == 200
    with app.database.begin() as connection:
        c = tables.journal.c
        lines = connection.execute(select(c.actor, c.facts).where(c.event == "AUDIT_EXPORTED")).all()
    assert [tuple(line) for line in lines] == [(f"user:{_id(app, role)}", {"what": what})]


def test_reasons_of_many_openings_are_read_with_their_keys_at_once(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    for number in range(3):
        opened = listed(app, number=f"+3363998000{number}")
        app.break_glass.open(opened.case_record_id, f"{REASON}, {number}", by=_id(app, "supervisor"))
    asked: list[str] = []
    listen(app.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    shown = supervisor.get("/broken-glass").json()["items"]
    assert [line["reason"] for line in shown] == [f"{REASON}, {number}" for number in (2, 1, 0)]
    assert len([each for each in asked if "person_keys" in each]) == 1
