"""An agent's day over HTTP: a file comes in, phones ring, outcomes are said."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from outreach.clock import monotonic
from outreach.ids import ImportId
from tests.web.case_files import CONTACT, FILE, NAMED_CONTACT, POSITIVE, leaks
from tests.web.conftest import CALLER_ID, Day, Someone

SECONDS = 10.0
_wait = threading.Event()


def bring_in(day: Day) -> None:
    pilot = day.hire("pilot")
    files = {"file": ("cases.csv", FILE, "text/csv")}
    started = pilot.ask("POST", "/imports", files=files, data={"platform": "40"})
    assert started.status_code == 202, started.text
    day.app.case_import.run_import(ImportId(UUID(started.json()["import_id"])))
    report = pilot.get(f"/imports/{started.json()['import_id']}").json()
    assert (report["state"], report["created"], report["rows"]) == ("DONE", 2, 2), report


def next_entry(agent: Someone) -> dict[str, Any]:
    answer = agent.post("/calls/next")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def call(agent: Someone, entry_id: str) -> str:
    answer = agent.post(f"/entries/{entry_id}/calls")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def until(agent: Someone, attempt_id: str, status: str) -> dict[str, Any]:
    end = monotonic() + SECONDS
    while True:
        attempt = dict(agent.get(f"/attempts/{attempt_id}").json())
        if attempt["status"] == status:
            return attempt
        assert monotonic() < end, attempt
        _wait.wait(0.01)


def test_a_positive_comes_first_is_called_and_leaves_the_list_by_an_outcome(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent = day.hire("agent")
    assert agent.post("/shift/start", {"platform": "40"}).status_code == 204
    in_hand = next_entry(agent)
    assert in_hand["card"]["case_record"]["kind"] == "POSITIVE"
    assert in_hand["card"]["person"]["phones"][0]["number"] == POSITIVE
    attempt_id = call(agent, in_hand["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    said = agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "COMPLETED", "note": "Tout va bien."})
    assert said.json()["kind"] == "CLOSE"
    again = agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "COMPLETED"})
    assert (again.status_code, again.json()["kind"]) == (200, None)
    assert next_entry(agent)["card"]["person"]["phones"][0]["number"] == CONTACT
    record_id = in_hand["card"]["case_record"]["id"]
    sheet = agent.get(f"/case-records/{record_id}").json()
    assert sheet["case_record"]["last_outcome"] == "COMPLETED"
    assert [attempt["note"] for attempt in sheet["attempts"]] == ["Tout va bien."]
    assert day.app.write_back.figures().waiting == 1


def test_reloading_the_page_finds_the_same_entry_and_the_same_call(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent = day.hire("agent")
    in_hand = next_entry(agent)
    assert next_entry(agent)["entry"]["entry_id"] == in_hand["entry"]["entry_id"]
    attempt_id = call(agent, in_hand["entry"]["entry_id"])
    assert agent.get("/calls/current").json()["entry"]["entry_id"] == in_hand["entry"]["entry_id"]
    assert agent.get("/attempts/current").json()["id"] == attempt_id
    until(agent, attempt_id, "ANSWERED")
    assert agent.post(f"/attempts/{attempt_id}/hang-up", {"leg": "person"}).status_code == 204
    assert until(agent, attempt_id, "WRAP_UP")["outcome"] is None


def test_whoever_else_answers_hears_a_text_that_names_nobody(day: Day) -> None:
    bring_in(day)
    text = next_entry(day.hire("agent"))["third_party_text"]
    assert text.startswith("Bonjour. Ici la CPAM Landes.")
    assert leaks(text) == []


def test_a_contact_named_in_the_interview_is_on_the_list_at_once(day: Day) -> None:
    bring_in(day)
    agent = day.hire("agent")
    record_id = next_entry(agent)["card"]["case_record"]["id"]
    named = agent.post(f"/case-records/{record_id}/contacts", NAMED_CONTACT)
    assert (named.status_code, named.json()["verdict"]) == (201, "created"), named.text
    assert agent.get(f"/case-records/{record_id}").json()["contacts"] == 2
    same = agent.post(f"/case-records/{record_id}/contacts", NAMED_CONTACT)
    assert (same.status_code, same.json()["case_record_id"]) == (200, named.json()["case_record_id"])
    contact = agent.get(f"/case-records/{named.json()['case_record_id']}").json()
    assert [entry["state"] for entry in contact["entries"]] == ["READY"]


def test_a_named_contact_is_a_contact_of_that_positive_whatever_else_is_sent(day: Day) -> None:
    bring_in(day)
    agent = day.hire("agent")
    record_id = next_entry(agent)["card"]["case_record"]["id"]
    sent = {
        "kind": "contact",
        "Type": "positif",
        "date_resultat": "15/03/2021",
        "fiche positif": "LAB-9",
    }
    named = agent.post(f"/case-records/{record_id}/contacts", NAMED_CONTACT | sent)
    assert named.status_code == 201, named.text
    contact = agent.get(f"/case-records/{named.json()['case_record_id']}").json()
    assert [entry["purpose"] for entry in contact["entries"]] == ["INFORM"]
    assert agent.get(f"/case-records/{record_id}").json()["contacts"] == 2


def test_a_missed_positive_waits_for_the_next_try(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="busy")
    agent = day.hire("agent")
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    assert until(agent, attempt_id, "WRAP_UP")["suggested_outcome"] == "BUSY"
    step = agent.post(f"/attempts/{attempt_id}/outcome", {}).json()
    assert step["kind"] == "RETRY"
    assert step["at"] is not None


def test_another_agents_call_cannot_be_touched(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent = day.hire("agent")
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    other = day.hire("agent", login="other")
    for path in ("hang-up", "voicemail", "rejoin", "outcome"):
        assert other.post(f"/attempts/{attempt_id}/{path}", {}).status_code == 403
    assert other.get(f"/attempts/{attempt_id}").status_code == 403


def test_an_entry_of_someone_elses_cannot_be_called(day: Day) -> None:
    bring_in(day)
    entry_id = next_entry(day.hire("agent"))["entry"]["entry_id"]
    refused = day.hire("agent", login="other").post(f"/entries/{entry_id}/calls")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_leased")


def test_at_the_end_of_the_shift_the_entry_goes_to_the_next_agent(day: Day) -> None:
    bring_in(day)
    agent, other = day.hire("agent"), day.hire("agent", login="other")
    entry_id = next_entry(agent)["entry"]["entry_id"]
    assert agent.post("/shift/heartbeat").json() == {"held": 1}
    assert next_entry(other)["entry"]["entry_id"] != entry_id
    assert agent.post("/shift/end", {"platform": "40"}).status_code == 204
    other.post("/entries/release")
    assert next_entry(other)["entry"]["entry_id"] == entry_id


def test_a_queue_is_for_its_roles(day: Day) -> None:
    refused = day.hire("agent").post("/calls/next", {"queues": ["MEDICAL"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_queue")
    assert day.hire("medical").post("/calls/next").json() is None


def test_a_doctor_who_also_manages_is_given_no_entry_of_the_agents(day: Day) -> None:
    bring_in(day)
    assert day.hire("medical", "manager", "auditor").post("/calls/next").json() is None
    assert day.hire("medical", "agent").post("/calls/next").json()["entry"]["queue"] == "AGENTS"


def test_an_escalated_entry_is_seen_by_the_doctor_and_given_back(day: Day) -> None:
    bring_in(day)
    agent, supervisor, doctor = day.hire("agent"), day.hire("supervisor"), day.hire("medical")
    entry_id = next_entry(agent)["entry"]["entry_id"]
    agent.post("/entries/release")
    assert agent.post(f"/entries/{entry_id}/return").status_code in (204, 409)
    moved = supervisor.post(f"/entries/{entry_id}/queue", {"queue": "MEDICAL"})
    assert moved.status_code == 204, moved.text
    assert [entry["entry_id"] for entry in doctor.get("/queues/MEDICAL").json()] == [entry_id]
    assert agent.get("/queues/MEDICAL").status_code == 403
    assert agent.post(f"/entries/{entry_id}/return").status_code == 403
    assert doctor.post(f"/entries/{entry_id}/return").status_code == 204
    assert next_entry(agent)["entry"]["entry_id"] == entry_id


def test_the_list_from_above_counts_each_class(day: Day) -> None:
    bring_in(day)
    supervisor = day.hire("supervisor")
    next_entry(day.hire("agent"))
    counts = {row["call_class"]: row for row in supervisor.get("/call-list?platform=40").json()}
    assert (counts[1]["leased"], counts[1]["ready"], counts[5]["ready"]) == (1, 0, 1)


def test_the_late_come_in_pages(day: Day) -> None:
    bring_in(day)
    day.app.clock.wait(3 * 86400)
    supervisor = day.hire("supervisor")
    first = supervisor.get("/call-list/late", params={"platform": "40", "limit": 1}).json()
    second = supervisor.get(
        "/call-list/late", params={"platform": "40", "limit": 1, "cursor": first["next"]}
    ).json()
    assert [page["items"][0]["call_class"] for page in (first, second)] == [1, 5]
    assert second["next"] is None


def test_sick_leave_and_ars_lists_hold_record_numbers_and_no_name(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "ESCALATE_ARS", "needs_sick_leave": True})
    sick = supervisor.get("/exports/sick-leave.csv?platform=40").text
    span = {"platform": "40", "since": "2021-03-01T00:00:00Z", "until": "2021-04-01T00:00:00Z"}
    ars = supervisor.get("/exports/ars.csv", params=span).text
    for listed in (sick, ars):
        assert "LAB-1" in listed
        assert "quatrevaux" not in listed.casefold()


def test_an_agent_reads_what_the_person_texted_back(day: Day) -> None:
    bring_in(day)
    agent = day.hire("agent")
    record_id = next_entry(agent)["card"]["case_record"]["id"]
    text = {"MessageSid": "SM" + "4" * 32, "From": POSITIVE, "To": CALLER_ID, "Body": "Qui êtes-vous ?"}
    day.app.provider_events.receive_inbound_message(text, None)
    assert [reply["body"] for reply in agent.get(f"/case-records/{record_id}").json()["replies"]] == [
        "Qui êtes-vous ?"
    ]
