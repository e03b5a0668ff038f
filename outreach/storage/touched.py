"""Which views a transaction puts out of date: gathered while it runs, told once it has committed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

KEY = "touched"


def touch(connection: Connection, topic: str) -> None:
    """Whoever watches the topic is told after the commit: "platform:40", "orders:40", "agent:<user id>"."""
    connection.info.setdefault(KEY, set()).add(topic)


def touch_platform(connection: Connection, platform: str) -> None:
    touch(connection, f"platform:{platform}")


def touch_orders(connection: Connection, platform: str) -> None:
    """What all of a platform work by: the mode, proposals, notices. Rare, so that every desk may hear it."""
    touch(connection, f"orders:{platform}")


def touch_agent(connection: Connection, user_id: UUID | None) -> None:
    """Nothing for nobody."""
    if user_id is not None:
        touch(connection, f"agent:{user_id}")


def taken_from(connection: Connection) -> frozenset[str]:
    """What was touched since the transaction began; the list is empty afterwards."""
    return frozenset(connection.info.pop(KEY, ()))
