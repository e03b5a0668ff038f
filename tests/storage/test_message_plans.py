"""Each hot query of messages is served by its index, and not by a walk over the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, TextClause, text

from outreach.ids import new_id
from outreach.storage import (
    asked_call_store,
    inbox_store,
    message_store,
    message_sweep_store,
    page_store,
    shed_store,
)

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
NUMBER = b"0123456789abcdef"

CLAIM = {
    "sender": "x",
    "claimed_by": 1,
    "zones": ["Europe/Paris"],
    "allowance": 10,
    "bulk": 10,
    "most": 10,
    "now": NOW,
    "useful": NOW,
    "event": "x",
    "actor": "x",
}


def plan(connection: Connection, statement: TextClause, values: dict[str, Any]) -> str:
    connection.execute(text("set local enable_seqscan = off"))
    rows = connection.execute(text(f"explain {statement.text}"), values)
    return "\n".join(rows.scalars())


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (message_store._CLAIM, CLAIM, "messages_queued_idx"),
        (
            shed_store._TAKE,
            {"platform": "40", "level": 3, "zones": ["Europe/Paris"], "most": 10},
            "call_list_shed_idx",
        ),
        (
            shed_store._RETURN,
            {
                "messages": [new_id()],
                "owed": True,
                "call_class": 6,
                "because": "x",
                "now": NOW,
                "event": "x",
                "actor": "x",
            },
            "call_list_message_idx",
        ),
        (
            asked_call_store._PROMISE,
            {
                "number": NUMBER,
                "due_at": NOW,
                "front": 1,
                "call_class": 2,
                "because": "x",
                "now": NOW,
                "event": "x",
                "actor": "x",
            },
            "person_phones_number_index_idx",
        ),
        (page_store._BY_LINK, {"digest": NUMBER, "since": NOW}, "messages_link_digest_idx"),
        (inbox_store._LINES, {"number": NUMBER, "most": 10}, "inbound_messages_number_index_idx"),
        (text("select id from messages where send_id = :id for update"), {"id": new_id()}, "send_id"),
        (text("select id from messages where provider_sid = :id for update"), {"id": "SM"}, "provider_sid"),
    ],
)
def test_the_plan_uses_the_index(
    planning: Connection, statement: TextClause, values: dict[str, Any], index: str
) -> None:
    assert index in plan(planning, statement, values)


def test_sweeps_on_an_empty_table_find_nothing(connection: Connection) -> None:
    day = NOW + timedelta(hours=24)
    assert message_sweep_store.uncertain(connection, until=day, most=10) == []
    assert (
        message_sweep_store.silent(connection, accepted_before=day, asked_before=day, now=day, most=10) == []
    )
    assert message_sweep_store.give_up_waiting(connection, accepted_before=day, now=day, most=10) == []
    assert message_sweep_store.useless(connection, until=day, most=10) == []
