"""How long calls take, how often people answer, what an SMS does: what forecasts and replays count with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from outreach.domain.calling_hours import DayPart
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose


@dataclass(frozen=True)
class SmsRates:
    """Shares between 0 and 1. `can_receive`: of contacts; the others of the delivered."""

    can_receive: float
    delivered: float
    read: float
    asks: float  # answers with a question or asks for a call
    segments: float  # billed parts of one message, on average


@dataclass(frozen=True)
class WorkRates:
    """Of one platform. `conversation`: minutes of an answered call and its notes; `missed`: of a try.

    `answers`: share of tries that the person answers; `contacts_per_positive`: named in a full interview.
    `low_risk`, `all_contacts`: shares whom SMS_LOW_RISK and SMS_CONTACTS text, of those who can get one.
    """

    answers: Mapping[DayPart, float]
    conversation: Mapping[Purpose, Mapping[ScriptLength, float]]
    missed: float
    contacts_per_positive: float
    low_risk: float
    sms: SmsRates
    all_contacts: float = 1.0

    def minutes(self, purpose: Purpose, script: ScriptLength) -> float:
        return self.conversation[purpose][script]

    def per_try(self, purpose: Purpose, script: ScriptLength, part: DayPart) -> float:
        """Expected minutes of one try, answered or not."""
        answered = self.answers[part]
        return answered * self.minutes(purpose, script) + (1 - answered) * self.missed

    def with_answers(self, factor: float) -> WorkRates:
        """The same, with people answering more or less often."""
        return replace(self, answers={part: min(0.99, rate * factor) for part, rate in self.answers.items()})


@dataclass(frozen=True)
class Counted:
    """What a platform saw of one rate: `hits` of `trials` (or minutes of calls)."""

    hits: float
    trials: float


def learned(prior: float, seen: Counted, *, weight: float) -> float:
    """A rate from what was seen, drawn to the prior as if that had been seen `weight` times."""
    return (prior * weight + seen.hits) / (weight + seen.trials)
