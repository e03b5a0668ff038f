"""AUTO's choice: the lightest mode that holds, heavier at once, lighter with a margin and after a stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.auto_mode import AutoRule, choose
from outreach.domain.forecast import ModeForecast
from outreach.domain.load_shedding import RANK, Mode

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
RULE = AutoRule()
Shares: TypeAlias = Mapping[Mode, tuple[float | None, float | None]]


def forecasts(shares: Shares) -> Callable[[Mode], ModeForecast]:
    def of(mode: Mode) -> ModeForecast:
        called, informed = shares[mode]
        return ModeForecast(mode, called, called, informed, None, (), 0, 0, 0)

    return of


def every(**heavier: tuple[float | None, float | None]) -> Shares:
    """Nothing holds but what is named."""
    return {mode: heavier.get(mode.value, (0.5, 0.5)) for mode in Mode}


def chosen(shares: Shares, current: Mode, *, since: datetime = LONG_AGO) -> Mode:
    return choose(forecasts(shares), current, since=since, now=NOW, rule=RULE).mode


@pytest.mark.parametrize("mode", Mode)
def test_the_lightest_mode_that_holds_is_chosen(mode: Mode) -> None:
    shares = {each: (1.0, 1.0) if RANK[each] >= RANK[mode] else (0.9, 0.9) for each in Mode}
    assert chosen(shares, Mode.NORMAL) is mode


def test_positives_in_time_are_not_enough_where_contacts_are_not_informed() -> None:
    assert chosen(every(NORMAL=(1.0, 0.8), LIGHT=(1.0, 0.99)), Mode.NORMAL) is Mode.LIGHT


def test_where_nobody_is_due_the_lightest_mode_holds() -> None:
    assert chosen(every(NORMAL=(None, None)), Mode.NORMAL) is Mode.NORMAL


def test_a_heavier_mode_comes_at_once() -> None:
    just_now = NOW - timedelta(minutes=15)
    assert chosen(every(SMS_CONTACTS=(1.0, 1.0)), Mode.LIGHT, since=just_now) is Mode.SMS_CONTACTS


def test_a_lighter_mode_waits_until_the_present_one_has_stood() -> None:
    all_well: Shares = dict.fromkeys(Mode, (1.0, 1.0))
    standing = NOW - RULE.least_stay
    assert chosen(all_well, Mode.SMS_CONTACTS, since=standing + timedelta(minutes=1)) is Mode.SMS_CONTACTS
    assert chosen(all_well, Mode.SMS_CONTACTS, since=standing) is Mode.NORMAL


def test_a_lighter_mode_needs_the_larger_margin() -> None:
    between = RULE.called + (RULE.margin + RULE.margin_back) / 2
    shares = every(NORMAL=(between, 1.0), LIGHT=(1.0, 1.0))
    assert chosen(shares, Mode.LIGHT) is Mode.LIGHT
    assert chosen(shares, Mode.NORMAL) is Mode.NORMAL


def test_where_nothing_holds_the_best_for_positives_is_chosen() -> None:
    assert chosen(every(SMS_LOW_RISK=(0.8, 0.2), LIGHT=(0.7, 0.9)), Mode.NORMAL) is Mode.SMS_LOW_RISK


def test_an_sms_in_the_last_hours_is_a_net_and_no_plan() -> None:
    """A mode that would leave many contacts to it does not hold, though they would be informed in time."""

    def of(mode: Mode) -> ModeForecast:
        at_last = 0.1 if mode is Mode.NORMAL else 0.0
        return ModeForecast(mode, 1.0, 1.0, 0.99, None, (), 0, 0, 0, informed_at_last=at_last)

    decision = choose(of, Mode.NORMAL, since=LONG_AGO, now=NOW, rule=RULE)
    assert decision.mode is Mode.LIGHT
    heavy = choose(
        lambda mode: replace(of(mode), informed_at_last=0.1), Mode.NORMAL, since=LONG_AGO, now=NOW, rule=RULE
    )
    assert heavy.because.endswith("99.0 % of contacts informed in time, 10.0 % only in the last hours.")


def test_the_sentence_names_the_modes_and_the_shares() -> None:
    decision = choose(
        forecasts(every(SMS_CONTACTS=(0.995, 0.981))), Mode.NORMAL, since=LONG_AGO, now=NOW, rule=RULE
    )
    assert decision.because == (
        "From NORMAL to SMS_CONTACTS: under SMS_CONTACTS 99.5 % of positives would be called "
        "and 98.1 % of contacts informed in time."
    )


shares = st.one_of(st.none(), st.floats(0, 1))
any_shares = st.fixed_dictionaries({mode: st.tuples(shares, shares) for mode in Mode})


@given(any_shares, st.sampled_from(Mode), st.integers(0, 60 * 24))
def test_before_the_least_stay_no_lighter_mode_is_ever_chosen(
    given_shares: Shares, current: Mode, minutes: int
) -> None:
    since = NOW - timedelta(minutes=minutes)
    mode = chosen(given_shares, current, since=since)
    if NOW - since < RULE.least_stay:
        assert RANK[mode] >= RANK[current]


@given(any_shares, st.sampled_from(Mode))
def test_every_decision_is_one_sentence(given_shares: Shares, current: Mode) -> None:
    decision = choose(forecasts(given_shares), current, since=LONG_AGO, now=NOW, rule=RULE)
    assert decision.because.endswith(".")
    assert decision.because.count(". ") == 0
