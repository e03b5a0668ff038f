"""Tags: words a platform puts on case records, to choose audiences by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from outreach.storage.tables import case_tags

c = case_tags.c


def put(connection: Connection, case_record_id: UUID, tag: str, *, now: datetime) -> None:
    """Putting it on twice changes nothing."""
    connection.execute(
        insert(case_tags)
        .values(case_record_id=case_record_id, tag=tag, tagged_at=now)
        .on_conflict_do_nothing()
    )


def take_off(connection: Connection, case_record_id: UUID, tag: str) -> None:
    connection.execute(case_tags.delete().where(c.case_record_id == case_record_id, c.tag == tag))


def of_record(connection: Connection, case_record_id: UUID) -> list[str]:
    rows = connection.execute(select(c.tag).where(c.case_record_id == case_record_id).order_by(c.tag))
    return list(rows.scalars())


def counts(connection: Connection, platforms: Sequence[str]) -> dict[str, int]:
    """How many records of these platforms have each tag."""
    rows = connection.execute(
        text(
            "select t.tag, count(*) from case_tags t join case_records r on r.id = t.case_record_id"
            " where r.platform = any(cast(:platforms as text[])) group by 1 order by 1"
        ),
        {"platforms": list(platforms)},
    )
    return dict(rows.all())
