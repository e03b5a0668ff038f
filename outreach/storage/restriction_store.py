"""Records of somebody whom many would be curious about: whoever reads one must say why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import restricted_records

c = restricted_records.c


def restrict(connection: Connection, case_record_id: UUID, platform: str, by: UUID, now: datetime) -> bool:
    """Whether it was not restricted yet."""
    added = connection.execute(
        insert(restricted_records)
        .values(case_record_id=case_record_id, platform=platform, by_user=by, since=now)
        .on_conflict_do_nothing()
        .returning(c.case_record_id)
    )
    return added.first() is not None


def lift(connection: Connection, case_record_id: UUID) -> bool:
    """Whether it was restricted."""
    return (
        connection.execute(delete(restricted_records).where(c.case_record_id == case_record_id)).rowcount > 0
    )


def is_restricted(connection: Connection, case_record_id: UUID) -> bool:
    found = select(c.case_record_id).where(c.case_record_id == case_record_id)
    return bool(connection.execute(select(found.exists())).scalar())


def among(connection: Connection, records: Iterable[UUID]) -> set[UUID]:
    """Which of these records are restricted."""
    found = select(c.case_record_id).where(c.case_record_id.in_(list(records)))
    return set(connection.execute(found).scalars())


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
