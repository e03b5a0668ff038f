"""Writes the case file of one believable day: positives, their contacts, and every trap real files hold."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from outreach.domain.column_mappings import SI_DEP_HEADERS
from outreach.domain.invented_people import MOBILE_BLOCK, InventedPeople

POSITIVES = 245  # the traps add some
PARIS = ZoneInfo("Europe/Paris")
FILE_COMES_AT = time(8, 30)
# Share of a week's results by weekday, Monday first: laboratories hardly work on Sundays.
WEEKDAY_SHARES = (22, 18, 16, 16, 15, 10, 3)
# Of a file's results: minutes of age when the file comes, at most; older ones were in yesterday's file.
FRESH_MINUTES = 18 * 60
# Some laboratories send late: so many minutes of their results' 24 hours are left when the file comes.
ENDING_MINUTES = (3, 4 * 60)
ENDING_SHARE = 0.12
ENDING_LATER = 0.4  # of newcomers: whoever looks at the board sees deadlines come near
# Contacts that a positive names, and how often: 2.8 on average, between July and August 2020.
CONTACTS_NAMED = {0: 14, 1: 15, 2: 20, 3: 19, 4: 14, 5: 9, 6: 4, 8: 3, 12: 2}
NATURES = ("repas", "travail", "école", "sport", "famille", "covoiturage")
NEVER_SENT = 1_900  # numbers of positives from here on: contacts name them, no file holds them
NEWCOMERS_FROM = 2_000  # identifiers of each later batch begin beyond those before
HEADERS = [*SI_DEP_HEADERS, "mutuelle"]

Row = dict[str, str]


def write_demo_day(path: Path, *, day: date, seed: int, until: datetime | None = None) -> None:
    """The same file for the same day and seed. `until`: the moment the file is sent; no result is later."""
    comes = until or datetime.combine(day, FILE_COMES_AT, PARIS)
    people = InventedPeople(random.Random(f"{day}/{seed}"), day)  # noqa: S311 - a play, not a secret
    _write(path, _Day(people, comes.astimezone(PARIS)).rows())


def write_newcomers(path: Path, *, comes: datetime, seed: int, positives: int, batch: int) -> None:
    """Some more results of the day, with their contacts; `batch` numbers them apart from all others."""
    chance = random.Random(f"{comes.date()}/{seed}/{batch}")  # noqa: S311 - a play, not a secret
    day = _Day(InventedPeople(chance, comes.date()), comes.astimezone(PARIS), ending_share=ENDING_LATER)
    day.numbered = dict.fromkeys(day.numbered, NEWCOMERS_FROM * (batch + 1))
    _write(path, [row for _ in range(positives) for row in day.with_contacts()])


def write_unconfirmed(path: Path, *, comes: datetime, seed: int, contacts: int) -> None:
    """Contacts of a positive whom no file has brought."""
    people = InventedPeople(random.Random(f"{comes.date()}/{seed}/unconfirmed"), comes.date())  # noqa: S311
    day = _Day(people, comes.astimezone(PARIS))
    _write(path, day.unconfirmed(contacts))


def _write(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADERS, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows)


@dataclass
class _Day:
    """One day's rows as they are drawn."""

    people: InventedPeople
    comes: datetime
    ending_share: float = ENDING_SHARE
    numbered: dict[str, int] = field(default_factory=lambda: {"P": 0, "C": 0})

    @cached_property
    def of_laboratories(self) -> random.Random:
        """Who sends late, drawn apart: the people stay the same whoever does."""
        return random.Random(self.comes.date().isoformat())  # noqa: S311

    @property
    def chance(self) -> random.Random:
        return self.people.chance

    def rows(self) -> list[Row]:
        rows = [row for _ in range(POSITIVES) for row in self.with_contacts()]
        self.chance.shuffle(rows)  # contacts may stand before their positive
        return [*rows, *self._traps(rows)]

    def _identifier(self, kind: str) -> str:
        self.numbered[kind] += 1
        return f"{kind}{self.comes:%y%m%d}-{self.numbered[kind]:04}"

    def with_contacts(self) -> Iterator[Row]:
        positive = self._positive()
        yield positive
        named = self.chance.choices(list(CONTACTS_NAMED), list(CONTACTS_NAMED.values()))[0]
        at_home = min(named, self.chance.choice((0, 1, 1, 2, 3)))
        for place in range(named):
            yield self._contact(positive, at_home=place < at_home)

    def _positive(self, **cells: str) -> Row:
        result, ends_soon = self._result(), self.of_laboratories.random() < self.ending_share
        if ends_soon:
            result = self._old_result()
        sampled = result - timedelta(minutes=self.chance.randint(4 * 60, 30 * 60))
        by_day = self.chance.random() < 0.04 and not ends_soon
        written = f"{result:%d/%m/%Y}" if by_day else f"{result:%d/%m/%Y %H:%M}"
        return (
            self.people.someone()
            | {
                "type": "positif",
                "identifiant": self._identifier("P"),
                "medecin": f"Dr {self.chance.choice('ABCDEFGHJKLM')}.",
                "date_prelevement": f"{sampled:%d/%m/%Y %H:%M}",
                "date_resultat": written,
                "type_test": self.chance.choice(("PCR", "PCR", "antigénique")),
                "resultat": "positif",
                "mutuelle": self.chance.choice(("oui", "non", "")),
            }
            | self._frailties()
            | cells
        )

    def _result(self) -> datetime:
        """Minutes before the file, drawn again while the weekday makes them unlikely."""
        while True:
            moment = self.comes - timedelta(minutes=self.chance.randint(20, FRESH_MINUTES))
            if self.chance.random() * max(WEEKDAY_SHARES) < WEEKDAY_SHARES[moment.weekday()]:
                return moment

    def _old_result(self) -> datetime:
        """Its 24 hours end soon, most often within the first of the hours that are meant."""
        least, most = ENDING_MINUTES
        left = least + (most - least) * self.of_laboratories.random() ** 3
        return self.comes - timedelta(hours=24) + timedelta(minutes=left)

    def unconfirmed(self, contacts: int) -> list[Row]:
        """Contacts of positives whom nobody has sent, two of each."""
        sent_by = [f"P{self.comes:%y%m%d}-{NEVER_SENT + place // 2}" for place in range(contacts)]
        return [self._contact({"identifiant": positive}, at_home=False) for positive in sent_by]

    def _contact(self, positive: Row, *, at_home: bool) -> Row:
        met = self.comes.date() - timedelta(days=self.chance.randint(1, 6))
        home = {name: positive[name] for name in ("adresse", "code_postal", "commune")} if at_home else {}
        shares_number = at_home and self.chance.random() < 0.6
        phones = {"telephone_1": positive["telephone_1"], "telephone_2": ""} if shares_number else {}
        return (
            self.people.someone(family_name=positive["nom"] if at_home else None)
            | {
                "type": "contact",
                "identifiant": self._identifier("C"),
                "fiche_positif": positive["identifiant"],
                "date_dernier_contact": f"{met:%d/%m/%Y}",
                "nature_contact": "famille" if at_home else self.chance.choice(NATURES),
                "foyer": "oui" if at_home else "non",
            }
            | self._frailties()
            | home
            | phones
        )

    def _frailties(self) -> Row:
        return {
            "collectivite": "oui" if self.chance.random() < 0.08 else "non",
            "vulnerable": "oui" if self.chance.random() < 0.12 else "non",
        }

    def _traps(self, rows: list[Row]) -> Iterator[Row]:
        positives = [row for row in rows if row["type"] == "positif"]
        contacts = [row for row in rows if row["type"] == "contact"]
        yield from self._far_away(positives[0])
        yield from self._odd_numbers(positives[1])
        yield from self._known_already(positives, contacts)
        yield from self._rows_to_mend()

    def _far_away(self, positive: Row) -> Iterator[Row]:
        """Frontier workers and people overseas: other plans, other hours. No block is fictional there."""
        guyane = {"code_postal": "97300", "commune": "Cayenne", "pays": "Guyane"}
        reunion = {"code_postal": "97400", "commune": "Saint-Denis", "pays": "La Réunion"}
        geneva = {"code_postal": "1201", "commune": "Genève", "pays": "Suisse", "telephone_2": ""}
        yield self._positive(**guyane, telephone_1="0694 20 12 34", telephone_2="")
        yield self._contact(positive, at_home=False) | guyane | {"telephone_1": "0694 20 12 35"}
        yield self._contact(positive, at_home=False) | reunion | {"telephone_1": "0692 12 34 56"}
        yield self._contact(positive, at_home=False) | geneva | {"telephone_1": "079 123 45 67"}
        yield self._positive(**geneva, telephone_1="+41 79 123 45 68")

    def _odd_numbers(self, positive: Row) -> Iterator[Row]:
        usable = self.people.number(MOBILE_BLOCK)
        for cells in (
            {"telephone_1": "0974 50 12 34"},  # a box, not a mobile
            {"telephone_1": "38663", "telephone_2": usable},
            {"telephone_1": "38663"},
            {"telephone_1": "0899 70 12 34"},
            {"telephone_1": self.people.number(MOBILE_BLOCK)[1:]},  # a spreadsheet ate the zero
            {"telephone_1": ""},
        ):
            yield self._contact(positive, at_home=False) | {"telephone_2": ""} | cells
        yield self._positive(telephone_1="", telephone_2="")

    def _known_already(self, positives: list[Row], contacts: list[Row]) -> Iterator[Row]:
        """Rows that repeat, rename, correct or turn someone the file already holds."""
        yield dict(contacts[0])
        old = self.comes - timedelta(days=3)
        yield positives[2] | {
            "identifiant": self._identifier("P"),
            "prenoms": positives[2]["prenoms"].lower(),
        }
        yield positives[3] | {
            "identifiant": self._identifier("P"),
            "date_resultat": f"{old:%d/%m/%Y %H:%M}",
        }
        yield self._positive(date_resultat=f"{old:%d/%m/%Y %H:%M}")  # late before it arrives
        away = next(row for row in contacts if row["foyer"] == "non")
        yield away | {
            "type": "positif",
            "identifiant": self._identifier("P"),
            "date_resultat": f"{self._result():%d/%m/%Y %H:%M}",
            "resultat": "positif",
            "fiche_positif": "",
        }
        yield self._contact(positives[4], at_home=False) | {"fiche_positif": "P000000-0000"}

    def _rows_to_mend(self) -> Iterator[Row]:
        tomorrow = self.comes + timedelta(days=1)
        yield self._positive(type="patient")
        yield self._positive(identifiant="")
        yield self._positive(nom="")
        yield self._positive(date_resultat="31/02/2021")
        yield self._positive(date_resultat="")
        yield self._positive(date_resultat=f"{tomorrow:%d/%m/%Y %H:%M}")
        yield self._positive(resultat="négatif")
