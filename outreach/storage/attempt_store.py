"""Call attempts: one row a try, moved forward under a row lock, ended by an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, NotFound
from outreach.storage.tables import call_attempts, call_list_entries
from outreach.storage.touched import touch_agent, touch_platform


@dataclass(frozen=True)
class Attempt:
    """One try by phone, as stored. `phone_position` names the number among the person's.

    `script`, its version, language and dated parameters: what the agent reads, as in force when it began.
    """

    id: UUID
    platform: str
    entry_id: UUID
    case_record_id: UUID
    person_id: UUID
    agent_id: UUID
    status: CallStatus
    phone_position: int
    inbound: bool
    conference: UUID
    started_at: datetime
    mode_version: int
    number_index: bytes | None = None
    agent_sid: str | None = None
    person_sid: str | None = None
    conference_sid: str | None = None
    transfer_sid: str | None = None
    transfer_user_id: UUID | None = None
    answered_by: str | None = None
    sip_code: str | None = None
    suggested_outcome: CallOutcome | None = None
    on_hold: bool = False
    voicemail_left: bool = False
    agent_answered_at: datetime | None = None
    agent_left_at: datetime | None = None
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: CallOutcome | None = None
    outcome_at: datetime | None = None
    version: int = 1
    script: str = ""
    script_version: int = 0
    script_language: str = ""
    script_parameters: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """No outcome was said yet."""
        return self.outcome is None

    @property
    def over(self) -> bool:
        """The person's line is down, or the outcome was said."""
        return not self.open or self.status is CallStatus.WRAP_UP

    @property
    def person_on_line(self) -> bool:
        return self.status is CallStatus.ANSWERED


_COLUMNS = [call_attempts.c[field.name] for field in fields(Attempt)]


def _attempt(row: Row[Any]) -> Attempt:
    values = dict(row._mapping)
    values["status"] = CallStatus(values["status"])
    for name in ("outcome", "suggested_outcome"):
        values[name] = CallOutcome(values[name]) if values[name] else None
    return Attempt(**values)


def start(connection: Connection, attempt: Attempt) -> None:
    """Write a new attempt. Raises Conflict when the entry or the agent has an open one already."""
    try:
        with connection.begin_nested():
            connection.execute(insert(call_attempts).values(**vars(attempt)))
    except IntegrityError:
        raise Conflict("A call is open already: say its outcome first.", code="attempt_open") from None
    touch_agent(connection, attempt.agent_id)


def read(connection: Connection, attempt_id: UUID) -> Attempt:
    return _one(connection, call_attempts.c.id == attempt_id)


def lock(connection: Connection, attempt_id: UUID) -> Attempt:
    """The attempt, held until the transaction ends: reports and commands take turns."""
    return _one(connection, call_attempts.c.id == attempt_id, for_update=True)


def _one(connection: Connection, which: ColumnElement[bool], *, for_update: bool = False) -> Attempt:
    query = select(*_COLUMNS).where(which)
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        raise NotFound("There is no such call.")
    return _attempt(row)


def change(connection: Connection, attempt_id: UUID, **values: object) -> None:
    """Set some columns; the version counts the changes, so that a page knows it is out of date."""
    changed = connection.execute(
        update(call_attempts)
        .where(call_attempts.c.id == attempt_id)
        .values(**values, version=call_attempts.c.version + 1)
        .returning(call_attempts.c.agent_id, call_attempts.c.platform)
    )
    for row in changed:
        touch_agent(connection, row.agent_id)
        touch_platform(connection, row.platform)


def open_of_agent(connection: Connection, agent_id: UUID) -> Attempt | None:
    """The agent's call in progress or in wrap-up, whatever computer they sit at now."""
    row = connection.execute(
        select(*_COLUMNS).where(call_attempts.c.agent_id == agent_id, call_attempts.c.outcome.is_(None))
    ).one_or_none()
    return _attempt(row) if row else None


def lock_open_with_agent_leg(connection: Connection, agent_sid: str) -> Attempt | None:
    """The open attempt whose agent is on this leg, held until the transaction ends."""
    row = connection.execute(
        select(*_COLUMNS)
        .where(call_attempts.c.agent_sid == agent_sid, call_attempts.c.outcome.is_(None))
        .with_for_update()
    ).first()
    return _attempt(row) if row else None


def unwatched_conversations(connection: Connection, *, now: datetime, most: int = 200) -> list[UUID]:
    """Open attempts with a person on the line whose agent's page fell silent: the entry's lease ran out."""
    entries = call_list_entries
    found = connection.execute(
        select(call_attempts.c.id)
        .join(entries, entries.c.id == call_attempts.c.entry_id)
        .where(
            call_attempts.c.outcome.is_(None),
            call_attempts.c.status == CallStatus.ANSWERED,
            entries.c.leased_until <= now,
        )
        .order_by(entries.c.leased_until)
        .limit(most)
    )
    return list(found.scalars())


def stuck_in(connection: Connection, status: CallStatus, *, since: datetime, most: int = 200) -> list[UUID]:
    """Open attempts that reached a status before `since` and are there still."""
    moment = {
        CallStatus.RINGING_AGENT: call_attempts.c.started_at,
        CallStatus.AGENT_ON_LINE: call_attempts.c.agent_answered_at,
        CallStatus.DIALLING: call_attempts.c.dialled_at,
        CallStatus.RINGING: call_attempts.c.dialled_at,
        CallStatus.ANSWERED: call_attempts.c.agent_left_at,
        CallStatus.WRAP_UP: call_attempts.c.ended_at,
    }[status]
    found = connection.execute(
        select(call_attempts.c.id)
        .where(call_attempts.c.outcome.is_(None), call_attempts.c.status == status, moment < since)
        .order_by(moment)
        .limit(most)
    )
    return list(found.scalars())


def left_to_colleague(connection: Connection, *, since: datetime, most: int = 200) -> list[UUID]:
    """Attempts whose agent said how it went before `since`, and whose person a colleague goes on with."""
    c = call_attempts.c
    found = connection.execute(
        select(c.id)
        .where(c.transfer_user_id.is_not(None), c.transfer_sid.is_not(None), c.outcome_at < since)
        .order_by(c.outcome_at)
        .limit(most)
    )
    return list(found.scalars())
