"""Calls to the outreach number: known people reach a free agent, or are called back first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import insert, update

from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.ids import new_id
from outreach.services.wrap_up import Report
from outreach.storage import tables
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.webhooks import CallWord, InboundCall
from tests.call_world import AGENT_PHONE, PLATFORM, CallWorld, eventually, someone_waits_for_a_lock

MOBILE = "+33639980020"
STRANGER = "+33639980099"


def _calls_in(calls: CallWorld, number: str) -> int:
    calls.company.set_phone(number, voice="answers", talk_seconds=0)
    calls.company.call_us(number)
    eventually(lambda: len(calls.rows(tables.inbound_calls)) == 1, "the call kept")
    return len(calls.rows(tables.call_attempts))


def test_a_known_person_who_calls_is_put_to_a_free_agent(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    assert _calls_in(calls, MOBILE) == 1
    attempt = calls.app.call_bar.current(calls.agent_id)
    assert attempt is not None
    assert attempt.inbound
    attempt = calls.until_status(attempt, "ANSWERED")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    assert calls.entry_of(record).state == "CLOSED"
    assert calls.case(record).reached_at is not None


def test_with_no_agent_free_the_caller_hears_a_message_and_is_called_back_first(calls: CallWorld) -> None:
    calls.app.call_list.end_shift(calls.agent_id, "40")
    earlier, later = calls.person("+33639980021", kind="contact"), calls.person(MOBILE, kind="contact")
    assert _calls_in(calls, MOBILE) == 0
    entry = calls.entry_of(later)
    assert (entry.state, entry.call_class) == ("READY", 2)
    assert entry.callback_at is not None
    calls.app.call_list.start_shift(calls.agent_id, "40")
    assert calls.lease() == entry.id
    assert calls.entry_of(earlier).state == "READY"
    eventually(lambda: "CPAM" in str(calls.company.phone(MOBILE)["calls"]), "the message spoken")


def test_a_positive_who_calls_stays_in_class_one(calls: CallWorld) -> None:
    calls.app.call_list.end_shift(calls.agent_id, "40")
    record = calls.person(MOBILE)
    _calls_in(calls, MOBILE)
    assert calls.entry_of(record).call_class == 1


def test_a_stranger_hears_that_the_number_was_not_recognised(calls: CallWorld) -> None:
    assert _calls_in(calls, STRANGER) == 0
    (kept,) = calls.rows(tables.inbound_calls)
    assert (kept.person_id, kept.answered_with) == (None, "MESSAGE")


def test_a_caller_whom_no_agent_answers_is_told_and_stands_on_the_list_again(
    calls: CallWorld,
) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="rings_out")
    record = calls.person(MOBILE)
    _calls_in(calls, MOBILE)
    attempt = calls.app.call_bar.current(calls.agent_id)
    assert attempt is not None
    attempt = calls.until_status(attempt, CallStatus.WRAP_UP)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report())
    assert calls.entry_of(record).state == "READY"
    eventually(lambda: "CPAM" in str(calls.company.phone(MOBILE)["calls"]), "the message spoken")


def test_a_caller_is_put_only_to_an_agent_who_speaks_their_language(calls: CallWorld) -> None:
    record = calls.person(MOBILE, langue="pt")
    assert _calls_in(calls, MOBILE) == 0
    assert calls.entry_of(record).callback_at is not None
    calls.app.access.change_user(calls.agent_id, languages=["fr", "pt"])
    calls.company.call_us(MOBILE)
    eventually(lambda: len(calls.rows(tables.call_attempts)) == 1, "the agent's call")


def test_of_two_callers_at_once_the_second_hears_the_message(calls: CallWorld) -> None:
    first, second = calls.person("+33639980021"), calls.person(MOBILE)
    other = calls.entry_of(first)
    call = InboundCall("CA" + "9" * 32, MOBILE, OUR_NUMBER, CallWord.RINGING)
    with ThreadPoolExecutor(1) as pool:
        with calls.app.database.begin() as connection:
            attempt_id, now = new_id(), calls.clock.now()
            connection.execute(
                insert(tables.call_attempts).values(
                    id=attempt_id,
                    platform=PLATFORM,
                    entry_id=other.id,
                    case_record_id=first,
                    person_id=other.person_id,
                    agent_id=calls.agent_id,
                    status="RINGING_AGENT",
                    phone_position=0,
                    inbound=True,
                    conference=attempt_id,
                    started_at=now,
                )
            )
            answering = pool.submit(calls.app.provider_events.inbound.answer, call)
            eventually(lambda: someone_waits_for_a_lock(calls.app.database), "the agent is being given")
        answered = answering.result()
    assert answered.attempt is None
    assert "<Say" in answered.markup
    entry = calls.entry_of(second)
    assert (entry.state, entry.leased_by) == ("READY", None)
    assert entry.callback_at is not None
    assert "ENTRY_LEASED" not in calls.events(second)


def test_who_calls_during_another_agents_wrap_up_is_called_back_once_it_ends(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    calls.company.set_phone(MOBILE, voice="hangs_up", talk_seconds=1)
    attempt = calls.until_status(calls.call(), CallStatus.WRAP_UP)
    _calls_in(calls, MOBILE)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.NO_ANSWER))
    assert calls.entry_of(record).callback_at is None
    calls.app.upkeep.sweeps["asked_calls"].run()
    entry = calls.entry_of(record)
    assert (entry.callback_at, entry.call_class) == (calls.clock.now(), 1)


def test_who_was_given_up_and_calls_is_put_to_an_agent(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    closed = update(tables.call_list_entries).values(
        state="CLOSED", closed_because="UNREACHED", closed_at=calls.clock.now()
    )
    with calls.app.database.begin() as connection:
        connection.execute(closed)
        connection.execute(update(tables.case_records).values(state="CLOSED", closed_because="UNREACHED"))
    assert _calls_in(calls, MOBILE) == 1
    entry = calls.entry_of(record)
    assert (entry.state, entry.purpose, entry.call_class) == ("LEASED", "INTERVIEW", 1)
    assert calls.case(record).state == "OPEN"
