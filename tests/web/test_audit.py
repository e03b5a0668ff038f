"""Who read what and who changed what is found by those who may look; auditors see pseudonyms only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.ids import new_id
from outreach.storage import tables
from outreach.web.pages.access import SESSION_COOKIE
from tests.call_list_rows import Listed, add_contact, add_platform
from tests.conftest import MORNING
from tests.message_world import give_numbers
from tests.web.case_files import FILE
from tests.web.conftest import Hire, Someone, app, hire, web

__all__ = ["app", "hire", "web"]
DAY = "since=2021-03-16T00:00:00Z&until=2021-03-17T00:00:00Z"
REASON = "The person stands at our desk and is not on our list"


def listed(app: App, platform: str = "40", number: str = "+33639980001") -> Listed:
    with app.database.begin() as connection:
        contact = add_contact(connection, app.clock.now(), platform=platform)
        give_numbers(connection, app.vault, contact, (number,))
    return contact


@pytest.fixture
def elsewhere(app: App) -> Listed:
    """Somebody of platform 64."""
    with app.database.begin() as connection:
        add_platform(connection, "64", MORNING)
    return listed(app, "64", "+33639980064")


def _events(app: App, case_record_id: UUID) -> list[str]:
    journal = tables.journal.c
    with app.database.begin() as connection:
        found = select(journal.event).where(journal.case_record_id == case_record_id).order_by(journal.id)
        return list(connection.execute(found).scalars())


def _id(app: App, login: str) -> UUID:
    return app.access.user_named(login).id


def _alarms(someone: Someone) -> list[str]:
    return [alarm["kind"] for alarm in someone.get("/alarms").json()]


def test_a_supervisor_finds_readings_by_day_by_reader_and_by_reason(app: App, hire: Hire) -> None:
    contact, agent, supervisor = listed(app), hire("agent"), hire("supervisor")
    agent.get(f"/case-records/{contact.case_record_id}")
    supervisor.get(f"/case-records/{contact.case_record_id}")
    for asked, logins in (
        (DAY, ["supervisor", "agent"]),
        (f"user_id={_id(app, 'agent')}", ["agent"]),
        (f"{DAY}&why=CALL", []),
        (f"{DAY}&platform=40&why=SHEET&user_id={_id(app, 'supervisor')}", ["supervisor"]),
        ("since=2021-03-15T00:00:00Z&until=2021-03-16T00:00:00Z", []),
    ):
        found = supervisor.get(f"/accesses?{asked}").json()["items"]
        assert [line["login"] for line in found] == logins, asked
        assert {line["record"] for line in found} <= {str(contact.case_record_id)}


def test_an_auditor_finds_the_same_lines_by_pseudonyms_alone(app: App, hire: Hire) -> None:
    contact, agent, auditor = listed(app), hire("agent"), hire("auditor")
    agent.get(f"/case-records/{contact.case_record_id}")
    answer = auditor.get(f"/accesses?{DAY}")
    (line,) = answer.json()["items"]
    assert str(contact.case_record_id) not in answer.text
    assert auditor.get(f"/accesses?record={line['record']}").json()["items"] == [line]
    assert auditor.get(f"/accesses?record={line['record'].lower()}").json()["items"] == [line]
    by_id = auditor.get(f"/accesses?record={contact.case_record_id}").json()["items"]
    assert by_id == [line], "an id that somebody gave them finds the record as well"


def test_changes_are_found_by_event_author_and_record_and_paged(app: App, hire: Hire) -> None:
    contact, supervisor = listed(app), hire("supervisor")
    switch = {"mode": "LIGHT", "reason": "too many", "version": 1}
    assert supervisor.put("/platforms/40/mode", switch).status_code == 200
    (switched,) = supervisor.get(f"/journal?{DAY}&event=MODE_SWITCHED").json()["items"]
    assert (switched["by"], switched["facts"]["mode"]) == ("supervisor", "LIGHT")
    assert supervisor.get(f"/journal?user_id={_id(app, 'supervisor')}").json()["items"] == [switched]
    of_record = supervisor.get(f"/journal?record={contact.case_record_id}").json()["items"]
    assert [line["event"] for line in of_record] == ["ENTRY_ADDED", "CASE_CREATED"]
    first = supervisor.get(f"/journal?{DAY}&limit=1").json()
    rest = supervisor.get(f"/journal?{DAY}&cursor={first['next']}").json()
    assert [*first["items"], *rest["items"]] == supervisor.get(f"/journal?{DAY}").json()["items"]


def test_an_auditor_sees_no_id_in_what_changed(app: App, hire: Hire, elsewhere: Listed) -> None:
    contact, agent, auditor = listed(app), hire("agent"), hire("auditor")
    entry = agent.post("/calls/next").json()["entry"]
    told = auditor.get(f"/journal?{DAY}").text
    assert "ENTRY_LEASED" in told
    for known in (contact.case_record_id, contact.person_id, contact.entry_id, entry["lease_id"]):
        assert str(known) not in told
    assert '"platform":"64"' not in told


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("", "since"),
        ("record=Boisjoli", "record"),
        ("since=2021-03-16T00:00:00Z", "until"),
        ("since=2020-03-16T00:00:00Z&until=2021-03-16T00:00:00Z", "until"),
    ],
)
@pytest.mark.parametrize("path", ["/accesses", "/journal", "/accesses.csv", "/journal.csv"])
def test_a_search_that_cannot_be_made_says_what_to_mend(
    hire: Hire, path: str, asked: str, field: str
) -> None:
    answer = hire("auditor").get(f"{path}?{asked}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert answer.json()["errors"][0]["mend"]


def test_what_was_found_leaves_as_a_file_and_who_took_it_is_kept(app: App, hire: Hire) -> None:
    contact, agent, auditor = listed(app), hire("agent"), hire("auditor")
    agent.get(f"/case-records/{contact.case_record_id}")
    readings = auditor.get(f"/accesses.csv?{DAY}")
    assert readings.headers["content-type"].startswith("text/csv")
    assert [line.split(";")[2] for line in readings.text.splitlines()] == ["login", "agent"]
    changes = auditor.get(f"/journal.csv?{DAY}")
    assert "AUDIT_EXPORTED;auditor" in changes.text.replace("\ufeff", "")


def test_glass_is_broken_for_an_hour_and_its_supervisors_are_told_at_once(
    app: App, hire: Hire, clock: SetClock, elsewhere: Listed
) -> None:
    senior, theirs = hire("senior"), hire("supervisor", login="theirs", platforms=("64",))
    record = f"/case-records/{elsewhere.case_record_id}"
    assert senior.get(record).status_code == 404
    assert senior.post(f"{record}/break-glass", {"reason": "curious"}).status_code == 422
    opened = senior.post(f"{record}/break-glass", {"reason": REASON})
    assert opened.status_code == 201
    assert senior.post(f"{record}/break-glass", {"reason": REASON}).json() == opened.json()
    assert senior.get(record).status_code == 200
    assert senior.get(f"{record}/answers").status_code == 200
    assert senior.post(f"{record}/contacts", {"family_name": "X"}).status_code == 404, "it is for reading"
    assert _alarms(theirs) == ["RECORD_OPENED"]
    assert "GLASS_BROKEN" in _events(app, elsewhere.case_record_id)
    (told,) = theirs.get("/broken-glass").json()["items"]
    assert (told["login"], told["reason"]) == ("senior", REASON)
    (line, _) = theirs.get(f"/accesses?record={elsewhere.case_record_id}").json()["items"]
    assert (line["login"], line["why"]) == ("senior", "BROKEN_GLASS")
    clock.advance(timedelta(hours=1))
    assert senior.get(record).status_code == 404


def test_the_reason_is_for_supervisors_not_for_auditors(app: App, hire: Hire, elsewhere: Listed) -> None:
    hire("senior").post(f"/case-records/{elsewhere.case_record_id}/break-glass", {"reason": REASON})
    auditor = hire("auditor", login="theirs", platforms=("64",))
    (told,) = auditor.get("/broken-glass").json()["items"]
    assert (told["login"], told["reason"]) == ("senior", None)
    assert told["record"] != str(elsewhere.case_record_id)
    assert hire("auditor").get("/broken-glass").json()["items"] == []


def test_a_restricted_record_asks_everybody_for_a_reason_except_whoever_calls_its_person(
    app: App, hire: Hire
) -> None:
    contact, supervisor, agent = listed(app), hire("supervisor"), hire("agent")
    record = f"/case-records/{contact.case_record_id}"
    assert supervisor.put(f"/restricted-records/{contact.case_record_id}", {}).status_code == 204
    for someone in (supervisor, agent):
        refused = someone.get(record)
        assert (refused.status_code, refused.json()["code"]) == (403, "restricted_record")
    assert supervisor.post(f"{record}/break-glass", {"reason": REASON}).status_code == 201
    assert supervisor.get(record).status_code == 200
    assert agent.post("/calls/next").status_code == 200
    assert agent.get(record).status_code == 200
    lifted = {"json": {"reason": REASON}}
    assert (
        supervisor.ask("DELETE", f"/restricted-records/{contact.case_record_id}", **lifted).status_code == 204
    )
    assert hire("agent", login="other").get(record).status_code == 200
    restricted = [event for event in _events(app, contact.case_record_id) if "RESTRICTED" in event]
    assert restricted == ["RECORD_RESTRICTED", "RECORD_UNRESTRICTED"]


def test_a_restriction_is_lifted_for_a_reason_that_supervisors_are_told(app: App, hire: Hire) -> None:
    contact, supervisor = listed(app), hire("supervisor")
    record = f"/restricted-records/{contact.case_record_id}"
    lifted = {"json": {"reason": f" {REASON} "}}
    assert supervisor.ask("DELETE", record, **lifted).status_code == 204, "as if it had been"
    assert _alarms(supervisor) == []
    supervisor.put(record, {})
    for said, field in (
        ({}, "reason"),
        ({"json": {}}, "body.reason"),
        ({"json": {"reason": "curious"}}, "reason"),
    ):
        refused = supervisor.ask("DELETE", record, **said)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), said
        assert len(supervisor.get(record).json()) == 1
    assert refused.json()["detail"] == "Say why you lift the restriction."
    assert _alarms(supervisor) == []
    assert supervisor.ask("DELETE", record, **lifted).status_code == 204
    assert supervisor.get(record).json() == []
    assert _alarms(supervisor) == ["RECORD_OPENED"]
    (told,) = supervisor.get("/broken-glass").json()["items"]
    assert (told["login"], told["reason"]) == ("supervisor", REASON)


def test_a_restriction_tells_its_reason_and_its_end(app: App, hire: Hire, clock: SetClock) -> None:
    contact, supervisor = listed(app), hire("supervisor")
    record = f"/restricted-records/{contact.case_record_id}"
    assert supervisor.get(record).json() == []
    until = (clock.now() + timedelta(days=30)).isoformat()
    assert supervisor.put(record, {"because": "CONTESTED", "kept_until": until}).status_code == 204
    (told,) = supervisor.get(record).json()
    assert (told["login"], told["because"]) == ("supervisor", "CONTESTED")
    assert datetime.fromisoformat(told["kept_until"]) == datetime.fromisoformat(until)
    assert supervisor.put(record, {"because": "BECAUSE"}).status_code == 422


def _read_many(app: App, reader: Someone, count: int) -> None:
    for number in range(count):
        contact = listed(app, number=f"+336399{number:05}")
        assert reader.get(f"/case-records/{contact.case_record_id}").status_code == 200


def _look(app: App) -> Any:
    return app.upkeep.sweeps["readings"].run()


def test_whoever_reads_far_more_than_they_work_on_is_told_once_a_day(
    app: App, hire: Hire, clock: SetClock
) -> None:
    agent, auditor = hire("agent"), hire("auditor")
    _read_many(app, agent, 15)
    assert _look(app) == 0
    _read_many(app, agent, 1)
    assert _look(app) == 1
    assert _look(app) == 0
    (alarm,) = auditor.get("/alarms").json()
    assert (alarm["kind"], alarm["facts"]["beyond_work"]) == ("UNUSUAL_READING", 16)
    hire("supervisor").post(f"/alarms/{alarm['id']}/clear")
    assert _look(app) == 0, "cleared is not forgotten on the same day"
    clock.advance(timedelta(days=1))
    assert _look(app) == 0
    _read_many(app, agent, 16)
    assert _look(app) == 1


def test_records_that_one_works_on_are_no_unusual_reading(app: App, hire: Hire) -> None:
    agent = hire("agent")
    _read_many(app, agent, 16)
    with app.database.begin() as connection:
        (record, person, entry) = connection.execute(
            select(
                tables.call_list_entries.c.case_record_id,
                tables.call_list_entries.c.person_id,
                tables.call_list_entries.c.id,
            ).limit(1)
        ).one()
        user = connection.execute(select(tables.users.c.id).where(tables.users.c.login == "agent")).scalar()
        connection.execute(
            tables.call_attempts.insert().values(
                id=new_id(),
                platform="40",
                entry_id=entry,
                case_record_id=record,
                person_id=person,
                agent_id=user,
                status="WRAP_UP",
                phone_position=0,
                conference=new_id(),
                started_at=MORNING,
                outcome="NO_ANSWER",
            )
        )
    assert _look(app) == 0


def test_a_supervisor_may_look_into_more_than_an_agent(app: App, hire: Hire) -> None:
    _read_many(app, hire("supervisor"), 20)
    assert _look(app) == 0


def test_a_name_typed_where_a_record_is_asked_for_comes_into_no_address(
    app: App, web: TestClient, hire: Hire
) -> None:
    hire("supervisor")
    session = app.sessions.open(_id(app, "supervisor"))
    headers = {"cookie": f"{SESSION_COOKIE}={session}", "sec-fetch-site": "same-origin"}
    answer = web.post("/audit", data={"record": "Durand"}, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (422, None)


def test_an_alarm_names_a_record_to_an_auditor_by_its_pseudonym(app: App, hire: Hire) -> None:
    contact, auditor, supervisor = listed(app), hire("auditor"), hire("supervisor")
    app.break_glass.open(contact.case_record_id, REASON, by=_id(app, "supervisor"))
    record = str(contact.case_record_id)
    assert [alarm["facts"]["case_record_id"] for alarm in supervisor.get("/alarms").json()] == [record]
    answer = auditor.get("/alarms")
    assert record not in answer.text
    shown = answer.json()[0]["facts"]["case_record_id"]
    assert shown == app.vault.pseudonym(contact.case_record_id)


def test_late_records_on_the_board_have_pseudonyms_for_whoever_reads_no_record(
    app: App, clock: SetClock, hire: Hire
) -> None:
    app.case_import.import_file(FILE, platform="40")
    record = app.case_reading.named("40", "si-dep", "LAB-1")
    clock.advance(timedelta(days=2))

    def late(role: str) -> list[str]:
        [found] = hire(role).get("/board?platform=40").json()["late_positives"]
        return list(found["records"])

    assert [late(role) for role in ("supervisor", "pilot")] == [[str(record)]] * 2
    pseudonym = app.vault.pseudonym(record)
    assert [late(role) for role in ("manager", "administrator", "auditor")] == [[pseudonym]] * 3
