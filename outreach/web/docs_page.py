"""/docs: the API on one page, made from the OpenAPI description; no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every operation: its method, address, purpose and parameters."""
    description = request.app.openapi()
    title = escape(description["info"]["title"])
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h1>{title}</h1><p>{escape(description['info'].get('description', ''))}</p>"
        '<p>For machines: <a href="/openapi.json">openapi.json</a>.</p>'
        f"{''.join(_sections(description['paths']))}</body></html>"
    )
    return HTMLResponse(page)


def _sections(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, operations in paths.items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                tag = operation.get("tags", ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(method, path, operation))
    for tag, shown in by_tag.items():
        yield f"<h2>{escape(tag)}</h2><dl>{''.join(shown)}</dl>"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    names = ", ".join(parameter["name"] for parameter in operation.get("parameters", []))
    told = operation.get("description", operation.get("summary", ""))
    parameters = f" <small>({escape(names)})</small>" if names else ""
    return f"<dt><code>{method.upper()} {escape(path)}</code>{parameters}</dt><dd>{escape(told)}</dd>"
