"""What the figures of a day say wherever they can be read: the page, its exports and the printed report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from outreach.web.pages.figure_views import cell
from outreach.web.pages.labels import label
from outreach.web.pages.words import speaking

# Of each table, what stands under (page) or beside (report) the name of a figure.
ON_PAGE = """() => Object.fromEntries(
  [...document.querySelectorAll("[aria-labelledby^='group-'] table")].flatMap((table) => {
  const names = [...table.querySelectorAll("thead th")].map((each) => each.innerText);
  const cells = [...table.querySelectorAll("tbody tr:first-child > *")].map((each) => each.innerText);
  return names.map((name, place) => [name, cells[place]]);
}))"""
IN_REPORT = """() => Object.fromEntries([...document.querySelectorAll(".report__table tbody tr")].map((row) =>
  [...row.children].slice(0, 2).map((each) => each.innerText)))"""


def figures_of(page: Page, day: str) -> dict[str, Any]:
    """The figures of one day as taken away; the same stands on the page, in both files and on paper."""
    page.goto(f"/figures?since={day}&until={day}")
    shown = page.evaluate(ON_PAGE)
    (row,) = json.loads(_taken(page, "JSON"))["rows"]
    (line,) = csv.DictReader(_taken(page, "CSV").lstrip("\ufeff").splitlines(), delimiter=";")
    page.goto(f"/figures/report?day={day}")
    printed = page.evaluate(IN_REPORT)
    with speaking("fr"):
        named = {name: label("figure", name) for name in row if name not in ("row", "modes")}
        told = {words: cell(name, row[name]) for name, words in named.items()}
    for seen in (shown, printed):
        assert {name: said for name, said in seen.items() if told.get(name, said) != said} == {}
    assert len(shown.keys() & told.keys()) > 15
    assert len(printed.keys() & told.keys()) > 10
    assert line == {name: "" if value is None else str(value) for name, value in row.items()}
    return dict(row)


def _taken(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(download.value.path()).read_text(encoding="utf-8")
