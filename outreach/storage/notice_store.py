"""Notices as stored, and who acknowledged them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, insert, not_, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from outreach.domain.notices import NewNotice, NoticeState, ReadingState
from outreach.ids import new_id
from outreach.storage.tables import notice_readings, notices, platforms, users

c = notices.c


@dataclass(frozen=True)
class Notice:
    """`acknowledged_at`: by whoever asks."""

    id: UUID
    platform: str | None
    region: str | None
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Reader:
    """An agent whom a notice concerns; `acknowledged_at` None while they have not."""

    user_id: UUID
    login: str
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class PublishedNotice:
    """A notice as its authors see it: whom it concerns on these platforms, and how many acknowledged it."""

    id: UUID
    platform: str | None
    region: str | None
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None
    author: str
    concerned: int
    acknowledged: int


_COLUMNS = [*(c[name] for name in list(Notice.__dataclass_fields__)[:-1]), notice_readings.c.acknowledged_at]


def add(connection: Connection, notice: NewNotice, author_id: UUID, now: datetime) -> UUID:
    notice_id = new_id()
    connection.execute(
        insert(notices).values(
            id=notice_id,
            platform=notice.platform or None,
            region=notice.region or None,
            title=notice.title,
            text=notice.text,
            author_id=author_id,
            starts_at=notice.starts_at,
            ends_at=notice.ends_at,
            published_at=now,
        )
    )
    return notice_id


def concerning(platform_codes: Sequence[str]) -> ColumnElement[bool]:
    """Notices of these platforms and of their regions."""
    regions = select(platforms.c.region).where(platforms.c.code.in_(platform_codes), platforms.c.region != "")
    return or_(c.platform.in_(platform_codes), c.region.in_(regions))


def in_force(now: datetime) -> ColumnElement[bool]:
    return and_(c.starts_at <= now, or_(c.ends_at.is_(None), c.ends_at > now), c.withdrawn_at.is_(None))


def begun(now: datetime) -> ColumnElement[bool]:
    """Also those that are over."""
    return c.starts_at <= now


def seen_by(
    connection: Connection,
    user_id: UUID,
    platform_codes: Sequence[str],
    which: ColumnElement[bool],
    *,
    before: UUID | None,
    most: int,
) -> list[Notice]:
    """Newest first; `before` ends the page before."""
    read = and_(notice_readings.c.notice_id == c.id, notice_readings.c.user_id == user_id)
    statement = (
        select(*_COLUMNS)
        .join(notice_readings, read, isouter=True)
        .where(concerning(platform_codes), which)
        .order_by(c.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(c.id < before)
    return [Notice(*row) for row in connection.execute(statement)]


_PUBLISHED = text(
    """
    select n.id, n.platform, n.region, n.title, n.text, n.starts_at, n.ends_at, n.published_at,
      n.withdrawn_at, coalesce(a.login, ''), r.concerned, r.acknowledged
    from notices n left join users a on a.id = n.author_id
    cross join lateral (
      select count(*) as concerned, count(k.acknowledged_at) as acknowledged
      from users u left join notice_readings k on k.notice_id = n.id and k.user_id = u.id
      where u.ended_at is null and u.platforms && cast(:platforms as text[])
        and u.roles && cast(:roles as text[])
        and exists (select from platforms p
          where p.code = any(u.platforms) and (p.code = n.platform or p.region = n.region))) r
    where (n.platform = any(cast(:platforms as text[])) or n.region in (
        select region from platforms where code = any(cast(:platforms as text[])) and region <> ''))
      and (cast(:before as uuid) is null or n.id < :before) and (cast(:only as uuid) is null or n.id = :only)
      and case cast(:state as text)
        when 'WITHDRAWN' then n.withdrawn_at is not null
        when 'TO_COME' then n.withdrawn_at is null and n.starts_at > :now
        when 'OVER' then n.withdrawn_at is null and n.ends_at <= :now
        when 'IN_FORCE' then n.withdrawn_at is null and n.starts_at <= :now
          and (n.ends_at is null or n.ends_at > :now)
        when 'UNREAD' then n.withdrawn_at is null and n.starts_at <= :now
          and (n.ends_at is null or n.ends_at > :now) and r.acknowledged < r.concerned
        else true end
    order by n.id desc limit :most
    """
)


def published(
    connection: Connection,
    platform_codes: Sequence[str],
    roles: Sequence[str],
    *,
    now: datetime,
    before: UUID | None = None,
    only: UUID | None = None,
    state: NoticeState | None = None,
    most: int = 1,
) -> list[PublishedNotice]:
    """Newest first, without a state those to come, over and withdrawn too; `before` ends the page before."""
    wanted = {
        "platforms": list(platform_codes),
        "roles": list(roles),
        "before": before,
        "only": only,
        "state": state,
        "now": now,
        "most": most,
    }
    rows: Any = connection.execute(_PUBLISHED, wanted)
    return [PublishedNotice(*row) for row in rows]


def one(connection: Connection, notice_id: UUID, platform_codes: Sequence[str]) -> Any:
    """The row of a notice that concerns these platforms, or None."""
    return connection.execute(
        select(c.id, c.platform, c.region, c.withdrawn_at).where(
            c.id == notice_id, concerning(platform_codes)
        )
    ).first()


def withdraw(connection: Connection, notice_id: UUID, now: datetime) -> bool:
    done = connection.execute(
        update(notices).where(c.id == notice_id, c.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    return done.rowcount > 0


def acknowledge(connection: Connection, notice_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Whether it is the first time."""
    added = connection.execute(
        insert_or(notice_readings)
        .values(notice_id=notice_id, user_id=user_id, acknowledged_at=now)
        .on_conflict_do_nothing()
        .returning(notice_readings.c.user_id)
    ).first()
    return added is not None


class ReadersAsked(NamedTuple):
    """Which readers; `after`: where the page before ended, whether they had read it and their login."""

    reading: ReadingState | None = None
    after: tuple[bool, str] | None = None
    most: int | None = None


EVERY_READER = ReadersAsked()


def readers(
    connection: Connection,
    notice_id: UUID,
    platform_codes: Sequence[str],
    roles: Sequence[str],
    asked: ReadersAsked = EVERY_READER,
) -> list[Reader]:
    """Whom the notice concerns, of these platforms and roles; who has not acknowledged comes first."""
    done = notice_readings.c.acknowledged_at.is_not(None)
    read = and_(notice_readings.c.user_id == users.c.id, notice_readings.c.notice_id == notice_id)
    statement = (
        select(users.c.id, users.c.login, notice_readings.c.acknowledged_at)
        .join(notice_readings, read, isouter=True)
        .where(
            users.c.ended_at.is_(None),
            users.c.platforms.overlap(list(platform_codes)),
            users.c.roles.overlap(list(roles)),
        )
        .order_by(done, users.c.login)
        .limit(asked.most)
    )
    if asked.reading is not None:
        statement = statement.where(done if asked.reading is ReadingState.DONE else not_(done))
    if asked.after is not None:
        statement = statement.where(tuple_(done, users.c.login) > asked.after)
    return [Reader(*row) for row in connection.execute(statement)]


def platforms_of(connection: Connection, platform: str | None, region: str | None) -> list[str]:
    """The platforms a notice is for."""
    if platform is not None:
        return [platform]
    return list(connection.execute(select(platforms.c.code).where(platforms.c.region == region)).scalars())
