"""The line of a practice call: what the call bar may do with it, and what was done with it badly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from outreach.errors import Conflict


class Act(StrEnum):
    """A button of the call bar."""

    CALL = "CALL"
    NEXT_NUMBER = "NEXT_NUMBER"
    ASK_TO_WAIT = "ASK_TO_WAIT"  # say that they will be put on hold
    HOLD = "HOLD"
    RESUME = "RESUME"
    ASK_HELP = "ASK_HELP"  # an invented supervisor comes
    BRING_ADVISER = "BRING_ADVISER"  # an invented medical adviser picks up
    SUMMARISE = "SUMMARISE"  # say to the adviser whom it is about
    HAND_OVER = "HAND_OVER"  # leave the person with the adviser
    VOICEMAIL = "VOICEMAIL"
    HANG_UP = "HANG_UP"


class LineState(StrEnum):
    """What is on the line."""

    READY = "READY"
    NO_ANSWER = "NO_ANSWER"  # this number rang out, and there is another
    TALKING = "TALKING"
    ON_HOLD = "ON_HOLD"
    ENDED = "ENDED"


class Colleague(StrEnum):
    """Whom the agent brought in: one at a time, as on the desk."""

    SUPERVISOR = "SUPERVISOR"
    ADVISER = "ADVISER"


class Slip(StrEnum):
    """Something an agent should not do on the line."""

    UNTRIED_NUMBER = "UNTRIED_NUMBER"  # said how it went without trying the other number
    HELD_UNTOLD = "HELD_UNTOLD"  # put on hold without a word
    LEFT_ON_HOLD = "LEFT_ON_HOLD"  # hung up on somebody who waited
    MESSAGE_TO_A_PERSON = "MESSAGE_TO_A_PERSON"  # played the voicemail to somebody who had picked up
    NO_HELP = "NO_HELP"  # stayed alone with somebody who wanted whoever is in charge
    NO_ADVISER = "NO_ADVISER"  # stayed alone with a question for a doctor
    NO_SUMMARY = "NO_SUMMARY"  # left the adviser with somebody they know nothing of
    ADVISER_TO_A_STRANGER = "ADVISER_TO_A_STRANGER"  # a doctor comes: a stranger learns what it is about


MOVES: Mapping[LineState, frozenset[Act]] = {
    LineState.READY: frozenset({Act.CALL}),
    LineState.NO_ANSWER: frozenset({Act.NEXT_NUMBER}),
    LineState.TALKING: frozenset(
        {
            *(Act.ASK_TO_WAIT, Act.HOLD, Act.ASK_HELP, Act.BRING_ADVISER, Act.SUMMARISE),
            *(Act.HAND_OVER, Act.VOICEMAIL, Act.HANG_UP),
        }
    ),
    LineState.ON_HOLD: frozenset({Act.RESUME, Act.ASK_HELP, Act.BRING_ADVISER, Act.SUMMARISE, Act.HANG_UP}),
    LineState.ENDED: frozenset(),
}
_ALONE = frozenset({Act.ASK_HELP, Act.BRING_ADVISER})
_TO_ADVISER = frozenset({Act.SUMMARISE, Act.HAND_OVER})
_MISSED = {Colleague.SUPERVISOR: Slip.NO_HELP, Colleague.ADVISER: Slip.NO_ADVISER}


@dataclass(frozen=True)
class Line:
    """The line as its acts have left it. `number`: the place of the number that was called last.

    `needs`: whom a good agent brings in; `stranger`: whoever picks up is not the person.
    """

    answering: int  # the place of the number that picks up
    machine: bool
    needs: Colleague | None = None
    stranger: bool = False
    state: LineState = LineState.READY
    number: int = 0
    told_to_wait: bool = False
    colleague: Colleague | None = None
    summarised: bool = False
    voicemail_left: bool = False
    slips: frozenset[Slip] = frozenset()

    @property
    def may(self) -> frozenset[Act]:
        kept = MOVES[self.state]
        if self.colleague is not None:
            kept -= _ALONE
        if self.colleague is not Colleague.ADVISER:
            kept -= _TO_ADVISER
        return kept - {Act.SUMMARISE} if self.summarised else kept

    @property
    def reached(self) -> bool:
        """Somebody, or a machine, has picked up."""
        return self.state not in (LineState.READY, LineState.NO_ANSWER)

    def after(self, act: Act) -> Line:
        """Raises Conflict when the act is not possible now."""
        if act not in self.may:
            raise Conflict("This cannot be done on the line now.", code="not_now")
        return STEPS[act](self)

    def said(self) -> Line:
        """The line once the agent has said how it went."""
        line = self.slipped(Slip.UNTRIED_NUMBER, when=self.state is LineState.NO_ANSWER)
        if self.needs is None or not self.reached:
            return line
        return line.slipped(_MISSED[self.needs], when=self.colleague is not self.needs)

    def slipped(self, slip: Slip, *, when: bool) -> Line:
        return replace(self, slips=self.slips | {slip}) if when else self


def _ringing(line: Line, number: int) -> Line:
    state = LineState.TALKING if number >= line.answering else LineState.NO_ANSWER
    return replace(line, state=state, number=number)


def _held(line: Line) -> Line:
    waiting = replace(line, state=LineState.ON_HOLD, told_to_wait=False)
    return waiting.slipped(Slip.HELD_UNTOLD, when=not line.told_to_wait)


def _with_adviser(line: Line) -> Line:
    return replace(line, colleague=Colleague.ADVISER).slipped(Slip.ADVISER_TO_A_STRANGER, when=line.stranger)


def _handed_over(line: Line) -> Line:
    return replace(line, state=LineState.ENDED).slipped(Slip.NO_SUMMARY, when=not line.summarised)


def _with_message(line: Line) -> Line:
    left = replace(line, state=LineState.ENDED, voicemail_left=True)
    return left.slipped(Slip.MESSAGE_TO_A_PERSON, when=not line.machine)


def _hung_up(line: Line) -> Line:
    waited = line.state is LineState.ON_HOLD
    return replace(line, state=LineState.ENDED).slipped(Slip.LEFT_ON_HOLD, when=waited)


STEPS: Mapping[Act, Callable[[Line], Line]] = {
    Act.CALL: lambda line: _ringing(line, 0),
    Act.NEXT_NUMBER: lambda line: _ringing(line, line.number + 1),
    Act.ASK_TO_WAIT: lambda line: replace(line, told_to_wait=True),
    Act.HOLD: _held,
    Act.RESUME: lambda line: replace(line, state=LineState.TALKING),
    Act.ASK_HELP: lambda line: replace(line, colleague=Colleague.SUPERVISOR),
    Act.BRING_ADVISER: _with_adviser,
    Act.SUMMARISE: lambda line: replace(line, summarised=True),
    Act.HAND_OVER: _handed_over,
    Act.VOICEMAIL: _with_message,
    Act.HANG_UP: _hung_up,
}


def line_after(acts: Iterable[Act], line: Line) -> Line:
    """The line after all of them, in order."""
    for act in acts:
        line = line.after(act)
    return line
