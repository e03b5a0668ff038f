"""What a supervisor may do beside an agent: listening in, acts on their work, and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from outreach.domain.call_attempts import CallStatus


class ListenHow(StrEnum):
    """Double écoute: who hears the supervisor. The agent is told of all three."""

    LISTEN = "LISTEN"  # nobody
    WHISPER = "WHISPER"  # the agent alone
    JOIN = "JOIN"  # everybody


@dataclass(frozen=True)
class Hearing:
    """How a supervisor's leg sits in the room."""

    muted: bool
    whispers: bool


def hearing_of(how: ListenHow) -> Hearing:
    match how:
        case ListenHow.LISTEN:
            return Hearing(muted=True, whispers=False)
        case ListenHow.WHISPER:
            return Hearing(muted=False, whispers=True)
        case ListenHow.JOIN:
            return Hearing(muted=False, whispers=False)
        case _:
            assert_never(how)


class ActReason(StrEnum):
    """Why a supervisor moved an agent's work. A closed list: no word about a person gets into the journal."""

    AGENT_AWAY = "AGENT_AWAY"
    AGENT_ASKED = "AGENT_ASKED"
    DEADLINE = "DEADLINE"
    LANGUAGE = "LANGUAGE"
    EXPERIENCE = "EXPERIENCE"
    TECHNICAL = "TECHNICAL"
    OTHER = "OTHER"


class ActKind(StrEnum):
    """What was done; the agent is told."""

    WRAP_UP_ENDED = "WRAP_UP_ENDED"
    ENTRY_TAKEN = "ENTRY_TAKEN"  # out of the agent's hands
    ENTRY_GIVEN = "ENTRY_GIVEN"  # into their hands
    ENTRY_KEPT = "ENTRY_KEPT"  # the agent's next one


WITH_AGENT_IN_ROOM = frozenset(
    {CallStatus.AGENT_ON_LINE, CallStatus.DIALLING, CallStatus.RINGING, CallStatus.ANSWERED}
)
