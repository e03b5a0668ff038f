"""Records whose person has a number, or a name and birth date: exact matches of keyed indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.case_records import Person
from outreach.storage.vault import Vault


@dataclass(frozen=True)
class KnownRecord:
    """What is shown of somebody known: `same_number`, `same_name` say why they are."""

    case_record_id: UUID
    platform: str
    kind: str
    state: str
    last_outcome: str | None
    named_already: bool
    same_number: bool
    same_name: bool
    person: Person


_KNOWN = text(
    """
    with found as (
      select ph.person_id from person_phones ph where ph.number_index = :number
      union
      select p.id from persons p where p.name_birth_index = :name
    )
    select distinct on (p.id) c.id as case_record_id, c.platform, c.kind, c.state, c.last_outcome,
      exists (select from exposures x where x.contact_id = c.id and x.positive_id = :positive_id)
        as named_already,
      exists (select from person_phones ph where ph.person_id = p.id and ph.number_index = :number)
        as same_number,
      coalesce(p.name_birth_index = :name, false) as same_name, p.id, p.sealed, k.wrapped_key
    from found join persons p on p.id = found.person_id
    join person_keys k on k.person_id = p.id
    join case_records c on c.person_id = p.id
    where p.platform = :platform and c.platform = :platform and p.sealed is not null and c.id <> :positive_id
    order by p.id, c.listed_at desc
    limit 20
    """
)


def known_people(
    connection: Connection,
    vault: Vault,
    *,
    platform: str,
    positive_id: UUID,
    number: bytes | None,
    name: bytes | None,
) -> list[KnownRecord]:
    """The latest record of each, whoever shares name and birth date first."""
    wanted = {"platform": platform, "positive_id": positive_id, "number": number, "name": name}
    rows = connection.execute(_KNOWN, wanted).mappings()
    found = [_known(dict(row), vault) for row in rows]
    return sorted(found, key=lambda known: not known.same_name)


def _known(row: dict[str, Any], vault: Vault) -> KnownRecord:
    key = vault.person_key(row.pop("id"), row.pop("wrapped_key"))
    person = Person.from_sealed(key.open(row.pop("sealed")))
    return KnownRecord(**row, person=person)
