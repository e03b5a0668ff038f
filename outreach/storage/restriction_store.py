"""Records of somebody whom many would be curious about: whoever reads one must say why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.reasons import RestrictionReason
from outreach.storage.tables import restricted_records

c = restricted_records.c


def restrict(
    connection: Connection,
    case_record_id: UUID,
    platform: str,
    by: UUID,
    *,
    kept_until: datetime | None,
    now: datetime,
) -> bool:
    """Whether anything changed. `kept_until` None: no claim puts erasure off, or the one there is stays."""
    new = insert(restricted_records).values(
        case_record_id=case_record_id, platform=platform, by_user=by, since=now, kept_until=kept_until or now
    )
    if kept_until is None:
        put = new.on_conflict_do_nothing()
    else:
        put = new.on_conflict_do_update(
            index_elements=[c.case_record_id],
            set_={"kept_until": kept_until},
            where=c.kept_until != kept_until,
        )
    return connection.execute(put.returning(c.case_record_id)).first() is not None


class Restriction(NamedTuple):
    """That a record is restricted: since when, by whom, why (None: nobody said), and until when a claim puts
    erasure off (None: there is none)."""

    case_record_id: UUID
    since: datetime
    login: str
    because: RestrictionReason | None
    kept_until: datetime | None


_STANDING = text(
    """
    select x.case_record_id, x.since, u.login, (
        select j.facts->>'because' from journal j
        where j.case_record_id = x.case_record_id and j.event = 'RECORD_RESTRICTED' and j.facts ? 'because'
          and j.at >= x.since
        order by j.id desc limit 1),
      case when x.kept_until > x.since then x.kept_until end
    from case_records r join case_records other on other.person_id = r.person_id
    join restricted_records x on x.case_record_id = other.id
    join users u on u.id = x.by_user
    where r.id = :record order by x.case_record_id <> r.id, x.since
    """
)


def standing(connection: Connection, case_record_id: UUID) -> list[Restriction]:
    """Restrictions of a record and of its person's other ones, its own first."""
    rows = connection.execute(_STANDING, {"record": case_record_id})
    return [
        Restriction(record, since, login, RestrictionReason(because) if because else None, kept_until)
        for record, since, login, because, kept_until in rows
    ]


class EndingClaim(NamedTuple):
    """A claim that puts erasure off for a short time more."""

    case_record_id: UUID
    platform: str
    kept_until: datetime


def ending(connection: Connection, *, now: datetime, before: datetime) -> list[EndingClaim]:
    """Claims that end in this time, the next first."""
    rows = connection.execute(
        select(c.case_record_id, c.platform, c.kept_until)
        .where(c.kept_until > now, c.kept_until <= before)
        .order_by(c.kept_until)
    )
    return [EndingClaim(*row) for row in rows]


def lift(connection: Connection, case_record_id: UUID) -> bool:
    """Whether it was restricted."""
    return (
        connection.execute(delete(restricted_records).where(c.case_record_id == case_record_id)).rowcount > 0
    )


_OF_RESTRICTED_PEOPLE = text(
    """
    select r.id, array_agg(other.id) from case_records r
    join case_records other on other.person_id = r.person_id
    where r.id = any (:records) and exists (
      select from restricted_records x join case_records one on one.id = x.case_record_id
      where one.person_id = r.person_id)
    group by r.id
    """
)


def of_restricted_people(connection: Connection, records: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Those of these records whose person has a restricted one, each with every record of that person."""
    rows = connection.execute(_OF_RESTRICTED_PEOPLE, {"records": list(records)})
    return {row[0]: list(row[1]) for row in rows}


def behind_number(connection: Connection, number: bytes) -> list[UUID]:
    """Restricted records of everybody behind a number, closed ones too."""
    rows = connection.execute(
        text(
            "select x.case_record_id from restricted_records x join case_records r on r.id = x.case_record_id"
            " where r.person_id in (select person_id from person_phones where number_index = :number)"
        ),
        {"number": number},
    )
    return list(rows.scalars())
