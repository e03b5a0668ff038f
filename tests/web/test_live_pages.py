"""What open pages ask by themselves: one drawing for many, and no use of the session."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import Response

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.web.app import create_web_app
from outreach.web.pages.access import BY_ITSELF, RECENT_SECONDS, SESSION_COOKIE, RecentAskers
from outreach.web.pages.shared_drawings import SharedDrawings
from tests.sign_in_world import SignInWorld
from tests.web.conftest import PUBLIC_URL

TIMES = 5


def asking(app: App, told_at: float, *, packs: bool = True, of: str = "") -> Request:
    """`of`: the only topic that was told then; all of them without it."""
    feed = SimpleNamespace(told_at=lambda topic: told_at if of in ("", topic) else 0.0)
    around = SimpleNamespace(state=SimpleNamespace(outreach=app, live_feed=feed))
    headers = [(b"accept-encoding", b"gzip")] if packs else []
    return Request({"type": "http", "method": "GET", "path": "/board/now", "headers": headers, "app": around})


class Brush:
    """Draws, and counts how often."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.drawn = 0
        self.breaks = breaks

    def __call__(self) -> str:
        self.drawn += 1
        if self.breaks:
            raise RuntimeError("no paint")
        return "a board " * 1000


async def ask(drawings: SharedDrawings, request: Request, brush: Brush, platform: str = "40") -> Response:
    return await drawings.shared(request, f"platform:{platform}", "board", brush)


def test_one_drawing_serves_all_who_ask_at_once(app: App) -> None:
    brush, drawings = Brush(), SharedDrawings()

    async def all_ask() -> list[Any]:
        return await asyncio.gather(*(ask(drawings, asking(app, 0.0), brush) for _ in range(TIMES)))

    answers = asyncio.run(all_ask())
    assert brush.drawn == 1
    assert len({bytes(answer.body) for answer in answers}) == 1


def test_a_drawing_begun_before_its_page_was_told_of_a_change_is_given_to_nobody(app: App) -> None:
    brush, drawings = Brush(), SharedDrawings()

    async def ask_again() -> None:
        await ask(drawings, asking(app, 0.0), brush)
        await ask(drawings, asking(app, float("inf")), brush)

    asyncio.run(ask_again())
    assert brush.drawn == 2


def test_a_card_of_the_orders_is_drawn_anew_when_they_are_told_before_the_platform(app: App) -> None:
    """A switch is told to both; the platform's pages may wait for their instant."""
    brush, drawings = Brush(), SharedDrawings()

    async def ask_twice() -> None:
        await drawings.shared(asking(app, 0.0), "orders:40", "card", brush)
        await drawings.shared(asking(app, float("inf"), of="orders:40"), "orders:40", "card", brush)

    asyncio.run(ask_twice())
    assert brush.drawn == 2


def test_each_platform_has_a_drawing_of_its_own(app: App) -> None:
    brush, drawings = Brush(), SharedDrawings()

    async def ask_both() -> None:
        await ask(drawings, asking(app, 0.0), brush, "40")
        await ask(drawings, asking(app, 0.0), brush, "33")

    asyncio.run(ask_both())
    assert brush.drawn == 2


def test_a_drawing_that_failed_is_made_again_for_whoever_asks_next(app: App) -> None:
    drawings = SharedDrawings()

    async def ask_twice() -> Response:
        with pytest.raises(RuntimeError):
            await ask(drawings, asking(app, 0.0), Brush(breaks=True))
        return await ask(drawings, asking(app, 0.0), Brush())

    assert asyncio.run(ask_twice()).status_code == 200


@pytest.mark.parametrize("packs", [True, False])
def test_a_large_part_is_compressed_for_whoever_takes_it_so(app: App, packs: bool) -> None:
    answer = asyncio.run(ask(SharedDrawings(), asking(app, 0.0, packs=packs), Brush()))
    assert ("Content-Encoding" in answer.headers) == packs
    assert (len(answer.body) < 1000) == packs


@pytest.mark.parametrize(("by_itself", "is_open"), [(False, True), (True, False)])
def test_a_page_left_open_does_not_keep_its_reader_signed_in(
    app: App, clock: SetClock, by_itself: bool, is_open: bool
) -> None:
    world = SignInWorld(app)
    world.account("agent")
    token = world.signed_in("agent")
    browser = TestClient(create_web_app(app), base_url=PUBLIC_URL, cookies={SESSION_COOKIE: token})
    headers = {"HX-Request": "true", **({BY_ITSELF: "true"} if by_itself else {})}
    with browser:
        for _ in range(2):
            assert browser.get("/desk/call", headers=headers).status_code == 200
            clock.advance(timedelta(minutes=20))
    assert (app.sessions.asker(token) is not None) == is_open


def test_a_part_asked_by_the_page_itself_ends_with_the_session(app: App) -> None:
    world = SignInWorld(app)
    world.account("agent")
    token = world.signed_in("agent")
    web, now = create_web_app(app), [0.0]
    web.state.recent_askers = RecentAskers(now=lambda: now[0])
    browser = TestClient(web, base_url=PUBLIC_URL, cookies={SESSION_COOKIE: token})
    headers = {"HX-Request": "true", BY_ITSELF: "true"}
    assert browser.get("/desk/call", headers=headers).status_code == 200
    app.sessions.end(token)
    assert browser.get("/desk/call", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/sign-in"
    act = browser.post("/account/language", headers={**headers, "Origin": PUBLIC_URL})
    assert act.headers["HX-Redirect"] == "/sign-in"  # nobody acts on what was known a moment ago
    now[0] += RECENT_SECONDS
    assert browser.get("/desk/call", headers=headers).headers["HX-Redirect"] == "/sign-in"
