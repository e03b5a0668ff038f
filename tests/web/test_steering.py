"""Those who steer: files, single records, the mode, the figures."""

from typing import Any
from uuid import UUID

import pytest

from outreach.bootstrap import App
from outreach.ids import ImportId, new_id
from tests.web.case_files import FILE, leaks
from tests.web.conftest import Hire, Someone

RECORD = {
    "kind": "positif",
    "family_name": "Quatrevaux",
    "given_names": "Zéphyrine",
    "birth_date": "1961-05-12",
    "phone_1": "06 39 98 00 12",
    "postcode": "40000",
    "result_at": "2021-03-16",
}
SPAN = {"platform": "40", "since": "2021-03-01T00:00:00Z", "until": "2021-04-01T00:00:00Z"}


def _send(pilot: Someone, content: bytes, *, key: str = "", **fields: str) -> Any:
    files = {"file": ("cases.csv", content, "text/csv")}
    headers = {"Idempotency-Key": key} if key else {}
    return pilot.ask("POST", "/imports", files=files, data={"platform": "40", **fields}, headers=headers)


def test_a_file_is_reported_row_by_row_without_its_values(app: App, hire: Hire) -> None:
    pilot = hire("pilot")
    bad = FILE + b"positif;LAB-9;Boisjoli;Anne;;06 39 98 00 13;40000;FR;pas une date;;\n"
    import_id = _send(pilot, bad).json()["import_id"]
    app.case_import.run_import(ImportId(UUID(import_id)))
    report = pilot.get(f"/imports/{import_id}").json()
    assert (report["rows"], report["created"], report["rejected"]) == (3, 2, 1)
    assert report["errors"][0]["mend"]
    table = pilot.get(f"/imports/{import_id}/findings.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert leaks(table.text) == []


def test_the_same_file_under_the_same_key_is_one_import(hire: Hire) -> None:
    pilot = hire("pilot")
    first, again = _send(pilot, FILE, key="k"), _send(pilot, FILE, key="k")
    assert first.json() == again.json()
    assert _send(pilot, FILE + b"\n", key="k").status_code == 409


@pytest.mark.parametrize(
    ("content", "fields", "status"),
    [
        (b"", {}, 422),
        (b"one;two\n1;2\n", {}, 422),
        (FILE, {"platform": "33"}, 404),
        (FILE, {"mapping": "nobody's"}, 404),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    hire: Hire, content: bytes, fields: dict[str, str], status: int
) -> None:
    assert _send(hire("pilot"), content, **fields).status_code == status


def test_an_import_of_another_platform_is_not_there(hire: Hire) -> None:
    import_id = _send(hire("pilot"), FILE).json()["import_id"]
    assert hire("pilot", login="x", platforms=("33",)).get(f"/imports/{import_id}").status_code == 404
    assert hire("pilot", login="y").get(f"/imports/{new_id()}").status_code == 404


def test_a_record_put_twice_changes_nothing_the_second_time(hire: Hire) -> None:
    agent = hire("agent")
    first = agent.put("/case-records/doctor/7?platform=40", RECORD)
    again = agent.put("/case-records/doctor/7?platform=40", RECORD)
    assert (first.status_code, first.json()["verdict"]) == (201, "created")
    assert (again.status_code, again.json()["verdict"]) == (200, "unchanged")
    sheet = agent.get("/case-records/doctor/7?platform=40").json()
    assert sheet["case_record"]["id"] == first.json()["case_record_id"]
    assert sheet["references"] == [{"source": "doctor", "external_id": "7"}]


def test_a_record_that_cannot_be_is_refused_with_the_field_and_the_mend(hire: Hire) -> None:
    refused = hire("agent").put("/case-records/doctor/7?platform=40", {**RECORD, "result_at": "hier"})
    assert refused.status_code == 422
    (found,) = refused.json()["errors"]
    assert found["field"] == "result_at"
    assert found["mend"]


def test_a_supervisor_switches_the_mode_and_whoever_saw_an_older_one_is_told(hire: Hire) -> None:
    one, other = hire("supervisor", login="anne"), hire("supervisor", login="bob")
    seen = one.get("/platforms/40/mode").json()
    assert (seen["mode"], seen["version"]) == ("NORMAL", 1)
    switch = {"mode": "SMS_CONTACTS", "reason": "too many arrivals", "version": 1}
    assert one.put("/platforms/40/mode", switch).json()["version"] == 2
    refused = other.put("/platforms/40/mode", switch)
    assert refused.status_code == 409
    assert "anne" in refused.json()["detail"]
    assert "too many arrivals" in refused.json()["detail"]
    assert [line["facts"]["mode"] for line in one.get("/platforms/40/mode/history").json()["items"]] == [
        "SMS_CONTACTS"
    ]
    assert {each["mode"] for each in one.get("/platforms/40/mode/preview").json()} >= {"NORMAL", "LIGHT"}


def test_an_agent_does_not_switch_the_mode(hire: Hire) -> None:
    switch = {"mode": "SMS_CONTACTS", "reason": "x", "version": 1}
    assert hire("agent").put("/platforms/40/mode", switch).status_code == 403


def test_the_figures_of_an_empty_platform_are_there(hire: Hire) -> None:
    assert hire("manager").get("/figures/sla", params=SPAN).status_code == 200


def test_a_span_that_ends_before_it_begins_is_refused(hire: Hire) -> None:
    wrong = {**SPAN, "until": "2021-02-01T00:00:00Z"}
    assert hire("manager").get("/figures/sla", params=wrong).status_code == 422
    assert hire("supervisor").get("/exports/ars.csv", params=wrong).status_code == 422


def test_figures_are_had_by_day_as_json_and_as_csv_of_ones_own_platforms(hire: Hire) -> None:
    span = {"since": SPAN["since"], "until": "2021-03-03T00:00:00Z", "by": "day"}
    manager = hire("manager")
    told = manager.get("/figures", params={**span, "region": "75"}).json()
    assert (told["platforms"], len(told["rows"])) == (["40"], 3)
    table = manager.get("/figures.csv", params={**span, "platform": "40"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(table.text.splitlines()) == 4
    stranger = hire("manager", login="stranger", platforms=("33",))
    assert stranger.get("/figures", params={**span, "platform": "40"}).status_code == 404
    assert manager.get("/figures", params=span).status_code == 422
