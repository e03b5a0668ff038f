"""The table of moves: statuses only go forward, and reports may come in any order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.call_attempts import (
    CallStatus,
    Leg,
    LineStatus,
    after_report,
    line_as_reported,
    outcome_of_line,
    was_answered,
)
from outreach.domain.outcomes import CallOutcome

ORDER = list(CallStatus)
EVERY_REPORT = list(itertools.product(CallStatus, Leg, LineStatus))
OF_A_CONVERSATION = [LineStatus.INITIATED, LineStatus.RINGING, LineStatus.IN_PROGRESS, LineStatus.COMPLETED]
REPORTS = st.lists(st.tuples(st.sampled_from(list(Leg)), st.sampled_from(list(LineStatus))), max_size=12)


def _after_all(reports: list[tuple[Leg, LineStatus]]) -> CallStatus:
    status = CallStatus.RINGING_AGENT
    for leg, line in reports:
        status = after_report(status, leg, line)
    return status


@pytest.mark.parametrize(("status", "leg", "line"), EVERY_REPORT)
def test_no_report_moves_a_call_backwards(status: CallStatus, leg: Leg, line: LineStatus) -> None:
    assert ORDER.index(after_report(status, leg, line)) >= ORDER.index(status)


@given(REPORTS)
def test_a_repeated_report_changes_nothing(reports: list[tuple[Leg, LineStatus]]) -> None:
    repeated = [report for report in reports for _ in range(2)]
    assert _after_all(repeated) == _after_all(reports)


@given(st.permutations(OF_A_CONVERSATION))
def test_the_person_s_reports_end_in_wrap_up_in_whatever_order_they_come(lines: list[LineStatus]) -> None:
    assert _after_all([(Leg.PERSON, line) for line in lines]) is CallStatus.WRAP_UP


@pytest.mark.parametrize("line", [line for line in LineStatus if line.ended])
def test_an_agent_whose_phone_does_not_answer_ends_the_try(line: LineStatus) -> None:
    assert after_report(CallStatus.RINGING_AGENT, Leg.AGENT, line) is CallStatus.WRAP_UP


@pytest.mark.parametrize("line", [line for line in LineStatus if line.ended])
def test_an_agent_s_line_that_drops_does_not_end_a_conversation(line: LineStatus) -> None:
    assert after_report(CallStatus.ANSWERED, Leg.AGENT, line) is CallStatus.ANSWERED


@pytest.mark.parametrize(
    ("line", "answered", "machine", "left", "wrong", "suggestion"),
    [
        (LineStatus.COMPLETED, True, False, False, False, None),
        (LineStatus.COMPLETED, True, True, False, False, CallOutcome.VOICEMAIL_NONE),
        (LineStatus.COMPLETED, True, True, True, False, CallOutcome.VOICEMAIL_LEFT),
        (LineStatus.BUSY, False, False, False, False, CallOutcome.BUSY),
        (LineStatus.NO_ANSWER, False, False, False, False, CallOutcome.NO_ANSWER),
        (LineStatus.FAILED, False, False, False, True, CallOutcome.INVALID_NUMBER),
        (LineStatus.FAILED, False, False, False, False, CallOutcome.NETWORK_FAILED),
        (LineStatus.CANCELED, False, False, False, False, CallOutcome.CANCELLED),
        (LineStatus.COMPLETED, False, False, False, False, CallOutcome.NETWORK_FAILED),
    ],
)
def test_the_end_of_the_person_s_line_suggests_an_outcome(
    line: LineStatus,
    answered: bool,
    machine: bool,
    left: bool,
    wrong: bool,
    suggestion: CallOutcome | None,
) -> None:
    found = outcome_of_line(
        line, leg=Leg.PERSON, answered=answered, machine=machine, voicemail_left=left, wrong_number=wrong
    )
    assert found is suggestion


@pytest.mark.parametrize(
    ("line", "before", "seconds", "answered"),
    [
        (LineStatus.COMPLETED, False, 12, True),
        (LineStatus.COMPLETED, False, None, True),
        (LineStatus.COMPLETED, False, 0, False),
        (LineStatus.COMPLETED, True, 0, True),
        (LineStatus.NO_ANSWER, False, None, False),
        (LineStatus.BUSY, False, 0, False),
    ],
)
def test_a_call_that_lasted_was_answered_whether_or_not_that_was_reported(
    line: LineStatus, before: bool, seconds: int | None, answered: bool
) -> None:
    assert was_answered(line, answered_before=before, seconds=seconds) is answered


@pytest.mark.parametrize("line", LineStatus)
def test_only_a_key_tells_that_an_agent_is_at_their_phone(line: LineStatus) -> None:
    told = line_as_reported(Leg.AGENT, line)
    assert told is (LineStatus.RINGING if line is LineStatus.IN_PROGRESS else line)
    assert line_as_reported(Leg.PERSON, line) is line
