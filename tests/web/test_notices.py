"""Notices through the public API: published, acknowledged, and who has not is visible."""

from __future__ import annotations

from outreach.bootstrap import App
from outreach.ids import new_id
from tests.web.conftest import Hire

NOTICE = {"title": "Isolement", "text": "7 jours depuis lundi.", "platform": "40"}


def test_who_has_not_acknowledged_a_notice_is_visible(hire: Hire) -> None:
    supervisor, anne = hire("supervisor"), hire("agent", login="anne")
    hire("agent", login="bob")
    notice = supervisor.post("/notices", NOTICE).json()["id"]
    (shown,) = anne.get("/notices").json()["items"]
    assert (shown["title"], shown["acknowledged_at"]) == ("Isolement", None)
    for _ in range(2):
        assert anne.post(f"/notices/{notice}/acknowledge").status_code == 204
    assert anne.get("/notices").json()["items"][0]["acknowledged_at"]
    readers = supervisor.get(f"/notices/{notice}/readers").json()["items"]
    assert [(each["login"], each["acknowledged_at"] is not None) for each in readers] == [
        ("bob", False),
        ("supervisor", False),
        ("anne", True),
    ]


def test_a_notice_of_a_region_concerns_its_platforms_and_a_withdrawn_one_nobody(hire: Hire) -> None:
    supervisor, agent = hire("supervisor"), hire("agent")
    notice = supervisor.post("/notices", {"title": "t", "text": "x", "region": "75"}).json()["id"]
    assert len(agent.get("/notices").json()["items"]) == 1
    assert supervisor.ask("DELETE", f"/notices/{notice}").status_code == 204
    assert agent.get("/notices").json()["items"] == []


def test_a_notice_begins_and_ends_at_its_moments(hire: Hire) -> None:
    supervisor, agent = hire("supervisor"), hire("agent")
    for span in (
        {"starts_at": "2021-03-17T00:00:00Z"},
        {"starts_at": "2021-03-01T00:00:00Z", "ends_at": "2021-03-16T00:00:00Z"},
    ):
        assert supervisor.post("/notices", NOTICE | span).status_code == 201
    assert agent.get("/notices").json()["items"] == []


def test_notices_come_in_pages_newest_first(hire: Hire) -> None:
    supervisor = hire("supervisor")
    for n in range(3):
        supervisor.post("/notices", NOTICE | {"title": f"n{n}"})
    first = supervisor.get("/notices", params={"limit": 2}).json()
    rest = supervisor.get("/notices", params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["title"] for each in first["items"] + rest["items"]] == ["n2", "n1", "n0"]
    assert rest["next"] is None


def test_notices_are_the_supervisors_own_and_name_nobody(hire: Hire) -> None:
    supervisor, stranger = hire("supervisor"), hire("supervisor", login="x", platforms=("33",))
    notice = supervisor.post("/notices", NOTICE).json()["id"]
    assert hire("agent").post("/notices", NOTICE).status_code == 403
    assert stranger.post("/notices", NOTICE).status_code == 404
    assert stranger.post(f"/notices/{notice}/acknowledge").status_code == 404
    assert stranger.ask("DELETE", f"/notices/{notice}").status_code == 404
    assert supervisor.get(f"/notices/{new_id()}/readers").status_code == 404
    refused = supervisor.post("/notices", NOTICE | {"text": "Rappelez le 06 39 98 00 12"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "text")


def test_notices_that_are_over_can_be_read_again(hire: Hire) -> None:
    supervisor, agent = hire("supervisor"), hire("agent")
    notice = supervisor.post("/notices", NOTICE).json()["id"]
    supervisor.ask("DELETE", f"/notices/{notice}")
    assert agent.get("/notices").json()["items"] == []
    assert [each["id"] for each in agent.get("/notices?past=true").json()["items"]] == [notice]


def test_news_of_the_scripts_are_read_and_acknowledged(hire: Hire) -> None:
    agent = hire("agent")
    news = agent.get("/script-news").json()
    assert news["scripts"] == []
    assert agent.post("/script-news/acknowledge", {"until": news["until"]}).status_code == 204
    assert agent.post("/script-news/acknowledge", {"until": "2031-01-01T00:00:00Z"}).status_code == 422


def test_a_notice_stands_on_the_desks_of_its_platforms_at_once(app: App, hire: Hire) -> None:
    supervisor = hire("supervisor")
    told: list[str] = []
    app.database.tell = told.extend
    notice = supervisor.post("/notices", NOTICE).json()["id"]
    assert [topic for topic in told if topic.startswith("orders:")] == ["orders:40"]
    told.clear()
    supervisor.ask("DELETE", f"/notices/{notice}")
    assert [topic for topic in told if topic.startswith("orders:")] == ["orders:40"]
