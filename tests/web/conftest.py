"""The whole program behind HTTP, on the test database and Redis; people with roles, and their tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.config import Settings
from outreach.services.access import NewUser
from outreach.storage.database import Database
from outreach.web.app import create_web_app

PUBLIC_URL = "https://outreach.example"
AUTH_TOKEN = "the token of the simulated account"
CALLER_ID = "+33536490001"


def settings_for(database: Database, redis_url: str, **changes: Any) -> Settings:
    """Everything named, so that nothing embedded is started."""
    return Settings(
        database_url=database.url,
        redis_url=redis_url,
        secret_key=SecretStr("a master key for the tests only!!"),
        public_url=PUBLIC_URL,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        twilio_api_url="http://127.0.0.1:9",
        twilio_caller_id=CALLER_ID,
        **changes,
    )


@pytest.fixture
def app(database: Database, redis_url: str, clock: SetClock, platform: str) -> Iterator[App]:
    """The program, with platform 40, and no phone company at its address."""
    built = build_app(settings_for(database, redis_url), clock=clock)
    yield built
    built.close()


@pytest.fixture
def web(app: App) -> Iterator[TestClient]:
    """Nobody's client: no token."""
    with TestClient(create_web_app(app), raise_server_exceptions=False) as client:
        yield client


@dataclass(frozen=True)
class Someone:
    """A user with their own client."""

    web: TestClient
    token: str
    login: str

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.web.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.ask("POST", path, json={} if body is None else body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Any:
        return self.ask("PUT", path, json=body, **more)


Hire = Callable[..., Someone]


@pytest.fixture
def hire(app: App, web: TestClient) -> Hire:
    """Make a user with roles, and their token: hire("supervisor")."""

    def _hire(*roles: str, login: str = "", platforms: tuple[str, ...] = ("40",)) -> Someone:
        new = NewUser(login or "-".join(roles), roles, platforms, phone="+33639980099")
        return Someone(web, app.access.new_token(app.access.add_user(new))[1], new.login)

    return _hire


@dataclass(frozen=True)
class Carrier:
    """Posts webhooks, signed as the phone company signs them."""

    web: TestClient
    token: str = AUTH_TOKEN

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        signature = RequestValidator(self.token).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signature, **headers}
        return self.web.post(path, data=fields, headers=headers)

    def with_token(self, token: str) -> Carrier:
        return replace(self, token=token)


@pytest.fixture
def carrier(web: TestClient) -> Carrier:
    return Carrier(web)
