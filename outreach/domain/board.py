"""What a supervisor sees at a glance: how much time the backlog has left, and what each agent is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.domain.call_attempts import CallStatus

# An agent whose wrap-up lasts longer is shown as stuck: the median is under two minutes.
LONG_WRAP_UP = timedelta(minutes=5)
LONG_RINGING = timedelta(minutes=1)


class TimeLeft(StrEnum):
    """How long an entry has until its effective deadline, in the order of the board's columns."""

    LATE = "LATE"
    HOUR = "HOUR"
    FOUR_HOURS = "FOUR_HOURS"
    EIGHT_HOURS = "EIGHT_HOURS"
    DAY = "DAY"
    LONGER = "LONGER"


# Each column ends so many hours from now.
ENDS: dict[TimeLeft, int] = {
    TimeLeft.HOUR: 1,
    TimeLeft.FOUR_HOURS: 4,
    TimeLeft.EIGHT_HOURS: 8,
    TimeLeft.DAY: 24,
}


class AgentState(StrEnum):
    """What an agent is doing, as the board says it."""

    RINGING = "RINGING"  # a phone rings: theirs, or the person's
    ON_CALL = "ON_CALL"
    ON_HOLD = "ON_HOLD"
    LINE_LOST = "LINE_LOST"  # the person waits, the agent's own line dropped
    WRAP_UP = "WRAP_UP"
    READING = "READING"  # someone in hand, no call yet
    IDLE = "IDLE"
    PAUSED = "PAUSED"
    AWAY = "AWAY"  # on shift, and their page is silent
    OFF = "OFF"


@dataclass(frozen=True)
class AgentFacts:
    """What is known of one agent now. `status` and the moments after it: of their open call, if any."""

    presence: str  # ON_SHIFT | PAUSED | OFF
    since: datetime
    there: bool
    paused_since: datetime | None = None
    status: CallStatus | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    left_at: datetime | None = None
    on_hold: bool = False
    holds_entry: bool = False
    last_outcome_at: datetime | None = None


@dataclass(frozen=True)
class Doing:
    """A state and since when; `stuck`: someone should look."""

    state: AgentState
    since: datetime
    stuck: bool = False


def doing_of(facts: AgentFacts, now: datetime) -> Doing:
    """An open call says most, then who is in hand, then presence."""
    if facts.status is not None:
        return _in_call(facts, facts.status, now)
    if facts.presence == "OFF":
        return Doing(AgentState.OFF, facts.since)
    if not facts.there:
        return Doing(AgentState.AWAY, facts.since, stuck=facts.holds_entry)
    if facts.presence == "PAUSED":
        return Doing(AgentState.PAUSED, facts.paused_since or facts.since)
    if facts.holds_entry:
        return Doing(AgentState.READING, facts.last_outcome_at or facts.since)
    return Doing(AgentState.IDLE, max(facts.since, facts.last_outcome_at or facts.since))


def _in_call(facts: AgentFacts, status: CallStatus, now: datetime) -> Doing:
    begun = facts.started_at or facts.since
    if status is CallStatus.WRAP_UP:
        ended = facts.ended_at or begun
        return Doing(AgentState.WRAP_UP, ended, stuck=not facts.there or now - ended > LONG_WRAP_UP)
    if status is CallStatus.ANSWERED:
        if facts.left_at is not None:
            return Doing(AgentState.LINE_LOST, facts.left_at, stuck=True)
        state = AgentState.ON_HOLD if facts.on_hold else AgentState.ON_CALL
        return Doing(state, facts.answered_at or begun)
    return Doing(AgentState.RINGING, begun, stuck=now - begun > LONG_RINGING)
