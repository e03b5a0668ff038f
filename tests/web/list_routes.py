"""Which routes of the API answer with a list, which of those come in pages, and which come as files."""

from __future__ import annotations

import typing
from typing import Any

from fastapi.routing import APIRoute

from outreach.web.app import ROUTERS
from outreach.web.paging import Page

API = "/api/v1"


def _readers() -> list[APIRoute]:
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
    return [route for route in routes if "GET" in (route.methods or ()) and route.path.startswith(API)]


def paged_lists() -> set[str]:
    return {route.path for route in _readers() if _is_page(route.response_model)}


def lists() -> set[str]:
    """Those that stand on one page too."""
    whole = {route.path for route in _readers() if typing.get_origin(route.response_model) is list}
    return whole | paged_lists()


def files() -> set[str]:
    return {route.path.removesuffix(".csv") for route in _readers() if route.path.endswith(".csv")}


def _is_page(model: Any) -> bool:
    return isinstance(model, type) and issubclass(typing.get_origin(model) or model, Page)
