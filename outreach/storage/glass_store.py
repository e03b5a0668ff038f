"""Readings beyond one's reach: who broke the glass for which record, why, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select

from outreach.storage.tables import broken_glass, case_records, person_keys, users


@dataclass(frozen=True)
class BrokenGlass:
    """One grant. `platform`: the record's."""

    id: UUID
    platform: str
    case_record_id: UUID
    user_id: UUID
    at: datetime
    until: datetime


class GlassLine(NamedTuple):
    """A grant as the platform's supervisors see it; the reason is sealed under their person's
    key; both None once they are erased."""

    id: UUID
    at: datetime
    until: datetime
    user_id: UUID
    login: str
    platform: str
    case_record_id: UUID
    person_id: UUID
    sealed_reason: bytes | None
    wrapped_key: bytes | None


c = broken_glass.c


def add(connection: Connection, grant: BrokenGlass, *, sealed_reason: bytes) -> None:
    connection.execute(insert(broken_glass).values(**vars(grant), sealed_reason=sealed_reason))


def standing(
    connection: Connection, user_id: UUID, case_record_id: UUID, now: datetime
) -> BrokenGlass | None:
    """The user's grant for a record at this moment."""
    row = connection.execute(
        select(*(c[name] for name in BrokenGlass.__dataclass_fields__))
        .where(c.user_id == user_id, c.case_record_id == case_record_id, c.until > now)
        .order_by(c.until.desc())
        .limit(1)
    ).first()
    return None if row is None else BrokenGlass(*row)


def page(
    connection: Connection, platforms: Sequence[str], *, before: UUID | None, most: int
) -> list[GlassLine]:
    """What was opened so on these platforms, newest first."""
    query = (
        select(
            *(c.id, c.at, c.until, c.user_id, users.c.login, c.platform, c.case_record_id),
            case_records.c.person_id,
            c.sealed_reason,
            person_keys.c.wrapped_key,
        )
        .join(users, users.c.id == c.user_id)
        .join(case_records, case_records.c.id == c.case_record_id)
        .join(person_keys, person_keys.c.person_id == case_records.c.person_id, isouter=True)
        .where(c.platform.in_(platforms))
    )
    if before is not None:
        query = query.where(c.id < before)
    return [GlassLine._make(row) for row in connection.execute(query.order_by(c.id.desc()).limit(most))]
