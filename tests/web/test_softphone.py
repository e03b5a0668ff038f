"""The softphone over HTTP: each agent's own device, and calls at their own stand-in only."""

from __future__ import annotations

from outreach.services.softphone import SoftphoneKind
from tests.call_world import eventually
from tests.web.conftest import Day, Hire


def test_an_agent_chooses_the_computer_and_rings_it(day: Day) -> None:
    agent, other = day.hire("agent"), day.hire("agent", login="other")
    assert agent.get("/softphone").json()["device"] == "PHONE"
    assert agent.get("/softphone").json()["kind"] == SoftphoneKind.STAND_IN
    assert agent.put("/softphone/device", {"device": "COMPUTER"}).status_code == 204
    assert agent.get("/softphone").json()["device"] == "COMPUTER"
    assert agent.post("/softphone/test-call").status_code == 204
    eventually(lambda: bool(agent.get("/softphone/stand-in").json()), "a call at the stand-in")
    (call,) = agent.get("/softphone/stand-in").json()
    assert other.get("/softphone/stand-in").json() == []
    assert other.post(f"/softphone/stand-in/{call['sid']}/accept").status_code == 409
    taken = agent.post(f"/softphone/stand-in/{call['sid']}/accept")
    assert (taken.status_code, taken.json()["status"]) == (200, "in-progress")


def test_without_a_key_of_the_phone_company_no_token_is_made(hire: Hire) -> None:
    agent = hire("agent")
    refused = agent.post("/softphone/token")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_softphone")
    assert agent.put("/softphone/device", {"device": "COMPUTER"}).status_code == 409
    assert agent.get("/softphone/stand-in").status_code == 404
