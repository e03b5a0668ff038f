"""Nobody wears the program out: requests a minute for a token, unknown tokens a minute for an address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.storage.database import Database
from outreach.web.app import create_web_app
from outreach.web.limits import network_of
from tests.web.conftest import hiring, settings_for


@pytest.fixture
def app(database: Database, redis_url: str, clock: SetClock, platform: str) -> Iterator[App]:
    changes = {"api_requests_per_minute": 10, "api_failures_per_minute": 5}
    built = build_app(settings_for(database, redis_url, **changes), clock=clock)
    yield built
    built.close()


@pytest.fixture
def served(app: App) -> FastAPI:
    return create_web_app(app)


@pytest.fixture
def web(served: FastAPI) -> Iterator[TestClient]:
    with TestClient(served, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), [("GET", "/attempts/current"), ("POST", "/calls/next")])
def test_a_token_that_asks_too_often_is_told_when_to_come_again(
    app: App, web: TestClient, method: str, path: str
) -> None:
    hire = hiring(app, web)
    someone, other = hire("agent"), hire("agent", login="other")
    answers = [someone.ask(method, path, json={}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert (answers[-1].headers["retry-after"], answers[-1].json()["code"]) == ("60", "too_many_requests")
    assert other.ask(method, path, json={}).status_code == 200
    app.clock.wait(60)
    assert someone.ask(method, path, json={}).status_code == 200


@pytest.mark.parametrize("path", ["/attempts/current", "/calls/current"])
def test_an_address_that_guesses_tokens_is_stopped_and_its_good_tokens_are_not(
    app: App, web: TestClient, path: str
) -> None:
    someone = hiring(app, web)("agent")
    assert someone.post("/calls/next").status_code == 200
    guesses = [
        web.get(f"/api/v1{path}", headers={"Authorization": f"Bearer out_{number}"}) for number in range(8)
    ]
    assert [answer.status_code for answer in guesses] == [401] * 5 + [429] * 3
    assert someone.get("/calls/current").status_code == 200
    newcomer = hiring(app, web)("agent", login="newcomer")
    assert newcomer.get(path).status_code == 429
    app.clock.wait(60)
    assert newcomer.get(path).status_code == 200


def test_the_same_request_again_counts_as_a_request(app: App, web: TestClient) -> None:
    someone = hiring(app, web)("agent")
    again = {"Idempotency-Key": "the same", "Authorization": f"Bearer {someone.token}"}
    answers = [web.post("/api/v1/calls/next", json={}, headers=again) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2


def test_a_guesser_with_an_idempotency_key_is_stopped_too(app: App, web: TestClient) -> None:
    statuses = [
        web.post(
            "/api/v1/calls/next",
            json={},
            headers={"Idempotency-Key": "a", "Authorization": f"Bearer out_{number}"},
        ).status_code
        for number in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_whoever_has_a_whole_network_of_addresses_is_one_address(host: str, network: str) -> None:
    assert network_of(host) == network


def test_other_web_processes_know_of_it(app: App, web: TestClient) -> None:
    someone = hiring(app, web)("agent")
    for _ in range(10):
        someone.get("/attempts/current")
    elsewhere = build_app(app.settings, clock=app.clock)
    with TestClient(create_web_app(elsewhere)) as other:
        headers = {"Authorization": f"Bearer {someone.token}"}
        assert other.get("/api/v1/attempts/current", headers=headers).status_code == 429
    elsewhere.close()


def test_without_redis_agents_go_on(database: Database, platform: str, clock: SetClock) -> None:
    app = build_app(settings_for(database, "unix:///nowhere/redis.sock"), clock=clock)
    with TestClient(create_web_app(app)) as web:
        someone = hiring(app, web)("agent")
        assert {someone.post("/calls/next").status_code for _ in range(5)} == {200}
    app.close()


LARGE = {"file": ("list.csv", b"x" * (2 * 1024 * 1024))}


@pytest.mark.parametrize("role", ["pilot", "agent"])
def test_a_large_file_counts_as_one_request_whether_it_is_refused_or_not(
    app: App, web: TestClient, role: str
) -> None:
    someone = hiring(app, web)(role)
    answers = [someone.ask("POST", "/imports", files=LARGE) for _ in range(11)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 10 + [True]
    assert answers[-1].headers["retry-after"] == "60"


def test_a_large_file_with_an_unknown_token_counts_as_one_guess_and_is_told_when_to_come_again(
    web: TestClient,
) -> None:
    guesses = [
        web.post("/api/v1/imports", files=LARGE, headers={"Authorization": f"Bearer out_{number}"})
        for number in range(7)
    ]
    assert [answer.status_code for answer in guesses] == [401] * 5 + [429] * 2
    assert [answer.headers.get("retry-after") for answer in guesses] == [None] * 5 + ["60"] * 2
