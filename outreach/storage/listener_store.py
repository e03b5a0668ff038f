"""Supervisors in the rooms of calls: one row for each time someone came in, open until their leg ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from outreach.domain.call_attempts import CallStatus
from outreach.domain.supervision import ListenHow
from outreach.errors import Conflict, NotFound
from outreach.storage import journal
from outreach.storage.access_store import AccessLine, AccessReason, note
from outreach.storage.attempt_store import Attempt
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.tables import call_attempts, call_listeners, users
from outreach.storage.touched import touch_agent, touch_platform


@dataclass(frozen=True)
class Listener:
    """A supervisor's leg to a room. `in_room_at` is None while their phone rings."""

    id: UUID
    platform: str
    attempt_id: UUID
    conference: UUID
    user_id: UUID
    how: ListenHow
    ordered_at: datetime
    sid: str | None = None
    coached_sid: str | None = None
    in_room_at: datetime | None = None
    asked_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class ShownListener:
    """As agents and supervisors see one."""

    id: UUID
    user_id: UUID
    login: str
    how: ListenHow
    ordered_at: datetime
    in_room_at: datetime | None


_COLUMNS = [call_listeners.c[field.name] for field in fields(Listener)]
_open = call_listeners.c.ended_at.is_(None)


def _listener(row: Row[Any]) -> Listener:
    values = dict(row._mapping)
    return Listener(**values | {"how": ListenHow(values["how"])})


def start(connection: Connection, listener: Listener, attempt: Attempt) -> None:
    """Someone is on their way into a room. The agent is told; journal and accesses have their lines.

    Raises Conflict when they are in another room already.
    """
    try:
        with connection.begin_nested():
            connection.execute(insert(call_listeners).values(**vars(listener)))
    except IntegrityError:
        raise Conflict(
            "You are in another call already: leave it first.", code="listening_elsewhere"
        ) from None
    record = attempt.case_record_id
    note(
        connection,
        AccessLine(listener.ordered_at, attempt.platform, listener.user_id, record, AccessReason.LISTENING),
    )
    facts = {"how": listener.how.value, "agent_id": str(attempt.agent_id)}
    _tell(connection, listener, attempt, Event.LISTENING_STARTED, listener.ordered_at, facts)


def change_how(
    connection: Connection, listener: Listener, attempt: Attempt, how: ListenHow, now: datetime
) -> None:
    """From listening to whispering, and so on."""
    _set(connection, listener.id, how=how.value)
    _tell(connection, listener, attempt, Event.LISTENING_CHANGED, now, {"how": how.value})


def enter(connection: Connection, listener: Listener, attempt: Attempt, now: datetime) -> None:
    """They are in the room now."""
    _set(connection, listener.id, in_room_at=listener.in_room_at or now, coached_sid=attempt.agent_sid)
    touch_agent(connection, attempt.agent_id)
    touch_platform(connection, attempt.platform)


def end(connection: Connection, listener: Listener, attempt: Attempt, now: datetime) -> None:
    """Their leg is down, or never came to be."""
    if listener.ended_at is not None:
        return
    _set(connection, listener.id, ended_at=now)
    seconds = 0 if listener.in_room_at is None else round((now - listener.in_room_at).total_seconds())
    _tell(connection, listener, attempt, Event.LISTENING_ENDED, now, {"seconds": seconds})


def keep_sid(connection: Connection, listener_id: UUID, sid: str) -> None:
    """The phone company's name for the leg, unless a report of it was faster."""
    connection.execute(
        update(call_listeners)
        .where(call_listeners.c.id == listener_id, call_listeners.c.sid.is_(None))
        .values(sid=sid)
    )


def keep_coached(connection: Connection, listener_id: UUID, sid: str) -> None:
    _set(connection, listener_id, coached_sid=sid)


def note_asked(connection: Connection, listener_id: UUID, now: datetime) -> None:
    _set(connection, listener_id, asked_at=now)


def _set(connection: Connection, listener_id: UUID, **values: object) -> None:
    connection.execute(update(call_listeners).where(call_listeners.c.id == listener_id).values(**values))


def _tell(
    connection: Connection,
    listener: Listener,
    attempt: Attempt,
    event: Event,
    now: datetime,
    facts: dict[str, Any],
) -> None:
    journal.write(
        connection,
        JournalEntry(
            now,
            attempt.platform,
            event,
            journal.by_user(listener.user_id),
            case_record_id=attempt.case_record_id,
            entry_id=attempt.entry_id,
            attempt_id=attempt.id,
            facts={"listener": str(listener.id), **facts},
        ),
    )
    touch_agent(connection, attempt.agent_id)
    touch_platform(connection, attempt.platform)


def lock(connection: Connection, listener_id: UUID) -> Listener:
    """Held until the transaction ends. Raises NotFound."""
    found = connection.execute(
        select(*_COLUMNS).where(call_listeners.c.id == listener_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such listener.")
    return _listener(found)


def open_of_user(connection: Connection, user_id: UUID) -> Listener | None:
    """Where a supervisor listens now; held until the transaction ends."""
    found = connection.execute(
        select(*_COLUMNS).where(call_listeners.c.user_id == user_id, _open).with_for_update()
    ).one_or_none()
    return None if found is None else _listener(found)


def shown_in(connection: Connection, conferences: Sequence[UUID]) -> dict[UUID, list[ShownListener]]:
    """Who is in these rooms, or on their way into them; first come first."""
    c = call_listeners.c
    rows = connection.execute(
        select(c.conference, c.id, c.user_id, users.c.login, c.how, c.ordered_at, c.in_room_at)
        .join(users, users.c.id == c.user_id)
        .where(c.conference.in_(conferences), _open)
        .order_by(c.ordered_at, c.id)
    )
    found: dict[UUID, list[ShownListener]] = {}
    for room, listener_id, user_id, login, how, *moments in rows:
        shown = ShownListener(listener_id, user_id, login, ListenHow(how), *moments)
        found.setdefault(room, []).append(shown)
    return found


def sids_in(connection: Connection, conference: UUID) -> list[str]:
    """The legs of those in a room, to be hung up."""
    c = call_listeners.c
    found = connection.execute(select(c.sid).where(c.conference == conference, _open, c.sid.is_not(None)))
    return [str(sid) for sid in found.scalars()]


def without_call(connection: Connection) -> list[Listener]:
    """Open listeners whose room has no call any more: it is over, or its agent has left after its end."""
    goes_on = _in_their_room(
        or_(call_attempts.c.status != CallStatus.WRAP_UP.value, call_attempts.c.agent_left_at.is_(None))
    )
    rows = connection.execute(select(*_COLUMNS).where(_open, ~goes_on))
    return [_listener(row) for row in rows]


def whispering_to_nobody(connection: Connection) -> list[tuple[Listener, str, str]]:
    """Whispers meant for a leg that the agent has left for another one: the room, and the agent's leg now."""
    c, a = call_listeners.c, call_attempts.c
    rows = connection.execute(
        select(*_COLUMNS, a.conference_sid, a.agent_sid)
        .join(call_attempts, and_(a.conference == c.conference, a.outcome.is_(None)))
        .where(
            _open,
            c.how == ListenHow.WHISPER.value,
            c.in_room_at.is_not(None),
            a.conference_sid.is_not(None),
            a.agent_sid.is_not(None),
            a.agent_left_at.is_(None),
            c.coached_sid.is_distinct_from(a.agent_sid),
        )
    )
    return [(_without_room(row), row.conference_sid, row.agent_sid) for row in rows]


def _without_room(row: Row[*tuple[Any, ...]]) -> Listener:
    values = {field.name: row._mapping[field.name] for field in fields(Listener)}
    return Listener(**values | {"how": ListenHow(values["how"])})


def unheard_of(connection: Connection, *, ringing_since: datetime, asked_before: datetime) -> list[Listener]:
    """Legs of which nothing was heard for long: they ring since before one moment, or sit in a room."""
    c = call_listeners.c
    rings = and_(c.in_room_at.is_(None), c.ordered_at < ringing_since)
    sits = and_(c.in_room_at < asked_before, or_(c.asked_at.is_(None), c.asked_at < asked_before))
    rows = connection.execute(select(*_COLUMNS).where(_open, or_(rings, sits)).order_by(c.ordered_at))
    return [_listener(row) for row in rows]


def _in_their_room(which: ColumnElement[bool]) -> ColumnElement[bool]:
    a = call_attempts.c
    return exists(select(a.id).where(a.conference == call_listeners.c.conference, a.outcome.is_(None), which))


def attempt_in_room(connection: Connection, listener: Listener) -> UUID:
    """The try that goes on in the room now, else the one they came for."""
    a = call_attempts.c
    found: UUID | None = connection.execute(
        select(a.id).where(a.conference == listener.conference, a.outcome.is_(None))
    ).scalar()
    return found or listener.attempt_id
