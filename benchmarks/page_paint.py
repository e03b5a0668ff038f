"""How long the pages take the server at 1,000,000 entries, and what each weighs with all it loads.

    python -m benchmarks.page_paint [--entries 1000000] [--paints 200] [--json]

The desk is asked for in process (no network), with somebody in hand: the time of GET /desk, session and
drawing included. Of every other page that needs no id: the middle of seven, slowest pages first. Weights are
gzipped bytes of the page and of each style and script that it names.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from benchmarks.lease_depth import fill
from benchmarks.live_pages import PLATFORM, add_agents, add_platform, running
from outreach.bootstrap import App
from outreach.domain.roles import Role
from outreach.ids import UserId
from outreach.services.access import NewUser
from outreach.services.kept_figures import KeptFigures
from outreach.web.app import create_web_app
from outreach.web.pages.access import SESSION_COOKIE, PageNeeds

WANTED_MS, WANTED_BYTES = 100, 150_000
_LOADED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def paint(app: App, client: TestClient, user: UserId, paints: int) -> dict[str, float]:
    """Milliseconds of GET /desk."""
    headers, took, used = _headers(app, user), [], time.process_time()
    for _ in range(paints):
        began = time.perf_counter()
        answer = client.get("/desk", headers=headers)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.status_code
    used = time.process_time() - used
    cuts = quantiles(took, n=100, method="inclusive")
    found = {f"p{place}_ms": round(cuts[place - 1], 1) for place in (50, 95, 99)}
    return {**found, "processor_ms": round(used / paints * 1000, 1)}


def pages(app: App, client: TestClient, users: dict[Role, UserId]) -> dict[str, dict[str, float]]:
    """Each page that needs no id, as the first role that may see it: milliseconds and gzipped bytes."""
    found: dict[str, dict[str, float]] = {}
    for path in _pages(client):
        for user in users.values():
            headers = _headers(app, user)
            answer = client.get(path, headers=headers, follow_redirects=False)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                took = median(_milliseconds(client, path, headers) for _ in range(7))
                found[path] = {"ms": round(took, 1), "bytes": _weight(client, answer.text)}
                break
    return dict(sorted(found.items(), key=lambda one: -one[1]["ms"]))


def _milliseconds(client: TestClient, path: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    client.get(path, headers=headers)
    return (time.perf_counter() - began) * 1000


def _pages(client: TestClient) -> list[str]:
    """Of those that are whole pages, and end."""
    found = []
    for context in iter_route_contexts(client.app.routes):  # type: ignore[attr-defined]
        route, path = context.original_route, str(context.path)
        if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
            continue
        if "{" in path or path.endswith(".csv"):
            continue
        signed_in = any(isinstance(each.call, PageNeeds) for each in route.dependant.dependencies)
        if (signed_in and path != "/live") or path in ("/sign-in", "/accessibility"):
            found.append(path)
    return found


def _weight(client: TestClient, page: str) -> int:
    loaded = [client.get(address).content for address in sorted(set(_LOADED.findall(page)))]
    return sum(len(gzip.compress(each, 6)) for each in [page.encode(), *loaded])


def _headers(app: App, user: UserId) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={app.sessions.open(user)}", "Accept": "text/html"}


def measure(folder: Path, *, entries: int, paints: int) -> dict[str, Any]:
    with running(folder) as (app, _):
        add_platform(app)
        fill(app.database, entries)
        KeptFigures(app.database, app.clock).keep()  # as its sweep does
        (agent,) = add_agents(app, 1)
        users = {role: app.access.add_user(NewUser(role.value, [role], [PLATFORM])) for role in Role}
        with TestClient(create_web_app(app)) as client:
            paint(app, client, UserId(agent.user_id), 20)  # warm
            return {
                "entries": entries,
                "desk": paint(app, client, UserId(agent.user_id), paints),
                "pages": pages(app, client, users),
            }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--paints", type=int, default=200)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="page-paint-"))
    try:
        found = measure(folder, entries=asked.entries, paints=asked.paints)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if asked.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
