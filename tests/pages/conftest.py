"""A real browser before real pages. Without Chromium these tests fail: a page nobody saw is untested."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from outreach.bootstrap import App
from outreach.ids import UserId
from outreach.services.access import NewUser
from outreach.web.pages.access import SESSION_COOKIE
from tests.web.conftest import AGENT_PHONE, Day
from tests.web.conftest import app as app
from tests.web.conftest import day as day
from tests.web.conftest import web as web

# The first has no window to draw in: the same pages for half the processor's time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# As phones say it: our pages take a browser that calls itself headless for a scanner.
PHONE = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36"
NARROW = 400  # pixels
# Longest wait for what a page is to show: five seconds, as Playwright has it, is little on a busy machine.
expect.set_options(timeout=20_000)


def chromium() -> Path:
    """The browser's program."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(
            "No Chromium on this machine. Install it with: sudo apt-get install chromium-headless-shell",
            pytrace=False,
        )
    return Path(found)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ended with the tests of pages: while it lives, no test of this process could run an event loop."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for all modules: visitors share nothing in it."""
    # Its sandbox needs rights that a root in a container lacks; it sees our own pages only.
    started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
    yield started
    started.close()


@dataclass
class Visitor:
    """Someone with a browser. `complaints`: what the page said in the console, and errors of its scripts."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> str:
        """Of accessibility, as axe tells them; "" when there are none."""
        is_there = self.page.evaluate("'axe' in window")  # since the last look at this page
        axe = Axe("0") if is_there else Axe()
        found = axe.run(self.page, options={"resultTypes": ["violations"]})  # the others cost time
        return str(found.generate_report()) if found.violations_count else ""

    def overflow(self) -> int:
        """Pixels that stand out on the right."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


Visiting = Callable[..., Visitor]


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Visiting]:
    """Makes visitors: visiting(width=400, scripts=False)."""
    contexts: list[BrowserContext] = []

    def visit(*, width: int = NARROW, scripts: bool = True) -> Visitor:
        size = ViewportSize(width=width, height=800)
        context = browser.new_context(viewport=size, user_agent=PHONE, java_script_enabled=scripts)
        contexts.append(context)
        visitor = Visitor(context.new_page())
        visitor.page.on("console", lambda said: visitor.complaints.append(said.text))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    yield visit
    for context in contexts:
        context.close()


@dataclass
class Site:
    """The program served over real HTTP beside a simulated phone company, and people with browsers."""

    day: Day
    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    users: dict[str, UserId] = field(default_factory=dict)

    @property
    def app(self) -> App:
        return self.day.app

    def user(self, *roles: str, login: str = "", platforms: tuple[str, ...] = ("40",)) -> UserId:
        """Someone with these roles; the same login is the same person."""
        name = login or "-".join(roles)
        if name not in self.users:
            new = NewUser(name, roles, platforms, phone=AGENT_PHONE)
            self.users[name] = self.app.access.add_user(new)
        return self.users[name]

    def visitor(
        self,
        *roles: str,
        login: str = "",
        width: int = 1280,
        language: str = "fr",
        scripts: bool = True,
        platforms: tuple[str, ...] = ("40",),
    ) -> Visitor:
        """A browser in which someone with these roles is signed in; nobody is without roles."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=ViewportSize(width=width, height=800),
            java_script_enabled=scripts,
            locale=language,
            timezone_id="Europe/Paris",
        )
        self.contexts.append(context)
        if roles:
            self.sign_in(context, *roles, login=login, platforms=platforms)
        visitor = Visitor(context.new_page())
        visitor.page.set_default_timeout(20_000)
        visitor.page.on("console", lambda said: visitor.complaints.append(said.text))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    def sign_in(
        self, context: BrowserContext, *roles: str, login: str = "", platforms: tuple[str, ...] = ("40",)
    ) -> None:
        """Somebody's session in a browser, in place of the one it had."""
        token = self.app.sessions.open(self.user(*roles, login=login, platforms=platforms))
        cookie = {"name": SESSION_COOKIE, "value": token, "domain": "127.0.0.1", "path": "/"}
        context.add_cookies([{**cookie, "secure": True, "httpOnly": True, "sameSite": "Strict"}])  # type: ignore[typeddict-item]


@pytest.fixture
def site(browser: Browser, day: Day) -> Iterator[Site]:
    """site.visitor("supervisor", width=400, language="en").page.goto("/board")"""
    made = Site(day, day.app.settings.public_url, browser)
    yield made
    for context in made.contexts:
        context.close()
