"""Whether an agent may still take back the outcome they said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from outreach.errors import Conflict

UNDO_WITHIN = timedelta(minutes=1)


def seconds_left(said_at: datetime, now: datetime) -> int:
    """Whole seconds in which an outcome may still be taken back."""
    return max(0, ceil((said_at + UNDO_WITHIN - now).total_seconds()))


@dataclass(frozen=True)
class SinceThen:
    """What happened after an outcome was said.

    `last`: it is the agent's last one; `called_again`: anybody has tried the person since; `in_call`: the
    agent is in another call; `moved`: somebody else, or a message, stands for the entry now; `texted`: a
    message that the outcome brought has left.
    """

    said_at: datetime
    last: bool = True
    called_again: bool = False
    in_call: bool = False
    moved: bool = False
    texted: bool = False


def check_undo(since: SinceThen, now: datetime) -> None:
    """Raises Conflict with the reason why the outcome stands."""
    if not since.last:
        raise Conflict("Only your last outcome can be undone.", code="not_last")
    if now - since.said_at > UNDO_WITHIN:
        raise Conflict(
            "An outcome can be undone for one minute; this one stands. Write what is wrong in the record.",
            code="too_late",
        )
    if since.in_call:
        raise Conflict("Say how your present call went first, then undo.", code="in_call")
    if since.called_again or since.moved:
        raise Conflict("Somebody else has this person in hand by now; the outcome stands.", code="moved_on")
    if since.texted:
        raise Conflict("A message about this outcome has left already; the outcome stands.", code="texted")
