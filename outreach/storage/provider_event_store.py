"""What the phone company told us, kept raw (sealed) and once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from outreach.ids import new_id
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
