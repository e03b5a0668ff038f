"""How surely a contact can be reached by phone within 24 hours, whoever calls and however well.

The rules of tries hold for everybody: so many, and after an outcome none sooner than `next_step` allows. When
to try is free, and what a try comes to is chance. The best choice of moments is found from the last one back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from outreach.domain.call_list import FIRST_CALL_WITHIN
from outreach.domain.calling_hours import DayPart
from outreach.domain.load_shedding import MODES
from outreach.domain.next_steps import StepFacts, next_step
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.replay.cohorts import minute_of, moment
from outreach.replay.setting import Setting
from outreach.replay.virtual_platform import CALLBACK_AFTER, UNANSWERED

WINDOW = int(FIRST_CALL_WITHIN.total_seconds()) // 60  # minutes
MOST_TRIES = max(rule.contact_tries for rule in MODES.values())


def best_reach(setting: Setting) -> float:
    """The greatest chance, over all moments of a replay at which a contact may be listed."""
    of_pattern: dict[tuple[object, ...], float] = {}
    for day in setting.days():
        today, tomorrow = setting.steps_of(day), setting.steps_of(day + timedelta(days=1))
        steps = [*today, *tomorrow]
        parts = [setting.hours[Purpose.INFORM].day_part(moment(step)) for step in steps]
        pattern = (*(step - steps[0] for step in steps), *parts)
        if pattern not in of_pattern:
            tries = _Tries(setting, steps, parts)
            of_pattern[pattern] = max((tries.reach(listed) for listed in today), default=0.0)
    return max(of_pattern.values())


@dataclass(frozen=True)
class _Tries:
    """Two days of moments at which somebody may be tried."""

    setting: Setting
    steps: Sequence[int]
    parts: Sequence[DayPart]

    def reach(self, listed: int) -> float:
        """The chance of who is listed at a moment."""
        first, end = bisect_left(self.steps, listed), bisect_left(self.steps, listed + WINDOW + 1)
        # best[tries][place]: from there on; after the last try only a promised call is left.
        best = [[0.0] * (len(self.steps) + 1) for _ in range(MOST_TRIES + 2)]
        for place in range(end - 1, first - 1, -1):
            for tries in range(MOST_TRIES + 1):
                best[tries][place] = max(best[tries][place + 1], self._try(best, place, tries))
        return best[0][first]

    def _try(self, best: Sequence[Sequence[float]], place: int, tries: int) -> float:
        """The chance of who is tried at a moment: told now, or by a later try."""
        answers, shares = self.setting.assumptions.rates.answers[self.parts[place]], self._shares
        following = min(tries + 1, MOST_TRIES)
        missed = 0.0
        if tries + 1 < MOST_TRIES:
            missed = sum(s * best[following][n] for s, n in zip(shares, self._after[place], strict=True))
        promised = self.setting.assumptions.shares.callbacks
        again = best[following][self._promised[place]]
        return answers * (1 - promised) + answers * promised * again + (1 - answers) * missed

    @cached_property
    def _shares(self) -> tuple[float, ...]:
        """Of the missed, in the order of UNANSWERED."""
        of = self.setting.assumptions.shares
        return (of.busy, of.voicemail, of.third_party, 1 - of.busy - of.voicemail - of.third_party)

    @cached_property
    def _after(self) -> list[tuple[int, ...]]:
        """For each place, those at which the next try may be, in the order of UNANSWERED."""
        return [
            tuple(self._place(self._earliest(outcome, place)) for outcome in UNANSWERED)
            for place in range(len(self.steps))
        ]

    @cached_property
    def _promised(self) -> list[int]:
        return [self._place(step + CALLBACK_AFTER) for step in self.steps]

    def _place(self, minute: int) -> int:
        return bisect_left(self.steps, minute)

    def _earliest(self, outcome: CallOutcome, place: int) -> int:
        """When the rule allows the next try at the earliest, whatever was tried before."""
        now, tried = moment(self.steps[place]), frozenset({self.parts[place]})
        due = moment(self.steps[place] + WINDOW)
        steps = [
            next_step(
                outcome,
                StepFacts(Purpose.INFORM, now, self.setting.hours[Purpose.INFORM], due, due, tries, parts),
            )
            for tries in (0, 1)
            for parts in (frozenset[DayPart](), tried)
        ]
        return min(minute_of(step.at) for step in steps if step.at is not None)
