"""Supervision over HTTP: listening in, and acts on agents' work, by those whose right it is."""

from __future__ import annotations

from fastapi.testclient import TestClient

from outreach.bootstrap import App
from tests.web.case_files import POSITIVE
from tests.web.conftest import Day, Hire
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


def test_a_wall_pass_shows_figures_of_its_platforms_until_it_is_ended(web: TestClient, hire: Hire) -> None:
    supervisor, elsewhere = hire("supervisor"), hire("supervisor", login="far", platforms=("64",))
    assert elsewhere.post("/wall-passes", {"platforms": ["40"]}).status_code == 404
    made = supervisor.post("/wall-passes", {"platforms": ["40"]})
    path = made.json()["path"]
    assert made.status_code == 201
    assert web.get(path).status_code == 200
    assert web.get(f"{path}/now", params={"platform": "64"}).status_code == 404
    assert [each["path"] for each in supervisor.get("/wall-passes").json()["items"]] == [None]
    pass_id = made.json()["id"]
    assert elsewhere.ask("DELETE", f"/wall-passes/{pass_id}").status_code == 404
    assert supervisor.ask("DELETE", f"/wall-passes/{pass_id}").status_code == 204
    assert web.get(path).status_code == 404


def test_a_wall_screen_ends_with_its_makers_account_right_or_platform(
    app: App, web: TestClient, hire: Hire
) -> None:
    supervisor, colleague = hire("supervisor"), hire("supervisor", login="other")
    path = supervisor.post("/wall-passes", {"platforms": ["40"]}).json()["path"]
    maker = app.access.user_named("supervisor").id
    for roles, platforms in ((["agent"], ["40"]), (["supervisor"], ["33"])):
        app.access.change_user(maker, roles=roles, platforms=platforms)
        assert web.get(path).status_code == 404
        assert web.get(f"{path}/now", params={"platform": "40"}).status_code == 404
        assert colleague.get("/wall-passes").json()["items"] == []
        app.access.change_user(maker, roles=["supervisor"], platforms=["40"])
        assert web.get(path).status_code == 200
    app.access.end_user(maker)
    assert web.get(path).status_code == 404


def test_the_board_as_json_counts_and_names_nobody(day: Day) -> None:
    bring_in(day)
    supervisor, manager = day.hire("supervisor"), day.hire("manager")
    board = manager.get("/board", params={"platform": "40"}).json()
    assert sum(cell["entries"] for cell in board["backlog"]) == 2
    assert manager.get("/board/agents", params={"platform": "40"}).status_code == 403
    supervisor.post("/shift/start", {"platform": "40"})
    (agent,) = supervisor.get("/board/agents", params={"platform": "40"}).json()
    assert (agent["login"], agent["state"]) == ("supervisor", "IDLE")
