"""Calls that stand still are moved on: lost webhooks, vanished agents, outcomes nobody said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import NotFound, OutreachError, TelephonyError
from outreach.services.call_repairs import CallRepairs
from outreach.storage.attempt_store import Attempt
from outreach.telephony.no_provider import NoProvider
from outreach.telephony.provider import ProviderCall
from tests.call_world import AGENT_PHONE, CallWorld, eventually

MOBILE = "+33639980030"
LONG = timedelta(minutes=3)
PHONES = {MOBILE: AGENT_PHONE, "+33639980031": "+33199000003"}  # a person's, and their agent's


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
    """Our clock leaps, but not past a phone that still rings."""
    if any(call["status"] in ("queued", "ringing") for call in calls.company.phone(MOBILE)["calls"]):
        return False
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


def test_a_conversation_whose_every_end_went_untold_is_found_to_be_over(calls: CallWorld) -> None:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    record = calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    calls.company.hang_up(AGENT_PHONE)
    calls.company.hang_up(MOBILE)
    calls.clock.advance(LONG)
    _repairs(calls).run()
    assert calls.attempt(attempt).status is CallStatus.WRAP_UP
    calls.app.call_list.lapse()
    assert calls.attempt(attempt).outcome is CallOutcome.AGENT_LOST
    assert calls.entry_of(record).state == "READY"


def test_a_conversation_that_nobody_watches_is_asked_about_once_in_the_time_of_a_lease(
    calls: CallWorld,
) -> None:
    attempts, provider = _talking_unwatched(calls, "in-progress")
    repairs = _repairs_with(calls, provider)
    assert [repairs.run(), repairs.run()] == [0, 0]
    assert len(provider.asked) == 2  # both legs, once
    assert calls.attempt(attempts[0]).status is CallStatus.ANSWERED


def test_a_leg_that_the_phone_company_knows_nothing_of_is_over(calls: CallWorld) -> None:
    attempts, provider = _talking_unwatched(calls, TelephonyError("There is none.", code="20404"))
    assert _repairs_with(calls, provider).run() == 1
    assert calls.attempt(attempts[0]).status is CallStatus.WRAP_UP


def test_a_word_nobody_knows_changes_nothing(calls: CallWorld) -> None:
    attempts, provider = _talking_unwatched(calls, "astonished")
    assert _repairs_with(calls, provider).run() == 0
    assert calls.attempt(attempts[0]).status is CallStatus.ANSWERED


def test_a_call_that_cannot_be_mended_stops_no_other(calls: CallWorld) -> None:
    _, provider = _talking_unwatched(calls, NotFound("There is no such call."), agents=2)
    assert _repairs_with(calls, provider).run() == 0
    assert len(provider.asked) == 2


def test_a_phone_company_that_does_not_answer_ends_the_round(calls: CallWorld) -> None:
    nothing = TelephonyError("No answer came.", code="timeout", retryable=True)
    _, provider = _talking_unwatched(calls, nothing, agents=2)
    assert _repairs_with(calls, provider).run() == 0
    assert len(provider.asked) == 1


def test_a_round_that_took_its_time_leaves_the_rest_to_the_next(calls: CallWorld) -> None:
    _, provider = _talking_unwatched(calls, "completed")
    repairs = _repairs_with(calls, provider)
    assert replace(repairs, longest_round=0.0).run() == 0
    assert provider.asked == []
    assert repairs.run() == 1


@dataclass
class _Company(NoProvider):
    """A phone company that says one thing of every leg."""

    says: str | OutreachError
    asked: list[str] = field(default_factory=list)

    def fetch_call(self, sid: str) -> ProviderCall:
        self.asked.append(sid)
        if isinstance(self.says, OutreachError):
            raise self.says
        return ProviderCall(sid, self.says)


def _talking_unwatched(
    calls: CallWorld, says: str | OutreachError, *, agents: int = 1
) -> tuple[list[Attempt], _Company]:
    """So many conversations whose agents' pages have been silent for long."""
    attempts: list[Attempt] = []
    for number, phone in list(PHONES.items())[:agents]:
        calls.company.set_phone(number, voice="answers", talk_seconds=0)
        calls.person(number)
        if attempts:
            calls.agent_id = calls.colleague("other", "agent", phone)
        attempts.append(calls.until_status(calls.call(), "ANSWERED"))
    calls.clock.advance(LONG)
    return attempts, _Company(says)


def _repairs_with(calls: CallWorld, provider: _Company) -> CallRepairs:
    return replace(_repairs(calls), legs=replace(calls.app.calling.legs, provider=provider))
