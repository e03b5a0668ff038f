"""Takes the pictures of docs/tour.md from a running demo, in both languages.

    python -m tests.tour docs [--address http://127.0.0.1:8000 --phones http://127.0.0.1:9000] [--only NAME…]

Without an address it runs a demo of its own in a temporary folder, and waits until its day is under way.
`--phones`: where that demo's simulated phones tell what they received.
"""

from __future__ import annotations

import argparse
import re
import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.pages.conftest import chromium
from tests.tour.demo import Demo, running_demo
from tests.tour.guide import LANGUAGES, write_page
from tests.tour.stop import Stop
from tests.tour.stops import STOPS

QUALITY = 35
WIDEST = 960  # pixels of a picture
SETTLES = 700  # milliseconds


def take(browser: Browser, demo: Demo, stop: Stop, language: str, folder: Path) -> None:
    """One picture, as a small WebP: the top of the page, whatever was pressed on the way."""
    width, height = stop.size
    context = browser.new_context(
        base_url=demo.address,
        viewport=ViewportSize(width=width, height=height),
        locale=language,
        timezone_id="Europe/Paris",
    )
    page = context.new_page()
    if stop.role:
        _sign_in(page, stop.role)
    page.goto(demo.path_of(stop))
    stop.act(page)
    page.wait_for_timeout(SETTLES)
    if not leads_to(page.url, stop.route):
        sys.exit(f"The stop {stop.name} ended at {urlsplit(page.url).path} instead of {stop.route}.")
    page.evaluate("scrollTo(0, 0)")
    save(page.screenshot(), folder / f"{stop.name}.{language}.webp")
    context.close()


def _sign_in(page: Page, role: str) -> None:
    page.goto("/sign-in")
    page.locator(f"form:has(input[value='{role}']) button, button[value='{role}']").first.click()
    page.wait_for_load_state()


def save(taken: bytes, file: Path) -> None:
    picture = Image.open(BytesIO(taken))
    wide = min(WIDEST, picture.width)
    size = (wide, round(picture.height * wide / picture.width))
    picture.resize(size, Image.Resampling.LANCZOS).save(file, quality=QUALITY, method=6)


def leads_to(url: str, route: str) -> bool:
    """Whether an address is one of a route: "/records/{id}"."""
    pattern = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(route))
    return re.fullmatch(pattern, urlsplit(url).path) is not None


def take_all(browser: Browser, demo: Demo, only: list[str] | None, pictures: Path) -> None:
    for stop in STOPS:
        if only and stop.name not in only:
            continue
        for language in LANGUAGES:
            take(browser, demo, stop, language, pictures)
            sys.stdout.write(f"{stop.name}.{language}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address")
    parser.add_argument("--phones")
    parser.add_argument("--only", nargs="*")
    chosen = parser.parse_args()
    pictures = chosen.folder / "tour"
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        if chosen.address:
            take_all(browser, Demo(chosen.address, chosen.phones), chosen.only, pictures)
        else:
            with running_demo() as demo:
                take_all(browser, demo, chosen.only, pictures)
        browser.close()
    write_page(chosen.folder)


if __name__ == "__main__":
    main()
