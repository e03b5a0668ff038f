"""A campaign on its way: its people, its text, its pace, and its start."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.tour.steps import beyond, click, fill, press, then

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
begun = then(with_everything, click("form[action$='/start'] button"), beyond("/cancel"))
