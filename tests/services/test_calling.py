"""Click-to-call: agent first, then the person; each try is one row that ends with an outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, InvalidInput, NotAllowed
from outreach.ids import new_id
from outreach.services.access import NewUser
from outreach.services.wrap_up import Report
from outreach.storage import tables
from tests.call_world import AGENT_PHONE, PLATFORM, CallWorld, eventually

MOBILE = "+33639980010"
OTHER = "+33639980011"


def test_the_agent_is_rung_first_and_the_person_only_once_the_agent_is_on_the_line(calls: CallWorld) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="agent", answer_after=20)
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.call()
    assert calls.attempt(attempt).status is CallStatus.RINGING_AGENT
    assert calls.company.phone(MOBILE)["calls"] == []
    calls.until_status(attempt, "ANSWERED")
    assert len(calls.company.phone(MOBILE)["calls"]) == 1


def test_a_completed_interview_closes_the_entry_and_tells_the_case_system(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.call()
    calls.until_status(attempt, "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED, note="a note"))
    entry, case = calls.entry_of(record), calls.case(record)
    assert (entry.state, entry.closed_because) == ("CLOSED", "COMPLETED")
    assert case.first_called_at is not None
    assert case.reached_at is not None
    (told,) = calls.rows(tables.outbox)
    assert told.payload["outcome"] == "COMPLETED"
    assert told.payload["records"] == [{"source": "test", "external_id": "R1"}]
    assert {"ATTEMPT_STARTED", "ATTEMPT_OUTCOME", "ENTRY_CLOSED"} <= set(calls.events(record))


@pytest.mark.parametrize(
    ("behaviour", "suggestion"),
    [
        ({"voice": "busy"}, CallOutcome.BUSY),
        ({"voice": "rings_out"}, CallOutcome.NO_ANSWER),
        ({"voice": "unknown_number"}, CallOutcome.INVALID_NUMBER),
        ({"voice": "network_failure"}, CallOutcome.NETWORK_FAILED),
    ],
)
def test_the_line_says_how_a_call_ended_that_nobody_answered(
    calls: CallWorld, behaviour: dict[str, str], suggestion: CallOutcome
) -> None:
    calls.company.set_phone(MOBILE, **behaviour)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    assert attempt.suggested_outcome is suggestion
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    assert calls.attempt(attempt).outcome is suggestion


def test_a_machine_that_answers_can_be_left_the_neutral_message(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="voicemail")
    record = calls.person(MOBILE)
    attempt = calls.until(calls.call(), lambda a: a.answered_by is not None, "detection")
    assert str(attempt.answered_by).startswith("machine")
    calls.app.call_bar.leave_voicemail(calls.agent_id, attempt.id)
    attempt = calls.until_status(attempt, "WRAP_UP")
    assert attempt.suggested_outcome is CallOutcome.VOICEMAIL_LEFT
    said = " ".join(str(call) for call in calls.company.phone(MOBILE)["calls"])
    assert "CPAM" in said
    assert "Covid" not in said
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    assert calls.entry_of(record).state == "WAITING"


def test_a_missed_positive_gets_one_sms_and_another_try(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="rings_out")
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    entry = calls.entry_of(record)
    assert entry.state == "WAITING"
    assert entry.tries == 1
    calls.app.messaging.sending.send_due()
    eventually(lambda: len(calls.company.texts(MOBILE)) == 1, "one SMS")


def test_an_outcome_said_twice_changes_nothing_and_another_one_is_refused(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    report = Report(CallOutcome.COMPLETED)
    assert calls.app.wrap_up.record(calls.agent_id, attempt.id, report) is not None
    assert calls.app.wrap_up.record(calls.agent_id, attempt.id, report) is None
    with pytest.raises(Conflict, match="said before"):
        calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.REFUSED))


def test_after_a_conversation_only_the_agent_can_say_how_it_went(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=1)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    assert attempt.suggested_outcome is None
    with pytest.raises(InvalidInput, match="how the call went"):
        calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    with pytest.raises(Conflict):
        calls.app.calling.call_again(calls.agent_id, attempt.id)


def test_the_next_number_is_tried_while_the_agent_stays_in_the_room(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="unknown_number")
    calls.company.set_phone(OTHER, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE, others=(OTHER,))
    first = calls.until_status(calls.call(), "WRAP_UP")
    second = calls.app.calling.call_again(calls.agent_id, first.id, position=1)
    second = calls.until_status(second, "ANSWERED")
    assert second.conference == first.conference
    assert len(calls.company.phone(AGENT_PHONE)["calls"]) == 1
    assert calls.attempt(first).outcome is CallOutcome.INVALID_NUMBER
    assert calls.entry_of(record).state == "LEASED"


def test_one_agent_has_one_call_open_at_a_time(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    entry_id = calls.lease()
    calls.call(entry_id)
    with pytest.raises(Conflict, match="open already"):
        calls.call(entry_id)


def test_an_entry_that_the_agent_does_not_hold_cannot_be_called(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    with pytest.raises(Conflict, match="in your hands"):
        calls.app.calling.click_to_call(calls.agent_id, calls.entry_of(record).id)


def test_a_call_is_its_own_agent_s_business(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    with pytest.raises(NotAllowed):
        calls.app.call_bar.read(new_id(), attempt.id)


def test_the_person_can_be_put_on_hold_and_taken_back(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until(
        calls.call(), lambda a: a.status is CallStatus.ANSWERED and bool(a.conference_sid), "a conversation"
    )
    calls.app.call_bar.hold(calls.agent_id, attempt.id, on=True)
    assert calls.attempt(attempt).on_hold
    calls.app.call_bar.hold(calls.agent_id, attempt.id, on=False)
    assert not calls.attempt(attempt).on_hold


def test_hanging_up_while_the_phone_rings_ends_the_try_without_counting_it(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", answer_after=2_000)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "RINGING")
    calls.app.call_bar.hang_up(calls.agent_id, attempt.id)
    attempt = calls.until_status(attempt, "WRAP_UP")
    assert attempt.suggested_outcome in (CallOutcome.CANCELLED, CallOutcome.NO_ANSWER)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.CANCELLED))
    assert calls.entry_of(record).tries == 0


def test_a_refused_agent_phone_leaves_the_entry_with_the_agent(calls: CallWorld) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="busy")
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    assert attempt.suggested_outcome is CallOutcome.CANCELLED
    assert calls.entry_of(record).state == "LEASED"
    assert calls.company.phone(MOBILE)["calls"] == []


def test_a_doctor_joins_the_conversation_and_goes_on_when_the_agent_leaves(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", "+33199000002")
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    assert calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical") == doctor
    calls.until(attempt, lambda a: a.transfer_sid is not None, "the doctor's leg")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.ESCALATE_MEDICAL))
    entry = calls.entry_of(record)
    assert (entry.queue, entry.state, entry.leased_by) == ("MEDICAL", "LEASED", doctor)


def test_nobody_free_for_a_transfer_is_said(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    with pytest.raises(Conflict, match="free"):
        calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical")


def test_an_emergency_raises_an_alarm_and_closes(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.EMERGENCY))
    assert [alarm.kind for alarm in calls.rows(tables.alarms)] == ["EMERGENCY"]
    assert calls.entry_of(record).state == "CLOSED"


def test_after_a_death_nothing_is_written_to_the_person_any_more(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.DECEASED))
    (person,) = calls.rows(tables.persons)
    assert person.opted_out
    assert "OPTED_OUT" in calls.events(record)


def test_a_household_is_told_in_one_call(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    first, second = calls.person(MOBILE, kind="contact"), calls.person(MOBILE, kind="contact")
    attempt = calls.until_status(calls.call(), "ANSWERED")
    (other,) = calls.app.call_list.household(attempt.entry_id)
    calls.app.wrap_up.record(
        calls.agent_id, attempt.id, Report(CallOutcome.INFO_GIVEN, household=(other.entry_id,))
    )
    assert {calls.entry_of(record).state for record in (first, second)} == {"CLOSED"}
    assert len(calls.rows(tables.outbox)) == 2
    assert all(calls.case(record).informed_at is not None for record in (first, second))


def test_a_positive_is_never_told_beside_a_contact(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    contact = calls.person(MOBILE, kind="contact")
    attempt = calls.until_status(calls.call(), "ANSWERED")
    positive = calls.person(MOBILE)
    (other,) = calls.app.call_list.household(attempt.entry_id)
    told = Report(CallOutcome.INFO_GIVEN, household=(other.entry_id,))
    with pytest.raises(InvalidInput, match="a call of their own"):
        calls.app.wrap_up.record(calls.agent_id, attempt.id, told)
    assert calls.entry_of(positive).state != "CLOSED"
    assert calls.entry_of(contact).state == "LEASED"


def test_a_restricted_person_is_never_told_in_somebody_else_s_call(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    contacts = {calls.person(MOBILE, kind="contact") for _ in range(2)}
    attempt = calls.until_status(calls.call(), "ANSWERED")
    (other,) = calls.app.call_list.household(attempt.entry_id)
    (beside,) = contacts - {attempt.case_record_id}
    calls.app.break_glass.restrict(beside, by=calls.agent_id, platforms=[PLATFORM])
    told = Report(CallOutcome.INFO_GIVEN, household=(other.entry_id,))
    with pytest.raises(InvalidInput, match="a call of their own"):
        calls.app.wrap_up.record(calls.agent_id, attempt.id, told)
    assert calls.entry_of(beside).state != "CLOSED"
    assert calls.entry_of(attempt.case_record_id).state == "LEASED"
    calls.app.break_glass.open(beside, "their doctor asked us to tell them", by=calls.agent_id)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, told)
    assert calls.entry_of(beside).state == "CLOSED"


def test_a_promised_callback_that_failed_for_reasons_of_ours_is_still_promised(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE, kind="contact")
    first = calls.until_status(calls.call(), "ANSWERED")
    agreed = calls.clock.now() + timedelta(hours=1)
    calls.app.wrap_up.record(
        calls.agent_id, first.id, Report(CallOutcome.CALLBACK_AT, callback_at=agreed, for_me_only=True)
    )
    calls.clock.advance(timedelta(minutes=61))
    calls.app.call_list.keep_ready()
    calls.app.call_list.heartbeat(calls.agent_id)
    calls.company.set_phone(MOBILE, voice="network_failure")
    second = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, second.id, Report(CallOutcome.NETWORK_FAILED))
    entry = calls.entry_of(record)
    assert (entry.call_class, entry.callback_at, entry.callback_agent_id) == (2, agreed, calls.agent_id)


def test_nobody_can_be_said_to_be_reached_before_anyone_was_called(calls: CallWorld) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="busy")
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    with pytest.raises(InvalidInput, match="Nobody was called"):
        calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))


def test_a_death_is_one_person_s_and_never_a_household_s(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    for _ in range(2):
        calls.person(MOBILE, kind="contact")
    attempt = calls.until_status(calls.call(), "ANSWERED")
    (other,) = calls.app.call_list.household(attempt.entry_id)
    with pytest.raises(InvalidInput, match="one person's own"):
        calls.app.wrap_up.record(
            calls.agent_id, attempt.id, Report(CallOutcome.DECEASED, household=(other.entry_id,))
        )


def test_an_entry_kept_in_hand_past_the_calling_hours_is_not_called(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id = calls.lease()
    calls.clock.advance(timedelta(hours=13))
    calls.app.call_list.heartbeat(calls.agent_id)
    with pytest.raises(Conflict, match="open again on 17/03 at 08:30"):
        calls.call(entry_id)
    assert calls.app.call_bar.current(calls.agent_id) is None


def test_an_agent_without_a_phone_begins_no_try(calls: CallWorld) -> None:
    calls.person(MOBILE)
    agent = calls.app.access.add_user(NewUser("no-phone", ["agent"], [PLATFORM]))
    leased = calls.app.call_list.next_entry(agent, platforms=[PLATFORM], languages=["fr"])
    assert leased is not None
    with pytest.raises(Conflict, match="No phone is known"):
        calls.app.calling.click_to_call(agent, leased.entry_id)
    assert calls.app.call_bar.current(agent) is None
