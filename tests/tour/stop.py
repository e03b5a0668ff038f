"""One stop of the tour: a page, who looks at it, and what is done there before its picture is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Step = Callable[[Page], None]
DESKTOP, TALL, PHONE = (1280, 800), (1280, 1100), (400, 800)
PERSONAL = "/p/…"  # a page whose address somebody got by SMS


def nothing(_: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Stop:
    """`role`: the button of the demo's sign-in page; "" for nobody. `act`: what to do before the picture.

    `told`: what the page is for, in a sentence or two; `who` opens it.
    `shows`: the route of the page that is then seen; the path it opens at, when it is another.
    """

    name: str
    role: str
    path: str
    title: str
    told: str
    who: str
    act: Step = nothing
    shows: str = ""
    size: tuple[int, int] = DESKTOP

    @property
    def route(self) -> str:
        return (self.shows or self.path).partition("?")[0]


@dataclass(frozen=True)
class Part:
    """The pages of one kind of people."""

    title: str
    told: str
    stops: tuple[Stop, ...]
