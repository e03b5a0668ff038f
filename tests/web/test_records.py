"""Case records by hand over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.bootstrap import App
from tests.services.case_files import contact, csv_file, positive
from tests.web.conftest import Hire, Someone


@pytest.fixture
def supervisor(app: App, hire: Hire) -> Someone:
    rows = (positive("P1", "Durand"), contact("C1", "Durant", "06 39 98 00 07", fiche_positif="P1"))
    app.case_import.import_file(csv_file(*rows), platform="40")
    return hire("supervisor")


def _id(someone: Someone, reference: str) -> str:
    [found] = someone.post("/case-records/search", {"reference": reference}).json()["items"]
    return str(found["id"])


def test_a_record_is_found_read_edited_and_refused_when_somebody_was_faster(supervisor: Someone) -> None:
    found = supervisor.post("/case-records/search", {"number": "06 39 98 00 01"}).json()["items"]
    assert (found[0]["family_name"], found[0]["kind"]) == ("Durand", "POSITIVE")
    path = f"/case-records/{found[0]['id']}"
    file = supervisor.get(f"{path}/file").json()
    assert file["sheet"]["person"]["family_name"] == "Durand"
    assert [each["link"] for each in file["around"]] == ["CONTACT"]
    assert {line["event"] for line in file["history"]} == {"CASE_CREATED", "ENTRY_ADDED"}
    body: dict[str, Any] = {"version": file["version"], "fields": {"town": "Dax"}}
    assert supervisor.ask("PATCH", path, json=body).status_code == 200
    late = supervisor.ask("PATCH", path, json={**body, "fields": {"town": "Pau"}})
    assert (late.status_code, late.json()["code"], late.json()["conflicts"]) == (
        409,
        "changed_meanwhile",
        ["town"],
    )
    odd = supervisor.ask("PATCH", path, json={"fields": {"birth_date": "never"}})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "birth_date")


def test_a_number_in_two_countries_is_asked_with_its_candidates(supervisor: Someone) -> None:
    path = f"/case-records/{_id(supervisor, 'P1')}"
    supervisor.ask("PATCH", path, json={"fields": {"country": "Suisse"}})
    asked = supervisor.post(f"{path}/numbers", {"number": "079 123 45 67"})
    assert (asked.status_code, asked.json()["candidates"]) == (422, ["+41791234567", "+33791234567"])
    chosen = {"number": "079 123 45 67", "chosen": "+41791234567"}
    assert supervisor.post(f"{path}/numbers", chosen).status_code == 201
    assert supervisor.put(f"{path}/numbers/1", {"bad": True}).status_code == 200


def test_records_are_converted_merged_closed_put_back_and_erased(supervisor: Someone) -> None:
    kept, other = (f"/case-records/{_id(supervisor, name)}" for name in ("P1", "C1"))
    converted = supervisor.post(f"{other}/conversion", {"result_at": "16/03/2021 09:00"})
    assert converted.json()["deadline"].startswith("2021-03-17T08:00")
    other_id = other.rpartition("/")[2]
    preview = supervisor.get(f"{kept}/merging/{other_id}").json()
    assert [each["field"] for each in preview["differences"]] == ["family_name"]
    merged = supervisor.post(f"{kept}/merging", {"other": other_id, "from_other": ["family_name"]})
    assert merged.status_code == 204
    assert supervisor.get(f"{kept}/file").json()["may_split"] == other_id
    assert supervisor.post(f"{other}/splitting").json() == {"kept": kept.rpartition("/")[2]}
    refused = supervisor.post(f"{other}/splitting")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_merge")
    merged = supervisor.post(f"{kept}/merging", {"other": other_id, "from_other": ["family_name"]})
    assert merged.status_code == 204
    assert supervisor.post(f"{kept}/sick-leave").status_code == 204
    assert supervisor.post(f"{kept}/closing", {"outcome": "HOSPITALISED"}).status_code == 204
    assert supervisor.post(f"{kept}/listing", {}).status_code == 204
    refused = supervisor.post(f"{kept}/erasure", {"because": "ASKED", "confirm": "yes"})
    assert refused.status_code == 422
    assert supervisor.post(f"{kept}/erasure", {"because": "ASKED", "confirm": "ERASE"}).status_code == 204
    assert supervisor.get(kept).json()["person"] is None


def test_what_supervisors_do_agents_may_not(supervisor: Someone, hire: Hire) -> None:
    agent, path = hire("agent"), f"/case-records/{_id(supervisor, 'P1')}"
    erase = {"because": "ASKED", "confirm": "ERASE"}
    assert agent.post(f"{path}/erasure", erase).status_code == 403
    assert agent.post(f"{path}/handover", {"platform": "33", "reason": "x"}).status_code == 403
    assert agent.ask("PATCH", path, json={"fields": {"town": "Dax"}}).status_code == 200
    stranger = hire("supervisor", login="far", platforms=("33",))
    for method, what in (("GET", "/file"), ("POST", "/sick-leave")):
        assert stranger.ask(method, path + what).status_code == 404
