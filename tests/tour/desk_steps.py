"""At the agent's desk: a shift, a call that somebody answers, practice."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NotThere

from tests.tour.steps import click, go_to, press, then

CALLS = 8  # at most, until somebody answers
ANSWERS = 20_000  # milliseconds
OUTCOME = "form.desk-outcome input[value='NO_ANSWER']"
ANSWERED, OVER = "#call-bar[data-status='ANSWERED']", "#call-bar[data-status='WRAP_UP']"
A_MACHINE = "#call-bar form[action$='/voicemail'] ~ form[action$='/hold']"  # then that button comes first
TELLS_A_MACHINE = 5_000  # milliseconds
SECTION = "#script .desk-section"
ANSWER = "form.desk-question:has(input[type=radio]):not(:has(input:checked)) input[type=radio]"
NEXT_NUMBER = "form[action$='/line/NEXT_NUMBER'] button"
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
        if _somebody_speaks(page):
            break
        _end_this_one(page)
        _call_next(page)
    _confirm_who(page)


def _somebody_speaks(page: Page) -> bool:
    """After a while, in which a voicemail is told from a person."""
    if not page.locator(ANSWERED).count():
        return False
    page.wait_for_timeout(TELLS_A_MACHINE)
    return page.locator(ANSWERED).count() > 0 and page.locator(A_MACHINE).count() == 0


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
    """Whoever is at hand, else the next of the list."""
    for button in ("form[action='/desk/next'] button", "form[action$='/call'] button"):
        if page.locator(button).count():
            press(page, button)
    with suppress(NotThere):
        page.locator(f"{ANSWERED}, {OVER}").first.wait_for(timeout=ANSWERS)


def _end_this_one(page: Page) -> None:
    """Nobody spoke: that is said, and kept."""
    hang_up = page.locator("form[action$='/hang-up'] button")
    if hang_up.count():
        page.on("dialog", lambda dialog: dialog.accept())
        hang_up.first.click()
    if page.locator(f"{OUTCOME}").count():
        page.locator(OVER).first.wait_for(timeout=ANSWERS)
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
    while page.locator(NEXT_NUMBER).count():
        press(page, NEXT_NUMBER)
    click("form[action*='/ask/'] button")(page)


def practise_to_the_end(page: Page) -> None:
    """How it went is said, and stands among the results."""
    practise(page)
    page.locator("#outcome input[value='COMPLETED'], #outcome input[value='INFO_GIVEN']").first.check()
    then(click("#outcome form[action$='/outcome'] button"), go_to("/training"))(page)
