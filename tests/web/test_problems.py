"""Every refusal is a problem with a sentence; nothing of a person, and no trace, is in it."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from outreach.bootstrap import App, build_app
from outreach.errors import Conflict, InvalidInput, NotAllowed, NotFound, OutreachError, TelephonyError
from outreach.services.access import NotKnown
from outreach.storage.database import Database
from outreach.storage.vault import CannotOpen
from outreach.web.app import create_web_app
from outreach.web.pages.access import SESSION_COOKIE
from tests.web.conftest import Hire, settings_for


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotKnown("No."), 401, "not_known"),
        (NotAllowed("No."), 403, "not_allowed"),
        (NotFound("No."), 404, "not_found"),
        (Conflict("No."), 409, "conflict"),
        (InvalidInput("No.", field="phone", mend="Write +33."), 422, "invalid_input"),
        (TelephonyError("No.", code="20429", retryable=True), 502, "20429"),
        (CannotOpen("No."), 500, "cannot_open"),
        (OutreachError("No."), 500, "outreach_error"),
    ],
)
def test_each_error_has_its_status(app: App, error: OutreachError, status: int, code: str) -> None:
    with TestClient(_failing(app, error)) as client:
        answer = client.get("/fails")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unexpected_failure_tells_nothing_but_its_id(app: App) -> None:
    with TestClient(_failing(app, ValueError("Zéphyrine +33639980012"))) as client:
        answer = client.get("/fails")
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "phyrine" not in answer.text
    assert "Traceback" not in answer.text


def _failing(app: App, error: Exception) -> FastAPI:
    web = create_web_app(app)

    @web.get("/fails")
    def fails() -> None:
        raise error

    return web


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/webhooks/nowhere"])
def test_an_unknown_address_is_a_problem_too(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_field_that_cannot_be_used_is_named_and_its_value_is_not_repeated(hire: Hire) -> None:
    answer = hire("agent").post("/calls/next", {"queues": ["+33639980012"]})
    assert answer.status_code == 422
    (found,) = answer.json()["errors"]
    assert found["field"] == "body.queues.0"
    assert "9980012" not in answer.text


def test_a_body_that_is_no_json_is_refused(hire: Hire) -> None:
    answer = hire("agent").ask("POST", "/calls/next", content=b'{"queues": Z\xc3\xa9phyrine')
    assert answer.status_code == 422
    assert "phyrine" not in answer.text


def test_every_answer_carries_an_id_and_safe_headers(web: TestClient) -> None:
    headers = web.get("/healthz").headers
    assert len(headers["x-request-id"]) == 36
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_cap_is_refused(hire: Hire, announced: bool) -> None:
    big: Any = b"x" * (1024 * 1024 + 1) if announced else iter([b"x" * 65536] * 17)
    assert hire("agent").ask("POST", "/calls/next", content=big).status_code == 413


def test_a_large_file_is_read_from_those_alone_who_may_send_files(
    app: App, web: TestClient, hire: Hire
) -> None:
    large = {"file": ("list.csv", b"x" * (2 * 1024 * 1024))}
    pilot, agent = hire("pilot"), hire("agent")

    def by_page(path: str, who: str) -> int:
        session = app.sessions.open(app.access.user_named(who).id)
        headers = {"cookie": f"{SESSION_COOKIE}={session}", "sec-fetch-site": "same-origin"}
        return web.post(path, files=large, headers=headers, follow_redirects=False).status_code

    for path in ("/imports", "/import-drafts"):
        assert web.post(f"/api/v1{path}", files=large).status_code == 401
        assert agent.ask("POST", path, files=large).status_code == 403
        assert pilot.ask("POST", path, files=large).status_code not in (401, 403, 413)
    for path in ("/imports", "/campaigns/1/file"):
        assert web.post(path, files=large, follow_redirects=False).status_code != 200
        assert by_page(path, "agent") == 403
        assert by_page(path, "pilot") not in (401, 403, 413)
    for path in ("/search", "/sign-in"):
        assert by_page(path, "pilot") == 413


def test_a_large_file_of_a_stranger_is_not_read_to_its_end(web: TestClient) -> None:
    read: list[int] = []
    told: list[Any] = []

    async def receive() -> Any:
        head = b"" if read else b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        read.append(1)
        return {"type": "http.request", "body": head + b"x" * 65_536, "more_body": len(read) < 2_000}

    async def send(message: Any) -> None:
        told.append(message.get("status"))

    headers = [(b"content-type", b"multipart/form-data; boundary=x"), (b"content-length", b"131072000")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/imports", "headers": headers}
    asked = {**scope, "query_string": b"", "client": ("192.0.2.1", 1), "server": ("testserver", 443)}

    async def ask() -> None:
        await web.app(asked, receive, send)

    asyncio.run(ask())
    assert (told[0], len(read)) == (401, 16)


@pytest.mark.parametrize("reason", ["a\x00b"])
def test_a_value_no_column_can_hold_is_the_askers_to_mend(hire: Hire, reason: str) -> None:
    switch = {"mode": "SMS_CONTACTS", "reason": reason, "version": 1}
    assert hire("supervisor").put("/platforms/40/mode", switch).status_code == 422


def test_while_the_database_is_away_the_answer_says_to_try_again(redis_url: str) -> None:
    app = build_app(settings_for(Database("postgresql://nobody@/none?host=/nowhere"), redis_url))
    with TestClient(create_web_app(app)) as web:
        answer = web.get("/api/v1/calls/current", headers={"Authorization": "Bearer out_x"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    app.close()


def test_while_sessions_cannot_be_read_people_get_a_page_that_says_so(database: Database) -> None:
    app = build_app(settings_for(database, "redis://127.0.0.1:1/0"))
    with TestClient(create_web_app(app)) as web:
        for path in ("/desk", "/no-such-page"):
            answer = web.get(
                path,
                headers={"cookie": f"{SESSION_COOKIE}=held", "accept": "text/html", "accept-language": "en"},
            )
            assert answer.headers["content-type"].startswith("text/html"), path
        assert web.get("/desk", headers={"cookie": f"{SESSION_COOKIE}=held"}).status_code == 503


def test_what_no_form_of_ours_sends_is_refused_in_words(app: App, web: TestClient, hire: Hire) -> None:
    hire("supervisor")
    session = app.sessions.open(app.access.user_named("supervisor").id)
    headers = {"cookie": f"{SESSION_COOKIE}={session}", "sec-fetch-site": "same-origin"}
    assert web.get("/imports?cursor=eHh4", headers=headers).status_code == 422
