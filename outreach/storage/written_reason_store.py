"""Why something was done to somebody, in words: sealed under their key, beside the line of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select

from outreach.ids import new_id
from outreach.storage.tables import case_records, written_reasons


class WrittenReason(NamedTuple):
    """`sealed` under the key of this person."""

    id: UUID
    case_record_id: UUID
    platform: str
    person_id: UUID
    sealed: bytes


def keep(connection: Connection, case_record_id: UUID, *, sealed: bytes, now: datetime) -> UUID:
    """The id that the journal names."""
    reason_id = new_id()
    connection.execute(
        insert(written_reasons).values(id=reason_id, at=now, case_record_id=case_record_id, sealed=sealed)
    )
    return reason_id


def read(connection: Connection, reason_ids: Sequence[UUID]) -> list[WrittenReason]:
    """Those of them that were not erased, and that the reader may see."""
    c = written_reasons.c
    rows = connection.execute(
        select(c.id, c.case_record_id, case_records.c.platform, case_records.c.person_id, c.sealed)
        .join(case_records, case_records.c.id == c.case_record_id)
        .where(c.id.in_(reason_ids), c.sealed.is_not(None))
    )
    return [WrittenReason(*row) for row in rows]
