"""Practice calls over HTTP: an agent's own, and results for whoever supervises."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import Hire, Someone


def reach(agent: Someone, path: str) -> Any:
    """Call, and the next number where the first rings out."""
    called = agent.post(f"{path}/call").json()
    while "NEXT_NUMBER" in called["line"]["may"]:
        called = agent.post(f"{path}/line/NEXT_NUMBER").json()
    return called


def test_an_agent_practises_and_a_supervisor_sees_how_it_went(hire: Hire) -> None:
    agent, supervisor = hire("agent"), hire("supervisor")
    begun = agent.post("/training", {"platform": "40", "scenario": "WRONG_NUMBER"})
    assert begun.status_code == 201
    path = f"/training/{begun.json()['id']}"
    assert agent.get("/training/current").json()["id"] == begun.json()["id"]
    called = reach(agent, path)
    assert called["spoken"][-1]["words"].startswith("Allô")
    may = ["ASK_HELP", "ASK_TO_WAIT", "BRING_ADVISER", "HANG_UP", "HOLD", "VOICEMAIL"]
    assert called["line"]["may"] == may
    agent.post(f"{path}/line/ASK_TO_WAIT")
    assert agent.post(f"{path}/line/HOLD").json()["line"]["state"] == "ON_HOLD"
    assert agent.post(f"{path}/line/CALL").json()["line"]["state"] == "ON_HOLD"
    assert agent.post(f"{path}/line/VOICEMAIL").status_code == 409
    agent.post(f"{path}/line/RESUME")
    asked = agent.post(f"{path}/questions/speaking_with").json()
    assert asked["spoken"][-1]["question"] == "speaking_with"
    kept = agent.put(f"{path}/answers/speaking_with", {"value": "other"}).json()
    assert kept["answers"] == {"speaking_with": "other"}
    assert agent.post(f"{path}/hang-up").json()["hung_up_at"]
    ended = agent.post(f"{path}/outcome", {"outcome": "WRONG_NUMBER"}).json()
    assert ended["marks"]["all_right"]
    assert ended["marks"]["right_outcomes"] == ["WRONG_NUMBER"]
    (result,) = supervisor.get("/training/results").json()["items"]
    assert (result["login"], result["outcome_right"], result["scenario"]) == ("agent", True, "WRONG_NUMBER")
    assert (result["slips"], result["all_right"]) == (0, True)
    assert agent.get("/training/mine").json()["items"] == [result]
    assert agent.get("/training/results").status_code == 403
    assert supervisor.get(path).status_code == 404
    assert agent.post("/training", {"platform": "33"}).status_code == 404


def test_a_call_is_handed_over_to_an_invented_adviser_and_the_slips_are_counted(hire: Hire) -> None:
    agent = hire("agent")
    path = f"/training/{agent.post('/training', {'platform': '40', 'scenario': 'MEDICAL'}).json()['id']}"
    reach(agent, path)
    brought = agent.post(f"{path}/line/BRING_ADVISER").json()
    assert (brought["line"]["colleague"], brought["line"]["summarised"]) == ("ADVISER", False)
    assert brought["spoken"][-1]["who"] == "ADVISER"
    assert agent.post(f"{path}/line/ASK_HELP").status_code == 409
    assert agent.post(f"{path}/line/HAND_OVER").json()["line"]["state"] == "ENDED"
    ended = agent.post(f"{path}/outcome", {"outcome": "ESCALATE_MEDICAL"}).json()
    assert (ended["marks"]["outcome_right"], ended["marks"]["slips"]) == (True, ["NO_SUMMARY"])
    (result,) = agent.get("/training/mine").json()["items"]
    assert (result["slips"], result["all_right"]) == (1, False)


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


def test_a_script_is_chosen_and_its_contacts_are_kept_and_taken_away(hire: Hire) -> None:
    agent = hire("agent")
    assert len(agent.get("/training/scripts").json()) == 10
    assert agent.post("/training", {"platform": "40", "script": "missed_call"}).status_code == 422
    begun = agent.post("/training", {"platform": "40", "script": "positive_full", "scenario": "WILLING"})
    path = f"/training/{begun.json()['id']}"
    reach(agent, path)
    for question, value in (
        ("speaking_with", "person"),
        ("name_confirmed", True),
        ("birth_date_confirmed", True),
    ):
        shown = agent.put(f"{path}/answers/{question}", {"value": value}).json()
    assert (shown["script"], shown["withheld"], shown["names_contacts"]) == ("positive_full", 0, True)
    asked = agent.post(f"{path}/questions/contacts").json()
    assert asked["spoken"][-1]["question"] == "contacts"
    refused = agent.post(f"{path}/contacts", {"given_names": "Alix"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "family_name")
    line = {"family_name": "Roux", "phone_1": "06 39 98 01 01", "household": True}
    kept = agent.post(f"{path}/contacts", line).json()["contacts"]
    assert [(each["family_name"], each["number"], each["household"]) for each in kept] == [
        ("Roux", "+33639980101", True)
    ]
    assert agent.ask("DELETE", f"{path}/contacts/1").json()["contacts"] == []
    assert agent.ask("DELETE", f"{path}/contacts/1").status_code == 404
    ended = agent.post(f"{path}/outcome", {"outcome": "COMPLETED"}).json()
    assert ended["marks"]["contacts"]["missing"] != []
