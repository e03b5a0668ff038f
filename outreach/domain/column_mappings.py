"""Which column of a file says what: the built-in `si-dep` headers and the mappings a platform saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from outreach.domain.territories import folded
from outreach.errors import InvalidInput

SI_DEP = "si-dep"


class Field(StrEnum):
    """What a row can say; also the names that the API takes."""

    KIND = "kind"
    EXTERNAL_ID = "external_id"
    FAMILY_NAME = "family_name"
    GIVEN_NAMES = "given_names"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ADDRESS = "address"
    POSTCODE = "postcode"
    TOWN = "town"
    COUNTRY = "country"
    PHONE_1 = "phone_1"
    PHONE_2 = "phone_2"
    PHONE_3 = "phone_3"
    EMAIL = "email"
    LANGUAGE = "language"
    DOCTOR = "doctor"
    SAMPLED_AT = "sampled_at"
    RESULT_AT = "result_at"
    TEST_TYPE = "test_type"
    TEST_RESULT = "test_result"
    POSITIVE_REFERENCE = "positive_reference"
    LAST_CONTACT_ON = "last_contact_on"
    EXPOSURE_NATURE = "exposure_nature"
    HOUSEHOLD = "household"
    COLLECTIVE_SETTING = "collective_setting"
    VULNERABLE = "vulnerable"


SI_DEP_HEADERS = {
    "type": Field.KIND,
    "identifiant": Field.EXTERNAL_ID,
    "nom": Field.FAMILY_NAME,
    "prenoms": Field.GIVEN_NAMES,
    "date_naissance": Field.BIRTH_DATE,
    "sexe": Field.SEX,
    "adresse": Field.ADDRESS,
    "code_postal": Field.POSTCODE,
    "commune": Field.TOWN,
    "pays": Field.COUNTRY,
    "telephone_1": Field.PHONE_1,
    "telephone_2": Field.PHONE_2,
    "telephone_3": Field.PHONE_3,
    "courriel": Field.EMAIL,
    "langue": Field.LANGUAGE,
    "medecin": Field.DOCTOR,
    "date_prelevement": Field.SAMPLED_AT,
    "date_resultat": Field.RESULT_AT,
    "type_test": Field.TEST_TYPE,
    "resultat": Field.TEST_RESULT,
    "fiche_positif": Field.POSITIVE_REFERENCE,
    "date_dernier_contact": Field.LAST_CONTACT_ON,
    "nature_contact": Field.EXPOSURE_NATURE,
    "foyer": Field.HOUSEHOLD,
    "collectivite": Field.COLLECTIVE_SETTING,
    "vulnerable": Field.VULNERABLE,
}
_FIELD_OF_NAME = {folded(name): field for name, field in SI_DEP_HEADERS.items()} | {
    folded(field.value): field for field in Field
}
NEEDED = (Field.KIND, Field.EXTERNAL_ID, Field.FAMILY_NAME)


@dataclass(frozen=True)
class Columns:
    """A file's columns once understood: the field at each place, None where a column is kept aside."""

    headers: tuple[str, ...]
    fields: tuple[Field | None, ...]

    def header_of(self, field: Field) -> str:
        """How the file itself names a field: reports speak the file's language."""
        for header, mapped in zip(self.headers, self.fields, strict=True):
            if mapped is field:
                return header
        return field.value

    def split(self, cells: Sequence[str]) -> tuple[dict[Field, str], dict[str, str]]:
        """The cells of one row by field, and the others by header; empty cells are left out."""
        known = {field: cell for field, cell in zip(self.fields, cells, strict=False) if cell and field}
        if None not in self.fields:
            return known, {}
        told = zip(self.headers, self.fields, cells, strict=False)
        return known, {header: cell for header, field, cell in told if cell and field is None}


def field_named(name: str) -> Field | None:
    """The field that another system means: its name in the API or its si-dep header, in any spelling."""
    return _FIELD_OF_NAME.get(folded(name))


def understand(headers: Sequence[str], mapping: Mapping[str, Field]) -> Columns:
    """Match a file's header line, in any order and any spelling of case, accents and spaces.

    Raises InvalidInput naming every needed column that is missing, or one that comes twice.
    """
    by_folded = {folded(header): field for header, field in mapping.items()}
    fields = tuple(by_folded.get(folded(header)) for header in headers)
    known = [field for field in fields if field is not None]
    twice = {field for field in known if known.count(field) > 1}
    if twice:
        raise InvalidInput(f"These columns come twice: {_named(twice, mapping)}.", mend="keep one of each")
    missing = set(NEEDED) - set(known)
    if missing:
        raise InvalidInput(
            f"The file lacks these columns: {_named(missing, mapping)}.",
            mend="add them, or choose the column mapping that this file was made for",
        )
    return Columns(tuple(headers), fields)


def _named(fields: set[Field], mapping: Mapping[str, Field]) -> str:
    return ", ".join(sorted(header for header, field in mapping.items() if field in fields)) or ", ".join(
        sorted(fields)
    )


def checked_mapping(mapping: Mapping[str, str]) -> dict[str, Field]:
    """A mapping as users write it (header -> field name); InvalidInput for unknown or missing fields."""
    unknown = sorted(set(mapping.values()) - {field.value for field in Field})
    if unknown:
        raise InvalidInput(f"Unknown fields in the mapping: {', '.join(unknown)}.", field="mapping")
    checked = {header: Field(name) for header, name in mapping.items()}
    missing = sorted(field.value for field in NEEDED if field not in checked.values())
    if missing:
        raise InvalidInput(f"The mapping gives no column for: {', '.join(missing)}.", field="mapping")
    return checked


def fits(headers: Sequence[str], mapping: Mapping[str, Field]) -> bool:
    """Whether a mapping was made for files with this header line."""
    try:
        understand(headers, mapping)
    except InvalidInput:
        return False
    return True


def guessed(headers: Sequence[str]) -> dict[str, Field]:
    """What each header says of itself, where it bears a name we know; each field once."""
    found: dict[str, Field] = {}
    for header in headers:
        field = field_named(header)
        if field is not None and field not in found.values():
            found[header] = field
    return found
