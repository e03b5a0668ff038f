"""Supervisors see and steer who sends their platform's SMS, and what they may cost."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.bootstrap import App
from tests.web.conftest import CALLER_ID, Hire

SERVICE = "MG" + "1" * 32
LIST = {"senders": [{"sender": SERVICE}, {"sender": CALLER_ID, "preference": 1}]}
LIMITS: dict[str, Any] = {"daily_euros": 100, "monthly_euros": None, "reason": "the month's budget"}


def test_the_senders_of_a_platform_are_listed_replaced_stopped_and_resumed(hire: Hire) -> None:
    supervisor = hire("supervisor")
    before = supervisor.get("/platforms/40/senders").json()
    assert [(one["sender"], one["kind"], one["state"]) for one in before] == [
        (CALLER_ID, "NUMBER", "SENDING")
    ]
    assert supervisor.put("/platforms/40/senders", LIST).status_code == 204
    path = f"/platforms/40/senders/{SERVICE}"
    assert supervisor.put(f"{path}/ceiling", {"segments_per_second": 30}).status_code == 204
    assert supervisor.post(f"{path}/stop", {"reason": "under repair"}).status_code == 204
    after = supervisor.get("/platforms/40/senders").json()
    assert [(one["state"], one["because"], one["ceiling"]) for one in after] == [
        ("STOPPED", "under repair", 30),
        ("SENDING", "", None),
    ]
    assert supervisor.post(f"{path}/resume").status_code == 204
    assert supervisor.get("/platforms/40/senders").json()[0]["state"] == "SENDING"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/senders", {"senders": [{"sender": "CPAM"}]}, 422),
        ("PUT", "/senders", {"senders": [{"sender": "Santé !"}]}, 422),
        ("PUT", "/senders", {"senders": [{"sender": CALLER_ID, "purposes": ["GREETING"]}]}, 422),
        ("PUT", f"/senders/{SERVICE}/ceiling", {"segments_per_second": 5}, 404),
        ("PUT", f"/senders/{CALLER_ID}/ceiling", {"segments_per_second": 0}, 422),
        ("POST", f"/senders/{CALLER_ID}/stop", {}, 422),
        ("PUT", "/spending/limits", {**LIMITS, "daily_euros": -1}, 422),
        ("PUT", "/spending/limits", {**LIMITS, "segments_per_hour": {"33": 5}}, 422),
        ("POST", "/spending/resets", {"breaker": "PREFIX_RATE", "prefix": "+41", "reason": "seen"}, 404),
        ("POST", "/spending/resets", {"breaker": "DAILY_BUDGET"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    hire: Hire, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    answer = hire("supervisor").ask(method, f"/platforms/40{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_spending_is_shown_limited_and_its_breakers_are_reset_with_a_reason(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    assert supervisor.put("/platforms/40/spending/limits", LIMITS).status_code == 204
    shown = supervisor.get("/platforms/40/spending").json()
    assert (shown["sends"], shown["limits"]["daily_euros"], shown["tripped"]) == ("ALL", "100.00", [])
    assert shown["limits"]["segments_per_hour"]["+33"] > 0
    assert supervisor.put("/platforms/40/spending/limits", LIMITS | {"daily_euros": 0}).status_code == 204
    tripped = supervisor.get("/platforms/40/spending").json()
    assert tripped["sends"] == "NOTHING"
    assert "reset the breaker" in tripped["tripped"][0]["advice"]
    reset = {"breaker": "DAILY_BUDGET", "reason": "looked at it"}
    assert supervisor.post("/platforms/40/spending/resets", reset).status_code == 204


@pytest.mark.parametrize("path", ["/senders", "/spending"])
def test_another_platforms_senders_and_spending_are_not_there(hire: Hire, path: str) -> None:
    assert hire("supervisor", platforms=("33",)).get(f"/platforms/40{path}").status_code == 404
    assert hire("agent").get(f"/platforms/40{path}").status_code == 403
