"""The bound: no policy beats it, and what it lets go is what nobody could have mended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.replay.assumptions import Assumptions, read_assumptions
from outreach.replay.bound import bound_of
from outreach.replay.curve import Curve
from outreach.replay.figures import Bound, DayFigures
from outreach.replay.policies import POLICIES
from outreach.replay.reach import best_reach
from outreach.replay.run import play
from outreach.replay.setting import Setting

FIRST = date(2021, 3, 1)  # a Monday
SPREADS = 4  # standard deviations by which luck may lift a run over its expectation
# Times as many people and agents, so that luck is a fraction of a point; who are alike are counted together.
MANY = 300


def setting_of(
    days: Mapping[int, int],
    *,
    positions: float = 30,
    zone: str = "Europe/Paris",
    assumptions: Assumptions | None = None,
) -> Setting:
    positives = {FIRST + timedelta(days=n): count for n, count in days.items()}
    return Setting(Curve("40", positives), zone, "40", positions, assumptions or read_assumptions())


def luck(most: float, people: int) -> float:
    return (SPREADS * math.sqrt(most * (1 - most) * people) + SPREADS) / max(1, people)


def luck_of_calls(calls: float) -> float:
    """The minutes of a call spread by less than their mean, and so does how many calls an hour holds."""
    return SPREADS * math.sqrt(calls) + SPREADS


def most_called(bound: Bound) -> float:
    called = sum(bound.called_in_time.values())
    return min(sum(bound.positives.values()), called + luck_of_calls(called))


def most_informed(bound: Bound, whole: DayFigures) -> float:
    """As a share; below 1, since above it the bound would forbid nothing."""
    most = bound.informed_share + luck(bound.informed_share, whole.contacts)
    assert most < 1
    return most


def lowered(bound: Bound, by: float) -> Bound:
    """A bound that is wrong: so much below the true one."""
    called = {day: calls * (1 - by) for day, calls in bound.called_in_time.items()}
    return replace(bound, called_in_time=called, informed_share=bound.informed_share - by)


curves = st.lists(st.integers(0, 60), min_size=3, max_size=6).map(lambda days: [20, *days])


@settings(max_examples=10, deadline=None)
@given(
    curves,
    st.floats(0.3, 12),
    st.sampled_from(list(POLICIES)),
    st.sampled_from(["Europe/Paris", "America/Cayenne"]),
    st.integers(1, 1000),
)
def test_no_policy_beats_the_bound_on_any_curve(
    days: list[int], positions: float, policy: str, zone: str, seed: int
) -> None:
    many = {day: MANY * count for day, count in enumerate(days)}
    setting = setting_of(many, positions=MANY * positions, zone=zone)
    bound, whole = bound_of(setting, seed), play(setting, policy, seed).total()
    assert whole.called_in_time <= most_called(bound)
    assert whole.informed_in_time <= most_informed(bound, whole) * whole.contacts


@pytest.mark.parametrize(("positions", "points"), [(9, 0.01), (1.2, 0.04)], ids=["calm", "flood"])
def test_a_bound_for_contacts_a_little_lower_would_be_beaten(positions: float, points: float) -> None:
    setting = setting_of(dict.fromkeys(range(5), 30 * MANY), positions=MANY * positions)
    bound, whole = bound_of(setting, 1), play(setting, "sms-contacts", 1).total()
    assert whole.informed_in_time <= most_informed(bound, whole) * whole.contacts
    assert whole.informed_in_time > most_informed(lowered(bound, points), whole) * whole.contacts


@pytest.mark.parametrize("positions", [30, 60])
def test_a_bound_for_positives_one_percent_lower_would_be_beaten(positions: float) -> None:
    setting = setting_of(dict.fromkeys(range(5), 3000 * MANY), positions=MANY * positions)
    bound, whole = bound_of(setting, 1), play(setting, "sms-contacts", 1).total()
    assert whole.called_in_time < 0.9 * whole.positives, "more than can be called"
    assert whole.called_in_time <= most_called(bound)
    assert whole.called_in_time > most_called(lowered(bound, 0.01))


def test_with_minutes_to_spare_the_bound_lets_go_only_whom_no_try_reaches() -> None:
    setting = setting_of({0: 20, 1: 20}, positions=60)
    sms = setting.assumptions.rates.sms
    by_phone = 1 - sms.can_receive * sms.delivered
    expected = 1 - by_phone * (1 - best_reach(setting))
    assert bound_of(setting, 1).informed_share == pytest.approx(expected)


def test_in_a_flood_the_bound_lets_go_who_can_get_no_sms() -> None:
    flood = setting_of(dict.fromkeys(range(14), 300), positions=10)
    calm = setting_of(dict.fromkeys(range(14), 30), positions=10)
    sms = flood.assumptions.rates.sms
    by_sms = sms.can_receive * sms.delivered
    assert by_sms < bound_of(flood, 1).informed_share < bound_of(calm, 1).informed_share


def test_a_day_without_positives_has_a_bound_too() -> None:
    assert 0.9 < bound_of(setting_of({0: 0}), 1).informed_share < 1


def answering(share: float) -> Assumptions:
    """Nobody asks for another moment, and everybody missed just does not answer."""
    given_ = read_assumptions()
    answers = dict.fromkeys(given_.rates.answers, share)
    shares = replace(given_.shares, callbacks=0.0, busy=0.0, voicemail=0.0, third_party=0.0)
    return replace(given_, rates=replace(given_.rates, answers=answers), shares=shares)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_three_tries_reach_all_but_those_who_miss_three(share: float) -> None:
    setting = setting_of({0: 10}, assumptions=answering(share))
    assert best_reach(setting) == pytest.approx(1 - (1 - share) ** 3)


def test_the_best_moments_are_those_at_which_people_answer() -> None:
    reach = best_reach(setting_of({0: 10}))
    rates, asked = read_assumptions().rates.answers, read_assumptions().shares.callbacks
    worst, best = (1 - rate * (1 - asked) for rate in (min(rates.values()), max(rates.values())))
    assert 1 - worst**3 < reach < 1 - best**3 + 0.02, "a promised call is one try more"


def test_no_contact_is_reached_better_than_at_best() -> None:
    nobody_texts = replace(read_assumptions().contacts, can_receive_sms=0.0)
    rates = read_assumptions().rates
    alone = replace(
        read_assumptions(),
        contacts=nobody_texts,
        rates=replace(rates, sms=replace(rates.sms, can_receive=0.0)),
    )
    setting = setting_of(dict.fromkeys(range(5), 6 * MANY), positions=6 * MANY, assumptions=alone)
    whole, most = play(setting, "light", 1).total(), best_reach(setting)
    share = whole.informed_in_time / whole.contacts
    assert most - 0.06 < share < most + luck(most, whole.contacts) < 1
