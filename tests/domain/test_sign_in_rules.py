"""Waiting after wrong tries, ends of sessions, who needs a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.roles import SCOPES_OF_ROLE, Role, Scope
from outreach.domain.sign_in_rules import (
    FORGOTTEN_AFTER,
    SESSION_IDLE,
    SESSION_LONGEST,
    Tries,
    TryKind,
    delay_of,
    needs_second_factor,
    session_ends,
    wait_before,
)

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
KINDS = st.sampled_from(list(TryKind))
FAILURES = st.integers(0, 10**6)


@given(KINDS, FAILURES)
def test_a_wait_never_shrinks_and_never_lasts_for_good(kind: TryKind, failures: int) -> None:
    delay = delay_of(kind)
    assert delay.after(failures) <= delay.after(failures + 1) <= delay.most
    assert delay.most <= timedelta(minutes=15)


@given(KINDS, FAILURES)
def test_once_the_wait_is_over_the_next_try_may_be_made(kind: TryKind, failures: int) -> None:
    tries, delay = Tries(failures, NOW), delay_of(kind)
    left = wait_before(tries, delay, now=NOW)
    assert wait_before(tries, delay, now=NOW + left) == timedelta(0)
    assert not left or wait_before(tries, delay, now=NOW + left - timedelta(seconds=1)) > timedelta(0)


@pytest.mark.parametrize("kind", list(TryKind))
def test_the_first_few_wrong_tries_cost_nothing(kind: TryKind) -> None:
    delay = delay_of(kind)
    assert delay.free >= 4
    assert wait_before(Tries(delay.free - 1, NOW), delay, now=NOW) == timedelta(0)
    assert wait_before(Tries(delay.free, NOW), delay, now=NOW) == delay.first
    assert wait_before(None, delay, now=NOW) == timedelta(0)


def test_other_peoples_tries_keep_nobody_out_for_more_than_a_minute() -> None:
    for kind in (TryKind.ACCOUNT, TryKind.ADDRESS):
        assert delay_of(kind).after(10**6) <= timedelta(minutes=1)


def test_tries_are_forgotten_after_a_day() -> None:
    assert Tries(50, NOW).failures_at(NOW + FORGOTTEN_AFTER) == 0


def test_a_month_of_guessing_at_the_longest_wait_is_a_few_thousand_tries() -> None:
    longest = delay_of(TryKind.ACCOUNT_FROM_ADDRESS).most
    assert timedelta(days=30) / longest < 3_000


def test_a_session_ends_when_it_is_idle_and_after_a_shift_in_any_case() -> None:
    assert session_ends(NOW, NOW) == NOW + SESSION_IDLE
    assert session_ends(NOW, NOW + timedelta(hours=11, minutes=50)) == NOW + SESSION_LONGEST


@pytest.mark.parametrize("role", list(Role))
def test_whoever_steers_administers_or_audits_needs_a_second_factor(role: Role) -> None:
    wide = {Scope.CALLS_SUPERVISE, Scope.USERS_ADMIN, Scope.ACCESSES_READ, Scope.EXPORTS_READ}
    assert needs_second_factor([role]) == bool(wide & SCOPES_OF_ROLE[role])
    assert needs_second_factor([Role.AGENT, role]) == needs_second_factor([role])
