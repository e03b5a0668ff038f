"""Every page of the program is shown in the tour (docs/tour.md)."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute

from outreach.web.app import ROUTERS
from tests.tour.guide import LANGUAGES, anchor, write_page
from tests.tour.stops import PARTS, STOPS

FILES = (".csv", ".json", ".gif")  # taken away from a page
# Parts of pages, and addresses that lead elsewhere.
NOT_PAGES = {
    "/",
    "/live",
    "/static/{version}/{name:path}",
    "/desk/call",
    "/board/now",
    "/board/ahead",
    "/board/chart",
    "/board/agents/{user_id}/now",
    "/board/agents/{user_id}/acts",
    "/board/with-me",
    "/board/wall/now",
    "/wall/{token}/now",
    "/mode/now",
    "/mode/progress",
    "/mode/curve",
    "/softphone/line",
    "/notices/unread",
    "/notices/script-changes",
    "/inbox/{conversation_id}/since",
    "/campaigns/{campaign_id}/now",
    "/imports/{import_id}/progress",
    "/sign-in/open-id",
    "/sign-in/open-id/back",
    "/docs",
}
# Shown elsewhere: the same screen without a session, and pages that need what a demo has not (a second factor
# that is set, a restricted record).
LIKE_OTHERS = {
    "/p/{token}/": "personal",
    **{f"/p/{{token}}/{step}": "personal" for step in ("read", "call", "question", "wrong")},
    "/wall/{token}": "wall",
    "/sign-in/code": "sign-in",
    "/sign-in/second-factor": "second-factor",
    "/account/second-factor/remove": "second-factor",
    "/account/recovery-codes": "second-factor",
    "/account/news": "account",
    "/break-glass/{case_record_id}": "record-act",
}


def test_every_page_is_shown_in_the_tour() -> None:
    pages = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema
    }
    pages = {page for page in pages if not page.endswith(FILES)}
    shown = {stop.route for stop in STOPS}
    assert pages - NOT_PAGES - set(LIKE_OTHERS) - shown == set()
    assert (NOT_PAGES | set(LIKE_OTHERS) | shown) - pages == set()
    assert set(LIKE_OTHERS.values()) <= {stop.name for stop in STOPS}


def test_each_stop_has_a_name_of_its_own() -> None:
    assert len({stop.name for stop in STOPS}) == len(STOPS)


def test_each_heading_of_the_guide_is_one_place() -> None:
    titles = [*(part.title for part in PARTS), *(stop.title for stop in STOPS)]
    assert len({anchor(title) for title in titles}) == len(titles)


def test_the_guide_leads_to_every_page_in_both_languages(tmp_path: Path) -> None:
    write_page(tmp_path)
    written = (tmp_path / "tour.md").read_text(encoding="utf-8")
    headings = {anchor(line.lstrip("# ")) for line in written.splitlines() if line.startswith("##")}
    assert set(re.findall(r"\(#([^)]+)\)", written)) == headings
    for stop in STOPS:
        for language in LANGUAGES:
            assert f"(tour/{stop.name}.{language}.webp)" in written
