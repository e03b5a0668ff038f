"""Whose senders they are: the list of each platform, and what waits for one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from outreach.domain.messages import MessagePurpose
from outreach.domain.sender_choice import SenderOption, SenderUse, candidates
from outreach.storage import sender_store
from outreach.storage.tables import platform_senders, platforms


def options(connection: Connection, default: str) -> dict[str, list[SenderOption]]:
    """The senders of every platform; one without a list of its own has its one sender, or the default."""
    found: dict[str, list[SenderOption]] = {}
    for row in connection.execute(_OPTIONS):
        found.setdefault(row.code, []).append(_option(row, default))
    return found


def options_of(connection: Connection, platform: str, default: str) -> list[SenderOption]:
    """The senders of one platform."""
    rows = connection.execute(_OPTIONS.where(platforms.c.code == platform))
    return [_option(row, default) for row in rows]


_OPTIONS = select(
    platforms.c.code,
    platforms.c.sender.label("only"),
    platform_senders.c.sender,
    platform_senders.c.preference,
    platform_senders.c.purposes,
).select_from(platforms.outerjoin(platform_senders, platform_senders.c.platform == platforms.c.code))


def _option(row: Any, default: str) -> SenderOption:
    if row.sender is None:
        return SenderOption(row.only or default)
    return SenderOption(row.sender, row.preference, frozenset(map(MessagePurpose, row.purposes)))


def put_options(connection: Connection, platform: str, listed: Sequence[SenderOption]) -> None:
    """Replace a platform's list; an empty one leaves it the one sender it had."""
    connection.execute(delete(platform_senders).where(platform_senders.c.platform == platform))
    if listed:
        rows = [
            {
                "platform": platform,
                "sender": option.sender,
                "preference": option.preference,
                "purposes": sorted(option.purposes),
            }
            for option in listed
        ]
        connection.execute(insert(platform_senders), rows)


def forget_only(connection: Connection, platform: str) -> None:
    """Without a list, the platform sends by the installation's sender from now on."""
    connection.execute(update(platforms).where(platforms.c.code == platform).values(sender=""))


def names(connection: Connection, default: str) -> list[str]:
    """Every sender that some platform uses, stopped or not."""
    listed = options(connection, default).values()
    return sorted({option.sender for each in listed for option in each} | {default} - {""})


def last_to(connection: Connection, number_index: bytes, *, since: datetime) -> str:
    """The sender that wrote to this number last, so that a conversation keeps it; '' for nobody."""
    found = connection.execute(
        text(
            "select sender from messages where number_index = :number and created_at >= :since"
            " and status not in ('CANCELLED', 'EXPIRED', 'FAILED') order by created_at desc limit 1"
        ),
        {"number": number_index, "since": since},
    ).scalar_one_or_none()
    return found or ""


def move_queued(connection: Connection, platform: str, sender: str, to: Mapping[MessagePurpose, str]) -> int:
    """Hand what waits for one sender to others, by purpose; how many messages."""
    if not to:
        return 0
    moved = connection.execute(
        text(
            """
            update messages m set sender = a.sender
            from unnest(cast(:purposes as text[]), cast(:senders as text[])) a(purpose, sender)
            where m.status = 'QUEUED' and m.sender = :sender and m.platform = :platform
              and m.purpose = a.purpose
            """
        ),
        {"purposes": list(to), "senders": list(to.values()), "sender": sender, "platform": platform},
    )
    return moved.rowcount


def take_turn(connection: Connection, platform: str) -> None:
    """Wait until no other claim turns entries of this platform into messages; until the transaction ends.

    Platforms are taken in order, so that no two claims wait for each other.
    """
    connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:turn, 0))"), {"turn": f"shed:{platform}"}
    )


def stopped_for(connection: Connection, platform: str) -> str | None:
    """Why no sender of this platform can text its contacts; None when one can."""
    own = [option for option in options(connection, "").get(platform, []) if option.sender]
    stopped = [row for row in sender_store.rows(connection) if row.stopped_because is not None]
    because = {row.sender: row.stopped_because for row in stopped}
    if not own:  # the default: whichever sender belongs to no platform
        taken = {option.sender for each in options(connection, "").values() for option in each}
        return next((why for sender, why in because.items() if sender not in taken), None)
    if candidates(own, SenderUse(MessagePurpose.CONTACT_INFORMED), stopped=because):
        return None
    return next(iter(because.values()), "no sender for contacts")
