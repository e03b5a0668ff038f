"""A sender is slow, or not heard, when it does much worse than it usually does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.domain.sender_health import Health, Lately, Usual, is_well_again, judge, learned, rest_for

USUAL = Usual(pace=100.0, share=0.9)


@pytest.mark.parametrize(
    ("lately", "usual", "health"),
    [
        (Lately(100, 1000, 900), USUAL, Health.HEALTHY),
        (Lately(25, 1000, 900), USUAL, Health.HEALTHY),
        (Lately(24, 1000, 900), USUAL, Health.SLOW),
        (Lately(100, 1000, 540), USUAL, Health.HEALTHY),
        (Lately(100, 1000, 530), USUAL, Health.UNDELIVERED),
        (Lately(100, 49, 0), USUAL, Health.HEALTHY),  # too few to say
        (Lately(1, 1000, 0), Usual(), Health.HEALTHY),  # no past yet
        (Lately(100, 1000, 300), Usual(pace=100.0, share=0.4), Health.HEALTHY),  # it never did better
    ],
)
def test_it_is_judged_against_its_own_past(lately: Lately, usual: Usual, health: Health) -> None:
    assert judge(lately, usual) is health


def test_what_is_usual_is_learned_slowly_and_shares_only_from_enough_messages() -> None:
    first = learned(Usual(), Lately(80, 100, 90))
    assert first == Usual(80.0, 0.9)
    assert learned(first, Lately(180, 10, 0)) == Usual(90.0, 0.9)


@pytest.mark.parametrize(
    ("settled", "hours", "well"),
    [(50, 0.3, True), (49, 0.3, False), (1, 1.9, False), (1, 2, True), (0, 5, False)],
)
def test_a_few_messages_just_after_a_rest_prove_nothing(settled: int, hours: float, *, well: bool) -> None:
    assert is_well_again(Lately(100, settled, settled), timedelta(hours=hours)) is well


def test_each_rest_in_a_row_is_twice_as_long_up_to_two_hours() -> None:
    minutes = [rest_for(rests) / timedelta(minutes=1) for rests in range(6)]
    assert minutes == [10, 20, 40, 80, 120, 120]
