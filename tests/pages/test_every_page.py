"""Every page on a full day: what it weighs, what it prints, and what is read of it without scripts."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from outreach.domain.roles import Role
from outreach.web.pages.navigation import PLACES
from tests.pages.conftest import Site, Visitor
from tests.pages.full_day import FullDay, full_day, reader_of
from tests.pages.shots import shoot

MOST_BYTES = 150_000  # of a page with all it loads, gzipped
WALL = "/board/wall"  # for a screen alone
A4_WIDTH = 688  # pixels between the margins of the sheet
TABLE = os.environ.get("OUTREACH_WEIGHTS")  # a file for the table of docs/performance.md


@pytest.fixture
def filled(site: Site) -> FullDay:
    return full_day(site)


class Scales:
    """Gzipped bytes of all that a page fetches, but what goes on for ever."""

    def __init__(self, page: Page) -> None:
        self.page, self.asked = page, list[Request]()
        page.set_default_timeout(30_000)
        self.known: dict[str, int] = {}  # scripts and styles, weighed once
        page.on("request", lambda request: self.asked.append(request))

    def weigh(self, path: str) -> int:
        self.asked.clear()
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        expect(self.page.locator(".htmx-request")).to_have_count(0)  # parts that follow
        fetched = {each.url: each for each in self.asked if each.method == "GET" and "/live?" not in each.url}
        return sum(self._bytes(each) for each in fetched.values())

    def _bytes(self, request: Request) -> int:
        """Of the answer: asked for anew, since a page may have gone on meanwhile."""
        url = request.url
        if "/static/" in url and url in self.known:
            return self.known[url]
        part = {"HX-Request": "true"} if "hx-request" in request.headers else {}
        answer = self.page.request.get(url, headers=part)
        assert answer.status in (200, 204), (url, answer.status)
        self.known[url] = len(gzip.compress(answer.body(), 6))
        return self.known[url]


def test_no_page_of_a_full_day_weighs_more_than_150_kb_with_all_it_loads(filled: FullDay) -> None:
    visitor_of = filled.visitors()
    scales: dict[Role, Scales] = {}
    found: dict[str, int] = {}
    for path, role in filled.looked_at():
        if role not in scales:
            scales[role] = Scales(visitor_of(role).page)
        found[path] = scales[role].weigh(path)
    if TABLE:
        lines = sorted(found.items(), key=lambda each: -each[1])
        Path(TABLE).write_text("\n".join(f"{weight:>7} {path}" for path, weight in lines))
    assert {path: weight for path, weight in found.items() if weight > MOST_BYTES} == {}


def test_every_page_prints_whole_without_what_is_only_for_a_screen(filled: FullDay) -> None:
    visitor_of = filled.visitors(width=A4_WIDTH)
    wrong = []
    for path, role in filled.looked_at():
        if path == WALL:
            continue
        visitor = visitor_of(role)
        visitor.page.emulate_media(media="print")
        visitor.page.goto(path)
        shoot(visitor.page, "print" + path.replace("/", "-"))
        wrong += [f"{path}: {told}" for told in _not_for_paper(visitor)]
    assert not wrong, "\n".join(wrong)


# What a sheet must not show: things of a screen, what is cut off, pale words, addresses behind links.
ON_PAPER = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)].filter(
    (each) => each.checkVisibility({visibilityProperty: true}) && each.getBoundingClientRect().width > 1);
  const named = (each) => each.tagName.toLowerCase() + "." + each.className;
  const style = (each, part) => getComputedStyle(each, part);
  const ink = (each) => style(each).color.match(/[0-9]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b);
  const cut = (each) =>
    (style(each).overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1) ||
    (style(each).overflowY !== "visible" && each.scrollHeight > each.clientHeight + 2);
  const whole = "svg *, input, select, textarea, .govuk-visually-hidden, .app-progress";
  const found = {
    screen: all("nav, button, .govuk-button, .govuk-skip-link, .app-header__own, .app-footer"),
    cut: all("main *:not(" + whole + ")").filter(cut),
    pale: all("main p, main td, main th, main h1, main h2, main a").filter((each) => ink(each) > 480),
    addresses: all("main a").filter((each) => !["none", "normal"].includes(style(each, "::after").content)),
  };
  const told = ([what, each]) => [what, [...new Set(each.map(named))]];
  return Object.fromEntries(Object.entries(found).map(told));
}"""


def _not_for_paper(visitor: Visitor) -> Iterator[str]:
    if (over := visitor.overflow()) > 1:
        yield f"{over} pixels too wide"
    for what, names in visitor.page.evaluate(ON_PAPER).items():
        if names:
            yield f"{what}: {names}"


# What stands on the page of each way when no script runs: data, and not only its heading.
DATA: dict[str, str] = {
    "/desk": "Qui est au téléphone",
    "/inbox": "Une personne de nos fiches",
    "/notices": "Consigne 0",
    "/training": "Un appel d’entraînement vous attend",
    "/board": "agent-00",
    "/mode": "Positifs appelés à temps",
    "/rota": "30 positions",
    "/aid": "vague dans les Landes",
    "/notices/publish": "Consigne 0",
    "/watch": "Cas contact sans son positif",
    "/imports": "30",
    "/search": "Numéro de téléphone",
    "/campaigns": "Contrôle de la semaine 59",
    "/scripts": "Entretien d’un positif, complet",
    "/figures": "Appelés sous 24 h",
    "/audit": "les sept derniers jours",
    "/admin": "agent-00",
}


def test_every_way_leads_to_a_page_that_is_read_without_scripts(filled: FullDay) -> None:
    visitor_of = filled.visitors(scripts=False)
    wrong = []
    for place in PLACES:
        page = visitor_of(reader_of(place)).page
        page.goto(place.path)
        heading, main = page.get_by_role("heading", level=1), page.get_by_role("main")
        if heading.count() != 1 or not heading.inner_text().strip():
            wrong.append(f"{place.path}: no heading")
        if DATA[place.path] not in main.inner_text():
            wrong.append(f"{place.path}: {main.inner_text()}")
    assert not wrong, "\n".join(wrong)
