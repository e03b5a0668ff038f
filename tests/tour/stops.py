"""What the tour shows: pages, who looks at them, and what to say of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

DESKTOP, PHONE = (1280, 800), (400, 800)


def nothing(_: Page) -> None:
    """The page as it opens."""


def first_link(selector: str) -> Callable[[Page], None]:
    """Open the first thing of a list."""

    def follow(page: Page) -> None:
        link = page.locator(selector).first
        if link.count():
            link.click()
            page.wait_for_load_state()

    return follow


@dataclass(frozen=True)
class Stop:
    """`role`: the button of the demo's sign-in page; "" for nobody. `act`: what to do before the picture."""

    name: str
    role: str
    path: str
    title: str
    told: str
    act: Callable[[Page], None] = nothing
    size: tuple[int, int] = DESKTOP


def take_next(page: Page) -> None:
    """Begin the shift if need be, and take the next person."""
    for form in ("/desk/shift/start", "/desk/next"):
        button = page.locator(f"form[action='{form}'] button").first
        if button.count():
            button.click()
            page.wait_for_load_state()
            page.wait_for_timeout(500)


STOPS = (
    Stop("sign-in", "", "/sign-in", "Signing in", "The demo explains itself, and lets each role in."),
    Stop(
        "desk",
        "agent",
        "/desk",
        "The agent's desk",
        "One person at a time: why now, what was said before, the script beside the call.",
        take_next,
    ),
    Stop(
        "desk-phone",
        "agent",
        "/desk",
        "The same on a phone",
        "Nothing is lost at 400 pixels.",
        take_next,
        PHONE,
    ),
    Stop("inbox", "agent", "/inbox", "Replies by SMS", "What the program could not answer by itself."),
    Stop(
        "training", "agent", "/training", "Training", "Invented people: nobody is called, nobody is texted."
    ),
    Stop(
        "board",
        "supervisor",
        "/board",
        "The supervisor's board",
        "The list by time left, and who is on a call.",
    ),
    Stop(
        "wall",
        "supervisor",
        "/board/wall",
        "The wall screen",
        "The same for a room; no name, no act.",
        size=(1920, 1080),
    ),
    Stop(
        "mode",
        "supervisor",
        "/mode",
        "The mode",
        "Every mode side by side, with its forecast, before it is switched.",
    ),
    Stop("rota", "supervisor", "/rota", "The rota", "Positions and absences, holidays named."),
    Stop("aid", "supervisor", "/aid", "Mutual aid", "What is lent, and what is borrowed."),
    Stop("watch", "supervisor", "/watch", "The watch list", "Records that still wait for a result."),
    Stop("notices", "supervisor", "/notices/publish", "Notices", "Who has read what changed today."),
    Stop("imports", "pilot", "/imports", "Imports", "Map, look, check, start; errors are mended in place."),
    Stop("search", "supervisor", "/search", "Search", "By exact number, or name and birth date."),
    Stop("campaigns", "pilot", "/campaigns", "Campaigns", "Their whole life, from audience to answers."),
    Stop(
        "campaign",
        "pilot",
        "/campaigns",
        "One campaign",
        "Prepared, sent, delivered, answered.",
        first_link("main a[href^='/campaigns/']:not([href$='/new'])"),
    ),
    Stop("scripts", "pilot", "/scripts", "Scripts", "Every text, with the version in force."),
    Stop(
        "script",
        "pilot",
        "/scripts",
        "A text in three panes",
        "The text, a person to try it on, and the result.",
        first_link("main a[href^='/scripts/']"),
    ),
    Stop("figures", "manager", "/figures", "Figures", "Always with both denominators."),
    Stop("report", "manager", "/figures/report", "The day's report", "Two pages for the prefecture."),
    Stop("audit", "auditor", "/audit", "Audit", "Who read what; pseudonyms only."),
    Stop("admin", "administrator", "/admin", "Administration", "Users and senders; no personal data."),
    Stop("account", "supervisor", "/account", "One's account", "Language, password, sessions."),
    Stop("accessibility", "", "/accessibility", "Accessibility", "What everybody can count on."),
)
