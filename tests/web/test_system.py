"""For machines: alive, ready and which part is down, figures without a person in them."""

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from outreach.bootstrap import App, build_app
from outreach.storage import alarm_store, outbox
from outreach.storage.alarm_store import AlarmKind
from outreach.storage.database import Database
from outreach.web.app import create_web_app
from tests.web.conftest import Hire, settings_for


def _figures(web: TestClient) -> dict[str, float]:
    text = web.get("/metrics").text
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_living_process_says_so(web: TestClient) -> None:
    assert web.get("/healthz").json() == {"status": "alive"}


def test_readiness_names_the_part_that_is_down(web: TestClient) -> None:
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["parts"] == {"database": "up", "redis": "up", "phone_company": "down"}


def test_without_redis_the_program_goes_on(database: Database, platform: str) -> None:
    app = build_app(settings_for(database, "unix:///nowhere/redis.sock"))
    with TestClient(create_web_app(app)) as web:
        answer = web.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["redis"]) == (200, "down")
    app.close()


def test_without_the_database_the_program_is_not_ready(redis_url: str) -> None:
    app = build_app(settings_for(Database("postgresql://nobody@/none?host=/nowhere"), redis_url))
    with TestClient(create_web_app(app)) as web:
        answer = web.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "down")
        assert web.get("/healthz").status_code == 200
    app.close()


def test_the_figures_count_what_waits(app: App, web: TestClient) -> None:
    with app.database.begin() as connection:
        outbox.add(connection, "40", "call-outcome", {}, app.clock.now())
    app.clock.wait(90)
    app.upkeep.run()
    figures = _figures(web)
    assert figures["outreach_outbox['waiting']"] == 1
    assert figures["outreach_outbox_lag_seconds[]"] == 90
    assert figures["outreach_mode_level['40']"] == 1
    assert figures["outreach_sweep_ran_at_seconds['readiness']"] == app.clock.now().timestamp()
    assert figures["outreach_oldest_snapshot_seconds[]"] >= 0
    assert figures["outreach_counted_at_seconds['outbox']"] == app.clock.now().timestamp()


def test_a_scrape_counts_nothing_anew(app: App, web: TestClient) -> None:
    app.upkeep.run()
    with app.database.begin() as connection:
        outbox.add(connection, "40", "call-outcome", {}, app.clock.now())
    assert _figures(web)["outreach_outbox['waiting']"] == 0


def test_before_the_first_count_a_scrape_says_what_it_knows(web: TestClient) -> None:
    assert not [name for name in _figures(web) if name.startswith("outreach_entries")]


def test_alarms_are_listed_and_cleared_by_those_of_the_platform(app: App, hire: Hire) -> None:
    with app.database.begin() as connection:
        alarm_store.raise_alarm(
            connection, AlarmKind.WRITE_BACK_DEAD, "40", platform="40", now=app.clock.now()
        )
    here, elsewhere = hire("supervisor"), hire("supervisor", login="x", platforms=("33",))
    (alarm,) = here.get("/alarms").json()
    assert elsewhere.get("/alarms").json() == []
    assert elsewhere.post(f"/alarms/{alarm['id']}/clear").status_code == 404
    assert here.post(f"/alarms/{alarm['id']}/clear").status_code == 204
    assert here.get("/alarms").json() == []


def test_the_api_is_described_on_a_page_without_scripts(web: TestClient) -> None:
    page = web.get("/docs").text
    assert "/api/v1/calls/next" in page
    assert "<script" not in page
