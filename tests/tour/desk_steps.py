"""At the agent's desk: a shift, a call that somebody answers, practice."""

from __future__ import annotations

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotThere

from tests.tour.steps import click, go_to, press, then

CALLS = 8  # at most, until somebody answers
ANSWERS = 20_000  # milliseconds
OUTCOME = "form.desk-outcome input[value='NO_ANSWER']"
SECTION = "#script .desk-section"
ANSWER = "form.desk-question:has(input[type=radio]):not(:has(input:checked)) input[type=radio]"
A_MOMENT = 1_200  # milliseconds: until an answer is saved and the script is drawn again


def with_the_shift_begun(page: Page) -> None:
    """At work, nobody in hand yet."""
    begin = "form[action='/desk/shift/start'] button"
    if page.locator(begin).count():
        press(page, begin)


def on_a_call(page: Page) -> None:
    """The call that is under way, else people of the list are called until one answers."""
    with_the_shift_begun(page)
    _acknowledge(page)
    for _ in range(CALLS):
        if page.locator(SECTION).count():
            break
        _call_next(page)
    _confirm_who(page)


def _acknowledge(page: Page) -> None:
    """Notices are read before work."""
    page.wait_for_timeout(A_MOMENT)
    read = page.locator("#notices form[action$='/acknowledge'] button")
    while read.count():
        left = read.count()
        read.first.click()
        page.wait_for_timeout(A_MOMENT)
        if read.count() >= left:
            return


def _call_next(page: Page) -> None:
    """Whoever is at hand is called; of somebody who did not answer, what the line said is kept."""
    for button in ("form[action='/desk/next'] button", "form[action$='/call'] button"):
        if page.locator(button).count():
            press(page, button)
    try:
        page.locator(SECTION).first.wait_for(timeout=ANSWERS)
    except NotThere:
        if page.locator(OUTCOME).count():
            page.locator(OUTCOME).first.check()
            press(page, "form.desk-outcome button[value='stay']")


def _confirm_who(page: Page) -> None:
    """The first answers: then the script goes on."""
    for _ in range(CALLS):
        if page.locator(SECTION).count() > 1 or not page.locator(ANSWER).count():
            return
        page.locator(ANSWER).first.check()
        page.wait_for_timeout(A_MOMENT)


def practise(page: Page) -> None:
    """Somebody invented who picks up and answers."""
    if page.locator("#scenario").count():
        page.locator("#scenario").select_option("WILLING")
    click("main .training-card button, main a.govuk-button[href^='/training/']")(page)
    call = page.locator("form[action$='/line/CALL'] button")
    if call.count():
        click("form[action$='/line/CALL'] button")(page)
        click("form[action*='/ask/'] button")(page)


def practise_to_the_end(page: Page) -> None:
    """How it went is said, and stands among the results."""
    practise(page)
    page.locator("#outcome input[value='COMPLETED'], #outcome input[value='INFO_GIVEN']").first.check()
    then(click("#outcome form[action$='/outcome'] button"), go_to("/training"))(page)
