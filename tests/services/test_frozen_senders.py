"""A sender that stands still is told of, until its messages are settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from outreach.clock import SetClock
from outreach.storage import sender_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.message_world import MessageWorld, message_world

KEY = 2**40 + 7


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def open_alarms(world: MessageWorld) -> list[Any]:
    with world.database.begin() as connection:
        c = tables.alarms.c
        return list(connection.execute(select(c.kind, c.subject, c.facts).where(c.cleared_at.is_(None))))


def test_messages_held_by_a_living_sender_for_five_minutes_raise_one_alarm(world: MessageWorld) -> None:
    positive = world.positive("+33639980001")
    with world.database.begin() as connection:
        world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
        claimed = {"status": "SENDING", "claimed_by": KEY, "claimed_at": world.clock.now()}
        connection.execute(update(tables.messages).values(**claimed))
    with world.database.begin() as session:
        sender_store.hold(session, KEY)
        world.clock.advance(timedelta(minutes=5))
        assert world.messaging.frozen.look() == 0
        world.clock.advance(timedelta(seconds=1))
        assert (world.messaging.frozen.look(), world.messaging.frozen.look()) == (1, 1)
        ((kind, subject, facts),) = open_alarms(world)
        assert (kind, subject, facts["messages"]) == ("SENDER_FROZEN", f"…{OUR_NUMBER[-4:]}", 1)
        session.execute(text("select pg_advisory_unlock(:key)"), {"key": KEY})
    assert world.messaging.frozen.look() == 0
    assert open_alarms(world) == []
