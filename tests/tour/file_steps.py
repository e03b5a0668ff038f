"""Files that a visitor of the tour sends: other invented people for each picture."""

from __future__ import annotations

import csv
import io
import random
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import FilePayload, Page

from outreach.demo.believable_day import HEADERS
from outreach.demo.setting import PLATFORM
from outreach.domain.invented_people import InventedPeople
from tests.tour.steps import SETTLES, click, press, then, to_a_record
from tests.tour.stop import Step

Row = dict[str, str]
Rows = Callable[[], Sequence[Row]]
DONE = "main .rec-title"  # the page of an import that is over
IMPORTS = 60_000  # milliseconds
AT_RISK = timedelta(hours=22)  # the age of a result


def some_contacts() -> list[Row]:
    """Nobody calls them within seconds: they come last."""
    return [_contact() for _ in range(6)]


def with_errors() -> list[Row]:
    """Some rows as they should be, and three that are refused."""
    return [
        *(_contact() for _ in range(3)),
        _positive(date_resultat="31/02/2021 10:00"),
        _positive(type="patient"),
        _contact(nom=""),
    ]


def urgent() -> list[Row]:
    """Positives whose 24 hours end soon."""
    return [_positive() for _ in range(12)]


def one_person_twice() -> list[Row]:
    """Two records with one name and one number: a mistyped year of birth, another address."""
    born = _now() - timedelta(days=36 * 365)
    one = _contact(date_naissance=f"{born:%d/%m}/1984")
    moved = {"adresse": "3 rue des Écoles", "code_postal": "40990", "commune": "Saint-Paul-lès-Dax"}
    return [one, one | moved | {"identifiant": _token("C"), "date_naissance": f"{born:%d/%m}/1948"}]


def draft_of(rows: Rows) -> Step:
    """A file is sent and looked at."""
    return lambda page: _send(page, rows())


def imported(rows: Rows) -> Step:
    """A file is sent, imported, and what came of it stands there."""

    def walk(page: Page) -> None:
        _import(page, rows())

    return walk


def bring_in_urgent(page: Page) -> None:
    """Twelve at once: more than agents can take within a moment."""
    _import(page, urgent())
    page.goto(f"/board/entries?platform={PLATFORM}&which=risk")


def at_two_of_one_person(page: Page) -> None:
    """Both are imported; from the first the second is asked for by its number."""
    one, other = one_person_twice()
    _import(page, [one, other])
    page.goto("/search")
    _find(page, one["identifiant"])
    then(click("main table a[href^='/records/']"), click("main a[href$='/merge']"))(page)
    page.locator("#other").fill(other["identifiant"])
    click("form[action$='/merge/find'] button")(page)


def found_by_number(page: Page) -> None:
    """A record of the day, found by its number."""
    to_a_record(page)
    number = page.evaluate("document.body.innerText.match(/[PC]\\d{6}-\\d+/)[0]")
    page.goto("/search")
    _find(page, number)


def _find(page: Page, number: str) -> None:
    page.locator("#reference").fill(number)
    press(page, "form:has(#reference) button")


def _import(page: Page, rows: Sequence[Row]) -> None:
    _send(page, rows)
    click("form[action$='/start'] button")(page)
    page.locator(DONE).wait_for(timeout=IMPORTS)
    page.wait_for_timeout(SETTLES)


def _send(page: Page, rows: Sequence[Row]) -> None:
    written = io.StringIO()
    used = [name for name in HEADERS if any(name in row for row in rows)]
    writer = csv.DictWriter(written, used, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows(rows)
    file = FilePayload(name="resultats.csv", mimeType="text/csv", buffer=written.getvalue().encode())
    page.locator("#drop input[type=file]").set_input_files(file)
    press(page, "#drop button")


def _now() -> datetime:
    return datetime.now(ZoneInfo("Europe/Paris"))


def _token(kind: str) -> str:
    return f"{kind}{_now():%y%m%d}-{secrets.randbelow(90_000) + 10_000}"


def _someone() -> Row:
    people = InventedPeople(random.Random(), _now().date())
    return people.someone() | {"telephone_1": people.number("063998"), "telephone_2": ""}


def _positive(**cells: str) -> Row:
    result = _now() - AT_RISK - timedelta(minutes=secrets.randbelow(90))
    told = {"type": "positif", "identifiant": _token("P"), "date_resultat": f"{result:%d/%m/%Y %H:%M}"}
    return _someone() | told | cells


def _contact(**cells: str) -> Row:
    met = _now() - timedelta(days=5)
    told = {"type": "contact", "identifiant": _token("C"), "date_dernier_contact": f"{met:%d/%m/%Y}"}
    return _someone() | told | cells
