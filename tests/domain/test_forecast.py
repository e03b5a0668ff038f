"""The forecast: people are conserved, more work never helps positives, a heavier mode never harms them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.domain.calling_hours import DayPart
from outreach.domain.forecast import (
    Doubt,
    HourAhead,
    Outlook,
    WaitingGroup,
    forecast,
    forecast_with_range,
    minutes_to_inform,
    with_agents,
)
from outreach.domain.learned_rates import ASSUMED
from outreach.domain.load_shedding import MODES, RANK, Mode
from outreach.domain.purposes import Purpose

START = datetime(2021, 3, 16, 8, tzinfo=UTC)
EXACT = 1e-6


def hours(
    count: int = 24, *, agents: float = 10, positives: float = 0, closed_from: int = 99
) -> list[HourAhead]:
    return [
        HourAhead(
            at=START + timedelta(hours=n),
            minutes=60 * agents if n < closed_from else 0,
            positives=positives,
            part=DayPart.MORNING if n < 4 else DayPart.MIDDAY,
            due_in=24,
        )
        for n in range(count)
    ]


def positives(size: float, due_in: int = 10, tries: int = 0) -> WaitingGroup:
    return WaitingGroup(Purpose.INTERVIEW, size, due_in, tries)


def contacts(size: float, due_in: int = 10, shed_level: int = 2) -> WaitingGroup:
    return WaitingGroup(Purpose.INFORM, size, due_in, 0, shed_level)


amounts = st.floats(0, 400).map(lambda amount: round(amount, 1))
groups = st.builds(
    WaitingGroup,
    purpose=st.sampled_from([Purpose.INTERVIEW, Purpose.INFORM]),
    size=amounts,
    due_in=st.integers(-1, 30),
    tries=st.integers(0, 2),
    shed_level=st.sampled_from([0, 2, 3]),
)
outlooks = st.builds(
    lambda waiting, agents, arriving, closed: Outlook(
        [replace(g, shed_level=0) if g.purpose is Purpose.INTERVIEW else g for g in waiting],
        hours(36, agents=agents, positives=arriving, closed_from=closed),
        ASSUMED,
    ),
    st.lists(groups, max_size=8),
    st.floats(0, 40),
    st.floats(0, 40),
    st.integers(4, 36),
)


def test_who_fits_is_called_in_time() -> None:
    ahead = forecast(Outlook([positives(20)], hours(), ASSUMED), Mode.NORMAL)
    assert ahead.called_in_time == pytest.approx(1)
    assert ahead.late_from is None


def test_nobody_due_gives_no_share() -> None:
    ahead = forecast(Outlook([], hours(), ASSUMED), Mode.NORMAL)
    assert (ahead.called_in_time, ahead.informed_in_time) == (None, None)


def test_without_agents_positives_are_late_from_the_hour_after_their_deadline() -> None:
    ahead = forecast(Outlook([positives(20, due_in=3)], hours(agents=0), ASSUMED), Mode.NORMAL)
    assert ahead.called_in_time == 0
    assert ahead.late_from == START + timedelta(hours=4)
    assert ahead.backlog[-1] == pytest.approx(20)


def test_who_was_late_already_is_called_but_counts_as_nobodys_in_time() -> None:
    ahead = forecast(Outlook([positives(20, due_in=-1)], hours(), ASSUMED), Mode.NORMAL)
    assert ahead.called_in_time is None
    assert ahead.backlog[-1] < 20


@pytest.mark.parametrize(
    ("mode", "level", "texted"),
    [
        (Mode.NORMAL, 2, False),
        (Mode.LIGHT, 2, False),
        (Mode.SMS_LOW_RISK, 2, True),
        (Mode.SMS_LOW_RISK, 3, False),
        (Mode.SMS_CONTACTS, 3, True),
        (Mode.POSITIVES_ONLY, 3, True),
        (Mode.POSITIVES_ONLY, 0, False),
    ],
)
def test_waiting_contacts_are_texted_by_the_modes_that_shed_them(
    mode: Mode, level: int, texted: bool
) -> None:
    ahead = forecast(Outlook([contacts(100, shed_level=level)], hours(1, agents=0), ASSUMED), mode)
    assert (ahead.messages == pytest.approx(100)) is texted
    assert ahead.segments == pytest.approx(ahead.messages * ASSUMED.sms.segments)


def test_positives_come_before_contacts() -> None:
    waiting = [contacts(500, due_in=1, shed_level=0), positives(20, due_in=20)]
    ahead = forecast(Outlook(waiting, hours(), ASSUMED), Mode.NORMAL)
    assert ahead.called_in_time == pytest.approx(1)


def test_follow_ups_wait_while_positives_alone_are_called() -> None:
    outlook = Outlook([], hours(), ASSUMED, follow_ups=10)
    assert forecast(outlook, Mode.NORMAL).backlog[-1] == pytest.approx(0)
    assert forecast(outlook, Mode.POSITIVES_ONLY).backlog[-1] == pytest.approx(10)


def test_people_whose_sms_is_still_out_wait_from_their_hour_on() -> None:
    out = WaitingGroup(Purpose.INFORM, 30, -1, 1, 0, from_sms=True, ready_in=6)
    ahead = forecast(Outlook([out], hours(12, agents=0), ASSUMED), Mode.NORMAL)
    assert ahead.agent_hours == 0
    busy = forecast(Outlook([out], hours(6, agents=10), ASSUMED), Mode.NORMAL)
    assert busy.agent_hours == 0, "their hour has not come"
    assert forecast(Outlook([out], hours(12, agents=10), ASSUMED), Mode.NORMAL).agent_hours > 0


@settings(max_examples=60, deadline=None)
@given(outlooks, st.sampled_from(Mode))
def test_shares_are_shares_and_the_range_holds_them(outlook: Outlook, mode: Mode) -> None:
    ahead = forecast_with_range(outlook, mode, Doubt())
    for share, between in (
        (ahead.called_in_time, ahead.called_range),
        (ahead.informed_in_time, ahead.informed_range),
    ):
        if share is not None and between is not None:
            assert 0 <= between[0] <= share + EXACT
            assert share <= between[1] + EXACT <= 1 + 2 * EXACT
    assert len(ahead.backlog) == len(outlook.hours)
    assert ahead.agent_hours <= sum(hour.minutes for hour in outlook.hours) / 60 + EXACT


@settings(max_examples=60, deadline=None)
@given(outlooks, st.sampled_from(Mode), st.floats(0.5, 10))
def test_more_agents_never_call_fewer_positives_in_time(outlook: Outlook, mode: Mode, more: float) -> None:
    fewer, more_called = forecast(outlook, mode), forecast(with_agents(outlook, more), mode)
    if fewer.called_in_time is not None and more_called.called_in_time is not None:
        assert more_called.called_in_time >= fewer.called_in_time - EXACT


@settings(max_examples=60, deadline=None)
@given(outlooks, st.sampled_from(Mode), st.floats(1.05, 2))
def test_more_arrivals_never_call_a_larger_share_in_time(outlook: Outlook, mode: Mode, factor: float) -> None:
    """Of a steady stream; those who wait already are the same."""
    alone = replace(outlook, waiting=[])
    crowded = replace(alone, hours=[replace(hour, positives=hour.positives * factor) for hour in alone.hours])
    usual, more = forecast(alone, mode).called_in_time, forecast(crowded, mode).called_in_time
    if usual is not None and more is not None:
        assert more <= usual + EXACT


@settings(max_examples=60, deadline=None)
@given(outlooks)
def test_a_heavier_mode_with_the_same_script_never_calls_fewer_positives(outlook: Outlook) -> None:
    light = [mode for mode in Mode if MODES[mode].script is MODES[Mode.LIGHT].script]
    shares = [forecast(outlook, mode).called_in_time for mode in sorted(light, key=RANK.__getitem__)]
    known = [share for share in shares if share is not None]
    assert all(later >= earlier - EXACT for earlier, later in pairwise(known))


@settings(max_examples=60, deadline=None)
@given(outlooks, st.sampled_from(Mode))
def test_without_agents_nobody_leaves_the_list_but_by_sms(outlook: Outlook, mode: Mode) -> None:
    """People are conserved: who waits, and who came, still waits, or was texted."""
    alone = replace(outlook, hours=[replace(hour, minutes=0) for hour in outlook.hours])
    ahead = forecast(alone, mode)
    people = sum(group.size for group in alone.waiting) + sum(hour.positives for hour in alone.hours)
    waiting, unreachable = ahead.backlog[-1], ahead.messages
    assert people - unreachable - EXACT <= waiting <= people + EXACT


@pytest.mark.parametrize(("level", "informed"), [(2, ASSUMED.sms.delivered), (0, 0.0)])
def test_contacts_nobody_calls_get_the_sms_before_their_24_hours_are_over_if_they_can(
    level: int, informed: float
) -> None:
    waiting = [contacts(100, due_in=10, shed_level=level)]
    ahead = forecast(Outlook(waiting, hours(agents=0), ASSUMED), Mode.NORMAL)
    assert ahead.informed_in_time == pytest.approx(informed)
    assert ahead.informed_at_last == pytest.approx(informed)
    assert ahead.messages == pytest.approx(100 if level else 0)


def test_whom_a_mode_texts_at_once_is_not_told_at_the_last() -> None:
    ahead = forecast(Outlook([contacts(100)], hours(agents=0), ASSUMED), Mode.SMS_CONTACTS)
    assert ahead.informed_at_last == 0


def test_telling_a_contact_by_phone_costs_more_tries_than_one() -> None:
    once = ASSUMED.per_try(Purpose.INFORM, MODES[Mode.LIGHT].script, DayPart.MORNING)
    assert minutes_to_inform(ASSUMED, MODES[Mode.LIGHT]) > once


def test_the_curve_tells_who_waits_at_the_end_of_each_hour() -> None:
    outlook = Outlook([positives(5, due_in=3), contacts(20)], hours(6, agents=0), ASSUMED, follow_ups=4)
    ahead = forecast(outlook, Mode.NORMAL)
    last = ahead.curve[-1]
    assert (last.positives, last.contacts, last.from_sms, last.follow_ups) == (5, 20, 0, 4)
    assert ahead.backlog == tuple(
        end.positives + end.contacts + end.from_sms + end.follow_ups for end in ahead.curve
    )
    assert [end.called for end in ahead.curve] == [None, None, None, 0.0, 0.0, 0.0], "due in the fourth hour"


@given(outlooks)
def test_the_last_day_of_the_curve_agrees_with_the_share_over_a_day(outlook: Outlook) -> None:
    day = replace(outlook, hours=outlook.hours[:24])
    ahead = forecast(day, Mode.NORMAL)
    last = ahead.curve[-1].called
    if ahead.called_in_time is None:
        assert last is None
    else:
        assert last == pytest.approx(ahead.called_in_time, abs=1e-6)


def test_whom_another_platform_calls_takes_none_of_our_minutes() -> None:
    helped = replace(positives(20), helped=0.75)
    alone = forecast(Outlook([positives(5)], hours(2, agents=1), ASSUMED), Mode.NORMAL)
    assert forecast(Outlook([helped], hours(2, agents=1), ASSUMED), Mode.NORMAL) == alone


def test_whom_our_mode_texts_is_texted_though_they_are_lent() -> None:
    lent = replace(contacts(100), helped=0.5)
    assert forecast(Outlook([lent], hours(1, agents=0), ASSUMED), Mode.SMS_CONTACTS).messages == 100
    assert forecast(Outlook([lent], hours(1, agents=0), ASSUMED), Mode.NORMAL).backlog[0] == 50
