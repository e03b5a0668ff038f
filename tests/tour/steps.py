"""What a visitor of the tour does before a picture is taken."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.tour.stop import Step

SLOWEST = 60_000  # milliseconds: a page on a busy machine
SETTLES = 400  # milliseconds: a page that htmx has changed
PATIENCE = 120_000  # milliseconds: until something that the demo does by itself
LOOKS_AGAIN = 3_000

A_TEXT = "main a[href^='/scripts/']:not([href*='durations']):not([href*='versions'])"
A_USER = "main a[href^='/admin/users/']:not([href$='/new'])"
ON_A_CALL = "green"  # the colour of the state's tag
OTHERWISE = ("après lecture", "une fois la page lue")
AGENT = "a[href^='/board/agents/']:not(:has-text('demo-'))"
AGENTS_CALLING = f".board-agents tr:has(.govuk-tag--{ON_A_CALL}) {AGENT}"


def then(*steps: Step) -> Step:
    """One after the other."""

    def walk(page: Page) -> None:
        for step in steps:
            step(page)

    return walk


def press(page: Page, selector: str) -> None:
    """A link or a plain form: the first that fits leads to another page; without any the tour fails."""
    with page.expect_navigation(timeout=SLOWEST):
        page.locator(selector).first.click()
    page.wait_for_timeout(SETTLES)


def click(selector: str) -> Step:
    return lambda page: press(page, selector)


def fill(selector: str, text: str) -> Step:
    def write(page: Page) -> None:
        page.locator(selector).first.fill(text)

    return write


def beyond(ending: str) -> Step:
    """To the address of this page with an ending: a step of the same record."""

    def go(page: Page) -> None:
        page.goto(urlsplit(page.url)._replace(query="", fragment="").geturl() + ending)

    return go


def go_to(path: str) -> Step:
    def go(page: Page) -> None:
        page.goto(path)

    return go


def until_it_shows(selector: str) -> Step:
    """The same page asked again and again, until the demo has brought what is meant."""

    def look(page: Page) -> None:
        for _ in range(PATIENCE // LOOKS_AGAIN):
            if page.locator(selector).count():
                return
            page.wait_for_timeout(LOOKS_AGAIN)
            page.reload()

    return look


def to_an_agent_on_a_call(page: Page) -> None:
    """Somebody who has called today, and talks now if anybody does."""
    page.locator(f".board-agents {AGENT}").first.wait_for(timeout=SLOWEST)
    press(page, AGENTS_CALLING if page.locator(AGENTS_CALLING).count() else f".board-agents {AGENT}")


def follow_link_made(page: Page) -> None:
    """The one-time link that the page has just shown, as whoever gets it."""
    link = page.locator("text=/welcome/").first.inner_text()
    page.context.clear_cookies()
    page.goto("/welcome/" + link.rpartition("/welcome/")[2].split()[0])


def _write_another_text(page: Page) -> None:
    """A few words said otherwise."""
    body = page.locator("#body")
    before = body.input_value()
    after = before.replace(*OTHERWISE, 1)
    body.fill(after if after != before else f"{before} Merci.")


def wall_address(page: Page) -> None:
    """Made for the first platform of the list."""
    page.locator("main input[name='platform']").first.check()
    click("main form[action='/board/wall/passes'] button")(page)


with_a_draft = then(
    click(A_TEXT),
    click("main a[href*='/edit']"),
    _write_another_text,
    fill("#reason", "Plus clair à la lecture"),
    click("#editor .scripts-keep button"),
)
to_a_record = then(
    click("main tr:last-child a.rec-name"), beyond("/undo"), click("main a[href^='/records/']")
)
