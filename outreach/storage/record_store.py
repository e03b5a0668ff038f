"""What a record's page needs beside its sheet: versions, who changed it, who is around it, what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from outreach.domain.case_records import Person
from outreach.storage.vault import Vault


class RecordMarks(NamedTuple):
    """`version` changes with the record or its person; `changed_by`: the login behind the last change."""

    version: str
    merged_into: UUID | None
    changed_by: str | None


def marks(connection: Connection, case_record_id: UUID) -> RecordMarks:
    """Of a record that exists."""
    row = connection.execute(
        text(
            """
            select r.version || '.' || p.version, r.merged_into, (
              select u.login from journal j
              left join users u on 'user:' || u.id = j.actor
              where j.case_record_id = r.id
                and j.event in ('CASE_UPDATED', 'CASE_CONVERTED', 'CASE_MERGED', 'RECORDS_MERGED',
                  'RECORDS_SPLIT', 'CASE_CLOSED', 'CASE_REOPENED')
              order by j.id desc limit 1)
            from case_records r join persons p on p.id = r.person_id where r.id = :id
            """
        ),
        {"id": case_record_id},
    ).one()
    return RecordMarks(*row)


def merged_from(connection: Connection, case_record_id: UUID) -> list[UUID]:
    """Records that this one stands for, oldest first."""
    rows = connection.execute(
        text("select id from case_records where merged_into = :id order by listed_at, id"),
        {"id": case_record_id},
    )
    return list(rows.scalars())


@dataclass(frozen=True)
class Neighbour:
    """Somebody around a record. `name` '' once erased, or where `restricted` and the reader did not say why.

    `link`: CONTACT (the record's positive met them), POSITIVE (they met the record's contact), HOUSEHOLD.
    """

    link: str
    case_record_id: UUID | None
    reference: str
    kind: str
    state: str
    last_contact_on: date | None
    nature: str
    name: str
    platform: str
    restricted: bool = False


_AROUND = text(
    """
    select 'CONTACT' as link, r.id, '' as reference, r.kind, r.state, x.last_contact_on, x.nature,
      p.sealed, p.id as person_id, k.wrapped_key, r.platform
    from exposures x join case_records r on r.id = x.contact_id
    join persons p on p.id = r.person_id left join person_keys k on k.person_id = p.id
    where x.positive_id = any(cast(:records as uuid[]))
    union all
    select 'POSITIVE', r.id, x.positive_reference, coalesce(r.kind, 'POSITIVE'), coalesce(r.state, ''),
      x.last_contact_on, x.nature, p.sealed, p.id, k.wrapped_key, r.platform
    from exposures x left join case_records r on r.id = x.positive_id
    left join persons p on p.id = r.person_id left join person_keys k on k.person_id = p.id
    where x.contact_id = any(cast(:records as uuid[]))
    union all
    select 'HOUSEHOLD', r.id, '', r.kind, r.state, null, '', p.sealed, p.id, k.wrapped_key, r.platform
    from (select distinct other.person_id from person_phones mine
      join person_phones other on other.number_index = mine.number_index and not other.bad
      where mine.person_id = :person and not mine.bad and other.person_id <> :person) home
    join persons p on p.id = home.person_id left join person_keys k on k.person_id = p.id
    join lateral (select * from case_records c where c.person_id = p.id and c.merged_into is null
      order by c.listed_at desc limit 1) r on true
    limit :most
    """
)


def around(
    connection: Connection,
    vault: Vault,
    *,
    records: Sequence[UUID],
    person_id: UUID,
    platforms: Sequence[str],
    most: int,
) -> list[Neighbour]:
    """Contacts, positives and the household; of other platforms without their names."""
    rows = connection.execute(_AROUND, {"records": list(records), "person": person_id, "most": most})
    return [_neighbour(vault, row, platforms) for row in rows]


def _neighbour(vault: Vault, row: Any, platforms: Sequence[str]) -> Neighbour:
    name = ""
    if row.sealed is not None and row.wrapped_key is not None and row.platform in platforms:
        opened = Person.from_sealed(vault.person_key(row.person_id, row.wrapped_key).open(row.sealed))
        name = f"{opened.given_names} {opened.family_name}".strip()
    return Neighbour(
        row.link,
        row.id,
        row.reference.partition("/")[2] or row.reference,
        row.kind,
        row.state,
        row.last_contact_on,
        row.nature,
        name,
        row.platform or "",
    )


class Line(NamedTuple):
    """A line of the journal as a record's page tells it; `login` None: the program."""

    id: int
    at: datetime
    event: str
    login: str | None
    facts: dict[str, Any]
    case_record_id: UUID
    attempt_id: UUID | None
    message_id: UUID | None


def lines(connection: Connection, records: Sequence[UUID], *, most: int) -> list[Line]:
    """The last of what happened to these records, newest first."""
    rows = connection.execute(
        text(
            """
            select j.id, j.at, j.event, u.login, j.facts, j.case_record_id, j.attempt_id, j.message_id
            from journal j left join users u on 'user:' || u.id = j.actor
            where j.case_record_id = any(cast(:records as uuid[])) order by j.id desc limit :most
            """
        ),
        {"records": list(records), "most": most},
    )
    return [Line(*row) for row in rows]


class ToldOutside(NamedTuple):
    """Something an outside case system was told, or is to be told."""

    kind: str
    created_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    outcome: str | None


def told_outside(connection: Connection, case_record_id: UUID, *, most: int) -> list[ToldOutside]:
    """Newest first."""
    rows = connection.execute(
        text(
            """
            select kind, created_at, delivered_at, dead_at, payload ->> 'outcome' from outbox
            where payload ->> 'case_record_id' = cast(:id as text) order by id desc limit :most
            """
        ),
        {"id": str(case_record_id), "most": most},
    )
    return [ToldOutside(*row) for row in rows]


def deadline(connection: Connection, case_record_id: UUID) -> datetime:
    """Of a record that exists."""
    found: datetime = connection.execute(
        text("select deadline from case_records where id = :id"), {"id": case_record_id}
    ).scalar_one()
    return found
