"""Nobody gets in without a token that allows it, and nobody sees another platform."""

import base64
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from outreach.bootstrap import App
from outreach.domain.roles import SCOPES_OF_ROLE, Role
from outreach.web.access import Needs
from outreach.web.app import create_web_app
from outreach.web.pages.access import PageNeeds
from tests.web.conftest import Hire

MACHINES = {"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/webhooks/twilio"}
# Whoever holds the link of an SMS; the link is the key (docs/adr/0013).
PERSONAL = {f"/p/{{token}}{part}" for part in ("", "/", "/seen.gif", "/read", "/call", "/question", "/wrong")}


# The way in, what says nothing of anybody, and a wall screen's own address, which is its key.
BEFORE_SIGNING_IN = {
    *("/", "/language", "/accessibility", "/static/{version}/{name:path}", "/sign-out", "/welcome/{token}"),
    *("/sign-in", "/sign-in/demo", "/sign-in/code", "/sign-in/second-factor"),
    *("/sign-in/open-id", "/sign-in/open-id/back", "/wall/{token}", "/wall/{token}/now"),
}
Needed = (Needs, PageNeeds)


def _routes(web: FastAPI) -> list[tuple[str, Needs | PageNeeds | None]]:
    found: list[tuple[str, Needs | PageNeeds | None]] = []
    for context in iter_route_contexts(web.routes):
        route = context.original_route
        of_route = route.dependant.dependencies if isinstance(route, APIRoute) else []
        needs = [each.call for each in of_route if isinstance(each.call, Needed)]
        found.append((str(context.path), needs[0] if needs else None))
    return found


def test_every_route_names_its_scope_unless_it_is_on_the_public_list(app: App) -> None:
    open_to_all = {path for path, needs in _routes(create_web_app(app)) if needs is None}
    assert open_to_all == MACHINES | PERSONAL | BEFORE_SIGNING_IN


def test_there_are_routes_to_check(app: App) -> None:
    assert len(_routes(create_web_app(app))) > 40


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer out_no"}, {"Authorization": "Basic x"}])
def test_without_a_valid_token_the_answer_is_401(web: TestClient, header: dict[str, str]) -> None:
    answer = web.get("/api/v1/calls/current", headers=header)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_its_scopes_say_and_nothing_else(role: Role, hire: Hire) -> None:
    someone = hire(role.value)
    for scope, path in (
        ("calls:work", "/calls/current"),
        ("figures:read", "/alarms"),
        ("calls:supervise", "/call-list?platform=40"),
        ("modes:read", "/platforms/40/mode"),
        ("exports:read", "/exports/sick-leave.csv?platform=40"),
        ("users:admin", "/users"),
    ):
        allowed = scope in SCOPES_OF_ROLE[role]
        assert (someone.get(path).status_code == 200) == allowed, (scope, path)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("supervisor", "/call-list?platform=33"),
        ("supervisor", "/platforms/33/mode"),
        ("supervisor", "/exports/sick-leave.csv?platform=33"),
        ("agent", "/case-records/lab/1?platform=33"),
        ("agent", "/case-records/00000000-0000-7000-8000-000000000000"),
    ],
)
def test_another_platform_is_as_if_it_were_not_there(role: str, path: str, hire: Hire) -> None:
    assert hire(role).get(path).status_code == 404


def test_an_administrator_makes_users_and_tokens_that_work_until_revoked(hire: Hire, web: TestClient) -> None:
    admin = hire("administrator")
    made = admin.post("/users", {"login": "zoe", "roles": ["agent"], "platforms": ["40"]})
    assert made.status_code == 201
    user_id = made.json()["id"]
    token = admin.post(f"/users/{user_id}/tokens").json()
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert web.get("/api/v1/calls/current", headers=headers).status_code == 200
    assert token["token"] not in admin.get(f"/users/{user_id}/tokens").text
    assert admin.ask("DELETE", f"/tokens/{token['id']}").status_code == 204
    assert web.get("/api/v1/calls/current", headers=headers).status_code == 401


def test_users_come_in_pages(hire: Hire) -> None:
    admin = hire("administrator")
    for number in range(5):
        admin.post("/users", {"login": f"user{number}", "roles": ["agent"], "platforms": ["40"]})
    seen, cursor = [], ""
    while True:
        page = admin.get("/users", params={"limit": 2, "cursor": cursor}).json()
        seen += [user["login"] for user in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == ["administrator", *(f"user{number}" for number in range(5))]


OF_A_DAY_WITHOUT_ZONE = base64.urlsafe_b64encode(f"1 2021-03-16T08:00:00 {UUID(int=1)}".encode()).decode()


@pytest.mark.parametrize("cursor", ["é", "%%%", "bm90LWEtdXVpZA==", "MSBsdW5kaSB4", OF_A_DAY_WITHOUT_ZONE])
def test_a_cursor_that_is_not_ours_is_refused(hire: Hire, cursor: str) -> None:
    answer = hire("supervisor").get("/call-list/late", params={"platform": "40", "cursor": cursor})
    assert answer.status_code == 422
