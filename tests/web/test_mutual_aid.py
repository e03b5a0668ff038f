"""Mutual aid through the public API: lend, call a stranger's people, take back."""

from __future__ import annotations

from uuid import UUID

from outreach.bootstrap import App
from outreach.domain.sms_text import Accents
from outreach.ids import ImportId
from outreach.storage import platform_store
from outreach.storage.platform_store import Platform
from tests.conftest import MORNING
from tests.web.case_files import FILE, NAMED_CONTACT
from tests.web.conftest import Hire

LOAN = {
    "helper": "33",
    "share": 100,
    "most": 50,
    "call_classes": [1, 5],
    "ends_at": "2021-03-18T00:00:00Z",
    "reason": "a wave",
}


def add_gironde(app: App) -> None:
    gironde = Platform("33", "Gironde", "Europe/Paris", "33", "75", "FR", "fr", {}, "", "", Accents.REPLACE)
    with app.database.begin() as connection:
        platform_store.create(connection, gironde, MORNING)


def test_an_agent_of_the_helper_calls_reads_and_names_contacts_for_the_owner(app: App, hire: Hire) -> None:
    add_gironde(app)
    pilot = hire("pilot")
    started = pilot.ask(
        "POST", "/imports", files={"file": ("c.csv", FILE, "text/csv")}, data={"platform": "40"}
    )
    app.case_import.run_import(ImportId(UUID(started.json()["import_id"])))
    helper = hire("agent", login="helper", platforms=("33",))
    assert helper.post("/calls/next").json() is None
    lent = pilot.post("/platforms/40/loans", LOAN)
    assert (lent.status_code, lent.json()["in_reach"]) == (201, 2)
    in_hand = helper.post("/calls/next").json()
    record = in_hand["card"]["case_record"]["id"]
    assert in_hand["entry"]["platform"] == "40"
    assert helper.get(f"/case-records/{record}").status_code == 200
    named = helper.post(f"/case-records/{record}/contacts", NAMED_CONTACT)
    assert named.status_code == 201, named.text
    assert hire("agent", login="idle", platforms=("33",)).get(f"/case-records/{record}").status_code == 404
    loan = hire("pilot", login="p33", platforms=("33",)).get("/platforms/33/loans").json()["items"][0]
    back = pilot.post(f"/loans/{loan['number']}/take-back")
    assert back.json()["taken_back_at"]
    assert pilot.get("/platforms/40/help", params=SPAN).json() == {"items": [], "next": None}


SPAN = {"since": "2021-03-16T00:00:00Z", "until": "2021-03-17T00:00:00Z"}


def test_only_who_steers_lends_and_only_their_own(app: App, hire: Hire) -> None:
    add_gironde(app)
    assert hire("agent").post("/platforms/40/loans", LOAN).status_code == 403
    pilot = hire("pilot")
    assert pilot.post("/platforms/33/loans", LOAN | {"helper": "40"}).status_code == 404
    assert pilot.post("/platforms/40/loans", LOAN | {"helper": "99"}).status_code == 404
    assert pilot.post("/platforms/40/loans", LOAN | {"helper": "40"}).status_code == 422
    assert pilot.post("/platforms/40/loans", LOAN | {"amount": 3}).status_code == 422
    assert pilot.post("/loans/77/take-back").status_code == 404


def test_an_administrator_of_both_merges_two_platforms(app: App, hire: Hire) -> None:
    add_gironde(app)
    both = hire("administrator", login="both", platforms=("40", "33"))
    merge = {"into": "33", "reason": "one team"}
    assert hire("administrator").post("/platforms/40/merge", merge).status_code == 404
    assert hire("pilot").post("/platforms/40/merge", merge).status_code == 403
    moved = both.post("/platforms/40/merge", merge)
    assert (moved.status_code, moved.json()["kind"]) == (200, "MERGE")
    assert moved.json()["done_at"]
    split = merge | {"records": [{"source": "si-dep", "record_number": "P1"}]}
    assert both.post("/platforms/40/split", split).status_code == 422
