"""A person's phone never rings for a call that is over, however late the phone company names the leg."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from outreach.clock import SetClock
from outreach.domain.call_attempts import CallStatus, Leg, LineStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import TelephonyError
from outreach.services.call_reports import LegReport, apply_leg_report
from outreach.services.wrap_up import Report
from outreach.storage.attempt_store import Attempt
from outreach.storage.database import Database
from outreach.telephony.provider import PersonLegOrder, ProviderCall
from outreach.telephony.twilio_provider import TwilioProvider
from tests.call_world import AGENT_PHONE, CallWorld, eventually, running_call_world

MOBILE = "+33639980040"
FAR_OFF = 2_000  # seconds until a phone is answered

Meanwhile = Callable[[CallWorld, Attempt], None]


@pytest.fixture
def calls(database: Database, redis_url: str, clock: SetClock, platform: str) -> Iterator[CallWorld]:
    """At life's own pace: a phone rings for longer than a busy machine takes to hang it up."""
    with running_call_world(database, redis_url, clock, speed=1.0) as world:
        yield world


class _SlowToAnswer(TwilioProvider):
    """The phone company; something happens here while it takes an order for a person's leg."""

    meanwhile: Callable[[], None]
    answers = True
    ordered = ""

    def call_person(self, order: PersonLegOrder) -> ProviderCall:
        self.meanwhile()
        leg = super().call_person(order)
        self.ordered = leg.sid
        if not self.answers:
            raise TelephonyError("No answer came.", code="timeout", unknown_fate=True)
        return leg


def _says_outcome(calls: CallWorld, attempt: Attempt) -> None:
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.CANCELLED))


def _hangs_up(calls: CallWorld, attempt: Attempt) -> None:
    calls.app.call_bar.hang_up(calls.agent_id, attempt.id)
    assert calls.attempt(attempt).status is CallStatus.WRAP_UP


def _drops(calls: CallWorld, attempt: Attempt) -> None:
    _report_agent(calls, attempt, LineStatus.COMPLETED)


@pytest.mark.parametrize("meanwhile", [_says_outcome, _hangs_up, _drops])
def test_a_leg_named_after_the_agent_has_gone_is_hung_up_at_once(
    calls: CallWorld, meanwhile: Meanwhile
) -> None:
    attempt, provider = _agent_on_line(calls), _slow(calls)
    provider.meanwhile = lambda: meanwhile(calls, attempt)
    replace(calls.app.calling.legs, provider=provider).dial_person(attempt.id)
    assert calls.app.provider.fetch_call(provider.ordered).status in ("canceled", "completed")


def test_a_leg_that_shows_itself_only_by_its_reports_is_hung_up_by_them(calls: CallWorld) -> None:
    attempt, provider = _agent_on_line(calls), _slow(calls)
    provider.answers = False
    calls.company.set_faults()
    provider.meanwhile = lambda: _says_outcome(calls, attempt)
    replace(calls.app.calling.legs, provider=provider).dial_person(attempt.id)
    eventually(
        lambda: calls.app.provider.fetch_call(provider.ordered).status in ("canceled", "completed"),
        "the end of a leg nobody waits for",
    )


def _agent_on_line(calls: CallWorld) -> Attempt:
    """The agent in the room, and nobody who dials the person: the phone company's own reports are lost."""
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    calls.company.set_phone(AGENT_PHONE, voice="agent", answer_after=FAR_OFF)
    calls.company.set_phone(MOBILE, voice="answers", answer_after=FAR_OFF)
    calls.person(MOBILE)
    attempt = calls.attempt(calls.call())
    _report_agent(calls, attempt, LineStatus.IN_PROGRESS)
    return calls.attempt(attempt)


def _report_agent(calls: CallWorld, attempt: Attempt, line: LineStatus) -> None:
    with calls.app.database.begin() as connection:
        report = LegReport(attempt.id, Leg.AGENT, str(attempt.agent_sid), line)
        apply_leg_report(connection, report, calls.clock.now())


def _slow(calls: CallWorld) -> _SlowToAnswer:
    plan = calls.company.plan
    return _SlowToAnswer(account_sid=plan.account_sid, auth_token=plan.auth_token, api_url=calls.company.url)
