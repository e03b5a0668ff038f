"""Case records by the keyed index of a number or a name, by id, or by what an outside system calls them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text


class FoundRow(NamedTuple):
    """A record with its person, sealed."""

    id: UUID
    platform: str
    kind: str
    state: str
    listed_at: datetime
    result_at: datetime | None
    merged_into: UUID | None
    person_id: UUID
    sealed: bytes | None
    wrapped_key: bytes | None


_COLUMNS = """
    select r.id, r.platform, r.kind, r.state, r.listed_at, r.result_at, r.merged_into, r.person_id,
      p.sealed, k.wrapped_key
    from case_records r join persons p on p.id = r.person_id
    left join person_keys k on k.person_id = p.id
"""
_ORDER = """
    and r.platform = any(cast(:platforms as text[]))
    order by r.state = 'CLOSED', r.listed_at desc, r.id limit :most
"""
_BEHIND = """
    with behind as materialized (
      select distinct person_id from person_phones where number_index = any(cast(:indexes as bytea[])))
"""
BY_NUMBERS = text(
    _BEHIND  # noqa: S608 - constants of this module
    + _COLUMNS
    + "where r.person_id in (select person_id from behind)"
    + _ORDER
)
BY_NAMES = text(_COLUMNS + "where p.name_birth_index = any(cast(:indexes as bytea[]))" + _ORDER)
# The few outside systems of a platform, each found by one look at the index of references.
_SOURCES = """
    with recursive sources as (
      select p.platform, (select min(f.source) from case_references f where f.platform = p.platform) as source
      from unnest(cast(:platforms as text[])) p(platform)
      union all
      select s.platform, (select min(f.source) from case_references f
        where f.platform = s.platform and f.source > s.source)
      from sources s where s.source is not null
    )
"""
BY_REFERENCE = text(
    _SOURCES  # noqa: S608 - constants of this module
    + _COLUMNS
    + """where (r.id = cast(:id as uuid) or r.id in (
      select f.case_record_id from sources s join case_references f
        on f.platform = s.platform and f.source = s.source and f.external_id = :told))"""
    + _ORDER
)


def by_numbers(
    connection: Connection, indexes: Sequence[bytes], platforms: Sequence[str], *, most: int
) -> list[FoundRow]:
    """Everyone behind these numbers, open records first."""
    values = {"indexes": list(indexes), "platforms": list(platforms), "most": most}
    return [FoundRow(*row) for row in connection.execute(BY_NUMBERS, values)]


def by_names(
    connection: Connection, indexes: Sequence[bytes], platforms: Sequence[str], *, most: int
) -> list[FoundRow]:
    """Everyone with one of these names and birth dates, open records first."""
    values = {"indexes": list(indexes), "platforms": list(platforms), "most": most}
    return [FoundRow(*row) for row in connection.execute(BY_NAMES, values)]


def by_reference(
    connection: Connection,
    told: str,
    case_record_id: UUID | None,
    platforms: Sequence[str],
    *,
    most: int,
) -> list[FoundRow]:
    """The record of this id, and those of this outside name, open ones first."""
    values = {"told": told, "id": case_record_id, "platforms": list(platforms), "most": most}
    return [FoundRow(*row) for row in connection.execute(BY_REFERENCE, values)]
