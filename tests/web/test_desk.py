"""The API of the desk: what a page of an agent does, any client may do."""

from __future__ import annotations

from tests.web.case_files import CONTACT, POSITIVE
from tests.web.conftest import Day
from tests.web.test_calls import bring_in, call, next_entry, until


def test_help_a_draft_and_the_undoing_of_an_outcome(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    entry_id = next_entry(agent)["entry"]["entry_id"]
    attempt_id = call(agent, entry_id)
    until(agent, attempt_id, "ANSWERED")
    assert agent.post(f"/attempts/{attempt_id}/help").status_code == 204
    assert [alarm["kind"] for alarm in supervisor.get("/alarms").json()] == ["HELP_WANTED"]
    assert agent.ask("DELETE", f"/attempts/{attempt_id}/help").status_code == 204
    assert supervisor.get("/alarms").json() == []
    assert agent.put(f"/entries/{entry_id}/draft", {"fields": {"note": "à finir"}}).status_code == 204
    draft = agent.get(f"/entries/{entry_id}/draft").json()
    assert draft["fields"] == {"note": "à finir"}
    change = {"fields": {"c0.family_name": "Roux"}, "seen": draft["version"]}
    changed = agent.ask("PATCH", f"/entries/{entry_id}/draft", json=change).json()
    assert changed["theirs"] is None
    late = agent.ask("PATCH", f"/entries/{entry_id}/draft", json=change).json()
    assert late == {"version": changed["version"], "theirs": {"note": "à finir", "c0.family_name": "Roux"}}
    assert agent.get(f"/attempts/{attempt_id}/colleagues").json() == {}
    times = agent.get(f"/entries/{entry_id}/callback-times").json()
    assert times[0]["slots"]
    agent.post(f"/attempts/{attempt_id}/outcome", {"outcome": "DECEASED"})
    undone = agent.post(f"/attempts/{attempt_id}/undo")
    assert (undone.status_code, undone.json()["outcome"]) == (200, "DECEASED")
    assert agent.get("/attempts/current").json()["status"] == "WRAP_UP"
    again = agent.post(f"/attempts/{attempt_id}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_said")


def test_shortcuts_are_kept_for_each_agent(day: Day) -> None:
    agent, other = day.hire("agent"), day.hire("agent", login="other")
    assert agent.put("/desk/keys", {"keys": {"call": "KeyJ"}}).json()["keys"]["call"] == "KeyJ"
    assert agent.get("/desk/keys").json()["keys"]["call"] == "KeyJ"
    assert other.get("/desk/keys").json()["keys"]["call"] == "KeyC"
    assert agent.put("/desk/keys", {"keys": {"call": "KeyX"}}).status_code == 422


def test_somebody_known_is_shown_and_linked_and_no_stranger_s_record_is(day: Day) -> None:
    bring_in(day)
    agent, elsewhere = day.hire("agent"), day.hire("agent", login="elsewhere", platforms=("33",))
    record_id = next_entry(agent)["card"]["case_record"]["id"]
    known = agent.post(f"/case-records/{record_id}/contacts/known", {"phone_1": CONTACT}).json()
    assert [found["same_number"] for found in known] == [True]
    path = f"/case-records/{record_id}/contacts/{known[0]['case_record_id']}"
    assert (
        elsewhere.post(f"/case-records/{record_id}/contacts/known", {"phone_1": CONTACT}).status_code == 404
    )
    assert elsewhere.post(path, {}).status_code == 404
    linked = agent.post(path, {"last_contact_on": "2021-03-14"})
    assert linked.status_code in (200, 201), linked.text
