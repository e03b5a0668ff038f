"""One try by phone: its states, the table of moves, and what the line's end suggests as an outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from outreach.domain.outcomes import CallOutcome


class CallStatus(StrEnum):
    """Where an attempt stands; it ends with an outcome, whatever the status."""

    RINGING_AGENT = "RINGING_AGENT"  # committed; the agent's leg is ordered
    AGENT_ON_LINE = "AGENT_ON_LINE"  # the agent waits in the room; the person's leg is to be ordered
    DIALLING = "DIALLING"  # the person's leg is ordered
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"  # a person or a machine picked up
    WRAP_UP = "WRAP_UP"  # no leg to the person any more: the outcome is to be said


class Leg(StrEnum):
    """Whose telephone."""

    AGENT = "agent"
    PERSON = "person"
    TRANSFER = "transfer"


class LineStatus(StrEnum):
    """What a phone company says of one leg (its own words)."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        return self in ENDED


def line_status(word: str) -> LineStatus | None:
    """A phone company's word for a leg's state; None for one it has invented since."""
    return next((line for line in LineStatus if line == word), None)


ENDED = frozenset(
    {LineStatus.COMPLETED, LineStatus.BUSY, LineStatus.FAILED, LineStatus.NO_ANSWER, LineStatus.CANCELED}
)


def line_as_reported(leg: Leg, line: LineStatus) -> LineStatus:
    """What a report of the phone company says of a leg.

    An agent's phone may be picked up by a voicemail, or by someone else at home: until a key is pressed, it
    only rings.
    """
    return LineStatus.RINGING if leg is Leg.AGENT and line is LineStatus.IN_PROGRESS else line


_ORDER = list(CallStatus)
_PERSON_MOVES: dict[LineStatus, CallStatus] = {
    LineStatus.QUEUED: CallStatus.DIALLING,
    LineStatus.INITIATED: CallStatus.DIALLING,
    LineStatus.RINGING: CallStatus.RINGING,
    LineStatus.IN_PROGRESS: CallStatus.ANSWERED,
    **dict.fromkeys(ENDED, CallStatus.WRAP_UP),
}
_BEFORE_THE_PERSON = (CallStatus.RINGING_AGENT, CallStatus.AGENT_ON_LINE)

# Machine words of answering-machine detection; "unknown" and "human" count as a person.
MACHINE_WORDS = frozenset(
    {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"}
)


def after_report(status: CallStatus, leg: Leg, line: LineStatus) -> CallStatus:
    """The status after a report about a leg; the same status when the report is late, repeated or irrelevant.

    Statuses only go forward, so reports may come in any order and as often as they like.
    """
    match leg:
        case Leg.PERSON:
            wanted = _PERSON_MOVES[line]
        case Leg.AGENT:
            wanted = _after_agent_report(status, line)
        case Leg.TRANSFER:
            wanted = status
        case _:
            assert_never(leg)
    return wanted if _ORDER.index(wanted) > _ORDER.index(status) else status


def _after_agent_report(status: CallStatus, line: LineStatus) -> CallStatus:
    if line is LineStatus.IN_PROGRESS:
        return CallStatus.AGENT_ON_LINE
    if line.ended and status in _BEFORE_THE_PERSON:
        return CallStatus.WRAP_UP
    return status


def was_answered(line: LineStatus, *, answered_before: bool, seconds: int | None) -> bool:
    """Whether somebody picked up. Reports come in any order: a call that lasted was answered, told or not."""
    return answered_before or (line is LineStatus.COMPLETED and seconds != 0)


def outcome_of_line(
    line: LineStatus, *, leg: Leg, answered: bool, machine: bool, voicemail_left: bool, wrong_number: bool
) -> CallOutcome | None:
    """What the end of a leg suggests; None when a conversation took place and only the agent can say."""
    if leg is Leg.AGENT:
        return CallOutcome.CANCELLED
    if voicemail_left:
        return CallOutcome.VOICEMAIL_LEFT
    if machine:
        return CallOutcome.VOICEMAIL_NONE
    if wrong_number:
        return CallOutcome.INVALID_NUMBER
    if answered:
        return None
    return _UNANSWERED.get(line)


_UNANSWERED = {
    LineStatus.BUSY: CallOutcome.BUSY,
    LineStatus.NO_ANSWER: CallOutcome.NO_ANSWER,
    LineStatus.FAILED: CallOutcome.NETWORK_FAILED,
    LineStatus.CANCELED: CallOutcome.CANCELLED,
    LineStatus.COMPLETED: CallOutcome.NETWORK_FAILED,  # ended without ever being answered
}
