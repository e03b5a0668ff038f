"""Alarms: one open for each cause, raised and cleared with a journal line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Text,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from outreach.ids import new_id
from outreach.storage import journal
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.tables import alarms, users


class AlarmKind(StrEnum):
    """What someone must look at; the subject beside it is an id or a word, never a person's value."""

    POSITIVE_NEAR_DEADLINE = "POSITIVE_NEAR_DEADLINE"  # subject: entry id
    IMPORT_INCOMPLETE = "IMPORT_INCOMPLETE"  # subject: import id
    EMERGENCY = "EMERGENCY"  # subject: attempt id
    UNUSUAL_READING = "UNUSUAL_READING"  # far more records than the work needs; subject: user id/day
    RECORD_OPENED = "RECORD_OPENED"  # beyond the reader's reach; subject: id of the broken glass
    ACCESS_GIVEN = "ACCESS_GIVEN"  # somebody else made a way into an account; subject: whose, a user id
    CLAIM_ENDING = "CLAIM_ENDING"  # then their data is erased; subject: case record/last day/which reminder
    DISTRESS = "DISTRESS"  # a reply tells of danger; subject: conversation id
    HELP_WANTED = "HELP_WANTED"  # an agent asks for a supervisor in this call; subject: attempt id
    SENDER_STOPPED = "SENDER_STOPPED"  # subject: sender
    SENDER_REFUSED = "SENDER_REFUSED"  # some destinations only; subject: sender
    SENDER_RESTING = "SENDER_RESTING"  # others send in its place; subject: sender
    SENDER_FROZEN = "SENDER_FROZEN"  # holds messages, neither posts nor dies; subject: sender
    SPENDING_STOPPED = "SPENDING_STOPPED"  # a breaker tripped; subject: platform, breaker, prefix
    MODE_PROPOSED = "MODE_PROPOSED"  # AUTO asks for a decision; subject: platform
    PLANNED_SWITCH_REFUSED = "PLANNED_SWITCH_REFUSED"  # subject: id of the planned switch
    CONTACT_YIELD_LOW = "CONTACT_YIELD_LOW"  # a mode loses contacts; subject: platform/version of the mode
    WRITE_BACK_DEAD = "WRITE_BACK_DEAD"  # subject: platform
    WEBHOOK_REFUSED = "WEBHOOK_REFUSED"  # signed, with a name we do not know; subject: kind of webhook
    WEBHOOK_CHANGED = "WEBHOOK_CHANGED"  # the same, but taken; subject: kind of webhook


def raise_alarm(
    connection: Connection,
    kind: AlarmKind,
    subject: str,
    *,
    platform: str | None,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Raise it unless the same one is open; whether it is new."""
    raised = connection.execute(
        insert(alarms)
        .values(
            id=new_id(),
            platform=platform,
            kind=kind.value,
            subject=subject,
            facts=facts or {},
            raised_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=[alarms.c.kind, alarms.c.subject], index_where=text("cleared_at is null")
        )
        .returning(alarms.c.id)
    ).first()
    if raised is not None:
        _write(
            connection, Event.ALARM_RAISED, platform, now, journal.by_system("alarms"), kind.value, subject
        )
    return raised is not None


def clear(connection: Connection, alarm_id: UUID, *, by: UUID, now: datetime) -> None:
    """Clear an open alarm; clearing it again changes nothing."""
    row = (
        connection.execute(
            update(alarms)
            .where(alarms.c.id == alarm_id, alarms.c.cleared_at.is_(None))
            .values(cleared_at=now, cleared_by=by)
            .returning(alarms.c.platform, alarms.c.kind, alarms.c.subject)
        )
        .mappings()
        .first()
    )
    if row is not None:
        _write(
            connection,
            Event.ALARM_CLEARED,
            row["platform"],
            now,
            journal.by_user(by),
            row["kind"],
            row["subject"],
        )


def clear_older(
    connection: Connection, kind: str, platforms: Sequence[str], *, than: UUID, by: UUID, now: datetime
) -> None:
    """Clear the open ones of a kind, of these platforms and of the whole installation, raised before one."""
    c, last = alarms.c, alarms.alias("last")
    older = select(last.c.raised_at, last.c.id).where(last.c.id == than).scalar_subquery()
    rows = connection.execute(
        update(alarms)
        .where(c.kind == kind, c.cleared_at.is_(None), tuple_(c.raised_at, c.id) < older)
        .where(or_(c.platform.in_(platforms), c.platform.is_(None)))
        .values(cleared_at=now, cleared_by=by)
        .returning(c.platform, c.subject)
    ).all()
    event, actor = Event.ALARM_CLEARED, journal.by_user(by)
    lines = [
        JournalEntry(now, row.platform or "", event, actor, facts={"kind": kind, "subject": row.subject})
        for row in rows
    ]
    journal.write_all(connection, lines)


def settle(connection: Connection, kind: AlarmKind, subject: str, *, now: datetime) -> None:
    """What an open alarm asked for is done, or needed no more: nobody has to clear it."""
    row = connection.execute(
        update(alarms)
        .where(alarms.c.kind == kind.value, alarms.c.subject == subject, alarms.c.cleared_at.is_(None))
        .values(cleared_at=now)
        .returning(alarms.c.platform)
    ).first()
    if row is not None:
        by = journal.by_system("alarms")
        _write(connection, Event.ALARM_CLEARED, row.platform, now, by, kind.value, subject)


def was_raised(connection: Connection, kind: AlarmKind, subject: str) -> bool:
    """Whether this was alarmed once, cleared or not."""
    found = select(alarms.c.id).where(alarms.c.kind == kind.value, alarms.c.subject == subject)
    return bool(connection.execute(select(found.exists())).scalar())


def open_subjects(connection: Connection, kind: AlarmKind) -> list[str]:
    """What open alarms of one kind are about."""
    c = alarms.c
    return list(
        connection.execute(select(c.subject).where(c.kind == kind.value, c.cleared_at.is_(None))).scalars()
    )


def _write(
    connection: Connection,
    event: Event,
    platform: str | None,
    now: datetime,
    actor: str,
    kind: str,
    subject: str,
) -> None:
    facts = {"kind": kind, "subject": subject}
    journal.write(connection, JournalEntry(now, platform or "", event, actor, facts=facts))


def by_id(connection: Connection, alarm_id: UUID) -> RowMapping | None:
    return connection.execute(select(alarms).where(alarms.c.id == alarm_id)).mappings().first()


def open_alarms(connection: Connection, platforms: Sequence[str], *, most: int) -> Sequence[RowMapping]:
    """What is open for these platforms and for the whole installation, newest first."""
    return (
        connection.execute(
            select(alarms)
            .where(
                alarms.c.cleared_at.is_(None),
                or_(alarms.c.platform.in_(platforms), alarms.c.platform.is_(None)),
            )
            .order_by(alarms.c.raised_at.desc(), alarms.c.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )


_BY_KIND = text(
    """
    select * from (
      select a.*, count(*) over kinds as of_kind,
        row_number() over (kinds order by raised_at desc, id desc) as place
      from alarms a
      where cleared_at is null and (platform = any(cast(:platforms as text[])) or platform is null)
      window kinds as (partition by kind)
    ) open where place <= :most order by raised_at desc, id desc
    """
)


def open_by_kind(connection: Connection, platforms: Sequence[str], *, most: int) -> Sequence[RowMapping]:
    """The newest of each kind, so that no flood of one hides another; `of_kind`: how many are open."""
    wanted = {"platforms": list(platforms), "most": most}
    return connection.execute(_BY_KIND, wanted).mappings().all()


@dataclass(frozen=True)
class AlarmsAsked:
    """`kinds` (): any; `is_open` None: open or cleared; `before`: the last row of the page before."""

    platforms: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    is_open: bool | None = None
    before: tuple[datetime, UUID] | None = None


def page(connection: Connection, asked: AlarmsAsked, *, most: int) -> Sequence[RowMapping]:
    """Of these platforms and of the whole installation, newest first, with the login of who cleared it."""
    return connection.execute(newest(asked, most=most)).mappings().all()


def newest(asked: AlarmsAsked, *, most: int) -> Select[Any]:
    """The statement of `page`."""
    c, whose = alarms.c, func.unnest(literal(list(asked.platforms), ARRAY(Text))).table_valued("platform")
    each = whose.render_derived()
    # By the index of each platform: together they would be sorted first, however many there are.
    own = _newest(select(alarms).where(c.platform == each.c.platform), asked, most).lateral("own")
    of_all = _newest(select(alarms).where(c.platform.is_(None)), asked, most).subquery("of_all")
    found = union_all(
        select(own).select_from(each).join(own, true()),
        select(of_all),
    ).subquery("found")
    return (
        select(found, users.c.login.label("cleared_by_login"))
        .join_from(found, users, users.c.id == found.c.cleared_by, isouter=True)
        .order_by(found.c.raised_at.desc(), found.c.id.desc())
        .limit(most)
    )


def _newest(query: Select[Any], asked: AlarmsAsked, most: int) -> Select[Any]:
    c = alarms.c
    if asked.kinds:
        query = query.where(c.kind.in_(asked.kinds))
    if asked.is_open is not None:
        query = query.where(c.cleared_at.is_(None) if asked.is_open else c.cleared_at.is_not(None))
    if asked.before is not None:
        query = query.where(tuple_(c.raised_at, c.id) < tuple_(*map(literal, asked.before)))
    # All of one platform, or of none: only so is the index known to give the latter in order.
    return query.order_by(c.platform.desc(), c.raised_at.desc(), c.id.desc()).limit(most)


def forget(connection: Connection, *, cleared_before: datetime, most: int) -> int:
    """Alarms cleared long ago, never an open one; the journal keeps their lines."""
    c = alarms.c
    old = select(c.id).where(c.cleared_at < cleared_before).order_by(c.cleared_at).limit(most)
    return connection.execute(delete(alarms).where(c.id.in_(old))).rowcount
