"""A contact whom the mode sheds, from the SMS to the call after all: one person, one journal."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select

from outreach.storage import journal, tables
from tests.call_list_rows import Listed, add_contact, entry_row
from tests.message_world import give_numbers
from tests.web.conftest import Day, Someone
from tests.web.test_calls import call, next_entry, until
from tests.web.test_messages_journey import statuses, wait_until
from tests.web.test_personal_page import BROWSER

IN_ANY_ORDER = ("MESSAGE_MOVED ACCEPTED", "MESSAGE_MOVED SENT")  # our own answer and the carrier's reports
LANDLINE, MOBILE = "+33639980071", "+33639980072"


def shed(day: Day, number: str) -> Listed:
    """A contact behind a number, under a mode that texts contacts; the sender has done its work."""
    with day.app.database.begin() as connection:
        contact = add_contact(connection, day.app.clock.now())
        give_numbers(connection, day.app.vault, contact, (number,))
    supervisor = day.hire("supervisor")
    version = supervisor.get("/platforms/40/mode").json()["version"]
    switched = supervisor.put(
        "/platforms/40/mode", {"mode": "SMS_CONTACTS", "reason": "wave", "version": version}
    )
    assert switched.status_code == 200, switched.text
    day.app.messaging.sending.send_due(most_seconds=10)
    return contact


def entry(day: Day, contact: Listed) -> dict[str, Any]:
    with day.app.database.begin() as connection:
        return entry_row(connection, contact.entry_id)


def call_and_inform(day: Day, contact: Listed) -> Someone:
    """The next call of an agent is to the contact, who is told."""
    day.app.call_list.keep_ready()
    day.company.set_phone(LANDLINE, voice="answers", talk_seconds=0)
    day.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    agent = day.hire("agent")
    assert agent.post("/shift/start", {"platform": "40"}).status_code == 204
    in_hand = next_entry(agent)
    assert in_hand["entry"]["entry_id"] == str(contact.entry_id)
    attempt_id = call(agent, in_hand["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    said = agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "INFO_GIVEN"})
    assert said.json()["kind"] == "CLOSE"
    return agent


def history(day: Day, contact: Listed) -> list[str]:
    """The journal of the record: each event with its telling fact; what may come in any order is left out."""
    with day.app.database.begin() as connection:
        lines = journal.of_case_record(connection, contact.case_record_id)
    told = [_told(line) for line in lines if line["event"] != "ATTEMPT_MOVED"]
    return [line for line in told if line not in IN_ANY_ORDER]


def _told(line: dict[str, Any]) -> str:
    facts = line["facts"]
    word = next((facts[name] for name in ("status", "outcome", "because", "meaning") if name in facts), "")
    return f"{line['event']} {word}".strip()


def one_of_each(day: Day) -> None:
    """One person, one record, one entry: the SMS and the call were about the same."""
    with day.app.database.begin() as connection:
        for table in (tables.persons, tables.case_records, tables.call_list_entries, tables.messages):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1, table.name


def test_a_shed_contact_on_a_landline_is_called_after_all(day: Day) -> None:
    day.company.set_phone(LANDLINE, sms="landline", voice="answers", talk_seconds=0)
    contact = shed(day, LANDLINE)
    after_refusal = entry(day, contact)
    assert (after_refusal["state"], after_refusal["call_class"]) == ("WAITING", 6)
    agent = call_and_inform(day, contact)
    one_of_each(day)
    assert day.company.texts(LANDLINE) == []
    assert entry(day, contact)["deadline"] == after_refusal["deadline"]
    assert history(day, contact) == [
        "CASE_CREATED",
        "ENTRY_ADDED",
        "MESSAGE_QUEUED SENDING",
        "ENTRY_SHED",
        "MESSAGE_MOVED FAILED",
        "ENTRY_RETURNED SMS_FAILED",
        "ENTRY_LEASED",
        "ATTEMPT_STARTED",
        "ATTEMPT_OUTCOME INFO_GIVEN",
        "ENTRY_CLOSED INFO_GIVEN",
        "CASE_CLOSED INFO_GIVEN",
    ]
    sheet = agent.get(f"/case-records/{contact.case_record_id}").json()
    assert sheet["messages"][0]["error_code"] == "21614"
    assert sheet["case_record"]["informed_at"] is not None


def test_a_shed_contact_opens_the_link_asks_for_a_call_and_is_called(day: Day) -> None:
    contact = shed(day, MOBILE)
    wait_until(lambda: statuses(day) == ["DELIVERED"])
    (body,) = day.company.texts(MOBILE)
    found = re.search(r"/p/\w+", body)
    assert found is not None
    visitor = day.hire("medical").web
    assert "Vos consignes" in visitor.get(found[0]).text
    assert visitor.get(f"{found[0]}/seen.gif", headers=BROWSER).status_code == 200
    assert entry(day, contact)["closed_because"] == "SMS_READ"
    shown = visitor.post(f"{found[0]}/call", data={"at": ""}, follow_redirects=True)
    assert "un agent vous appellera dès que possible" in shown.text
    call_and_inform(day, contact)
    one_of_each(day)
    assert history(day, contact) == [
        "CASE_CREATED",
        "ENTRY_ADDED",
        "MESSAGE_QUEUED SENDING",
        "ENTRY_SHED",
        "MESSAGE_MOVED DELIVERED",
        "ATTEMPT_OUTCOME SMS_DELIVERED",
        "MESSAGE_MOVED READ",
        "ATTEMPT_OUTCOME SMS_READ",
        "ENTRY_CLOSED SMS_READ",
        "CASE_CLOSED SMS_READ",
        "ENTRY_RETURNED CALL_ME",
        "REPLY_RECEIVED CALL_ME",
        "ENTRY_RETURNED CALL_ME",
        "ENTRY_LEASED",
        "ATTEMPT_STARTED",
        "ATTEMPT_OUTCOME INFO_GIVEN",
        "ENTRY_CLOSED INFO_GIVEN",
        "CASE_CLOSED INFO_GIVEN",
    ]
