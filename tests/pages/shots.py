"""Pictures of pages, for whoever looks at them: only when OUTREACH_SHOTS names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.pages.conftest import Visitor

FOLDER = os.environ.get("OUTREACH_SHOTS")


def shoot(page: Page, name: str) -> None:
    """The whole page as a PNG."""
    if FOLDER:
        page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=True)


def checked(visitor: Visitor) -> None:
    """Nothing for axe to say, nothing outside the window, nothing in the console."""
    assert visitor.violations() == ""
    assert visitor.overflow() == 0
    assert visitor.complaints == [], visitor.complaints
