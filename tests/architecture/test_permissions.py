"""Every route, for every role, about one's own things, a colleague's and another platform's.

The table beside this file, permissions.txt, is written by a command and read by people: one line a route.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from outreach.bootstrap import build_app
from outreach.clock import SetClock
from outreach.domain.roles import SCOPES_OF_ROLE, Role, Scope
from outreach.ids import UserId
from outreach.storage.database import Database
from outreach.web.access import Needs
from outreach.web.app import create_web_app
from outreach.web.pages.access import SESSION_COOKIE, PageNeeds
from outreach.web.pages.drawing import LANGUAGE_COOKIE
from outreach.web.pages.frame import FIELDS_UNREAD
from tests.architecture.permission_requests import Asked, NotFilledIn, method_of, request_for
from tests.architecture.permission_world import (
    FAMILY_NAME,
    GIVEN_NAMES,
    NOW,
    SAID,
    PermissionWorld,
    Things,
)
from tests.web.conftest import PUBLIC_URL, settings_for

pytestmark = pytest.mark.journey
TABLE = Path(__file__).with_name("permissions.txt")
COMMAND = "OUTREACH_WRITE_PERMISSIONS=1 .venv/bin/pytest tests/architecture/test_permissions.py -n0"
WRITING = "OUTREACH_WRITE_PERMISSIONS"
# What an answer means, as the table writes it.
DONE, STOPPED, REFUSED, NOT_THERE, FAILED, ALIKE = "+", "!", "x", "-", "?", "="
MEANING = (
    f"{DONE} done, {STOPPED} allowed and stopped by its own rules, {REFUSED} refused, {NOT_THERE} not there"
)
TARGETS = ("own", "same", "other")
SEES_NOBODY = (Role.ADMINISTRATOR, Role.AUDITOR)


@dataclass
class Rewinding:
    """An engine whose transactions all lie in one that never ends: each request finds the same world."""

    outer: Connection
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.usual = self.outer._execution_options

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        mark = f"mark_{next(self.numbers)}"
        self.outer.exec_driver_sql(f"savepoint {mark}")
        try:
            yield self.outer
        except BaseException:
            self.back_to(mark)
            raise
        # A reading by pieces sets the option, and one in somebody's name the role, for all that follows here.
        self.outer._execution_options = self.usual
        self.outer.exec_driver_sql("reset role")

    def back_to(self, mark: str) -> None:
        """Forget all that happened since."""
        self.outer._execution_options = self.usual
        self.outer.exec_driver_sql(f"rollback to savepoint {mark}")

    def connect(self) -> Any:
        return self.begin()

    def dispose(self) -> None:
        """The outer one is not ours to close."""


@pytest.fixture
def world(database: Database, redis_url: str, platform: str) -> Iterator[PermissionWorld]:
    """Everybody and everything, in a program whose changes are taken back after each request."""
    app = build_app(settings_for(database, redis_url, api_requests_per_minute=1_000_000), clock=SetClock(NOW))
    made = PermissionWorld(app).build()
    with database.engine.connect() as outer:
        transaction = outer.begin()
        app.database.close()
        rewinding: Any = Rewinding(outer)
        app.database.engine = app.database._reading = app.database._still = rewinding
        yield made
        transaction.rollback()
    app.close()


@dataclass
class Row:
    """One route as it answered. `cells`: for each role, what came of own, same and other."""

    name: str
    scope: str
    cells: dict[Role, str] = field(default_factory=dict)

    def line(self) -> str:
        cells = "  ".join(f"{self.cells.get(role, ''):<5}" for role in Role)
        return f"{self.name:<76} {self.scope:<16} {self.reach():<9} {cells}".rstrip()

    def reach(self) -> str:
        """How far the route goes, as its answers show."""
        if self.scope in ("public", "-"):
            return ""
        cells = [cell for cell in self.cells.values() if not set(cell) <= {REFUSED, ALIKE}]
        if all(len(cell) == 1 for cell in cells):
            return ""
        if any(cell[-1] == DONE for cell in cells if len(cell) == len(TARGETS)):
            return "country"
        if any(cell[1:2] in (DONE, STOPPED, ALIKE) for cell in cells):
            return "platform"
        return "own work"


# Routes whose answer does not end, or that end the session itself: they say their scope, and are not driven.
NOT_DRIVEN = {"GET /live", "POST /sign-out", "POST /account/sessions/end-all"}
# Who has the scope may do these whatever the platform, and why.
EVERYWHERE: dict[str, str] = {
    "POST /api/v1/case-records/{case_record_id}/break-glass": "that is what breaking the glass is for",
    "GET /break-glass/{case_record_id}": "the form alone, which says nothing of the record",
    "POST /break-glass/{case_record_id}": "that is what breaking the glass is for",
    "GET /api/v1/entries/{entry_id}/draft": "only what one typed oneself: empty for what is another's",
    "DELETE /api/v1/attempts/{attempt_id}/listeners": "one stops listening oneself, and nobody else",
    "POST /desk/entries/{entry_id}/draft": "of a person who is not in hand nothing is kept",
    "POST /audit": "makes an address alone, which asks again",
    "POST /desk/release": "a hold that is not one's own is not let go",
    "POST /records/{case_record_id}/merge/find": "makes an address alone, which asks again",
    "GET /api/v1/sign-in-lines": "an account that is not theirs has no lines for them",
    "GET /api/v1/sign-in-lines.csv": "an account that is not theirs has no lines for them",
    "GET /admin": "an account that is not theirs is not listed",
}


@dataclass(frozen=True)
class Driver:
    """Sends a request as somebody, and forgets what it changed."""

    world: PermissionWorld
    client: TestClient
    engine: Rewinding

    def answer(self, role: Role, asked: Asked, *, page: bool) -> Any:
        self.engine.outer.exec_driver_sql("savepoint request")
        try:
            return self.client.request(
                asked.method,
                asked.path,
                params=asked.query,
                json=asked.json,
                data=asked.form,
                files=asked.files,
                headers=self._who(role, page=page),
            )
        finally:
            self.engine.back_to("request")

    def _who(self, role: Role, *, page: bool) -> dict[str, str]:
        if not page:
            return {"Authorization": f"Bearer {self.world.tokens[role]}"}
        session = self.world.app.sessions.open(UserId(UUID(self.world.own[role]["user_id"])))
        cookies = f"{SESSION_COOKIE}={session}; {LANGUAGE_COOKIE}=en"
        return {"Cookie": cookies, "Origin": PUBLIC_URL}


def meaning_of(answer: Any) -> str:
    """One letter for an answer."""
    if answer.status_code == 403:
        return REFUSED
    if answer.status_code == 404:
        return NOT_THERE
    if answer.status_code == 422 and any(said in answer.text for said in UNREAD):
        return FAILED
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"):
        return FAILED
    if answer.status_code in (409, 422, 502):
        return STOPPED
    return DONE if answer.status_code < 400 else FAILED


UNREAD = ("Some fields cannot be used.", FIELDS_UNREAD)


def routes(web: FastAPI) -> list[tuple[str, APIRoute, Needs | PageNeeds | None]]:
    """Every route by method and path, with what it needs."""
    found = []
    for context in iter_route_contexts(web.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            needs = [each.call for each in route.dependant.dependencies if isinstance(each.call, Needed)]
            method = method_of(route)
            found.append((f"{method} {context.path}", route, needs[0] if needs else None))
    return found


Needed = (Needs, PageNeeds)


@dataclass
class Matrix:
    """The rows as they were driven, and what went wrong on the way."""

    rows: dict[str, Row] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@pytest.fixture
def matrix(world: PermissionWorld) -> Matrix:
    """Every route, driven by every role."""
    found, engine = Matrix(), world.app.database.engine
    assert isinstance(engine, Rewinding)
    with TestClient(
        create_web_app(world.app), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        driver = Driver(world, client, engine)
        for name, route, needs in routes(create_web_app(world.app)):
            row = found.rows.setdefault(name, Row(name, _scope_of(needs)))
            if needs is not None and name not in NOT_DRIVEN:
                for role in Role:
                    row.cells[role] = _cell(driver, role, route, needs, found)
    return found


def _scope_of(needs: Needs | PageNeeds | None) -> str:
    if needs is None:
        return "public"
    return needs.scope.value if needs.scope is not None else "signed in"


def _cell(driver: Driver, role: Role, route: APIRoute, needs: Needs | PageNeeds, found: Matrix) -> str:
    page, scope = isinstance(needs, PageNeeds), needs.scope
    world, letters, sent = driver.world, "", []
    targets: tuple[Things, ...] = (world.own[role], world.same, world.other)
    if scope is not None and scope not in SCOPES_OF_ROLE[role]:
        targets = targets[:1]  # refused before the route looks at anything: asked once
    for target in targets:
        try:
            asked = request_for(route, target)
        except NotFilledIn as error:
            found.failures.append(f"{error}: say in permission_world.py what it may be")
            return ""
        if asked in sent:
            letters += ALIKE
            continue
        sent.append(asked)
        answer = driver.answer(role, asked, page=page)
        letters += meaning_of(answer)
        told = f"{method_of(route)} {route.path} {role.value}: {answer.status_code}"
        if letters[-1] == FAILED:
            found.failures.append(f"{told} {answer.text[-300:] if page else answer.text[:300]}")
        if role in SEES_NOBODY and (seen := [word for word in CANARIES if word in answer.text]):
            found.leaks.append(f"{told} {seen}")
    return letters.rstrip(ALIKE)


CANARIES = (FAMILY_NAME, GIVEN_NAMES, SAID, "33639980", "06 39 98 0", "+3363998")


def test_the_matrix_is_the_one_that_was_agreed(matrix: Matrix) -> None:
    written = "".join(f"{matrix.rows[name].line()}\n" for name in sorted(matrix.rows, key=_order))
    if os.environ.get(WRITING):
        TABLE.write_text(f"{HEAD}{written}", encoding="utf-8")
    agreed = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    missing = [name for name in matrix.rows if f"{name} " not in agreed]
    assert missing == [], f"Routes without a row in {TABLE.name}. Run: {COMMAND} and read what it wrote."
    assert agreed == f"{HEAD}{written}", f"Permissions changed. Run: {COMMAND} and read the difference."
    assert matrix.failures == [], "Give these requests what they need in permission_requests.py"
    assert matrix.leaks == [], "Neither administrators nor auditors are shown anything of a person"
    assert _wrong_scopes(matrix) == []
    assert _beyond_reach(matrix) == []


def _wrong_scopes(matrix: Matrix) -> list[str]:
    """Who lacks the scope is refused, about whatever."""
    return [
        f"{row.name} {role.value} {cell}"
        for row in matrix.rows.values()
        for role, cell in row.cells.items()
        if row.scope in set(Scope)
        and Scope(row.scope) not in SCOPES_OF_ROLE[role]
        and not set(cell) <= {REFUSED, ALIKE}
    ]


def _beyond_reach(matrix: Matrix) -> list[str]:
    """Nobody does anything about another platform's things, but where it is said why."""
    return [
        f"{row.name} {role.value} {cell}"
        for row in matrix.rows.values()
        for role, cell in row.cells.items()
        if len(cell) == len(TARGETS) and cell[-1] == DONE and row.name not in EVERYWHERE
    ]


def _order(name: str) -> tuple[bool, str, str]:
    """The API first, then the pages, by path."""
    method, path = name.split(" ", 1)
    return not path.startswith("/api/"), path, method


HEAD = (
    f"Written by: {COMMAND}\n"
    f"For each role: about what is their own, a colleague's, another platform's. {MEANING}.\n"
    f"{ALIKE} is the same request as before; + alone: the route is about nobody's things; x alone: refused\n"
    "before the route looks at anything.\n"
    "The reach is what the answers show.\n\n"
    f"{'route':<76} {'scope':<16} {'reach':<9} {'  '.join(f'{role.value[:5]:<5}' for role in Role)}".rstrip()
    + "\n"
)
