"""What follows each outcome, over every outcome, purpose and number of tries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outreach.domain.call_list import Queue
from outreach.domain.calling_hours import DEFAULT_HOURS, DayPart
from outreach.domain.next_steps import (
    MISSES,
    NextStep,
    StepEffect,
    StepFacts,
    StepKind,
    next_step,
)
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome, OutcomeFlags
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput, NotAllowed

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)  # Tuesday, 10:00 in Paris
HOURS = DEFAULT_HOURS[Purpose.INTERVIEW].in_zone("Europe/Paris")
POSITIVE = StepFacts(
    purpose=Purpose.INTERVIEW,
    now=NOW,
    hours=HOURS,
    deadline=NOW + timedelta(hours=23),
    effective_deadline=HOURS.last_open_before(NOW + timedelta(hours=23)),
    callback_at=NOW + timedelta(hours=3),
)
CONTACT = replace(POSITIVE, purpose=Purpose.INFORM)
OTHERS = [purpose for purpose in Purpose if purpose is not Purpose.INTERVIEW]
# (final, human, right_person, counts_as_attempt, meets_24h, number_bad, needs_supervisor)
FLAGS_OF_THE_RULES = {
    "COMPLETED": "1111100",
    "INFO_GIVEN": "1111100",
    "PARTIAL": "0111100",
    "CALLBACK_AT": "0111000",
    "REFUSED": "1111100",
    "PROXY_DONE": "1101100",
    "ALREADY_DONE": "1111100",
    "DO_NOT_CALL": "1111101",
    "LANGUAGE": "0101000",
    "ESCALATE_MEDICAL": "0111100",
    "ESCALATE_ARS": "1111100",
    "EMERGENCY": "1111100",
    "HOSPITALISED": "1101000",
    "DECEASED": "1101000",
    "WRONG_NUMBER": "0101010",
    "THIRD_PARTY": "0101000",
    "VOICEMAIL_LEFT": "0001000",
    "VOICEMAIL_NONE": "0001000",
    "NO_ANSWER": "0001000",
    "BUSY": "0001000",
    "NETWORK_FAILED": "0000000",
    "INVALID_NUMBER": "0000010",
    "CANCELLED": "0000000",
    "AGENT_LOST": "0000000",
    "SHED_TO_SMS": "0000000",
    "SMS_DELIVERED": "0000000",
    "SMS_READ": "1010100",
    "SMS_FAILED": "0000000",
    "SMS_REPLIED": "1110100",
    "SMS_STOPPED": "0000000",
    "UNREACHED": "1000000",
}


def test_every_code_of_the_mission_is_there_with_its_flags() -> None:
    assert {outcome.value for outcome in CallOutcome} == set(FLAGS_OF_THE_RULES)
    for outcome, bits in FLAGS_OF_THE_RULES.items():
        assert FLAGS[CallOutcome(outcome)] == OutcomeFlags(*(bit == "1" for bit in bits)), outcome


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("outcome", CallOutcome)
def test_every_outcome_leads_somewhere_whatever_the_tries(outcome: CallOutcome, purpose: Purpose) -> None:
    if outcome is CallOutcome.SHED_TO_SMS and purpose is Purpose.INTERVIEW:
        with pytest.raises(NotAllowed):
            next_step(outcome, POSITIVE)
        return
    for facts in every_situation(purpose):
        if outcome is CallOutcome.UNREACHED and facts.tries < facts.most_tries and not facts.by_supervisor:
            continue  # refused, or a supervisor's to decide: tested below
        step = next_step(outcome, facts)
        assert step.tries == facts.tries + FLAGS[outcome].counts_as_attempt
        check_moment(step)
        check_end(outcome, purpose, step)


def every_situation(purpose: Purpose) -> Iterator[StepFacts]:
    for tries in range(12):
        for queue in Queue:
            for bits in range(8):
                yield replace(
                    POSITIVE,
                    purpose=purpose,
                    tries=tries,
                    queue=queue,
                    by_supervisor=bool(bits & 1),
                    has_next_number=bool(bits & 2),
                    is_question=bool(bits & 4),
                )


def check_moment(step: NextStep) -> None:
    """Whoever stays among the calls has a moment, in calling hours; whoever leaves has none."""
    stays = step.kind not in (StepKind.CLOSE, StepKind.KEEP, StepKind.TEXT)
    assert (step.at is not None) is stays
    if step.at is not None and step.kind is not StepKind.ESCALATE:
        assert HOURS.is_open(step.at)
        assert step.at >= NOW


def check_end(outcome: CallOutcome, purpose: Purpose, step: NextStep) -> None:
    assert (step.because is not None) is (step.kind is StepKind.CLOSE)
    if step.kind is not StepKind.CLOSE:
        return
    assert step.because is not None
    assert FLAGS[step.because].final
    if purpose is Purpose.INTERVIEW:
        assert step.because is outcome, "a positive never ends by its tries"


@pytest.mark.parametrize("tries", [0, 1, 2, 3, 10, 100])
@pytest.mark.parametrize("outcome", [outcome for outcome in CallOutcome if not FLAGS[outcome].final])
def test_a_positive_leaves_the_list_only_by_a_final_outcome(outcome: CallOutcome, tries: int) -> None:
    if outcome is CallOutcome.SHED_TO_SMS:
        return
    assert next_step(outcome, replace(POSITIVE, tries=tries)).kind is not StepKind.CLOSE


@pytest.mark.parametrize("purpose", OTHERS)
@pytest.mark.parametrize("outcome", sorted(MISSES | {CallOutcome.THIRD_PARTY}))
def test_others_are_unreached_after_three_tries_and_get_a_letter(
    outcome: CallOutcome, purpose: Purpose
) -> None:
    facts = replace(CONTACT, purpose=purpose)
    kinds = [next_step(outcome, replace(facts, tries=tries)).kind for tries in range(3)]
    assert kinds == [StepKind.RETRY, StepKind.RETRY, StepKind.CLOSE]
    last = next_step(outcome, replace(facts, tries=2))
    assert last.because is CallOutcome.UNREACHED
    assert last.effects == {StepEffect.EXPORT_LETTER}


def test_fewer_tries_under_load_are_a_fact_of_the_mode() -> None:
    step = next_step(CallOutcome.NO_ANSWER, replace(CONTACT, tries=1, most_tries=2))
    assert step.kind is StepKind.CLOSE


@pytest.mark.parametrize(
    "outcome", [CallOutcome.NETWORK_FAILED, CallOutcome.CANCELLED, CallOutcome.AGENT_LOST]
)
def test_what_failed_on_our_side_is_no_try(outcome: CallOutcome) -> None:
    step = next_step(outcome, replace(CONTACT, tries=2))
    assert (step.kind, step.tries) == (StepKind.RETRY, 2)


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (CallOutcome.NO_ANSWER, timedelta(minutes=90)),
        (CallOutcome.BUSY, timedelta(minutes=10)),
        (CallOutcome.NETWORK_FAILED, timedelta(minutes=5)),
        (CallOutcome.PARTIAL, timedelta(minutes=30)),
        (CallOutcome.THIRD_PARTY, timedelta(hours=2)),
        (CallOutcome.CANCELLED, timedelta()),
        (CallOutcome.AGENT_LOST, timedelta()),
        (CallOutcome.VOICEMAIL_LEFT, timedelta(hours=2)),  # noon, the next part of the day
        (CallOutcome.VOICEMAIL_NONE, timedelta(hours=2)),
    ],
)
@pytest.mark.parametrize("facts", [POSITIVE, CONTACT], ids=["positive", "contact"])
def test_the_next_try_comes_after_the_time_of_the_mission(
    outcome: CallOutcome, after: timedelta, facts: StepFacts
) -> None:
    step = next_step(outcome, facts)
    assert (step.kind, step.at) == (StepKind.RETRY, NOW + after)


def test_a_try_that_would_fall_at_night_comes_when_hours_open() -> None:
    evening = datetime(2021, 3, 16, 18, 30, tzinfo=UTC)
    step = next_step(CallOutcome.NO_ANSWER, replace(CONTACT, now=evening))
    assert step.at == datetime(2021, 3, 17, 7, 30, tzinfo=UTC)


def test_a_partial_interview_stays_with_its_agent_and_a_lost_one_comes_first() -> None:
    assert next_step(CallOutcome.PARTIAL, POSITIVE).same_agent
    assert next_step(CallOutcome.AGENT_LOST, POSITIVE).front
    assert not next_step(CallOutcome.CANCELLED, POSITIVE).front


@pytest.mark.parametrize("outcome", sorted(MISSES))
def test_a_missed_positive_is_told_that_we_tried_even_after_a_wrong_number(
    outcome: CallOutcome,
) -> None:
    assert next_step(outcome, POSITIVE).effects == {StepEffect.TEXT_MISSED_CALL}
    assert next_step(outcome, replace(POSITIVE, tries=1)).effects == {StepEffect.TEXT_MISSED_CALL}
    assert not next_step(outcome, CONTACT).effects


def tries_of_a_positive(first_try: datetime, result_at: datetime, *, until: datetime) -> list[datetime]:
    """The moments at which a positive who never answers is tried, by an agent who is always free."""
    deadline = result_at + timedelta(hours=24)
    effective = HOURS.last_open_before(deadline)
    now, tried = HOURS.next_open(first_try), []
    while now < until:
        tried.append(now)
        facts = replace(
            POSITIVE, now=now, deadline=deadline, effective_deadline=effective, tries=len(tried) - 1
        )
        step = next_step(CallOutcome.NO_ANSWER, facts)
        assert step.at is not None
        assert step.at > now
        now = step.at
    return tried


@pytest.mark.parametrize("hour", range(24))
def test_a_positive_is_tried_in_each_part_of_the_day_and_in_the_last_hour(hour: int) -> None:
    result_at = datetime(2021, 3, 16, hour, 10, tzinfo=UTC)
    deadline = result_at + timedelta(hours=24)
    effective = HOURS.last_open_before(deadline)
    tried = tries_of_a_positive(result_at, result_at, until=deadline)
    assert {HOURS.day_part(at) for at in tried} == set(DayPart)
    assert any(effective - timedelta(hours=1) <= at <= effective for at in tried)
    second = tried[1] - tried[0]
    assert second >= timedelta(minutes=90) or tried[1] == HOURS.next_open(effective - timedelta(hours=1))


EVENING = datetime(2021, 3, 16, 17, 0, tzinfo=UTC)  # 18:00 in Paris


@pytest.mark.parametrize(
    ("tried", "part"),
    [
        ({DayPart.EVENING}, DayPart.MORNING),
        ({DayPart.MORNING, DayPart.EVENING}, DayPart.MIDDAY),
        (set(DayPart), DayPart.MORNING),
    ],
)
def test_a_missed_positive_is_next_tried_in_a_part_of_the_day_not_tried_yet(
    tried: set[DayPart], part: DayPart
) -> None:
    deadline = EVENING + timedelta(hours=23)
    facts = replace(POSITIVE, now=EVENING, deadline=deadline, effective_deadline=deadline, tries=2)
    step = next_step(CallOutcome.NO_ANSWER, replace(facts, tried_parts=frozenset(tried)))
    assert step.at is not None
    assert HOURS.day_part(step.at) is part


def test_no_part_of_the_day_is_waited_for_past_the_deadline() -> None:
    soon = EVENING + timedelta(hours=16)  # before midday
    facts = replace(POSITIVE, now=EVENING, deadline=soon, effective_deadline=soon, tries=2)
    tried = frozenset({DayPart.MORNING, DayPart.EVENING})
    step = next_step(CallOutcome.NO_ANSWER, replace(facts, tried_parts=tried))
    assert step.at is not None
    assert step.at < soon


@pytest.mark.parametrize("outcome", [CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL_NONE])
@pytest.mark.parametrize(
    ("can_sms", "tries", "evening"), [(False, 1, True), (False, 0, False), (True, 1, False)]
)
def test_the_last_call_of_a_contact_whom_no_sms_can_inform_waits_for_the_evening(
    outcome: CallOutcome, can_sms: bool, tries: int, evening: bool
) -> None:
    facts = replace(CONTACT, tries=tries, can_sms=can_sms, misses_before_sms=3)
    at = next_step(outcome, facts).at
    assert at is not None
    assert (HOURS.day_part(at) is DayPart.EVENING) is evening


def test_the_last_call_of_a_contact_waits_for_no_evening_past_the_deadline() -> None:
    soon = HOURS.last_open_before(NOW + timedelta(hours=5))
    step = next_step(CallOutcome.NO_ANSWER, replace(CONTACT, tries=1, effective_deadline=soon))
    assert step.at == HOURS.next_part(NOW)


def test_after_its_deadline_a_positive_is_still_tried_once_in_each_part_of_the_day() -> None:
    result_at = datetime(2021, 3, 15, 9, 0, tzinfo=UTC)
    tried = tries_of_a_positive(NOW, result_at, until=NOW + timedelta(days=3))
    day = [DayPart.MORNING, DayPart.MIDDAY, DayPart.EVENING]
    assert [HOURS.day_part(at) for at in tried[1:10]] == [*day, *day, *day]


def test_a_positives_callback_past_the_deadline_needs_a_supervisor() -> None:
    late = replace(POSITIVE, deadline=NOW + timedelta(hours=2))
    with pytest.raises(NotAllowed):
        next_step(CallOutcome.CALLBACK_AT, late)
    step = next_step(CallOutcome.CALLBACK_AT, replace(late, by_supervisor=True))
    assert (step.kind, step.at) == (StepKind.CALLBACK, late.callback_at)
    assert next_step(CallOutcome.CALLBACK_AT, POSITIVE).kind is StepKind.CALLBACK
    contact = replace(late, purpose=Purpose.INFORM)
    assert next_step(CallOutcome.CALLBACK_AT, contact).kind is StepKind.CALLBACK


@pytest.mark.parametrize(
    "moment", [None, NOW, NOW - timedelta(hours=1), datetime(2021, 3, 16, 23, 0, tzinfo=UTC)]
)
def test_a_callback_needs_a_callable_moment_that_lies_ahead(moment: datetime | None) -> None:
    with pytest.raises(InvalidInput):
        next_step(CallOutcome.CALLBACK_AT, replace(CONTACT, callback_at=moment))


def test_who_refuses_is_tried_once_more_by_a_senior_then_gets_it_in_writing() -> None:
    first = next_step(CallOutcome.REFUSED, POSITIVE)
    assert (first.kind, first.queue) == (StepKind.RETRY, Queue.SENIORS)
    second = next_step(CallOutcome.REFUSED, replace(POSITIVE, queue=Queue.SENIORS))
    assert second.kind is StepKind.CLOSE
    assert second.effects == {StepEffect.SEND_WRITTEN_INFORMATION}


def test_do_not_call_takes_effect_when_a_supervisor_confirms() -> None:
    asked = next_step(CallOutcome.DO_NOT_CALL, POSITIVE)
    assert (asked.kind, asked.queue) == (StepKind.ESCALATE, Queue.SUPERVISORS)
    assert next_step(CallOutcome.DO_NOT_CALL, replace(POSITIVE, by_supervisor=True)).kind is StepKind.CLOSE


@pytest.mark.parametrize(
    ("outcome", "queue"),
    [(CallOutcome.LANGUAGE, Queue.INTERPRETERS), (CallOutcome.ESCALATE_MEDICAL, Queue.MEDICAL)],
)
def test_who_needs_someone_else_goes_to_their_queue(outcome: CallOutcome, queue: Queue) -> None:
    step = next_step(outcome, POSITIVE)
    assert (step.kind, step.queue) == (StepKind.ESCALATE, queue)


@pytest.mark.parametrize(
    ("outcome", "effect"),
    [
        (CallOutcome.ESCALATE_ARS, StepEffect.EXPORT_TO_ARS),
        (CallOutcome.EMERGENCY, StepEffect.ALERT_SUPERVISOR),
        (CallOutcome.DECEASED, StepEffect.STOP_EVERY_MESSAGE),
        (CallOutcome.ALREADY_DONE, StepEffect.MERGE_RECORDS),
    ],
)
def test_some_closings_ask_for_something_more(outcome: CallOutcome, effect: StepEffect) -> None:
    step = next_step(outcome, POSITIVE)
    assert step.kind is StepKind.CLOSE
    assert step.effects == {effect}


@pytest.mark.parametrize("outcome", [CallOutcome.WRONG_NUMBER, CallOutcome.INVALID_NUMBER])
def test_a_bad_number_leads_to_the_next_one_else_to_the_search(outcome: CallOutcome) -> None:
    following = next_step(outcome, replace(POSITIVE, has_next_number=True))
    assert (following.kind, following.at) == (StepKind.NEXT_NUMBER, NOW)
    last = next_step(outcome, POSITIVE)
    assert (last.kind, last.queue) == (StepKind.ESCALATE, Queue.SEARCH)
    assert following.effects == last.effects == {StepEffect.MARK_NUMBER_BAD}


def test_messages_of_a_shed_contact_close_it_when_read_and_bring_it_back_when_not() -> None:
    kinds = {outcome: next_step(outcome, CONTACT).kind for outcome in CHANNEL_OUTCOMES}
    assert kinds == {
        CallOutcome.SHED_TO_SMS: StepKind.TEXT,
        CallOutcome.SMS_DELIVERED: StepKind.KEEP,
        CallOutcome.SMS_READ: StepKind.CLOSE,
        CallOutcome.SMS_FAILED: StepKind.RETURN,
        CallOutcome.SMS_REPLIED: StepKind.CLOSE,
        CallOutcome.SMS_STOPPED: StepKind.RETURN,
    }
    question = next_step(CallOutcome.SMS_REPLIED, replace(CONTACT, is_question=True))
    assert question.kind is StepKind.RETURN


def test_messages_to_a_positive_never_move_it_except_a_question_which_brings_the_call_forward() -> None:
    for outcome in CHANNEL_OUTCOMES - {CallOutcome.SHED_TO_SMS}:
        assert next_step(outcome, POSITIVE).kind is StepKind.KEEP
    question = next_step(CallOutcome.SMS_REPLIED, replace(POSITIVE, is_question=True))
    assert (question.kind, question.at) == (StepKind.RETRY, NOW)


def test_a_positive_is_given_up_by_a_supervisor_or_not_at_all() -> None:
    asked = next_step(CallOutcome.UNREACHED, POSITIVE)
    assert (asked.kind, asked.queue) == (StepKind.ESCALATE, Queue.SUPERVISORS)
    assert next_step(CallOutcome.UNREACHED, replace(POSITIVE, by_supervisor=True)).kind is StepKind.CLOSE
    assert next_step(CallOutcome.UNREACHED, replace(CONTACT, tries=3)).kind is StepKind.CLOSE


def test_a_contact_with_tries_left_is_given_up_by_a_supervisor_only() -> None:
    with pytest.raises(NotAllowed, match="tries left"):
        next_step(CallOutcome.UNREACHED, CONTACT)
    assert next_step(CallOutcome.UNREACHED, replace(CONTACT, by_supervisor=True)).kind is StepKind.CLOSE


def test_a_callback_in_ten_years_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too far ahead"):
        next_step(CallOutcome.CALLBACK_AT, replace(CONTACT, callback_at=NOW + timedelta(days=3650)))
