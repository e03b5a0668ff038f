"""Practice calls over HTTP: an agent's own, and results for whoever supervises."""

from __future__ import annotations

from tests.web.conftest import Hire


def test_an_agent_practises_and_a_supervisor_sees_how_it_went(hire: Hire) -> None:
    agent, supervisor = hire("agent"), hire("supervisor")
    begun = agent.post("/training", {"platform": "40", "scenario": "WRONG_NUMBER"})
    assert begun.status_code == 201
    path = f"/training/{begun.json()['id']}"
    assert agent.get("/training/current").json()["id"] == begun.json()["id"]
    called = agent.post(f"{path}/call").json()
    assert called["spoken"][0]["words"].startswith("Allô")
    asked = agent.post(f"{path}/questions/speaking_with").json()
    assert [each["question"] for each in asked["spoken"]] == ["", "speaking_with"]
    kept = agent.put(f"{path}/answers/speaking_with", {"value": "other"}).json()
    assert kept["answers"] == {"speaking_with": "other"}
    assert agent.post(f"{path}/hang-up").json()["hung_up_at"]
    ended = agent.post(f"{path}/outcome", {"outcome": "WRONG_NUMBER"}).json()
    assert ended["marks"]["all_right"]
    assert ended["marks"]["right_outcomes"] == ["WRONG_NUMBER"]
    (result,) = supervisor.get("/training/results").json()["items"]
    assert (result["login"], result["outcome_right"], result["scenario"]) == ("agent", True, "WRONG_NUMBER")
    assert agent.get("/training/mine").json()["items"] == [result]
    assert agent.get("/training/results").status_code == 403
    assert supervisor.get(path).status_code == 404
    assert agent.post("/training", {"platform": "33"}).status_code == 404


def test_results_come_in_pages_and_what_was_given_up_is_not_there(hire: Hire) -> None:
    agent = hire("agent")
    for given_up in (True, False, False):
        path = f"/training/{agent.post('/training', {'platform': '40'}).json()['id']}"
        agent.post(f"{path}/call")
        if given_up:
            assert agent.ask("DELETE", path).status_code == 204
        else:
            agent.post(f"{path}/outcome", {"outcome": "NO_ANSWER"})
    first = agent.get("/training/mine?limit=1").json()
    rest = agent.get(f"/training/mine?limit=1&cursor={first['next']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (1, 1, None)
    assert agent.get("/training/mine?cursor=odd").status_code == 422
