"""Takes the pictures of docs/tour.md from a running demo, in both languages.

    python -m tests.tour docs [--address http://127.0.0.1:8000 --phones http://127.0.0.1:9000] [--only NAME…]

Without an address it runs a demo of its own in a temporary folder, and waits until its day is under way.
`--phones`: where that demo's simulated phones tell what they received.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from outreach.demo.setting import free_port
from tests.pages.conftest import chromium
from tests.tour.stops import PERSONAL, STOPS, Stop

LANGUAGES = {"fr": "Français", "en": "English"}
READY_SECONDS, UNDER_WAY_SECONDS = 120, 300
QUALITY = 55
WIDEST = 1000  # pixels of a picture


@dataclass(frozen=True)
class Demo:
    """`phones`: what the simulated phones received, with the addresses of personal pages."""

    address: str
    phones: str

    def path_of(self, stop: Stop) -> str:
        """Where a stop begins."""
        return self.personal_pages()[-1] if stop.path == PERSONAL else stop.path

    def personal_pages(self) -> list[str]:
        """The paths that people received by SMS."""
        with urlopen(self.phones) as told:
            return re.findall(re.escape(self.address) + r"(/p/[A-Za-z0-9_-]+)", told.read().decode())


@contextmanager
def running_demo() -> Iterator[Demo]:
    """A demo of our own."""
    home, port = tempfile.mkdtemp(prefix="tour-"), free_port()
    command = [sys.executable, "-m", "outreach.cli", "demo", "--port", str(port), "--agents", "12"]
    demo = subprocess.Popen(
        command, env=os.environ | {"OUTREACH_HOME": home}, stdout=subprocess.PIPE, text=True
    )
    phones: list[str] = []
    threading.Thread(target=_listen, args=(demo.stdout, phones), daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address)
        made = Demo(address, phones[0])
        wait_until_under_way(made)
        yield made
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def _listen(said: Iterable[str], phones: list[str]) -> None:
    for line in said:
        phones += re.findall(r"http://\S+/simulator/phones", line)


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if urlopen(f"{address}/readyz").status == 200:
                return
        except (URLError, OSError):
            time.sleep(0.5)
    sys.exit("The demo did not come up.")


def take(browser: Browser, demo: Demo, stop: Stop, language: str, folder: Path) -> None:
    """One picture, as a small WebP."""
    width, height = stop.size
    context = browser.new_context(
        base_url=demo.address,
        viewport=ViewportSize(width=width, height=height),
        locale=language,
        timezone_id="Europe/Paris",
    )
    page = context.new_page()
    if stop.role:
        page.goto("/sign-in")
        page.locator(
            f"form:has(input[value='{stop.role}']) button, button[value='{stop.role}']"
        ).first.click()
        page.wait_for_load_state()
    page.goto(demo.path_of(stop))
    stop.act(page)
    page.wait_for_timeout(700)
    if not leads_to(page.url, stop.route):
        sys.exit(f"The stop {stop.name} ended at {urlsplit(page.url).path} instead of {stop.route}.")
    picture = Image.open(BytesIO(page.screenshot()))
    wide = min(WIDEST, picture.width)
    picture.resize((wide, round(picture.height * wide / picture.width))).save(
        folder / f"{stop.name}.{language}.webp", quality=QUALITY, method=6
    )
    context.close()


def wait_until_under_way(demo: Demo) -> None:
    """Until people were texted: then there is something of everything to see."""
    deadline = time.monotonic() + UNDER_WAY_SECONDS
    while not demo.personal_pages():
        if time.monotonic() > deadline:
            sys.exit("Nobody was texted in the demo.")
        time.sleep(2)


def leads_to(url: str, route: str) -> bool:
    """Whether an address is one of a route: "/records/{id}"."""
    pattern = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(route.partition("?")[0]))
    return re.fullmatch(pattern, urlsplit(url).path) is not None


def write_page(folder: Path) -> None:
    """docs/tour.md: every picture with its words."""
    lines = [
        "# A tour of the pages",
        "",
        "Pictures of the demo, made by `python -m tests.tour docs`: French, then English.",
        "",
    ]
    for stop in STOPS:
        lines += [f"## {stop.title}", "", stop.told, ""]
        lines += [
            f"![{stop.title}, {name}](tour/{stop.name}.{code}.webp)" for code, name in LANGUAGES.items()
        ]
        lines.append("")
    (folder / "tour.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


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


def take_all(browser: Browser, demo: Demo, only: list[str] | None, pictures: Path) -> None:
    for stop in STOPS:
        if only and stop.name not in only:
            continue
        for language in LANGUAGES:
            take(browser, demo, stop, language, pictures)
            sys.stdout.write(f"{stop.name}.{language}\n")


if __name__ == "__main__":
    main()
