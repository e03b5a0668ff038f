"""Calls that stand still are moved on: lost webhooks, vanished agents, outcomes nobody said."""

from __future__ import annotations

from datetime import timedelta

from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.services.call_repairs import CallRepairs
from outreach.storage.attempt_store import Attempt
from tests.call_world import AGENT_PHONE, CallWorld, eventually

MOBILE = "+33639980030"
LONG = timedelta(minutes=3)


def _repairs(calls: CallWorld) -> CallRepairs:
    return CallRepairs(calls.app.database, calls.clock, calls.app.calling.legs, calls.app.wrap_up)


def test_what_the_line_said_stands_when_the_agent_says_nothing(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="busy")
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.clock.advance(LONG)
    assert _repairs(calls).run() == 1
    assert calls.attempt(attempt).outcome is CallOutcome.BUSY
    assert calls.entry_of(record).state == "WAITING"
    assert _repairs(calls).run() == 0


def test_lost_webhooks_are_made_up_for_by_asking_the_phone_company(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="rings_out")
    calls.person(MOBILE)
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    attempt = calls.call()
    eventually(lambda: _ended_after_repairs(calls, attempt), "the end of the call")
    assert calls.attempt(attempt).outcome is CallOutcome.NO_ANSWER


def _ended_after_repairs(calls: CallWorld, attempt: Attempt) -> bool:
    calls.clock.advance(LONG)
    _repairs(calls).run()
    return calls.attempt(attempt).outcome is not None


def test_an_agent_whose_line_dropped_can_come_back_to_the_person(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.company.hang_up(AGENT_PHONE)
    attempt = calls.until(attempt, lambda a: a.agent_left_at is not None, "the agent gone")
    assert attempt.status is CallStatus.ANSWERED
    calls.until(attempt, lambda a: a.on_hold, "the person on hold")
    calls.app.call_bar.rejoin(calls.agent_id, attempt.id)
    calls.until(attempt, lambda a: a.agent_left_at is None and not a.on_hold, "the agent back")


def test_an_agent_who_does_not_come_back_leaves_the_person_at_the_front_of_the_list(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.company.hang_up(AGENT_PHONE)
    calls.until(attempt, lambda a: a.agent_left_at is not None, "the agent gone")
    calls.clock.advance(LONG)
    _repairs(calls).run()
    calls.clock.advance(LONG)
    eventually(
        lambda: _repairs(calls).run() >= 0 and calls.attempt(attempt).outcome is not None, "an outcome"
    )
    assert calls.attempt(attempt).outcome is CallOutcome.AGENT_LOST
    entry = calls.entry_of(record)
    assert (entry.state, entry.front) == ("READY", 0)


def test_a_live_call_keeps_its_entry_however_long_it_lasts(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    calls.until_status(calls.call(), "ANSWERED")
    calls.clock.advance(timedelta(hours=1))
    assert calls.app.call_list.lapse() == 0
    assert calls.entry_of(record).state == "LEASED"


def test_an_agent_who_vanishes_before_calling_gives_the_entry_back_in_two_minutes(
    calls: CallWorld,
) -> None:
    record = calls.person(MOBILE)
    calls.lease()
    calls.clock.advance(timedelta(seconds=95))
    assert calls.app.call_list.lapse() == 1
    entry = calls.entry_of(record)
    assert (entry.state, entry.front) == ("READY", 0)
