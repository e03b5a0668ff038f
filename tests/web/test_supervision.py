"""Supervision over HTTP: listening in, and acts on agents' work, by those whose right it is."""

from __future__ import annotations

from tests.web.case_files import POSITIVE
from tests.web.conftest import Day
from tests.web.test_calls import bring_in, call, next_entry, until


def test_a_supervisor_listens_to_an_agent_who_sees_it(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="answers", talk_seconds=0)
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    agent.post("/shift/start", {"platform": "40"})
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    until(agent, attempt_id, "ANSWERED")
    came = supervisor.post(f"/attempts/{attempt_id}/listeners", {"how": "LISTEN"})
    assert (came.status_code, came.json()["login"], came.json()["how"]) == (201, "supervisor", "LISTEN")
    seen = agent.get("/attempts/current/listeners").json()
    assert [each["login"] for each in seen] == ["supervisor"]
    assert supervisor.get(f"/attempts/{attempt_id}/listeners").json()[0]["id"] == came.json()["id"]
    assert agent.post(f"/attempts/{attempt_id}/listeners", {"how": "LISTEN"}).status_code == 403
    assert supervisor.ask("DELETE", f"/attempts/{attempt_id}/listeners").status_code == 204
    assert agent.get("/attempts/current/listeners").json() == []


def test_a_wrap_up_is_ended_and_an_entry_moved_with_a_reason(day: Day) -> None:
    bring_in(day)
    day.company.set_phone(POSITIVE, voice="busy")
    agent, supervisor = day.hire("agent"), day.hire("supervisor")
    agent.post("/shift/start", {"platform": "40"})
    attempt_id = call(agent, next_entry(agent)["entry"]["entry_id"])
    until(agent, attempt_id, "WRAP_UP")
    assert supervisor.post(f"/attempts/{attempt_id}/end-wrap-up").status_code == 422
    ended = supervisor.post(f"/attempts/{attempt_id}/end-wrap-up", {"reason": "AGENT_AWAY"})
    assert ended.json()["kind"] == "RETRY"
    assert [each["kind"] for each in agent.get("/told").json()] == ["WRAP_UP_ENDED"]
    assert agent.post("/told/seen").status_code == 204
    entry_id = next_entry(agent)["entry"]["entry_id"]
    given = {"login": "supervisor", "reason": "EXPERIENCE"}
    assert supervisor.post(f"/entries/{entry_id}/reassign", given).json()["in_hand"] is False
    moved = supervisor.post(f"/entries/{entry_id}/take-back", {"reason": "AGENT_AWAY"})
    assert (moved.status_code, moved.json()["code"]) == (409, "not_leased")
    assert [each["kind"] for each in agent.get("/told").json()] == ["ENTRY_TAKEN"]
