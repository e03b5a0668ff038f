"""Every reading of a case record is kept for ever, and shown to auditors of its platform."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from outreach.bootstrap import App
from outreach.ids import new_id
from outreach.storage import access_store
from outreach.storage.access_store import AccessLine, AccessReason
from outreach.storage.database import Database
from tests.call_list_rows import Listed, add_contact
from tests.conftest import MORNING
from tests.message_world import give_numbers
from tests.web.conftest import Hire, app, hire, web

__all__ = ["app", "hire", "web"]


def listed(app: App) -> Listed:
    with app.database.begin() as connection:
        contact = add_contact(connection, app.clock.now())
        give_numbers(connection, app.vault, contact, ("+33639980001",))
    return contact


def test_a_card_in_hand_and_a_sheet_leave_a_line_each(app: App, hire: Hire) -> None:
    contact, agent, auditor = listed(app), hire("agent"), hire("auditor")
    assert agent.post("/calls/next").json()["entry"]["entry_id"] == str(contact.entry_id)
    assert agent.get(f"/case-records/{contact.case_record_id}").status_code == 200
    told = auditor.get(f"/accesses?case_record_id={contact.case_record_id}").json()
    assert [(line["login"], line["why"]) for line in told["items"]] == [("agent", "SHEET"), ("agent", "CALL")]
    first = auditor.get(f"/accesses?case_record_id={contact.case_record_id}&limit=1").json()
    rest = auditor.get(f"/accesses?case_record_id={contact.case_record_id}&cursor={first['next']}").json()
    assert first["items"] + rest["items"] == told["items"]


def test_a_record_that_is_refused_leaves_no_line(app: App, hire: Hire) -> None:
    contact = listed(app)
    stranger = hire("agent", login="stranger", platforms=("33",))
    assert stranger.get(f"/case-records/{contact.case_record_id}").status_code == 404
    told = hire("auditor").get(f"/accesses?case_record_id={contact.case_record_id}").json()
    assert told["items"] == []


def test_auditors_see_their_own_platforms_and_must_say_whose_readings(app: App, hire: Hire) -> None:
    contact, agent = listed(app), hire("agent")
    agent.get(f"/case-records/{contact.case_record_id}")
    elsewhere = hire("auditor", login="elsewhere", platforms=("33",))
    assert elsewhere.get(f"/accesses?case_record_id={contact.case_record_id}").json()["items"] == []
    assert elsewhere.get("/accesses").status_code == 422
    assert agent.get(f"/accesses?case_record_id={contact.case_record_id}").status_code == 403


@pytest.mark.parametrize("statement", ["update access_lines set why = 'x'", "delete from access_lines"])
def test_the_lines_refuse_to_be_changed(database: Database, statement: str) -> None:
    with database.begin() as connection:
        line = AccessLine(MORNING, "40", None, new_id(), AccessReason.SHEET)
        access_store.note(connection, line)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))
