"""Figures and the daily report: read, filtered, taken away, printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.web.pages.figure_views import cell
from outreach.web.pages.report_pages import as_file
from outreach.web.pages.words import speaking
from tests.pages.conftest import Site
from tests.services.test_platform_figures import at, tell


@pytest.fixture
def told(site: Site, clock: SetClock) -> Site:
    with site.app.database.begin() as connection:
        tell(connection)
    clock.moment = at(30)
    return site


def test_figures_are_shown_by_day_and_by_mode_and_taken_away(told: Site) -> None:
    visitor = told.visitor("pilot")
    page = visitor.page
    page.goto("/figures?since=2021-03-15&until=2021-03-17")
    expect(page.get_by_role("heading", name="Positifs", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="mardi 16 mars").first).to_contain_text("Normal")
    assert page.locator(".app-chart").count() == 2
    assert visitor.violations() == ""
    page.get_by_label("Affichage").select_option("mode")
    page.get_by_role("button", name="Afficher").press("Enter")
    expect(page.get_by_role("rowheader", name="SMS aux contacts").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename == "outreach-platform-40-2021-03-15-2021-03-17-by-mode.json"
    assert {row["row"] for row in json.loads(Path(download.value.path()).read_text())["rows"]} == {
        "NORMAL",
        "SMS_CONTACTS",
    }
    assert visitor.complaints == []


def test_the_daily_report_prints_on_two_pages_at_most(told: Site, tmp_path: Path) -> None:
    visitor = told.visitor("manager")
    page = visitor.page
    page.goto("/figures/report?day=2021-03-16")
    expect(page.get_by_role("heading", name="Plateforme Landes (40)")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("SMS aux contacts")
    assert visitor.violations() == ""
    printed = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 2
    page.get_by_role("link", name="Le lendemain").click()
    expect(page.get_by_role("article")).to_contain_text("17 mars")
    assert visitor.complaints == []


def test_an_undone_switch_is_told_in_the_language_of_the_report(told: Site) -> None:
    switch, platform = told.app.switch, "40"
    version = switch.show(platform).version
    switch.switch(platform, Mode.LIGHT, reason="essai du matin", author_id=None, expected_version=version)
    switch.undo(platform, author_id=None, expected_version=version + 1)
    report = told.app.steering.daily_reports.of(platform, told.app.clock.now().date())
    assert "Annulation de\u202f: essai du matin" in as_file(report, "fr")
    assert "Undo of: essai du matin" in as_file(report, "en")


def test_the_report_as_a_file_stands_alone(told: Site) -> None:
    made = told.app.steering.daily_reports.of("40", (at(0)).date())
    for language, word in (("fr", "Rapport quotidien"), ("en", "Daily report")):
        drawn = as_file(made, language)
        assert word in drawn
        assert "<style>" in drawn
        assert "http" not in drawn


def test_figures_are_read_on_a_phone_in_english_and_without_scripts(told: Site) -> None:
    phone = told.visitor("auditor", width=400, language="en")
    for path in ("/figures", "/figures/report"):
        phone.page.goto(path)
        assert phone.overflow() == 0, path
        assert phone.violations() == "", path
    assert phone.complaints == []
    plain = told.visitor("pilot", scripts=False)
    plain.page.goto("/figures?area=region:75")
    expect(plain.page.get_by_role("heading", name="Positifs", exact=True)).to_be_visible()


def test_a_figure_has_two_decimals_at_most_on_a_page() -> None:
    with speaking("fr", "figures"):
        assert cell("contacts_per_interviewed_positive", 3.157) == "3,16"
        assert cell("calls_per_agent_hour", 94.6912) == "94,69"
        assert cell("calls", 1103) == "1\u202f103"
