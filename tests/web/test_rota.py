"""The rota through the public API."""

from __future__ import annotations

from tests.web.conftest import Hire, Someone

FILE = b"date;from;until;positions;agent\n2021-03-16;08:00;20:00;10;\n2021-03-16;10:00;12:00;;anne\n"


def send(someone: Someone, content: bytes, **fields: str) -> dict[str, object]:
    answer = someone.ask(
        "POST", "/platforms/40/rota", files={"file": ("rota.csv", content, "text/csv")}, data=fields
    )
    return dict(answer.json())


def test_a_supervisor_sends_a_rota_and_sees_the_minutes(hire: Hire) -> None:
    supervisor, agent = hire("supervisor"), hire("agent", login="anne")
    assert send(supervisor, FILE, dry_run="true")["replaced"] == 0
    assert send(supervisor, FILE) == {"days": 1, "shifts": 2, "replaced": 0, "errors": []}
    capacity = supervisor.get("/platforms/40/capacity", params={"hours": 3}).json()
    assert capacity["planned"] == 11
    assert capacity["minutes"] == [660, 660, 600]
    span = {"since": "2021-03-16", "until": "2021-03-16"}
    rota = supervisor.get("/platforms/40/rota", params=span).json()
    assert [(each["positions"], each["login"]) for each in rota] == [(10, ""), (None, "anne")]
    assert agent.ask("POST", "/platforms/40/absences").status_code == 403


def test_absences_are_added_listed_and_removed(hire: Hire) -> None:
    supervisor = hire("supervisor")
    send(supervisor, FILE)
    absence = {"starts_at": "2021-03-16T09:00:00Z", "ends_at": "2021-03-16T10:00:00Z", "positions": 4}
    added = supervisor.post("/platforms/40/absences", absence).json()
    span = {"since": "2021-03-16T00:00:00Z", "until": "2021-03-17T00:00:00Z"}
    listed = supervisor.get("/platforms/40/absences", params=span).json()
    assert [each["id"] for each in listed] == [added["id"]]
    assert supervisor.ask("DELETE", f"/absences/{added['id']}").status_code == 204
    assert supervisor.ask("DELETE", f"/absences/{added['id']}").status_code == 404


def test_an_agent_says_why_they_pause_and_the_supervisor_sees_it(hire: Hire) -> None:
    agent, supervisor = hire("agent"), hire("supervisor")
    assert agent.put("/pause", {"platform": "40", "reason": "MEAL"}).status_code == 204
    (there,) = supervisor.get("/platforms/40/staff").json()
    assert (there["login"], there["state"], there["pause"]) == ("agent", "PAUSED", "MEAL")
    assert agent.ask("DELETE", "/pause").status_code == 204
    assert supervisor.get("/platforms/40/staff").json()[0]["pause"] is None
    assert agent.put("/pause", {"platform": "33", "reason": "MEAL"}).status_code == 404


def test_why_somebody_is_away_or_paused_is_told_to_those_who_steer_alone(hire: Hire) -> None:
    supervisor, pilot, agent = hire("supervisor"), hire("pilot"), hire("agent")
    send(supervisor, FILE.replace(b"anne", b"agent"))
    away = {"starts_at": "2021-03-16T10:00:00Z", "ends_at": "2021-03-16T11:00:00Z"}
    absence = {**away, "agent": "agent", "reason": "TRAINING"}
    assert supervisor.post("/platforms/40/absences", absence).status_code == 201
    agent.put("/pause", {"platform": "40", "reason": "MEAL"})
    span = {"since": "2021-03-16T00:00:00Z", "until": "2021-03-17T00:00:00Z"}
    week = {"day": "2021-03-16"}
    for role, told in (
        (supervisor, ("TRAINING", "TRAINING", "MEAL")),
        (pilot, ("TRAINING", "TRAINING", "MEAL")),
        *((hire(role), (None, None, None)) for role in ("manager", "administrator", "auditor")),
    ):
        [listed] = role.get("/platforms/40/absences", params=span).json()
        days = role.get("/platforms/40/rota/week", params=week).json()
        [of_week] = [absence for day in days for absence in day["absences"]]
        [there] = role.get("/platforms/40/staff").json()
        assert (listed["reason"], of_week["reason"], there["pause"]) == told
        assert (listed["login"], there["paused_since"] is not None) == ("agent", True)
