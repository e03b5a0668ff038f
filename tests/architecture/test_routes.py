"""Routes: each says what it is for, and random requests never make the program fail."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from outreach.bootstrap import App
from outreach.domain.roles import Role
from outreach.web.app import ROUTERS, create_web_app
from tests.web.conftest import Hire, app, hire, web

__all__ = ["app", "hire", "web"]
MACHINES = ("/healthz", "/readyz", "/metrics", "/docs")
METHODS = ("get", "post", "put", "patch", "delete")


def _operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operations[method])
        for path, operations in described["paths"].items()
        for method in METHODS
        if method in operations
    ]


def test_every_operation_of_the_api_says_what_it_is_for_and_needs_a_token(app: App) -> None:
    operations = _operations(create_web_app(app).openapi())
    assert len(operations) > 35
    for method, path, operation in operations:
        assert operation["description"], (method, path)
        if path.startswith("/api/"):
            assert operation["security"] == [{"HTTPBearer": []}], (method, path)


def test_every_route_is_of_the_api_or_a_page_or_for_machines() -> None:
    for router in ROUTERS:
        for route in router.routes:
            path = str(getattr(route, "path", ""))
            page = not getattr(route, "include_in_schema", True)  # test_access.py knows who opens which
            assert page or path.startswith("/api/v1/") or path in MACHINES


@pytest.mark.journey
def test_no_request_however_odd_makes_the_program_fail(app: App, web: TestClient, hire: Hire) -> None:
    someone = hire(*(role.value for role in Role), login="everyone")
    schema = schemathesis.openapi.from_asgi("/openapi.json", web.app)
    headers = {"Authorization": f"Bearer {someone.token}"}
    served = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(served) > 35

    def try_out(operation: Any) -> None:
        @settings(
            max_examples=5,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def once(case: Any) -> None:
            answer = case.call(headers=headers)
            assert answer.status_code < 500 or answer.status_code == 502, (case.method, case.path)

        once()

    for operation in served:
        if operation.path.startswith("/api/"):
            try_out(operation)
