"""The line of a practice call: what the call bar may do with it, and what was done with it badly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from outreach.errors import Conflict


class Act(StrEnum):
    """A button of the call bar."""

    CALL = "CALL"
    NEXT_NUMBER = "NEXT_NUMBER"
    HOLD = "HOLD"
    RESUME = "RESUME"
    VOICEMAIL = "VOICEMAIL"
    HANG_UP = "HANG_UP"


class LineState(StrEnum):
    """What is on the line."""

    READY = "READY"
    NO_ANSWER = "NO_ANSWER"  # this number rang out, and there is another
    TALKING = "TALKING"
    ON_HOLD = "ON_HOLD"
    ENDED = "ENDED"


class Slip(StrEnum):
    """Something an agent should not do on the line."""

    UNTRIED_NUMBER = "UNTRIED_NUMBER"  # said how it went without trying the other number
    LEFT_ON_HOLD = "LEFT_ON_HOLD"  # hung up on somebody who waited
    MESSAGE_TO_A_PERSON = "MESSAGE_TO_A_PERSON"  # played the voicemail to somebody who had picked up


MOVES: Mapping[LineState, frozenset[Act]] = {
    LineState.READY: frozenset({Act.CALL}),
    LineState.NO_ANSWER: frozenset({Act.NEXT_NUMBER}),
    LineState.TALKING: frozenset({Act.HOLD, Act.VOICEMAIL, Act.HANG_UP}),
    LineState.ON_HOLD: frozenset({Act.RESUME, Act.HANG_UP}),
    LineState.ENDED: frozenset(),
}


@dataclass(frozen=True)
class Line:
    """The line as its acts have left it. `number`: the place of the number that was called last."""

    answering: int  # the place of the number that picks up
    machine: bool
    state: LineState = LineState.READY
    number: int = 0
    voicemail_left: bool = False
    slips: frozenset[Slip] = frozenset()

    @property
    def may(self) -> frozenset[Act]:
        return MOVES[self.state]

    @property
    def reached(self) -> bool:
        """Somebody, or a machine, has picked up."""
        return self.state not in (LineState.READY, LineState.NO_ANSWER)

    def after(self, act: Act) -> Line:
        """Raises Conflict when the act is not possible now."""
        if act not in self.may:
            raise Conflict("This cannot be done on the line now.", code="not_now")
        match act:
            case Act.CALL:
                return self._ringing(0)
            case Act.NEXT_NUMBER:
                return self._ringing(self.number + 1)
            case Act.HOLD:
                return replace(self, state=LineState.ON_HOLD)
            case Act.RESUME:
                return replace(self, state=LineState.TALKING)
            case Act.VOICEMAIL:
                slips = self.slips if self.machine else self.slips | {Slip.MESSAGE_TO_A_PERSON}
                return replace(self, state=LineState.ENDED, voicemail_left=True, slips=slips)
            case Act.HANG_UP:
                waiting = {Slip.LEFT_ON_HOLD} if self.state is LineState.ON_HOLD else set[Slip]()
                return replace(self, state=LineState.ENDED, slips=self.slips | waiting)
            case _:
                assert_never(act)

    def said(self) -> Line:
        """The line once the agent has said how it went."""
        untried = {Slip.UNTRIED_NUMBER} if self.state is LineState.NO_ANSWER else set[Slip]()
        return replace(self, slips=self.slips | untried)

    def _ringing(self, number: int) -> Line:
        state = LineState.TALKING if number >= self.answering else LineState.NO_ANSWER
        return replace(self, state=state, number=number)


def line_after(acts: Iterable[Act], *, answering: int, machine: bool) -> Line:
    """The line after all of them, in order."""
    line = Line(answering, machine)
    for act in acts:
        line = line.after(act)
    return line
