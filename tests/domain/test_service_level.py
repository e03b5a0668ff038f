"""Figures of the service level and the cause of each late positive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.domain.service_level import (
    ContactHistory,
    LateCause,
    Marks,
    PositiveHistory,
    late_cause,
    marks_of,
    service_level,
)
from outreach.ids import new_id

NOW = datetime(2021, 3, 20, 9, 0, tzinfo=UTC)
RESULT = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
POSITIVE = PositiveHistory(
    case_record_id=new_id(),
    result_at=RESULT,
    told_at=RESULT + HOUR,
    deadline=RESULT + DAY,
    effective_deadline=RESULT + DAY - timedelta(minutes=1),
)


def called(after: timedelta, *, reached: bool = True) -> PositiveHistory:
    moment = RESULT + after
    return replace(POSITIVE, called_at=moment, reached_at=moment if reached else None)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("outcome", CallOutcome)
def test_an_outcome_marks_what_its_flags_say(outcome: CallOutcome, purpose: Purpose) -> None:
    dialled, answered = RESULT, RESULT + timedelta(seconds=20)
    marks = marks_of(outcome, purpose, called_at=dialled, spoke_at=answered, now=NOW)
    flags = FLAGS[outcome]
    assert marks.called_at == (dialled if flags.counts_as_attempt else None)
    assert marks.reached_at == (answered if flags.counts_as_attempt and flags.meets_24h else None)
    informs = flags.meets_24h and purpose is Purpose.INFORM
    assert marks.informed_at == (answered if informs else None)


def test_what_was_told_at_the_counter_is_no_call() -> None:
    marks = marks_of(CallOutcome.COMPLETED, Purpose.INTERVIEW, called_at=None, spoke_at=None, now=NOW)
    assert (marks.called_at, marks.reached_at) == (None, NOW)


def test_an_sms_informs_a_contact_and_reaches_nobody_by_phone() -> None:
    marks = marks_of(CallOutcome.SMS_READ, Purpose.INFORM, called_at=None, spoke_at=None, now=NOW)
    assert marks == Marks(informed_at=NOW)


def test_shares_come_with_both_denominators() -> None:
    told_late = replace(POSITIVE, told_at=RESULT + 30 * HOUR, called_at=RESULT + 31 * HOUR)
    figures = service_level(
        [called(HOUR), called(2 * HOUR, reached=False), called(25 * HOUR), told_late], [], NOW
    )
    told = figures.as_json()
    assert (told["positives"], told["positives_in_time_at_arrival"]) == (4, 3)
    assert told["called_in_time_share_of_all"] == 0.5
    assert told["called_in_time_share_of_in_time_at_arrival"] == round(2 / 3, 4)
    assert told["reached_in_time_share_of_all"] == 0.25
    assert told["late"] == 2


def test_the_deadline_itself_is_in_time_and_a_second_later_is_not() -> None:
    assert called(DAY).called_in_time()
    assert not called(DAY + timedelta(seconds=1)).called_in_time()


def test_a_positive_not_called_yet_is_late_only_after_the_deadline() -> None:
    assert service_level([POSITIVE], [], RESULT + 23 * HOUR).late == 0
    assert service_level([POSITIVE], [], RESULT + 25 * HOUR).late == 1


def test_median_and_ninth_decile_are_those_of_the_calls_made() -> None:
    figures = service_level([POSITIVE, *(called(hours * HOUR) for hours in range(1, 12))], [], NOW)
    assert figures.median_result_to_call == 6 * HOUR
    assert figures.p90_result_to_call == 10 * HOUR
    assert service_level([], [], NOW).median_result_to_call is None
    assert service_level([called(HOUR)], [], NOW).p90_result_to_call == HOUR


def test_contacts_count_when_informed_within_24_hours_of_their_listing() -> None:
    informed = [
        ContactHistory(new_id(), RESULT, informed_at)
        for informed_at in (RESULT + HOUR, RESULT + DAY, RESULT + 25 * HOUR, None)
    ]
    assert service_level([], informed, NOW).as_json()["contacts_informed_in_time_share"] == 0.5


@pytest.mark.parametrize(
    ("history", "cause"),
    [
        (replace(POSITIVE, told_at=RESULT + 25 * HOUR, bad_number=True), LateCause.LATE_AT_ARRIVAL),
        (replace(POSITIVE, effective_deadline=RESULT + 40 * HOUR), LateCause.CLOSED_HOURS),
        (replace(POSITIVE, effective_deadline=RESULT), LateCause.CLOSED_HOURS),
        (replace(POSITIVE, bad_number=True, failed=True), LateCause.UNREACHABLE_NUMBER),
        (replace(POSITIVE, failed=True), LateCause.OUTAGE),
        (POSITIVE, LateCause.NO_CAPACITY),
    ],
)
def test_each_late_positive_has_one_cause(history: PositiveHistory, cause: LateCause) -> None:
    assert late_cause(history) is cause
    assert service_level([history], [], NOW).late_causes[cause] == 1


def test_the_printed_rows_are_the_figures_of_the_json() -> None:
    figures = service_level([called(HOUR)], [], NOW)
    assert [name for name, _ in figures.rows()] == list(figures.as_json())
    assert dict(figures.rows())["called_in_time_share_of_all"] == "1.0"
    assert dict(figures.rows())["contacts_informed_in_time_share"] == ""
