"""The personal page in a browser: drawn, read and answered without scripts, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from outreach.bootstrap import App
from outreach.clock import SetClock
from outreach.web.app import create_web_app
from tests.pages.conftest import Visiting
from tests.phone_company import serving
from tests.web.test_personal_page import ANNE, Page, page_of

BUTTONS = {
    "fr": {
        "read": "J'ai lu ces consignes",
        "call": "Appelez-moi",
        "question": "Envoyer ma question",
        "wrong": "Ce numéro n'est pas le bon",
    },
    "en": {
        "read": "I have read these instructions",
        "call": "Call me",
        "question": "Send my question",
        "wrong": "This is the wrong number",
    },
}


@pytest.fixture
def page(app: App, web: TestClient, clock: SetClock) -> Page:
    return page_of(app, web, clock, ANNE)


@pytest.fixture
def address(app: App, page: Page) -> Iterator[str]:
    with serving(create_web_app(app), finish_seconds=10.0) as url:
        yield url + page.path


@pytest.mark.parametrize(("language", "width"), [("fr", 400), ("en", 400), ("fr", 1280)])
def test_the_page_is_accessible_fits_the_screen_and_complains_of_nothing(
    page: Page, address: str, visiting: Visiting, language: str, width: int
) -> None:
    visitor = visiting(width=width)
    for pressed in ((), ("question", "call")):
        for button in pressed:
            page.press(button)
        visitor.page.goto(f"{address}?lang={language}")
        assert visitor.violations() == ""
        assert visitor.overflow() <= 0
    assert visitor.complaints == []


@pytest.mark.parametrize("language", BUTTONS)
def test_after_wrong_person_and_on_a_link_that_is_not_valid_the_page_is_accessible(
    page: Page, address: str, visiting: Visiting, language: str
) -> None:
    page.press("wrong")
    visitor = visiting()
    for path in (address, address[:-1]):
        visitor.page.goto(f"{path}?lang={language}")
        assert visitor.violations() == ""
        assert visitor.overflow() <= 0


def test_a_browser_that_draws_the_page_has_read_it(page: Page, address: str, visiting: Visiting) -> None:
    visitor = visiting(scripts=False)
    visitor.page.goto(address, wait_until="networkidle")
    assert page.message()["status"] == "READ"
    assert page.entry()["closed_because"] == "SMS_READ"


@pytest.mark.parametrize("language", BUTTONS)
def test_without_scripts_every_button_does_its_work_and_says_so(
    page: Page, address: str, visiting: Visiting, language: str
) -> None:
    browser = visiting(scripts=False).page
    browser.goto(f"{address}?lang={language}")
    browser.get_by_role("textbox").fill("Et mes enfants ?")
    browser.get_by_role("button", name=BUTTONS[language]["question"]).click()
    browser.get_by_role("combobox").select_option(index=2)
    browser.get_by_role("button", name=BUTTONS[language]["call"]).click()
    assert re.search(rf"{page.path}\?lang={language}$", browser.url)
    assert browser.get_by_role("status").count() == 2
    assert browser.get_by_role("button").count() == 0
    assert page.entry()["callback_at"] > page.clock.now()


def test_the_keyboard_alone_is_enough_to_ask_for_a_call(page: Page, address: str, visiting: Visiting) -> None:
    browser = visiting(scripts=False).page
    browser.goto(address)
    browser.get_by_role("combobox").focus()
    browser.keyboard.press("Tab")
    browser.keyboard.press("Enter")
    browser.get_by_role("status").first.wait_for()
    assert page.entry()["callback_at"] == page.clock.now()


def test_nothing_on_the_page_tells_other_hosts_or_later_visitors_of_the_link(
    page: Page, address: str, visiting: Visiting
) -> None:
    visitor = visiting()
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto(address, wait_until="networkidle")
    host = address.removesuffix(page.path)
    assert asked
    assert all(url.startswith((host, "data:")) for url in asked)
    assert visitor.page.context.cookies() == []
    assert visitor.page.evaluate("document.referrer") == ""
