"""Every page of a full day is accessible on a desktop, a phone, in large text; and says words for codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ViewportSize

from tests.pages.conftest import Site, Visitor
from tests.pages.full_day import full_day
from tests.pages.shots import shoot

DESKTOP = ViewportSize(width=1280, height=800)
ZOOMED = ViewportSize(width=640, height=400)  # the same at 200 %
PHONE = ViewportSize(width=400, height=800)

OPEN_DETAILS = (
    """() => document.querySelectorAll("details:not(.app-menu)").forEach((each) => (each.open = true))"""
)
DIALOGS = """() => [...document.querySelectorAll("dialog")].map((each) => each.id)"""
SHOW = """(id) => document.getElementById(id).showModal()"""
CLOSE = """(id) => document.getElementById(id).close()"""
TEXT_TWICE_AS_LARGE = """() => (document.documentElement.style.fontSize = "200%")"""
DRAWN = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"""
CODE = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b")  # of ours, where a person wants words
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  return [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
}"""  # a label, a heading or a link then means the first of them
TEXT_AS_IT_WAS = """() => (document.documentElement.style.fontSize = "")"""

# Words that their own box hides, or that end left of the window. The margin of a text scrolls with the text.
CUT = """() => {
  const named = (each) =>
    each.tagName.toLowerCase() + "." + each.className + " " + each.innerText.slice(0, 40);
  const drawn = "svg *, canvas, input, select, option, progress";
  const seen = [...document.querySelectorAll("body *:not(" + drawn + ")")].filter(
    (each) => each.checkVisibility({visibilityProperty: true}) && each.innerText?.trim()
      && !each.closest(".govuk-visually-hidden, .govuk-skip-link, .uplot, .scripts-margin"));
  const hides = (over) => ["hidden", "clip"].includes(over);
  const cut = (each) => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    return box.width > 1 && (
      hides(style.overflowX) && each.scrollWidth > each.clientWidth + 1
      || hides(style.overflowY) && each.scrollHeight > each.clientHeight + 2
      || box.right < 1 && !each.closest(".app-scroll"));
  };
  return [...new Set(seen.filter(cut).map(named))];
}"""


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (400, "fr")])
def test_every_page_of_a_full_day_is_accessible_and_fits_screens_and_large_text(
    site: Site, width: int, language: str
) -> None:
    day = full_day(site)
    visitor_of = day.visitors(width=width, language=language)
    wrong = []
    for path, role in day.looked_at():
        visitor = visitor_of(role)
        visitor.complaints.clear()
        answer = visitor.page.goto(path)
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
            continue
        shoot(visitor.page, f"screen-{width}" + path.replace("/", "-"))
        wrong += [f"{path} {told}" for told in _complaints(visitor)]
        visitor.page.set_viewport_size(ViewportSize(width=width, height=800))
    assert not wrong, "\n".join(wrong)


def _complaints(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    page.evaluate(OPEN_DETAILS)
    yield from _seen(visitor, "as it is")
    for name in page.evaluate(DIALOGS):
        page.evaluate(SHOW, name)
        yield from _seen(visitor, f"dialog {name}")
        page.evaluate(CLOSE, name)
    page.set_viewport_size(DESKTOP)
    page.evaluate(TEXT_TWICE_AS_LARGE)
    yield from _misfits(visitor, "large text")
    page.set_viewport_size(PHONE)
    yield from _misfits(visitor, "large text on a phone")
    page.evaluate(TEXT_AS_IT_WAS)
    page.set_viewport_size(ZOOMED)
    yield from _misfits(visitor, "zoomed")
    yield from (f"two things are called #{name}" for name in page.evaluate(TWICE))
    yield from sorted(set(CODE.findall(page.locator("main").inner_text())))
    if visitor.complaints:
        yield f"console: {visitor.complaints}"


def _seen(visitor: Visitor, when: str) -> Iterator[str]:
    if found := visitor.violations():
        yield f"{when}: {found}"
    yield from _misfits(visitor, when)


def _misfits(visitor: Visitor, when: str) -> Iterator[str]:
    visitor.page.evaluate(DRAWN)
    if (over := visitor.overflow()) > 0:
        yield f"{when}: {over} pixels too wide"
    if cut := visitor.page.evaluate(CUT):
        yield f"{when}: cut {cut}"
