"""Small case files for tests."""

from __future__ import annotations

from typing import Any

from outreach.domain.column_mappings import SI_DEP_HEADERS

HEADERS = list(SI_DEP_HEADERS)
_POSITIVE = {"type": "positif", "date_resultat": "15/03/2021 18:00", "resultat": "positif"}
_CONTACT = {"type": "contact", "date_dernier_contact": "14/03/2021"}


def positive(identifiant: str, nom: str, telephone: str = "06 39 98 00 01", **cells: str) -> dict[str, str]:
    return _POSITIVE | _person(identifiant, nom, telephone) | cells


def contact(identifiant: str, nom: str, telephone: str = "06 39 98 00 02", **cells: str) -> dict[str, str]:
    return _CONTACT | _person(identifiant, nom, telephone) | cells


def _person(identifiant: str, nom: str, telephone: str) -> dict[str, str]:
    return {
        "identifiant": identifiant,
        "nom": nom,
        "prenoms": "Alix",
        "date_naissance": "02/01/1980",
        "code_postal": "40100",
        "telephone_1": telephone,
    }


def csv_file(*rows: dict[str, Any], encoding: str = "utf-8", delimiter: str = ";") -> bytes:
    lines = [delimiter.join(HEADERS)]
    lines += [delimiter.join(row.get(header, "") for header in HEADERS) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)
