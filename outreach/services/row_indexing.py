"""Keyed indexes of a row: what makes two rows the same content, and two people the same person."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.domain.case_records import Person, normalised_name
from outreach.domain.case_rows import CaseRow
from outreach.domain.column_mappings import Field
from outreach.ids import new_id
from outreach.services.intake_setting import IndexedRow, SealedPerson
from outreach.storage.vault import Vault


def indexed(vault: Vault, case: CaseRow, cells: Mapping[Field, str], aside: Mapping[str, str]) -> IndexedRow:
    return IndexedRow(
        case=case,
        person=_sealed(vault, case.person),
        content_digest=_content_digest(vault, cells, aside),
        name_birth_index=name_birth_index(vault, case.person),
        number_indexes=tuple(vault.number_index(phone.e164) for phone in case.person.phones),
    )


def _sealed(vault: Vault, person: Person) -> SealedPerson:
    person_id = new_id()
    key, wrapped = vault.new_person_key(person_id)
    return SealedPerson(person_id, wrapped, key.seal(person.to_sealed()))


def name_birth_index(vault: Vault, person: Person) -> bytes | None:
    """None without a birth date: a name alone does not make one person of two."""
    if person.birth_date is None:
        return None
    name = normalised_name(person.family_name, person.given_names)
    return vault.name_birth_index(name, person.birth_date.isoformat())


def _content_digest(vault: Vault, cells: Mapping[Field, str], aside: Mapping[str, str]) -> bytes:
    """The same whatever the order of the columns."""
    told = [part for pair in sorted(cells.items()) for part in pair]
    told += [part for header, text in sorted(aside.items()) for part in (f"+{header}", text)]
    return vault.index("row", "\x1f".join(told))
