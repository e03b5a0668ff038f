"""Keyed indexes of a row: what makes two rows the same content, and two people the same person."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from outreach.domain.case_records import CaseKind, Person, normalised_name
from outreach.domain.case_rows import CaseRow
from outreach.domain.column_mappings import Field
from outreach.storage.vault import Vault


class CaseRows:
    """Checked rows in full, by number. They leave a process as one pickle, since few are ever looked at."""

    def __init__(self, rows: Mapping[int, CaseRow]) -> None:
        self._rows = rows
        self._pickled = b""

    def __getitem__(self, number: int) -> CaseRow:
        if self._pickled:
            self._rows, self._pickled = pickle.loads(self._pickled), b""  # noqa: S301 - from our own child
        return self._rows[number]

    def __getstate__(self) -> bytes:
        return self._pickled or pickle.dumps(self._rows, pickle.HIGHEST_PROTOCOL)

    def __setstate__(self, pickled: bytes) -> None:
        self._rows, self._pickled = {}, pickled


class IndexedRow(NamedTuple):
    """What the database is asked about a checked row: what it says, of whom, and which numbers reach them."""

    number: int
    external_id: str
    kind: CaseKind
    result_at: datetime | None
    last_exposure_on: date | None
    exposed_to: tuple[str, ...]  # for each exposure the positive's reference, '' when not told
    content_digest: bytes
    name_birth_index: bytes | None  # None without a birth date: a name alone does not make one person
    number_indexes: tuple[bytes, ...]
    cases: CaseRows

    @property
    def case(self) -> CaseRow:
        """The row itself."""
        return self.cases[self.number]

    def alone(self) -> IndexedRow:
        """The same, without the other rows of its piece."""
        return self._replace(cases=CaseRows({self.number: self.case}))


def indexed(vault: Vault, case: CaseRow, digest: bytes, cases: CaseRows | None = None) -> IndexedRow:
    """`digest` from `content_digest`; `cases`: the rows of the same piece."""
    return IndexedRow(
        case.number,
        case.external_id,
        case.kind,
        case.result_at,
        case.last_exposure_on,
        tuple([exposure.positive_reference for exposure in case.exposures]),
        digest,
        name_birth_index(vault, case.person),
        tuple([vault.number_index(phone.e164) for phone in case.person.phones]),
        cases or CaseRows({case.number: case}),
    )


def name_birth_index(vault: Vault, person: Person) -> bytes | None:
    """None without a birth date: a name alone does not make one person of two."""
    if person.birth_date is None:
        return None
    name = normalised_name(person.family_name, person.given_names)
    return vault.name_birth_index(name, person.birth_date.isoformat())


def content_digest(vault: Vault, cells: Mapping[Field, str], aside: Mapping[str, str]) -> bytes:
    """The same whatever the order of the columns."""
    told = [part for pair in sorted(cells.items()) for part in pair]
    told += [part for header, text in sorted(aside.items()) for part in (f"+{header}", text)]
    return vault.index("row", "\x1f".join(told))
