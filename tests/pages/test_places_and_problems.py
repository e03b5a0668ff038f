"""The way through the pages, and how a form that cannot be taken leads to what is wrong in it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from outreach.domain.roles import SCOPES_OF_ROLE, Role
from outreach.ids import UserId, new_id
from outreach.services.access import Asker
from outreach.web.pages.navigation import MOST_IN_LINE, links_for
from outreach.web.pages.sentences import told
from outreach.web.pages.words import speaking
from tests.pages.conftest import Site

ONE_ROW = 48  # pixels


def test_whoever_has_many_places_finds_the_seldom_ones_in_a_menu_by_keyboard_and_without_scripts(
    site: Site,
) -> None:
    for scripts in (True, False):
        page = site.visitor("supervisor", scripts=scripts).page
        page.goto("/imports")
        places = page.get_by_role("navigation", name="Menu principal")
        box = places.bounding_box()
        assert box is not None
        assert box["height"] <= ONE_ROW
        menu = places.get_by_text("Plus : Imports")
        expect(places.get_by_role("link", name="Scripts")).to_be_hidden()
        menu.press("Enter")
        expect(places.get_by_role("link", name="Imports")).to_have_attribute("aria-current", "page")
        if scripts:
            page.keyboard.press("Escape")
            expect(menu).to_be_focused()
            menu.press("Enter")
        places.get_by_role("link", name="Scripts").press("Enter")
        expect(page).to_have_url(f"{site.url}/scripts")


def test_a_form_that_cannot_be_taken_has_the_focus_on_what_is_wrong_and_keeps_what_was_typed(
    site: Site,
) -> None:
    visitor = site.visitor("supervisor")
    page = visitor.page
    page.goto("/mode")
    page.get_by_label("Positifs appelés, en %").fill("beaucoup")
    page.get_by_role("button", name="Enregistrer").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Erreur"))
    field = page.get_by_label("Positifs appelés, en %")
    expect(field).to_have_value("beaucoup")
    expect(field).to_have_attribute("aria-invalid", "true")
    summary.get_by_role("link", name="Ce n’est pas un pourcentage.").press("Enter")
    expect(field).to_be_focused()
    assert visitor.violations() == ""


def test_few_places_all_stand_in_the_line() -> None:
    for role in Role:
        links = links_for(_asker(role), "/")
        in_line = [link for link in links if not link.in_menu]
        assert len(in_line) <= MOST_IN_LINE
        assert len(links) > MOST_IN_LINE or in_line == links


def test_a_right_that_is_missing_is_told_in_words() -> None:
    sentence = "This needs the right calls:supervise, which your token does not have."
    with speaking("en"):
        assert told(sentence) == "This needs the right to supervise calls, which your token does not have."
    with speaking("fr"):
        assert "superviser les appels" in told(sentence)


def _asker(role: Role) -> Asker:
    return Asker(UserId(new_id()), frozenset({role}), ("40",), ("fr",), SCOPES_OF_ROLE[role])
