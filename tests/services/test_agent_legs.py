"""What the agent's own line tells counts for the try they are in, and only a return ends a wait."""

from __future__ import annotations

from outreach.domain.call_attempts import CallStatus, Leg, LineStatus
from outreach.domain.outcomes import CallOutcome
from outreach.services.call_reports import Effect, LegReport, apply_leg_report
from outreach.services.callback_urls import Webhook
from outreach.services.provider_events import PRESS_A_KEY
from outreach.storage.attempt_store import Attempt
from outreach.telephony.webhook_parameters import Endpoint
from tests.call_world import AGENT_PHONE, CallWorld

MOBILE = "+33639980060"
OTHER = "+33639980061"


def test_an_agent_who_drops_out_of_a_second_try_is_missed_there(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="unknown_number")
    calls.company.set_phone(OTHER, voice="answers", talk_seconds=0)
    calls.person(MOBILE, others=(OTHER,))
    first = calls.until_status(calls.call(), "WRAP_UP")
    second = calls.app.calling.call_again(calls.agent_id, first.id, position=1)
    calls.until(second, _talking, "a conversation")
    calls.company.hang_up(AGENT_PHONE)
    second = calls.until(second, lambda a: a.agent_left_at is not None and a.on_hold, "the person on hold")
    assert second.status is CallStatus.ANSWERED
    assert calls.attempt(first).agent_left_at is None


def test_late_news_of_the_agent_s_leg_takes_nobody_off_hold(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until(calls.call(), _talking, "a conversation")
    calls.app.call_bar.hold(calls.agent_id, attempt.id, on=True)
    late = {"CallSid": str(attempt.agent_sid), "CallStatus": "ringing", "SequenceNumber": "1"}
    told = calls.app.provider_events.receive(
        Webhook.AGENT_STATUS, attempt.id, Endpoint.CALL_STATUS, late, "late"
    )
    assert told.then is None


def test_late_news_of_a_leg_that_ended_does_not_bring_the_agent_back(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until(calls.call(), _talking, "a conversation")
    calls.company.hang_up(AGENT_PHONE)
    attempt = calls.until(attempt, lambda a: a.agent_left_at is not None, "the agent gone")
    with calls.app.database.begin() as connection:
        late = LegReport(attempt.id, Leg.AGENT, str(attempt.agent_sid), LineStatus.RINGING)
        assert apply_leg_report(connection, late, calls.clock.now()) is Effect.LATE
    assert calls.attempt(attempt).agent_left_at is not None


def _talking(attempt: Attempt) -> bool:
    return attempt.status is CallStatus.ANSWERED and bool(attempt.conference_sid)


def test_a_voicemail_that_takes_the_agents_call_is_not_the_agent(calls: CallWorld) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="voicemail", answer_after=1.0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    assert (attempt.suggested_outcome, attempt.dialled_at) == (CallOutcome.CANCELLED, None)
    assert calls.company.phone(MOBILE)["calls"] == []
    (leg,) = calls.company.phone(AGENT_PHONE)["calls"]
    assert set(leg["heard"]) <= {PRESS_A_KEY}  # or it hung up before a word was said


def test_an_agents_phone_that_was_picked_up_rings_on_until_a_key_is_pressed(calls: CallWorld) -> None:
    calls.company.set_phone(AGENT_PHONE, voice="answers", answer_after=1.0, talk_seconds=0)
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    calls.person(MOBILE)
    attempt = calls.call()
    told = {"CallSid": str(calls.attempt(attempt).agent_sid), "CallStatus": "in-progress"}
    receive = calls.app.provider_events.receive
    receive(Webhook.AGENT_STATUS, attempt.id, Endpoint.CALL_STATUS, told, "picked up")
    assert calls.attempt(attempt).status is CallStatus.RINGING_AGENT
    receive(Webhook.AGENT_KEY, attempt.id, Endpoint.AGENT_KEY, {**told, "Digits": "1"}, "key")
    assert calls.attempt(attempt).status is CallStatus.AGENT_ON_LINE
