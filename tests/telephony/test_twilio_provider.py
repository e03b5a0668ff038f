"""Our provider against a running phone company: calls, lists, errors, and what is kept of each exchange."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from outreach.errors import TelephonyError
from outreach.telephony.exchanges import Exchange, blanked_path
from outreach.telephony.markup import ConferenceSeat, join_conference, say_then_hang_up
from outreach.telephony.provider import AgentLegOrder, MessageOrder, PersonLegOrder, ProviderCall
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.twilio_provider import TwilioProvider
from tests.phone_company import Listener, PhoneCompany

_AGENT, _PERSON = "+33639980100", "+33639980001"


@pytest.fixture
def provider(phone_company: PhoneCompany) -> Iterator[TwilioProvider]:
    provider = phone_company.provider(timeout_seconds=1.0)
    yield provider
    provider.close()


def _agent_in_conference(company: PhoneCompany, provider: TwilioProvider, listener: Listener) -> ProviderCall:
    company.set_phone(_AGENT, voice="agent")
    seat = ConferenceSeat("att-1", "agent", status_callback=listener.url + "/conference", end_on_exit=True)
    listener.documents["/agent"] = join_conference(seat)
    order = AgentLegOrder(_AGENT, OUR_NUMBER, listener.url + "/agent", listener.url + "/agent-status")
    call = provider.call_agent(order)
    listener.next(lambda posted: posted.fields.get("StatusCallbackEvent") == "participant-join")
    return call


def _person_joins(company: PhoneCompany, provider: TwilioProvider, listener: Listener) -> ProviderCall:
    order = PersonLegOrder(
        conference="att-1",
        to=_PERSON,
        sender=OUR_NUMBER,
        label="person",
        status_callback=listener.url + "/person-status",
        amd_callback=listener.url + "/amd",
        conference_callback=listener.url + "/conference",
    )
    call = provider.call_person(order)
    listener.next(lambda posted: posted.fields.get("StatusCallbackEvent") == "conference-start")
    return call


def test_the_agent_is_rung_first_then_the_person_joins_them(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, voice="answers", talk_seconds=0)
    agent = _agent_in_conference(phone_company, provider, listener)
    person = _person_joins(phone_company, provider, listener)
    assert agent.sid != person.sid
    assert person.conference_sid.startswith("CF")
    assert provider.fetch_call(person.sid).status == "in-progress"
    assert phone_company.phone(_PERSON)["calls"][0]["spoke_with"] == [_AGENT]


def test_a_person_on_hold_hears_nobody_until_taken_back(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, talk_seconds=0)
    _agent_in_conference(phone_company, provider, listener)
    person = _person_joins(phone_company, provider, listener)
    provider.set_hold(person.conference_sid, person.sid, on=True)
    held = {seat["label"]: seat["hears"] for seat in phone_company.conferences()[0]["participants"]}
    provider.set_hold(person.conference_sid, person.sid, on=False)
    back = {seat["label"]: seat["hears"] for seat in phone_company.conferences()[0]["participants"]}
    assert held == {"agent": [], "person": []}
    assert back == {"agent": [_PERSON], "person": [_AGENT]}


def test_the_agent_stays_when_the_person_hangs_up_and_ends_all_by_leaving(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, talk_seconds=0)
    agent = _agent_in_conference(phone_company, provider, listener)
    _person_joins(phone_company, provider, listener)
    phone_company.hang_up(_PERSON)
    assert provider.fetch_call(agent.sid).status == "in-progress"
    again = provider.call_person(
        PersonLegOrder("att-1", _PERSON, OUR_NUMBER, "person", listener.url + "/person-status")
    )
    provider.hang_up(agent.sid)
    assert provider.fetch_call(again.sid).status == "canceled"


def test_ending_an_ended_leg_is_not_an_error(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    agent = _agent_in_conference(phone_company, provider, listener)
    provider.hang_up(agent.sid)
    provider.hang_up(agent.sid)
    provider.hang_up("CA" + "0" * 32)


def test_a_neutral_message_is_left_after_the_beep(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, voice="voicemail", greeting_seconds=5)
    listener.documents["/neutral"] = say_then_hang_up("Merci de rappeler ce numéro.")
    _agent_in_conference(phone_company, provider, listener)
    person = _person_joins(phone_company, provider, listener)
    heard = listener.next(lambda posted: posted.path == "/amd")
    assert heard.fields["AnsweredBy"] == "machine_end_beep"
    provider.say_to(person.sid, listener.url + "/neutral")
    listener.next(
        lambda posted: posted.path == "/person-status" and posted.fields["CallStatus"] == "completed"
    )
    (call,) = phone_company.phone(_PERSON)["calls"]
    assert call["left_on_voicemail"] == ["Merci de rappeler ce numéro."]


def test_a_leg_that_does_not_live_cannot_be_pointed_elsewhere(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    agent = _agent_in_conference(phone_company, provider, listener)
    provider.hang_up(agent.sid)
    with pytest.raises(TelephonyError) as refused:
        provider.say_to(agent.sid, listener.url + "/agent")
    assert (refused.value.code, refused.value.retryable) == ("21220", False)


def test_a_message_of_unknown_fate_is_found_by_number_alone(
    phone_company: PhoneCompany, provider: TwilioProvider
) -> None:
    phone_company.set_faults(error_after={"next": 1})
    provider.send_messages([MessageOrder(_PERSON, "jeton abc", OUR_NUMBER, "", 600)], deadline_seconds=5)
    (found,) = provider.find_messages(_PERSON)
    assert found.body == "jeton abc"
    assert found.created_at is not None
    assert found.created_at.tzinfo is not None
    assert provider.find_messages("+33639980002") == []


def test_the_newest_messages_are_listed_first_and_no_more_than_asked(
    phone_company: PhoneCompany, provider: TwilioProvider
) -> None:
    for turn in range(5):
        provider.send_messages([MessageOrder(_PERSON, f"n{turn}", OUR_NUMBER, "", 600)], deadline_seconds=5)
    assert [found.body for found in provider.find_messages(_PERSON, most=3)] == ["n4", "n3", "n2"]


def test_a_young_message_may_be_missing_from_the_list(
    phone_company: PhoneCompany, provider: TwilioProvider
) -> None:
    phone_company.set_faults(listing_lag_seconds=3600)
    provider.send_messages([MessageOrder(_PERSON, "x", OUR_NUMBER, "", 600)], deadline_seconds=5)
    assert provider.find_messages(_PERSON) == []


@pytest.mark.parametrize(
    ("fault", "code", "retryable", "unknown_fate"),
    [
        ("slow_down", "20429", True, False),
        ("error_before", "20500", False, True),
        ("hang_after", "timeout", False, True),
        ("reset_before", "reset", False, True),
    ],
)
def test_an_error_says_whether_the_call_may_have_been_made(
    phone_company: PhoneCompany, fault: str, code: str, retryable: bool, unknown_fate: bool
) -> None:
    provider = phone_company.provider(timeout_seconds=1.0)
    phone_company.set_faults(**{fault: {"next": 1}})
    with pytest.raises(TelephonyError) as failed:
        provider.call_agent(AgentLegOrder(_AGENT, OUR_NUMBER, "http://127.0.0.1:9/a", ""))
    provider.close()
    error = failed.value
    assert (error.code, error.retryable, error.unknown_fate) == (code, retryable, unknown_fate)
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert _AGENT not in str(error)


def test_a_phone_company_that_is_down_can_be_asked_again() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        provider = TwilioProvider(account_sid="AC" + "1" * 32, auth_token="t", api_url=url)
        with pytest.raises(TelephonyError) as failed:
            provider.ping()
    assert (failed.value.code, failed.value.retryable) == ("never_sent", True)


def test_ping_knows_a_wrong_token(phone_company: PhoneCompany, provider: TwilioProvider) -> None:
    provider.ping()
    with pytest.raises(TelephonyError) as failed:
        phone_company.provider(auth_token="wrong").ping()
    assert failed.value.code == "20003"


def test_a_refused_number_is_named_by_no_error(phone_company: PhoneCompany, provider: TwilioProvider) -> None:
    with pytest.raises(TelephonyError) as refused:
        provider.call_agent(AgentLegOrder("+3312", OUR_NUMBER, "http://127.0.0.1:9/a", ""))
    assert str(refused.value) == "The number does not exist."
    assert refused.value.code == "21211"


def test_each_exchange_is_kept_without_numbers_or_account(phone_company: PhoneCompany) -> None:
    kept: list[Exchange] = []
    plan = phone_company.plan
    provider = TwilioProvider(
        account_sid=plan.account_sid,
        auth_token=plan.auth_token,
        api_url=phone_company.url,
        recorder=kept.append,
    )
    provider.find_messages(_PERSON)
    with pytest.raises(TelephonyError):
        provider.fetch_call("CA" + "0" * 32)
    assert [(one.method, one.path, one.status, one.code) for one in kept] == [
        ("GET", "/2010-04-01/Accounts/AC…/Messages.json", 200, ""),
        ("GET", "/2010-04-01/Accounts/AC…/Calls/CA" + "0" * 32 + ".json", 404, "20404"),
    ]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://api.twilio.com/a/Messages.json?To=%2B33612345678", "/a/Messages.json"),
        ("https://x.test/simulator/phones/+33612345678", "/simulator/phones/…"),
        ("https://x.test/phones/%2B33612345678.json", "/phones/…"),
        ("https://x.test", "/"),
    ],
)
def test_a_kept_path_holds_no_number(url: str, path: str) -> None:
    assert blanked_path(url) == path


def test_the_environment_does_not_decide_where_we_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    provider = TwilioProvider(account_sid="AC1", auth_token="t")
    assert (provider._client.region, provider._client.edge) == (None, None)
