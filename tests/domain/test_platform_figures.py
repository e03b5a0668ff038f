"""Parts of a period, modes in force, hours worked: what the figures of a platform are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CallOutcome
from outreach.domain.platform_figures import (
    By,
    Counts,
    ShiftLine,
    Switched,
    added,
    as_row,
    counted_outcomes,
    spans,
    worked,
)

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2021, 3, 16, 12, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_days_are_those_of_the_platforms_calendar_and_a_clock_change_makes_one_shorter() -> None:
    since = datetime(2021, 3, 27, 22, 0, tzinfo=UTC)
    found = spans(since, since + timedelta(days=2), [], PARIS, By.DAY)
    assert [(span.label, span.starts.hour) for span in found] == [
        ("2021-03-27", 22),
        ("2021-03-28", 23),
        ("2021-03-29", 22),
    ]


def test_a_mode_is_in_force_until_the_next_switch_or_its_own_end() -> None:
    switches = [
        Switched(at(-5), Mode.LIGHT, None),
        Switched(at(1), Mode.SMS_CONTACTS, at(3)),
        Switched(at(5), Mode.LIGHT, at(50)),
    ]
    found = spans(at(0), at(8), switches, PARIS, By.MODE)
    assert [(span.starts, span.label) for span in found] == [
        (at(0), "LIGHT"),
        (at(1), "SMS_CONTACTS"),
        (at(3), "NORMAL"),
        (at(5), "LIGHT"),
    ]
    (whole,) = spans(at(0), at(8), switches, PARIS, None)
    assert whole.modes == {Mode.LIGHT, Mode.SMS_CONTACTS, Mode.NORMAL}
    (before,) = spans(at(-9), at(-6), switches, PARIS, None)
    assert before.modes == {Mode.NORMAL}


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        ([(0, True), (3, False)], [1, 1, 1]),
        ([(0, True), (0.5, False), (1.5, True), (2, False)], [0.5, 0.5, 0]),
        ([(-1, True)], [1, 1, 1]),  # still there at the end
        ([(-13.5, True)], [0.5, 0, 0]),  # nobody ended it: 14 hours at most
        ([(0, True), (1, True), (2, False)], [1, 1, 0]),  # a shift begun twice counts once
        ([(1, False)], [0, 0, 0]),
    ],
)
def test_hours_worked_are_shifts_without_their_pauses(
    lines: list[tuple[float, bool]], hours: list[float]
) -> None:
    told = [ShiftLine("anne", at(moment), working) for moment, working in lines]
    seconds = worked(told, [at(0), at(1), at(2)], at(3))
    assert [each / 3600 for each in seconds] == pytest.approx(hours)


def test_nothing_is_divided_by_nobody() -> None:
    row = as_row("all", Counts())
    assert row["called_share_of_all"] is None
    assert row["calls_per_agent_hour"] is None
    assert row["backlog_hours"] is None
    assert row["median_result_to_call_seconds"] is None


def test_figures_of_a_region_are_sums_and_not_means_of_shares() -> None:
    both = added(
        [
            Counts(positives=10, called_in_time=9, waits=(1.0, 2.0), modes=frozenset({Mode.LIGHT})),
            Counts(positives=90, called_in_time=18, waits=(9.0,)),
        ]
    )
    row = as_row("all", both)
    assert (row["called_share_of_all"], row["median_result_to_call_seconds"]) == (0.27, 2.0)
    assert row["modes"] == "LIGHT"


def test_an_outcome_of_an_sms_is_no_call() -> None:
    counted = counted_outcomes(
        {CallOutcome.COMPLETED: 2, CallOutcome.SMS_READ: 5, CallOutcome.INVALID_NUMBER: 1}
    )
    assert (counted.calls, counted.calls_that_count, counted.bad_numbers) == (3, 2, 1)
