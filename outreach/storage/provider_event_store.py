"""What the phone company told us, kept raw (sealed) and once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.ids import new_id
from outreach.storage.hot_sql import HotStatement
from outreach.storage.tables import provider_events

SEALED_FOR = "provider-event"


def keep(
    connection: Connection, *, key: str, kind: str, sealed: bytes, effect: str, now: datetime
) -> UUID | None:
    """Store an event, to be applied in the same transaction; None when the same one was stored before.

    `effect`: what it is expected to do; `note_effect` corrects it, which spares most events a second write.
    """
    return connection.execute(
        insert(provider_events)
        .values(
            id=new_id(), key=key, kind=kind, sealed=sealed, received_at=now, applied_at=now, effect=effect
        )
        .on_conflict_do_nothing(index_elements=[provider_events.c.key])
        .returning(provider_events.c.id)
    ).scalar()


@dataclass(frozen=True)
class RawEvent:
    """An event as it is to be stored; `key` is the same for each repetition."""

    id: UUID
    key: str
    sealed: bytes


_KEEP_ALL = HotStatement(
    """
    insert into provider_events (id, key, kind, sealed, received_at, applied_at, effect)
    select e.id, e.key, :kind, e.sealed, :now, :now, :effect
    from unnest(cast(:ids as uuid[]), cast(:keys as text[]), cast(:sealed as bytea[])) e(id, key, sealed)
    order by e.key
    on conflict (key) do nothing
    returning id
    """
)
_NOTE_EFFECTS = HotStatement(
    """
    update provider_events p set effect = e.effect
    from unnest(cast(:ids as uuid[]), cast(:effects as text[])) e(id, effect) where p.id = e.id
    """
)


def keep_all(
    connection: Connection, events: Sequence[RawEvent], *, kind: str, effect: str, now: datetime
) -> set[UUID]:
    """Store many events as `keep` stores one; the ids of those that were not stored before."""
    told = {
        "ids": [event.id for event in events],
        "keys": [event.key for event in events],
        "sealed": [event.sealed for event in events],
    }
    rows = _KEEP_ALL.rows(connection, {**told, "kind": kind, "effect": effect, "now": now})
    return {row[0] for row in rows}


def note_effects(connection: Connection, effects: Mapping[UUID, str]) -> None:
    """As `note_effect`, for many."""
    if effects:
        _NOTE_EFFECTS.count(connection, {"ids": list(effects), "effects": list(effects.values())})


def note_effect(connection: Connection, event_id: UUID, effect: str) -> None:
    """What applying the event did, where it was not what was expected."""
    connection.execute(update(provider_events).where(provider_events.c.id == event_id).values(effect=effect))


def forget_before(connection: Connection, moment: datetime, *, most: int = 5_000) -> int:
    """Delete events received before a moment, a piece at a time; how many went."""
    old = (
        select(provider_events.c.id)
        .where(provider_events.c.received_at < moment)
        .order_by(provider_events.c.received_at)
        .limit(most)
    )
    return connection.execute(delete(provider_events).where(provider_events.c.id.in_(old))).rowcount
