"""Rates are learned from a platform's own calls and messages, drawn to what the replays assume."""

from __future__ import annotations

import pytest

from outreach.domain.calling_hours import DayPart
from outreach.domain.learned_rates import (
    ASSUMED,
    CALLS,
    TALKS,
    Seen,
    SeenCalls,
    SeenContacts,
    SeenTexts,
    learn_rates,
)
from outreach.domain.load_shedding import MODES, ContactGroup, ScriptLength
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.replay.assumptions import read_assumptions


def calls(outcome: CallOutcome, count: int, minutes: float = 0) -> SeenCalls:
    return SeenCalls(DayPart.MORNING, Purpose.INTERVIEW, ScriptLength.FULL, outcome, count, minutes=minutes)


def test_what_is_assumed_is_what_the_replays_assume() -> None:
    assert read_assumptions().rates == ASSUMED


def test_a_platform_that_saw_nothing_counts_with_what_is_assumed() -> None:
    assert learn_rates(Seen(), MODES) == ASSUMED


def test_answers_are_learned_by_part_of_the_day() -> None:
    seen = Seen(calls=[calls(CallOutcome.COMPLETED, 9 * CALLS), calls(CallOutcome.NO_ANSWER, 0)])
    rates = learn_rates(seen, MODES)
    assert rates.answers[DayPart.MORNING] == pytest.approx(0.9 + ASSUMED.answers[DayPart.MORNING] / 10)
    assert rates.answers[DayPart.EVENING] == ASSUMED.answers[DayPart.EVENING]


@pytest.mark.parametrize(
    "outcome", [CallOutcome.NETWORK_FAILED, CallOutcome.CANCELLED, CallOutcome.AGENT_LOST]
)
def test_what_was_no_attempt_teaches_nothing(outcome: CallOutcome) -> None:
    assert learn_rates(Seen(calls=[calls(outcome, 1000, 9000)]), MODES) == ASSUMED


def test_minutes_are_learned_from_conversations() -> None:
    seen = Seen(calls=[calls(CallOutcome.COMPLETED, TALKS, minutes=TALKS * 20)])
    minutes = learn_rates(seen, MODES).conversation[Purpose.INTERVIEW]
    assert minutes[ScriptLength.FULL] == pytest.approx((36 + 20) / 2)
    assert minutes[ScriptLength.LIGHT] == ASSUMED.conversation[Purpose.INTERVIEW][ScriptLength.LIGHT]


def test_whom_a_mode_texts_is_learned_by_its_rule() -> None:
    others, household = frozenset({ContactGroup.OTHERS}), frozenset({ContactGroup.HOUSEHOLD})
    seen = Seen(contacts=[SeenContacts(others, 10_000, 9_000), SeenContacts(household, 10_000, 1_000)])
    rates = learn_rates(seen, MODES)
    assert rates.low_risk == pytest.approx(0.9, abs=0.01)
    assert rates.sms.can_receive == pytest.approx(0.5, abs=0.01)


def test_what_sms_do_is_learned() -> None:
    texts = SeenTexts(ended=10_000, delivered=9_000, read=4_500, asked=900, messages=10_000, segments=30_000)
    sms = learn_rates(Seen(texts=texts), MODES).sms
    assert (sms.delivered, sms.read, sms.asks, sms.segments) == pytest.approx((0.9, 0.5, 0.1, 3.0), abs=0.02)


def test_contacts_named_are_counted_for_each_positive_spoken_to() -> None:
    assert learn_rates(Seen(reached=10_000, named=30_000), MODES).contacts_per_positive == pytest.approx(
        3.0, abs=0.01
    )
