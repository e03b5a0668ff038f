"""Versions of texts and dated parameters: appended, scheduled, withdrawn, never rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.dated_parameters import DatedValue
from outreach.domain.scripts import ScriptVersion
from outreach.errors import Conflict, NotFound
from outreach.storage.tables import call_attempts, dated_parameters, script_revisions, script_versions

_COLUMNS = [script_versions.c[name] for name in ScriptVersion.__dataclass_fields__]
_PARAMETER_COLUMNS = [dated_parameters.c[name] for name in DatedValue.__dataclass_fields__]
_THE_ROW = 1


def revision(connection: Connection) -> int:
    """Rises with every change of what is or will be in force."""
    return connection.execute(select(script_revisions.c.number)).scalar_one_or_none() or 0


def add_revision(connection: Connection) -> None:
    """Tell every process that it must read again."""
    connection.execute(
        insert(script_revisions)
        .values(id=_THE_ROW, number=1)
        .on_conflict_do_update(
            index_elements=[script_revisions.c.id], set_={"number": script_revisions.c.number + 1}
        )
    )


_STANDING = text(
    """
    select distinct on (name, language, platform) id from script_versions
    where effective_from <= :now and withdrawn_at is null
    order by name, language, platform, effective_from desc, number desc
    """
).columns(script_versions.c.id)


def in_force_or_to_come(connection: Connection, now: datetime) -> list[ScriptVersion]:
    """What may be read from now on: of each text the last version begun, and those scheduled."""
    c = script_versions.c
    coming = (c.effective_from > now) & c.withdrawn_at.is_(None)
    standing = c.id.in_(select(_STANDING.subquery().c.id))
    rows = connection.execute(select(*_COLUMNS).where(coming | standing), {"now": now})
    return [ScriptVersion(*row) for row in rows]


def drafts(connection: Connection) -> list[ScriptVersion]:
    """What was written and takes no effect yet."""
    c = script_versions.c
    rows = connection.execute(
        select(*_COLUMNS).where(c.effective_from.is_(None), c.withdrawn_at.is_(None)).order_by(c.number)
    )
    return [ScriptVersion(*row) for row in rows]


def versions(connection: Connection, name: str, language: str | None = None) -> list[ScriptVersion]:
    """All versions of a text, oldest first."""
    c = script_versions.c
    wanted = select(*_COLUMNS).where(c.name == name).order_by(c.language, c.number)
    if language is not None:
        wanted = wanted.where(c.language == language)
    return [ScriptVersion(*row) for row in connection.execute(wanted)]


def read(connection: Connection, version_id: UUID) -> ScriptVersion:
    """Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(script_versions.c.id == version_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such version of a text.")
    return ScriptVersion(*row)


def lock_text(connection: Connection, name: str, language: str) -> None:
    """Nobody else gives this text a version number until the transaction ends."""
    connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:text, 7))"), {"text": f"{name} {language}"}
    )


def last_number(connection: Connection, name: str, language: str) -> int:
    """The highest number given so far; 0 when the text was never edited."""
    c = script_versions.c
    last = select(func.max(c.number)).where(c.name == name, c.language == language)
    return connection.execute(last).scalar_one_or_none() or 0


def add(connection: Connection, version: ScriptVersion) -> None:
    connection.execute(insert(script_versions).values(**vars(version)))


def schedule(
    connection: Connection, version_id: UUID, *, effective_from: datetime, by: UUID | None, now: datetime
) -> None:
    """Let a draft take effect. Raises Conflict when it is scheduled or withdrawn already."""
    c = script_versions.c
    done = connection.execute(
        update(script_versions)
        .where(c.id == version_id, c.effective_from.is_(None), c.withdrawn_at.is_(None))
        .values(effective_from=effective_from, scheduled_by=by, scheduled_at=now)
    )
    if done.rowcount == 0:
        raise Conflict("This version is scheduled or withdrawn already: draft another one.")


def withdraw(connection: Connection, version_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Take a version back: from now on the one before it counts. Raises Conflict when it was withdrawn."""
    c = script_versions.c
    done = connection.execute(
        update(script_versions)
        .where(c.id == version_id, c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=now)
    )
    if done.rowcount == 0:
        raise Conflict("This version is withdrawn already.")


def changes(
    connection: Connection, platforms: Sequence[str], since: datetime, until: datetime, *, most: int
) -> list[dict[str, Any]]:
    """What took effect or was withdrawn in a period, newest first."""
    rows = connection.execute(
        text(
            """
            select id, name, language, platform, number, reason, author_id, what, at from (
              select *, 'TOOK_EFFECT' as what, greatest(effective_from, scheduled_at) as at
              from script_versions where scheduled_at is not null
              union all
              select *, 'WITHDRAWN', withdrawn_at from script_versions
              where withdrawn_at is not null and effective_from <= withdrawn_at
            ) changed
            where at > :since and at <= :until and platform = any(cast(:platforms as text[]))
              and (what = 'WITHDRAWN' or withdrawn_at is null or withdrawn_at > effective_from)
            order by at desc, id desc limit :most
            """
        ),
        {"since": since, "until": until, "platforms": ["", *platforms], "most": most},
    )
    return [dict(row) for row in rows.mappings()]


def parameters(connection: Connection) -> list[DatedValue]:
    """All values that people gave, in the order in which they gave them."""
    c = dated_parameters.c
    rows = connection.execute(select(*_PARAMETER_COLUMNS).order_by(c.created_at, c.id))
    return [DatedValue(*row) for row in rows]


def add_parameter(connection: Connection, value: DatedValue) -> None:
    connection.execute(insert(dated_parameters).values(**vars(value)))


def withdraw_parameter(connection: Connection, value_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Raises NotFound for a value that is not there, or was withdrawn."""
    c = dated_parameters.c
    done = connection.execute(
        update(dated_parameters)
        .where(c.id == value_id, c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=now)
    )
    if done.rowcount == 0:
        raise NotFound("There is no such value, or it was withdrawn.")


def last_attempt_before(connection: Connection, agent_id: UUID, moment: datetime) -> datetime | None:
    """When an agent last called before a moment."""
    c = call_attempts.c
    last = select(func.max(c.started_at)).where(c.agent_id == agent_id, c.started_at < moment)
    return connection.execute(last).scalar_one_or_none()
