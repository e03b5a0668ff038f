"""An agent at a computer: it rings in the page, taking the call is the key press, and nobody else is rung."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from outreach.bootstrap import build_app
from outreach.config import read_settings
from outreach.domain.agent_devices import AgentDevice, computer_address, identity_of
from outreach.domain.call_attempts import CallStatus
from outreach.domain.outcomes import CallOutcome
from outreach.errors import ConfigurationError, Conflict, NotFound
from outreach.services.provider_events import TEST_CALL_SAYS
from outreach.services.softphone import TOKEN_LIVES, Softphone, SoftphoneKind
from outreach.storage import agent_store
from outreach.telephony.softphone_tokens import SoftphoneKey
from outreach.telephony.stand_in_line import StandInAct, StandInCall
from tests.call_world import AGENT_PHONE, PLATFORM, CallWorld, eventually

MOBILE = "+33639980060"
KEY = SoftphoneKey("AC" + "2" * 32, "SK" + "3" * 32, "the secret of a key that signs nothing else")


@pytest.fixture
def at_computer(calls: CallWorld) -> CallWorld:
    """The agent chose the computer; someone answers at MOBILE."""
    calls.app.softphone.choose(calls.agent_id, AgentDevice.COMPUTER)
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    return calls


def _ringing(world: CallWorld, status: str = "ringing") -> StandInCall:
    """The one call at the agent's computer, once it stands so."""
    softphone, agent = world.app.softphone, world.agent_id
    eventually(lambda: [call.status for call in softphone.calls(agent)] == [status], status)
    return softphone.calls(agent)[0]


def test_the_computer_rings_and_taking_the_call_is_the_key_press(at_computer: CallWorld) -> None:
    world = at_computer
    attempt = world.call()
    ringing = _ringing(world)
    assert world.attempt(attempt).status is CallStatus.RINGING_AGENT
    assert world.company.phone(MOBILE)["calls"] == []
    world.app.softphone.act(world.agent_id, ringing.sid, StandInAct.ACCEPT)
    world.until_status(attempt, "ANSWERED")
    assert world.company.phone(AGENT_PHONE)["calls"] == []
    assert [leg["spoke_with"] for leg in world.company.phone(MOBILE)["calls"]] == [
        [computer_address(world.agent_id)]
    ]


def test_a_call_refused_at_the_computer_rings_nobody(at_computer: CallWorld) -> None:
    attempt = at_computer.call()
    at_computer.app.softphone.act(at_computer.agent_id, _ringing(at_computer).sid, StandInAct.REFUSE)
    attempt = at_computer.until_status(attempt, "WRAP_UP")
    assert attempt.suggested_outcome is CallOutcome.CANCELLED
    assert at_computer.company.phone(MOBILE)["calls"] == []


def test_whoever_is_muted_is_not_heard_and_who_hangs_up_leaves(at_computer: CallWorld) -> None:
    world, softphone = at_computer, at_computer.app.softphone
    attempt = world.call()
    softphone.act(world.agent_id, _ringing(world).sid, StandInAct.ACCEPT)
    world.until_status(attempt, "ANSWERED")
    call = _ringing(world, "in-progress")
    assert softphone.act(world.agent_id, call.sid, StandInAct.MUTE).muted
    (room,) = world.company.conferences()
    heard = {one["label"]: one["hears"] for one in room["participants"]}
    assert heard == {"agent": [MOBILE], "person": []}
    assert not softphone.act(world.agent_id, call.sid, StandInAct.UNMUTE).muted
    softphone.act(world.agent_id, call.sid, StandInAct.HANG_UP)
    world.until(attempt, lambda a: a.agent_left_at is not None, "the agent gone")
    assert softphone.calls(world.agent_id) == []


def test_a_call_that_is_over_cannot_be_taken(at_computer: CallWorld) -> None:
    at_computer.call()
    sid = _ringing(at_computer).sid
    at_computer.app.softphone.act(at_computer.agent_id, sid, StandInAct.REFUSE)
    with pytest.raises(Conflict):
        at_computer.app.softphone.act(at_computer.agent_id, sid, StandInAct.ACCEPT)


def test_a_colleague_at_a_computer_is_brought_in_there(at_computer: CallWorld) -> None:
    world, softphone = at_computer, at_computer.app.softphone
    doctor = world.colleague("doctor", "medical", "+33199000002")
    world.app.access.change_user(doctor, phone="")
    softphone.choose(doctor, AgentDevice.COMPUTER)
    attempt = world.call()
    softphone.act(world.agent_id, _ringing(world).sid, StandInAct.ACCEPT)
    world.until_status(attempt, "ANSWERED")
    assert world.app.call_bar.transfer(world.agent_id, attempt.id, role="medical") == doctor
    eventually(lambda: [c.status for c in softphone.calls(doctor)] == ["ringing"], "the doctor is rung")


def test_an_agent_with_neither_phone_nor_computer_begins_no_try(calls: CallWorld) -> None:
    calls.person(MOBILE)
    calls.app.access.change_user(calls.agent_id, phone="")
    with pytest.raises(Conflict):
        calls.call()
    with calls.app.database.begin() as connection:
        free = agent_store.free_on_shift(connection, PLATFORM, ["agent"], calls.clock.now())
    assert free is None


def test_a_test_call_says_a_sentence_and_ends(calls: CallWorld) -> None:
    calls.app.softphone.test_call(calls.agent_id)
    calls.app.softphone.act(calls.agent_id, _ringing(calls).sid, StandInAct.ACCEPT)
    address = computer_address(calls.agent_id)
    eventually(lambda: calls.company.phone(address)["calls"][0]["status"] == "completed", "its end")
    assert calls.company.phone(address)["calls"][0]["heard"] == [TEST_CALL_SAYS]


def test_a_token_takes_calls_for_an_hour_and_makes_none(calls: CallWorld) -> None:
    softphone = replace(calls.app.softphone, key=KEY, line=None)
    assert softphone.kind is SoftphoneKind.VOICE_SDK
    told = softphone.token(calls.agent_id)
    claims = _claims(told.token)
    assert claims["grants"] == {
        "identity": identity_of(calls.agent_id),
        "voice": {"incoming": {"allow": True}},
    }
    assert (claims["iss"], claims["sub"]) == (KEY.key_sid, KEY.account_sid)
    assert claims["exp"] == (calls.clock.now() + TOKEN_LIVES).timestamp()
    assert KEY.key_secret not in repr(softphone)


def _claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_without_a_key_computers_are_not_offered(calls: CallWorld) -> None:
    bare: Softphone = replace(calls.app.softphone, line=None)
    assert bare.kind is SoftphoneKind.NONE
    for act in (bare.token, bare.test_call, lambda agent: bare.choose(agent, AgentDevice.COMPUTER)):
        with pytest.raises(Conflict):
            act(calls.agent_id)
    with pytest.raises(NotFound):
        bare.calls(calls.agent_id)
    bare.choose(calls.agent_id, AgentDevice.PHONE)


def test_with_a_carrier_s_account_there_is_no_stand_in(calls: CallWorld) -> None:
    theirs = calls.app.settings.model_copy(update={"twilio_account_sid": "AC" + "4" * 32})
    app = build_app(theirs, clock=calls.clock)
    assert app.softphone.line is None
    app.close()


def test_half_a_key_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="API_KEY_SECRET"):
        read_settings(twilio_api_key_sid="SK1", twilio_api_key_secret=SecretStr(""))
