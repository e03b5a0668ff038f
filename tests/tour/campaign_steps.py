"""A campaign on its way: its people, its text, its pace, and its start."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.tour.steps import LOOKS_AGAIN, PATIENCE, beyond, click, fill, press, then

TRIES = 4  # while the demo goes on, an audience grows
a_new_campaign = then(
    fill("#name", "Rappel des consignes"),
    click("main form[action='/campaigns/new'] button"),
)
with_an_audience = then(a_new_campaign, click("form[action$='/audience'] > button"))


def _choose_another_text(page: Page) -> None:
    """One that nobody has had today."""
    page.locator("#text-campaign_test_reminder").check()
    click("form[action$='/text'] > * button.govuk-button:not(.govuk-button--secondary)")(page)


def _slowly(page: Page) -> None:
    """Few at a time: on the next picture it is still under way."""
    page.locator("#segments_per_second").fill("1")
    press(page, "form[action$='/sending'] .campaigns-go")


with_everything = then(
    with_an_audience,
    beyond("/../text"),
    _choose_another_text,
    _slowly,
    click("form[action$='/prepare'] button"),
)


def _until_counted(page: Page) -> None:
    """Its people are written down in the background, piece by piece."""
    for _ in range(PATIENCE // LOOKS_AGAIN):
        if not page.locator("main ul li").first.inner_text().startswith("0"):
            return
        page.wait_for_timeout(LOOKS_AGAIN)
        page.reload()


def _cancel(page: Page) -> None:
    press(page, "main a[href$='/cancel']")


def _start(page: Page) -> None:
    """Again with the new number, when more people came in meanwhile."""
    start = "form[action$='/start'] button"
    for _ in range(TRIES):
        if page.locator(start).count():
            press(page, start)


begun = then(with_everything, _start, _cancel, _until_counted)
