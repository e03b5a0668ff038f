"""What rings when an agent clicks to call: their own phone, or the computer they sit at."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

COMPUTER_SCHEME = "client:"  # the phone company's word for a browser that is signed in


class AgentDevice(StrEnum):
    """What an agent chose at the start of the shift."""

    PHONE = "PHONE"
    COMPUTER = "COMPUTER"


def identity_of(user_id: UUID) -> str:
    """The agent's name at the phone company: opaque, and the same on every computer."""
    return f"agent_{user_id.hex}"


def computer_address(user_id: UUID) -> str:
    """Where the agent's computers are rung."""
    return COMPUTER_SCHEME + identity_of(user_id)


def rings_computer(address: str) -> bool:
    """Whoever takes such a call pressed a button of our page: no voicemail answers there."""
    return address.startswith(COMPUTER_SCHEME)
