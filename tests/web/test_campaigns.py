"""Campaigns through the API: a whole life, what is refused, and what each role may do."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from outreach.bootstrap import App
from outreach.ids import new_id
from outreach.storage import tables
from tests.call_list_rows import Listed, add_contact
from tests.campaign_world import SCRIPT, TEXT, number
from tests.message_world import give_numbers
from tests.web.conftest import Hire, Someone, app, hire, web

__all__ = ["app", "hire", "web"]
SMS = {"platform": "40", "name": "Contrôle", "channel": "SMS", "plan": {"text": TEXT}}
OUTCOMES = [{"code": "BOOKED", "label": "Rendez-vous pris", "outcome": "COMPLETED"}]


def people(app: App, count: int) -> list[Listed]:
    with app.database.begin() as connection:
        found = [add_contact(connection, app.clock.now()) for _ in range(count)]
        for place, listed in enumerate(found, start=1):
            give_numbers(connection, app.vault, listed, (number(place),))
    return found


def ready(someone: Someone, body: dict[str, Any]) -> str:
    """The id of a campaign that was counted and seen."""
    drafted = someone.post("/campaigns", body)
    assert drafted.status_code == 201, drafted.text
    campaign_id = str(drafted.json()["id"])
    assert someone.post(f"/campaigns/{campaign_id}/count").status_code == 200
    assert someone.post(f"/campaigns/{campaign_id}/preview").status_code == 200
    return campaign_id


def test_a_campaign_goes_through_its_life(app: App, hire: Hire) -> None:
    people(app, 3)
    supervisor = hire("supervisor")
    path = f"/campaigns/{ready(supervisor, SMS)}"
    preview = supervisor.post(f"{path}/preview").json()
    assert preview["texts"][0]["people"] == 3
    assert float(preview["cost"]) > 0
    wrong = supervisor.post(f"{path}/start", {"confirmed_count": 4})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "count_not_confirmed")
    assert supervisor.post(f"{path}/start", {"confirmed_count": 3}).json()["state"] == "RUNNING"
    app.campaigning.work.run()
    shown = supervisor.get(path).json()
    assert shown["sentences"]["en"] == "Running: 3 SMS made of 3; 3 queued."
    assert supervisor.post(f"{path}/pause").json()["state"] == "PAUSED"
    assert supervisor.post(f"{path}/resume").json()["state"] == "RUNNING"
    assert supervisor.post(f"{path}/cancel").json()["state"] == "CANCELLED"
    again = supervisor.post(f"{path}/resume")
    assert (again.status_code, again.json()["code"]) == (409, "campaign_state")
    assert [c["id"] for c in supervisor.get("/campaigns?platform=40").json()["items"]] == [path[11:]]
    assert supervisor.get(f"{path}/failures").json() == []


def test_a_filter_that_was_misspelt_is_refused(app: App, hire: Hire) -> None:
    body = SMS | {"plan": {"text": TEXT, "audience": {"houshold": True}}}
    answer = hire("supervisor").post("/campaigns", body)
    assert answer.status_code == 422
    assert "houshold" in answer.json()["errors"][0]["field"]


def test_the_text_of_one_person_is_shown(app: App, hire: Hire) -> None:
    (listed,) = people(app, 1)
    supervisor = hire("supervisor")
    path = f"/campaigns/{ready(supervisor, SMS)}"
    text = supervisor.get(f"{path}/preview?case_record_id={listed.case_record_id}").json()
    assert text["language"] == "fr"
    assert "Landes" in text["text"]
    assert supervisor.get(f"{path}/preview?case_record_id={new_id()}").status_code == 404


def test_a_file_names_the_audience_and_rows_to_mend_are_told(app: App, hire: Hire) -> None:
    people(app, 2)
    supervisor = hire("supervisor")
    path = f"/campaigns/{supervisor.post('/campaigns', SMS).json()['id']}"
    content = f"telephone_1\n{number(1)}\n06 39 98 77 77\n"
    answer = supervisor.ask("POST", f"{path}/audience-file", files={"file": ("a.csv", content.encode())})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["rows"], told["people"], told["unmatched"]) == (2, 1, 1)
    assert "77 77" not in answer.text
    assert supervisor.get(f"{path}/findings").json() == told["findings"]
    assert supervisor.post(f"{path}/count").json()["counted"]["members"] == 1


def test_members_and_letters_are_exported_to_who_may_see_them(app: App, hire: Hire) -> None:
    people(app, 2)
    supervisor, manager = hire("supervisor"), hire("manager")
    campaign_id = ready(supervisor, SMS)
    supervisor.post(f"/campaigns/{campaign_id}/start", {"confirmed_count": 2})
    app.campaigning.work.run()
    with app.database.begin() as connection:
        connection.execute(update(tables.messages).values(status="FAILED", error_code="21614"))
    members = manager.get(f"/campaigns/{campaign_id}/members.csv")
    assert members.status_code == 200
    assert members.text.count("FAILED") == 2
    assert "Dupont" not in members.text
    assert manager.post(f"/campaigns/{campaign_id}/letters").status_code == 403
    batch = supervisor.post(f"/campaigns/{campaign_id}/letters").json()
    letters = supervisor.get(f"/campaigns/{campaign_id}/letters/{batch['number']}.csv")
    assert letters.text.count("Dupont;Camille") == batch["letters"] == 2
    assert letters.headers["cache-control"] == "no-store"


def test_agents_say_how_a_call_of_a_campaign_went(app: App, hire: Hire) -> None:
    people(app, 1)
    supervisor, agent = hire("supervisor"), hire("agent")
    plan = {"text": SCRIPT, "outcomes": OUTCOMES}
    campaign_id = ready(supervisor, SMS | {"channel": "CALLS", "plan": plan})
    supervisor.post(f"/campaigns/{campaign_id}/start", {"confirmed_count": 1})
    app.campaigning.work.run()
    with app.database.begin() as connection:
        entries = tables.call_list_entries
        connection.execute(
            update(entries).where(entries.c.purpose == "INFORM").values(state="CLOSED", closed_because="x")
        )
        connection.execute(update(entries).where(entries.c.purpose == "CAMPAIGN").values(state="READY"))
    agent.post("/shift/start", {"platform": "40"})
    in_hand = agent.post("/calls/next").json()
    entry_id = in_hand["entry"]["entry_id"]
    known = agent.get(f"/entries/{entry_id}/campaign").json()
    assert (known["script"], known["outcomes"]) == (SCRIPT, OUTCOMES)
    said = agent.ask("PUT", f"/entries/{entry_id}/campaign-outcome", json={"code": "BOOKED"})
    assert said.json() == {"outcome": "COMPLETED"}
    assert supervisor.get(f"/campaigns/{campaign_id}").json()["figures"]["outcomes"] == {"BOOKED": 1}


def test_agents_do_not_run_campaigns_and_others_platforms_are_not_there(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    campaign_id = supervisor.post("/campaigns", SMS).json()["id"]
    assert hire("agent").post("/campaigns", SMS).status_code == 403
    assert hire("auditor").get(f"/campaigns/{campaign_id}").status_code == 200
    assert hire("auditor", login="other", platforms=()).get(f"/campaigns/{campaign_id}").status_code == 404


def test_tags_and_standing_campaigns_are_listed(app: App, hire: Hire) -> None:
    (listed,) = people(app, 1)
    supervisor = hire("supervisor")
    path = f"/case-records/{listed.case_record_id}/tags/ehpad"
    assert supervisor.ask("PUT", path).json() == ["ehpad"]
    assert supervisor.get("/tags?platform=40").json() == {"ehpad": 1}
    assert supervisor.ask("DELETE", path).json() == []
    standing = supervisor.get("/platforms/40/standing-campaigns").json()
    assert {each["name"] for each in standing} >= {"EVERY_CONTACT_WHILE_SHED", "FIRST_MISS"}


def test_the_same_start_sent_twice_with_a_key_starts_once(app: App, hire: Hire) -> None:
    people(app, 1)
    supervisor = hire("supervisor")
    path = f"/campaigns/{ready(supervisor, SMS)}/start"
    first, again = (
        supervisor.post(path, {"confirmed_count": 1}, headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())


def test_own_words_are_tried_before_a_campaign_is_planned(hire: Hire) -> None:
    words = {"campaign_words": "Venez vous faire vacciner samedi."}
    asked = {"platform": "40", "variables": words}
    tried = hire("supervisor").post("/campaign-texts/campaign_own_words/try", asked).json()
    assert {text["language"] for text in tried["texts"]} == {"fr", "en"}
    assert [finding["rule"] for finding in tried["to_mend"]] == ["health_word"]


def test_a_list_of_campaigns_says_how_far_each_is_and_is_filtered(app: App, hire: Hire) -> None:
    people(app, 2)
    someone = hire("supervisor")
    path = f"/campaigns/{ready(someone, SMS)}"
    someone.post(f"{path}/start", {"confirmed_count": 2})
    app.campaigning.work.run()
    (listed,) = someone.get("/campaigns?platform=40&state=RUNNING&channel=SMS").json()["items"]
    assert (listed["progress"]["members"], listed["progress"]["made"]) == (2, 2)
    assert someone.get("/campaigns?platform=40&state=DRAFT").json()["items"] == []
