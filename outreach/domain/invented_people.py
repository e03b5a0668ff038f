"""Invented people of the Landes and elsewhere: names, ages, homes, and numbers that are nobody's."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

FAMILY_NAMES = (
    "Ablancourt",
    "Barbazan",
    "Castéra",
    "Darrigade",
    "Estibal",
    "Fontarabie",
    "Garrigou",
    "Hourcade",
    "Irissou",
    "Jourdanet",
    "Labadie",
    "Larroudé",
    "Lesgourgues",
    "Maisonnave",
    "Navarret",
    "Oyhenart",
    "Peyrelongue",
    "Quintaa",
    "Recalt",
    "Sarrouilh",
    "Taris",
    "Ustaritz",
    "Vignolle",
    "Bénesse",
    "Cazenave-Lacroix",
    "Dupouy",
    "D’Artagnan",
    "Etchebarne",
    "Fœrster",
    "Gaüzère",
    "Léglise",
    "Mölders",
    "Nguyễn",
    "Saint-Orens",
    "Tauziède",
)
GIVEN_NAMES = (
    "Adèle",
    "Amélie",
    "Anaïs",
    "Bastien",
    "Benoît",
    "Camille",
    "Chloé",
    "Clémence",
    "Damien",
    "Élise",
    "Émile",
    "Fanny",
    "Félix",
    "Gaëlle",
    "Gaspard",
    "Hélène",
    "Hugo",
    "Inès",
    "Jean-Baptiste",
    "Jeanne",
    "Joël",
    "Léa",
    "Loïc",
    "Lucie",
    "Maël",
    "Manon",
    "Marie-Claire",
    "Maxime",
    "Nadia",
    "Noé",
    "Océane",
    "Pauline",
    "Rémi",
    "Salomé",
    "Théo",
    "Ursule",
    "Valentin",
    "Yannick",
    "Zélie",
    "Zoé",
)
TOWNS = (
    ("40000", "Mont-de-Marsan"),
    ("40100", "Dax"),
    ("40130", "Capbreton"),
    ("40150", "Hossegor"),
    ("40200", "Mimizan"),
    ("40220", "Tarnos"),
    ("40230", "Saint-Vincent-de-Tyrosse"),
    ("40500", "Saint-Sever"),
    ("40600", "Biscarrosse"),
    ("40800", "Aire-sur-l’Adour"),
)
STREETS = ("rue des Pins", "avenue de l’Océan", "impasse du Moulin", "place de la Course", "route des Lacs")
# Positives of 2020-2021 by age: (from, to, weight).
AGES = (
    (0, 9, 6),
    (10, 19, 13),
    (20, 29, 18),
    (30, 39, 17),
    (40, 49, 16),
    (50, 59, 13),
    (60, 69, 8),
    (70, 79, 5),
    (80, 97, 4),
)
# Blocks that the French regulator reserves for fiction: one of mobiles, four of landlines.
MOBILE_BLOCK = "063998"
LANDLINE_BLOCKS = ("053649", "046571", "035301", "026191")
MOBILE_ONLY, LANDLINE_ONLY = 82, 90  # out of 100; the others have both
FORMATS = ("{0} {1} {2} {3} {4}", "{0}.{1}.{2}.{3}.{4}", "{0}{1}{2}{3}{4}", "{0}-{1}-{2}-{3}-{4}")


@dataclass
class InventedPeople:
    """Draws people without ever giving one number to two households."""

    chance: random.Random
    day: date
    taken: set[str] = field(default_factory=set)

    def someone(self, *, family_name: str | None = None) -> dict[str, str]:
        """The cells of one person, living in the Landes."""
        postcode, town = self.chance.choice(TOWNS)
        return {
            "nom": (family_name or self.chance.choice(FAMILY_NAMES)).upper(),
            "prenoms": self.chance.choice(GIVEN_NAMES),
            "date_naissance": self._birth(),
            "sexe": self.chance.choice("FM"),
            "adresse": f"{self.chance.randint(1, 120)} {self.chance.choice(STREETS)}",
            "code_postal": postcode,
            "commune": town,
            "pays": "France",
            "langue": self.chance.choices(("fr", "anglais"), (97, 3))[0],
            **self._phones(),
        }

    def _birth(self) -> str:
        first, last, _ = self.chance.choices(AGES, [weight for *_, weight in AGES])[0]
        born = self.day - timedelta(days=self.chance.randint(first * 365 + 1, last * 365 + 364))
        return f"{born:%d/%m/%Y}"

    def _phones(self) -> dict[str, str]:
        share = self.chance.randrange(100)
        mobile, landline = self.number(MOBILE_BLOCK), self.number(self.chance.choice(LANDLINE_BLOCKS))
        if share < MOBILE_ONLY:
            return {"telephone_1": mobile}
        if share < LANDLINE_ONLY:
            return {"telephone_1": landline}
        return {"telephone_1": landline, "telephone_2": mobile}

    def number(self, block: str) -> str:
        """A new number of a block, written in one of the ways people write."""
        while (digits := f"{block}{self.chance.randrange(10_000):04}") in self.taken:
            pass
        self.taken.add(digits)
        pairs = [digits[place : place + 2] for place in range(0, 10, 2)]
        return self.chance.choice(FORMATS).format(*pairs)
