"""Texts over HTTP: agents read them and what changed; supervisors draft, date and take back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.clock import SetClock
from tests.web.conftest import Hire, app, hire, web

__all__ = ["app", "hire", "web"]
NEW = {
    "language": "fr",
    "body": "Bonjour. Ici la CPAM {{ platform_name }}. Rappelez-nous dès que possible.",
    "reason": "clearer",
}


def drafted(someone: Any, **more: str) -> Any:
    answer = someone.post("/scripts/voicemail/drafts", NEW | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_agent_reads_the_texts_in_force_and_changes_none(hire: Hire) -> None:
    agent = hire("agent")
    texts = agent.get("/scripts").json()
    voicemail = next(text for text in texts if text["name"] == "voicemail")
    assert voicemail["languages"] == {"en": 1, "fr": 1}
    assert agent.get("/scripts/voicemail").json()["body"].startswith("Bonjour. Ici la CPAM {{")
    assert agent.post("/scripts/voicemail/drafts", NEW).status_code == 403
    assert agent.get("/scripts/nothing").status_code == 404


def test_a_supervisor_drafts_schedules_and_withdraws(hire: Hire, clock: SetClock) -> None:
    someone = hire("supervisor")
    version = drafted(someone)["version"]
    assert (version["number"], version["state"]) == (2, "DRAFT")
    at = (clock.now() + timedelta(days=1)).isoformat()
    path = f"/script-versions/{version['id']}"
    assert someone.post(f"{path}/schedule", {"effective_from": at}).json()["state"] == "SCHEDULED"
    assert someone.post(f"{path}/activate").status_code == 409
    clock.advance(timedelta(days=1))
    assert someone.get(path).json()["state"] == "ACTIVE"
    assert "dès que possible" in someone.get("/scripts/voicemail").json()["body"]
    assert someone.post(f"{path}/withdraw").json()["state"] == "WITHDRAWN"
    pages = someone.get("/scripts/voicemail/versions?limit=1").json()
    assert [each["number"] for each in pages["items"]] == [2]
    rest = someone.get(f"/scripts/voicemail/versions?limit=1&cursor={pages['next']}").json()
    assert [(each["number"], each["state"]) for each in rest["items"]] == [(1, "ACTIVE")]
    assert rest["next"] is None


def test_a_hostile_text_is_refused_with_its_line(hire: Hire) -> None:
    answer = hire("supervisor").post(
        "/scripts/voicemail/drafts", NEW | {"body": "CPAM\n{{ platform_name.__class__ }}"}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "unsafe_template"
    assert answer.json()["detail"] == "Line 2: A point or square brackets stand behind a name."


def test_a_text_with_something_to_mend_is_judged_and_does_not_take_effect(hire: Hire) -> None:
    someone = hire("supervisor")
    bad = {"body": "CPAM {{ platform_name }} : votre test est positif."}
    judged = someone.post("/scripts/voicemail/lint", {"language": "fr", **bad}).json()
    assert {finding["rule"] for finding in judged} == {"health_word"}
    kept = drafted(someone, **bad)
    assert kept["to_mend"] == judged
    refused = someone.post(f"/script-versions/{kept['version']['id']}/activate")
    assert (refused.status_code, refused.json()["code"]) == (422, "text_to_mend")


def test_the_same_draft_sent_twice_is_one(hire: Hire) -> None:
    someone = hire("supervisor")
    headers = {"Idempotency-Key": "once"}
    answers = [someone.post("/scripts/voicemail/drafts", NEW, headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(someone.get("/scripts/voicemail/versions").json()["items"]) == 2


def test_a_text_is_tried_out_with_its_price(hire: Hire) -> None:
    wish = {
        "language": "fr",
        "platform": "40",
        "values": {"callback_day": "2021-03-01", "callback_time": "09:15"},
    }
    tried = hire("agent").post("/scripts/callback_agreed/preview", wish).json()
    assert "lundi 1er mars à 9 h 15" in tried["text"]
    assert (tried["segments"], tried["cost"]) == (1, 0.0798)


def test_agents_are_told_what_changed_since_they_last_worked(hire: Hire, clock: SetClock) -> None:
    boss = hire("supervisor", login="boss")
    version = drafted(boss)["version"]
    boss.post(f"/script-versions/{version['id']}/activate")
    since = (clock.now() - timedelta(hours=1)).isoformat()
    agent = hire("agent", login="agent")
    told = agent.get("/scripts/changes", params={"since": since}).json()
    assert [change["name"] for change in told["texts"]] == ["voicemail"]
    assert "dès que possible" in told["texts"][0]["diff"]
    assert agent.get("/scripts/changes").json()["texts"]


def test_versions_are_compared(hire: Hire) -> None:
    someone = hire("supervisor")
    drafted(someone)
    told = someone.get("/scripts/voicemail/diff?old=1&new=2").json()
    assert told["diff"].startswith("--- version 1\n+++ version 2")
    words = [word["text"] for row in told["rows"] for word in row["new"] or [] if word["changed"]]
    assert "dès que possible" in " ".join(words)


def test_who_activates_a_draft_over_a_text_they_did_not_see_is_told(hire: Hire) -> None:
    someone = hire("supervisor")
    first, second = drafted(someone)["version"], drafted(someone)["version"]
    assert someone.post(f"/script-versions/{first['id']}/activate", {"replaces": 1}).status_code == 200
    refused = someone.post(f"/script-versions/{second['id']}/activate", {"replaces": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "text_changed")
    done = someone.post(f"/script-versions/{second['id']}/activate", {"replaces": 2})
    assert done.json()["author"] == second["author"] != ""


def test_the_list_of_texts_says_what_is_scheduled(hire: Hire, clock: SetClock) -> None:
    someone = hire("supervisor")
    moment = (clock.now() + timedelta(days=2)).isoformat()
    version = drafted(someone)["version"]
    someone.post(f"/script-versions/{version['id']}/schedule", {"effective_from": moment})
    (voicemail,) = [text for text in someone.get("/scripts").json() if text["name"] == "voicemail"]
    assert [coming["number"] for coming in voicemail["scheduled"]] == [2]


def test_durations_are_set_by_decree_and_taken_back(hire: Hire) -> None:
    someone = hire("supervisor")
    wish = {
        "name": "isolation_days",
        "country": "FR",
        "value": 8,
        "effective_from": "2021-03-16",
        "reason": "a decree",
    }
    made = someone.post("/parameters", wish)
    assert made.status_code == 201
    read = someone.get("/platforms/40/parameters").json()
    assert read["today"]["isolation_days"] == 8
    assert {value["name"] for value in read["values"]} > {"quarantine_days"}
    assert someone.ask("DELETE", f"/parameters/{made.json()['id']}").status_code == 204
    assert someone.get("/platforms/40/parameters").json()["today"]["isolation_days"] == 10
    assert someone.post("/parameters", wish | {"value": 99}).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 204), ("pilot", 204)])
def test_accents_are_chosen_by_who_steers(hire: Hire, role: str, status: int) -> None:
    answer = hire(role).ask("PUT", "/platforms/40/sms-accents", json={"accents": "KEEP"})
    assert answer.status_code == status


def test_a_text_is_tried_on_the_people_it_may_come_to(hire: Hire) -> None:
    agent = hire("agent")
    people = {each["sample"]: each for each in agent.get("/scripts/contact_full/samples").json()}
    assert "POSITIVE" not in people
    assert people["MINOR"]["values"]["adult"] == "no"
    assert not people["LANDLINE"]["can_sms"]
    assert people["ENGLISH"]["language"] == "en"
    asked = {"language": "fr", "platform": "40", "sample": "MINOR"}
    tried = agent.post("/scripts/contact_full/preview", asked).json()
    assert "Cette personne est mineure" in tried["text"]
    grown = agent.post("/scripts/contact_full/preview", {**asked, "sample": "CONTACT"}).json()
    assert "Cette personne est mineure" not in grown["text"]
