"""Imports step by step over HTTP."""

from __future__ import annotations

from outreach.bootstrap import App
from tests.services.case_files import csv_file, positive
from tests.web.conftest import Hire
from workers.jobs import read_file


def _read(app: App) -> None:
    app.records.undo.go_on()
    for import_id in app.case_import.unfinished():
        read_file(app.case_import, import_id)


def test_a_file_is_looked_at_mapped_checked_started_mended_and_undone(app: App, hire: Hire) -> None:
    pilot = hire("pilot")
    content = csv_file(positive("P1", "Durand"), positive("P2", ""))
    kept = pilot.post_file("/import-drafts", content, platform="40")
    assert kept.status_code == 201
    path = f"/imports/{kept.json()['import_id']}"
    preview = pilot.get(f"{path}/preview").json()
    assert preview["mapping"] == "si-dep"
    assert preview["rows"][0]["phones"][0] == {
        "number": "+33639980001",
        "line_type": "MOBILE",
        "can_sms": True,
    }
    assert preview["rows"][1]["findings"][0]["field"] == "family_name"
    assert pilot.put(f"{path}/columns", {"name": "si-dep"}).status_code == 204
    assert pilot.post(f"{path}/check").status_code == 202
    _read(app)
    [checked] = pilot.get("/imports").json()["items"]
    assert (checked["state"], checked["created"], checked["rejected"]) == ("DRAFT", 1, 1)
    assert (checked["file_name"], checked["by"]) == ("file.csv", "pilot")
    assert pilot.post(f"{path}/start").status_code == 202
    _read(app)
    [row] = pilot.get(f"{path}/rows").json()["items"]
    assert row["errors"][0]["reason"] == "no family name"
    refused = pilot.put(f"{path}/rows/{row['row']}", {"cells": {"nom": " "}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "family_name")
    mended = pilot.put(f"{path}/rows/{row['row']}", {"cells": {"nom": "Petit"}})
    assert mended.json()["verdict"] == "created"
    assert pilot.get(f"{path}/findings?severity=ERROR").json()["items"] == []
    assert pilot.get(f"{path}/undo").json()["untouched"] == 2
    assert pilot.post(f"{path}/undo").status_code == 202
    _read(app)
    assert pilot.get(f"{path}/undo").json()["taken_back"] == 2


def test_a_draft_can_be_dropped_and_is_nobody_elses(app: App, hire: Hire) -> None:
    pilot, stranger = hire("pilot"), hire("pilot", login="other", platforms=("33",))
    kept = pilot.post_file("/import-drafts", csv_file(positive("P1", "Durand")), platform="40").json()
    path = f"/imports/{kept['import_id']}"
    for method, what in (("GET", "/preview"), ("POST", "/start"), ("DELETE", ""), ("GET", "/rows")):
        assert stranger.ask(method, path + what).status_code == 404
    assert stranger.get("/imports").json()["items"] == []
    assert pilot.ask("DELETE", path).status_code == 204
    assert pilot.get(f"{path}/preview").status_code == 404


def test_agents_see_no_imports(hire: Hire) -> None:
    assert hire("agent").get("/imports").status_code == 403
