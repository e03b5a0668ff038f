"""Sessions that nobody uses: an open page keeps nobody signed in, a call does."""

from __future__ import annotations

from datetime import timedelta

from outreach.domain.sign_in_rules import SESSION_IDLE, SESSION_LONGEST
from outreach.services.access import Asker
from tests.call_world import CallWorld

MOBILE = "+33639980050"


def _look(calls: CallWorld, token: str, minutes: int, *, used: bool = False) -> Asker | None:
    """What an open page, or its reader, asks after so long."""
    calls.clock.advance(timedelta(minutes=minutes))
    return calls.app.sessions.asker(token, used=used)


def _talk(calls: CallWorld) -> None:
    """The agent has a positive on the line, and has not hung up."""
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    calls.until_status(calls.call(calls.lease()), "ANSWERED")


def test_what_an_open_page_asks_by_itself_keeps_nobody_signed_in(calls: CallWorld) -> None:
    token = calls.app.sessions.open(calls.agent_id)
    assert _look(calls, token, 29) is not None
    assert _look(calls, token, 2) is None
    token = calls.app.sessions.open(calls.agent_id)
    assert _look(calls, token, 29, used=True) is not None
    assert _look(calls, token, 29) is not None


def test_nobody_is_thrown_out_of_a_call_that_they_are_in(calls: CallWorld) -> None:
    token, longest = calls.app.sessions.open(calls.agent_id), SESSION_LONGEST // timedelta(minutes=1)
    _talk(calls)
    for _ in range(4):
        assert _look(calls, token, SESSION_IDLE // timedelta(minutes=1) + 1) is not None
    assert _look(calls, token, longest) is None


def test_a_call_brings_no_session_back_that_ended_before(calls: CallWorld) -> None:
    forgotten = calls.app.sessions.open(calls.agent_id)
    calls.clock.advance(timedelta(hours=2))
    _talk(calls)
    assert _look(calls, forgotten, 0) is None
