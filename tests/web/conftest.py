"""The whole program behind HTTP, on the test database and Redis; people with roles, and their tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Client
from pydantic import SecretStr
from sqlalchemy import QueuePool
from twilio.request_validator import RequestValidator

from outreach.bootstrap import App, build_app
from outreach.clock import SetClock
from outreach.config import Settings
from outreach.services.access import NewUser
from outreach.storage.database import Database
from outreach.telephony.simulator import Plan
from outreach.web.app import create_web_app
from tests.phone_company import PhoneCompany, running_phone_company, serving

PUBLIC_URL = "https://outreach.example"
AUTH_TOKEN = "the token of the simulated account"
CALLER_ID = "+33536490001"
AGENT_PHONE = "+33639980099"
PLAN = Plan(speed=100.0, our_numbers=(CALLER_ID,))


def settings_for(database: Database, redis_url: str, **changes: Any) -> Settings:
    """Everything named, so that nothing embedded is started."""
    named = {
        "database_url": database.url,
        "redis_url": redis_url,
        "secret_key": SecretStr("a master key for the tests only!!"),
        "public_url": PUBLIC_URL,
        "twilio_account_sid": "AC" + "1" * 32,
        "twilio_auth_token": SecretStr(AUTH_TOKEN),
        "twilio_api_url": "http://127.0.0.1:9",
        "twilio_caller_id": CALLER_ID,
    }
    return Settings(**{**named, **changes})


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

    web: Client
    token: str
    login: str

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.web.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.ask("POST", path, json={} if body is None else body, **more)

    def post_file(self, path: str, content: bytes, **fields: str) -> Any:
        return self.ask("POST", path, files={"file": ("file.csv", content)}, data=fields)

    def put(self, path: str, body: Any, **more: Any) -> Any:
        return self.ask("PUT", path, json=body, **more)


Hire = Callable[..., Someone]


def hiring(app: App, web: Client) -> Hire:
    """Makes users with roles, and their tokens: hire("supervisor")."""

    def hire(*roles: str, login: str = "", platforms: tuple[str, ...] = ("40",)) -> Someone:
        new = NewUser(login or "-".join(roles), roles, platforms, phone=AGENT_PHONE)
        return Someone(web, app.access.new_token(app.access.add_user(new))[1], new.login)

    return hire


@pytest.fixture
def hire(app: App, web: TestClient) -> Hire:
    return hiring(app, web)


@dataclass(frozen=True)
class Carrier:
    """Posts webhooks, signed as the phone company signs them."""

    web: Client
    token: str = AUTH_TOKEN

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        signature = RequestValidator(self.token).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signature, **headers}
        return self.web.post(path, data=fields, headers=headers)

    def with_token(self, token: str) -> Carrier:
        return replace(self, token=token)


@dataclass(frozen=True)
class Day:
    """A served program and a phone company that reach each other over real HTTP."""

    app: App
    company: PhoneCompany
    hire: Hire


@pytest.fixture
def day(database: Database, redis_url: str, clock: SetClock, platform: str) -> Iterator[Day]:
    """For journeys: calls ring, webhooks come back."""
    later = _Later()
    with ExitStack() as last:
        company = last.enter_context(running_phone_company(PLAN))
        url = last.enter_context(serving(later, finish_seconds=10.0))
        client = last.enter_context(Client(base_url=url))
        company.set_phone(AGENT_PHONE, voice="agent")
        changes = {
            "public_url": url,
            "twilio_account_sid": company.plan.account_sid,
            "twilio_auth_token": SecretStr(company.plan.auth_token),
            "twilio_api_url": company.url,
        }
        app = build_app(settings_for(database, redis_url, **changes), clock=clock)
        later.application = create_web_app(app)
        yield Day(app, company, hiring(app, client))
    _let_requests_end(app)
    app.close()


def _let_requests_end(app: App) -> None:
    """A webhook may still be at work in its thread when the test is over."""
    pool = app.database.engine.pool
    assert isinstance(pool, QueuePool)
    while pool.checkedout():
        threading.Event().wait(0.01)


class _Later:
    """Served before it exists: its own address is one of its settings."""

    application: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.application is not None
        await self.application(scope, receive, send)


@pytest.fixture
def carrier(web: TestClient) -> Carrier:
    return Carrier(web)
