"""Headers of files, in any order and spelling."""

from __future__ import annotations

import pytest

from outreach.domain.column_mappings import SI_DEP_HEADERS, Field, checked_mapping, understand
from outreach.errors import InvalidInput


def test_headers_are_understood_in_any_order_case_and_accent() -> None:
    columns = understand(["Prénoms", "NOM", "Identifiant", "Mutuelle", "TYPE", "Code postal"], SI_DEP_HEADERS)
    known, aside = columns.split(["Zoé", "Durand", "P1", "oui", "positif", ""])
    assert known == {
        Field.GIVEN_NAMES: "Zoé",
        Field.FAMILY_NAME: "Durand",
        Field.EXTERNAL_ID: "P1",
        Field.KIND: "positif",
    }
    assert aside == {"Mutuelle": "oui"}
    assert columns.header_of(Field.GIVEN_NAMES) == "Prénoms"


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(InvalidInput, match="identifiant, type"):
        understand(["nom", "prenoms"], SI_DEP_HEADERS)


def test_a_column_may_not_come_twice() -> None:
    with pytest.raises(InvalidInput, match="nom"):
        understand(["type", "identifiant", "nom", "NOM"], SI_DEP_HEADERS)


def test_a_saved_mapping_names_known_fields_and_the_needed_ones() -> None:
    mapping = {"Statut": "kind", "N° dossier": "external_id", "Patient": "family_name"}
    assert checked_mapping(mapping)["Patient"] is Field.FAMILY_NAME
    with pytest.raises(InvalidInput, match="colour"):
        checked_mapping(mapping | {"Couleur": "colour"})
    with pytest.raises(InvalidInput, match="kind"):
        checked_mapping({"N° dossier": "external_id", "Patient": "family_name"})
