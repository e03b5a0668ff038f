"""What a visitor of the tour does before a picture is taken."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page

Step = Callable[[Page], None]
SETTLES = 400  # milliseconds: a page that htmx has changed
A_FILE = (
    "identifiant;type;nom;prenoms;date_naissance;telephone_1;date_resultat\n"
    "TOUR-1;positif;Exemple;Anne;12/03/1984;0639980199;21/11/2026\n"
    "TOUR-2;positif;Exemple;Paul;31/02/1990;06399;21/11/2026\n"
)


def nothing(_: Page) -> None:
    """The page as it opens."""


def then(*steps: Step) -> Step:
    """One after the other."""

    def walk(page: Page) -> None:
        for step in steps:
            step(page)

    return walk


def click(selector: str) -> Step:
    """The first that fits; a page without it fails the tour."""

    def press(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state()
        page.wait_for_timeout(SETTLES)

    return press


def fill(selector: str, text: str) -> Step:
    def write(page: Page) -> None:
        page.locator(selector).first.fill(text)

    return write


def beyond(ending: str) -> Step:
    """To the address of this page with an ending: a step of the same record."""

    def go(page: Page) -> None:
        page.goto(urlsplit(page.url)._replace(query="", fragment="").geturl() + ending)

    return go


def take_next(page: Page) -> None:
    """Begin the shift if need be, and take the next person."""
    for form in ("/desk/shift/start", "/desk/next"):
        button = page.locator(f"form[action='{form}'] button").first
        if button.count():
            button.click()
            page.wait_for_load_state()
            page.wait_for_timeout(SETTLES)


def begin_to_practise(page: Page) -> None:
    """Call, when nobody is on the line yet: the script opens with the call."""
    call = page.locator("form[action$='/line/CALL'] button").first
    if call.count():
        call.click()
        page.wait_for_timeout(SETTLES)


def send_a_file(page: Page) -> None:
    """Two people to import, one of them with a number and a date that cannot be."""
    file = {"name": "resultats.csv", "mimeType": "text/csv", "buffer": A_FILE.encode()}
    page.locator("#drop input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("#drop button").click()
    page.wait_for_load_state()


def follow_link_made(page: Page) -> None:
    """The one-time link that the page has just shown, as whoever gets it."""
    link = page.locator("text=/welcome/").first.inner_text()
    page.context.clear_cookies()
    page.goto("/welcome/" + link.rpartition("/welcome/")[2].split()[0])


A_TEXT = "main a[href^='/scripts/']:not([href*='durations']):not([href*='versions'])"
with_a_draft = then(
    click(A_TEXT),
    click("main a[href*='/edit']"),
    fill("#reason", "Une phrase plus courte"),
    click("#editor button:not([type=button]):not(.govuk-button--secondary)"),
)
to_a_record = then(
    click("main tr:last-child a.rec-name"), beyond("/undo"), click("main a[href^='/records/']")
)
a_new_campaign = then(
    fill("#name", "Rappel des consignes"),
    click("main form[action='/campaigns/new'] button"),
)
with_an_audience = then(a_new_campaign, click("form[action$='/audience'] > button"))
with_a_text = then(
    with_an_audience, beyond("/../text"), click("form[action$='/text'] > * button.govuk-button")
)
