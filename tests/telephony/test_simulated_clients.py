"""Browsers as telephones in the simulated phone company: rung until taken, in our own time."""

from __future__ import annotations

import pytest

from outreach.errors import Conflict, TelephonyError
from outreach.telephony.markup import say_then_hang_up
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.stand_in_line import StandInAct, StandInLine
from tests.call_world import eventually
from tests.phone_company import PhoneCompany

IDENTITY = "agent_1"


def _ring(company: PhoneCompany, **more: object) -> str:
    words = {"to": f"client:{IDENTITY}", "from_": OUR_NUMBER, "twiml": say_then_hang_up("Bonjour"), **more}
    return str(company.sdk().calls.create(**words).sid)


def _rings(line: StandInLine) -> bool:
    return [call.status for call in line.calls(IDENTITY)] == ["ringing"]


def test_a_browser_rings_until_somebody_takes_the_call(phone_company: PhoneCompany) -> None:
    line = StandInLine(phone_company.url)
    assert line.calls(IDENTITY) == []
    sid = _ring(phone_company)
    eventually(lambda: _rings(line), "it rings")
    assert line.act(IDENTITY, sid, StandInAct.ACCEPT).status == "in-progress"
    eventually(lambda: phone_company.sdk().calls(sid).fetch().status == "completed", "its end")
    assert phone_company.phone(f"client:{IDENTITY}")["calls"][0]["heard"] == ["Bonjour"]


def test_a_browser_nobody_sits_at_rings_out(phone_company: PhoneCompany) -> None:
    sid = _ring(phone_company, timeout=1)
    eventually(lambda: phone_company.sdk().calls(sid).fetch().status == "no-answer", "it rang out")


def test_a_call_is_its_own_browser_s_alone_and_acts_have_names(phone_company: PhoneCompany) -> None:
    line, sid = StandInLine(phone_company.url), _ring(phone_company)
    eventually(lambda: _rings(line), "it rings")
    with pytest.raises(Conflict):
        line.act("agent_2", sid, StandInAct.ACCEPT)
    with pytest.raises(AssertionError):
        phone_company.ask("POST", f"/simulator/clients/{IDENTITY}/{sid}/dance")
    line.act(IDENTITY, sid, StandInAct.REFUSE)
    with pytest.raises(Conflict):
        line.act(IDENTITY, sid, StandInAct.ACCEPT)


def test_a_phone_company_that_is_away_is_said_so() -> None:
    with pytest.raises(TelephonyError):
        StandInLine("http://127.0.0.1:9").calls(IDENTITY)


def test_who_talks_with_somebody_at_a_browser_does_not_hurry(phone_company: PhoneCompany) -> None:
    person, line = "+33639980001", StandInLine(phone_company.url)
    phone_company.set_phone(person, voice="answers", answer_after=0, talk_seconds=60)
    rooms = phone_company.sdk().conferences("room").participants
    rooms.create(from_=OUR_NUMBER, to=f"client:{IDENTITY}", label="agent")
    eventually(lambda: _rings(line), "it rings")
    line.act(IDENTITY, line.calls(IDENTITY)[0].sid, StandInAct.ACCEPT)
    rooms.create(from_=OUR_NUMBER, to=person, label="person")
    eventually(lambda: [call.met for call in line.calls(IDENTITY)] == [1], "a conversation")
    others = ("+33639980002", "+33639980003")
    for other in others:
        phone_company.set_phone(other, voice="answers", answer_after=0, talk_seconds=60)
        phone_company.sdk().conferences("other").participants.create(from_=OUR_NUMBER, to=other)

    def over() -> bool:
        return all(phone_company.phone(each)["calls"][0]["status"] == "completed" for each in others)

    eventually(over, "the end of a call among phones, in the simulator's time")
    assert phone_company.stats()["calls"].get("in-progress") == 2
