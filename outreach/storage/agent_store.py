"""Agents as the phone sees them: their own number, and who is free to take a call now."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, literal, or_, select

from outreach.domain.agent_devices import AgentDevice, computer_address
from outreach.errors import Conflict
from outreach.storage import device_store
from outreach.storage.tables import (
    agent_devices,
    agent_presence,
    call_attempts,
    call_list_entries,
    users,
)
from outreach.storage.vault import Vault

SEALED_FOR = "agent-phone"
STILL_THERE = timedelta(seconds=90)


def address_of(connection: Connection, vault: Vault, user_id: UUID) -> str:
    """Where the agent is rung: their computers, or their own phone in E.164. Raises Conflict for none."""
    if device_store.device_of(connection, user_id) is AgentDevice.COMPUTER:
        return computer_address(user_id)
    return vault.open_system(SEALED_FOR, sealed_phone(connection, user_id)).decode()


def check_can_be_rung(connection: Connection, user_id: UUID) -> None:
    """Raises Conflict for an agent who chose the phone and has none."""
    if device_store.device_of(connection, user_id) is AgentDevice.PHONE:
        sealed_phone(connection, user_id)


def sealed_phone(connection: Connection, user_id: UUID) -> bytes:
    """The user's own phone, unopened. Raises Conflict when none is known."""
    sealed: bytes | None = connection.execute(
        select(users.c.sealed_phone).where(users.c.id == user_id)
    ).scalar()
    if sealed is None:
        raise Conflict("No phone is known for this agent: ask an administrator to add it.", code="no_phone")
    return sealed


def is_there(connection: Connection, user_id: UUID, now: datetime) -> bool:
    """Whether the agent's page gave a sign of life lately."""
    beat = connection.execute(
        select(agent_presence.c.heartbeat_at).where(agent_presence.c.user_id == user_id)
    ).scalar()
    return beat is not None and beat > now - STILL_THERE


def free_on_shift(
    connection: Connection,
    platform: str,
    roles: list[str],
    now: datetime,
    *,
    but: UUID | None = None,
    language: str | None = None,
) -> UUID | None:
    """Someone of a platform with one of these roles, on shift, in no call of theirs or of a colleague's, and
    with nobody in hand.

    With a `language`, only those who speak it. Whoever waits longest comes first.
    """
    speaks = literal(True) if language is None else users.c.languages.contains([language])
    return connection.execute(
        select(users.c.id)
        .join(agent_presence, agent_presence.c.user_id == users.c.id)
        .where(
            users.c.ended_at.is_(None),
            users.c.id.is_distinct_from(but),
            users.c.platforms.contains([platform]),
            users.c.roles.overlap(roles),
            speaks,
            or_(users.c.sealed_phone.is_not(None), _at_computer()),
            agent_presence.c.state == "ON_SHIFT",
            agent_presence.c.heartbeat_at > now - STILL_THERE,
            *_free(),
        )
        .order_by(agent_presence.c.since)
        .limit(1)
    ).scalar()


def take_if_free(connection: Connection, user_id: UUID) -> bool:
    """Whether the agent is free still; they are held until the transaction ends, if so.

    Whoever holds their presence is about to give them somebody, or to take a call of theirs back: then they
    are not free, and nobody waits for them with an entry held.
    """
    c = agent_presence.c
    held = connection.execute(
        select(c.user_id).where(c.user_id == user_id).with_for_update(skip_locked=True)
    ).first()
    if held is None:
        return False
    free = connection.execute(select(users.c.id).where(users.c.id == user_id, *_free()))
    return free.first() is not None


def _at_computer() -> ColumnElement[bool]:
    chose = agent_devices.c.device == AgentDevice.COMPUTER.value
    return select(agent_devices.c.user_id).where(agent_devices.c.user_id == users.c.id, chose).exists()


def _free() -> list[ColumnElement[bool]]:
    """In no open call of theirs or a colleague's, and with nobody in hand."""
    is_open = call_attempts.c.outcome.is_(None)
    calling = select(call_attempts.c.id).where(call_attempts.c.agent_id == users.c.id, is_open)
    # Whoever was brought in may go on with the person after the agent has said how it went.
    goes_on = or_(is_open, call_attempts.c.transfer_sid.is_not(None))
    brought_in = select(call_attempts.c.id).where(call_attempts.c.transfer_user_id == users.c.id, goes_on)
    holding = select(call_list_entries.c.id).where(
        call_list_entries.c.leased_by == users.c.id, call_list_entries.c.state == "LEASED"
    )
    return [~calling.exists(), ~brought_in.exists(), ~holding.exists()]
