"""Calls in the simulated phone company, seen through the official SDK."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException

from outreach.telephony.markup import hang_up, play_then_hang_up, say_then_hang_up
from outreach.telephony.simulator import OUR_NUMBER, Plan
from tests.phone_company import Listener, PhoneCompany, Posted, running_phone_company

_PERSON = "+33639980001"
_EVENTS = ["initiated", "ringing", "answered", "completed"]


def _over(posted: Posted) -> bool:
    return posted.fields.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled")


def _call(company: PhoneCompany, listener: Listener, **more: object) -> str:
    words: dict[str, object] = {
        "to": _PERSON,
        "from_": OUR_NUMBER,
        "twiml": say_then_hang_up("Bonjour"),
        "status_callback": listener.url + "/status",
        "status_callback_event": _EVENTS,
        **more,
    }
    return str(company.sdk().calls.create(**words).sid)


def test_an_answered_call_reports_each_step_in_sequence(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sid = _call(phone_company, listener)
    seen = listener.until(_over)
    assert [one.fields["CallStatus"] for one in seen] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one.fields["SequenceNumber"] for one in seen] == ["0", "1", "2", "3"]
    assert {one.fields["CallSid"] for one in seen} == {sid}
    assert seen[-1].fields["SipResponseCode"] == "200"
    assert int(seen[-1].fields["CallDuration"]) >= 0
    assert phone_company.phone(_PERSON)["calls"][0]["heard"] == ["Bonjour"]


def test_only_the_end_is_reported_when_nothing_else_is_asked(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.sdk().calls.create(
        to=_PERSON, from_=OUR_NUMBER, twiml=hang_up(), status_callback=listener.url + "/status"
    )
    assert [one.fields["CallStatus"] for one in listener.until(_over)] == ["completed"]


@pytest.mark.parametrize(
    ("voice", "status", "sip"),
    [
        ("busy", "busy", "486"),
        ("rings_out", "no-answer", "480"),
        ("unknown_number", "failed", "404"),
        ("network_failure", "failed", "503"),
    ],
)
def test_a_call_nobody_takes_ends_with_its_sip_code(
    phone_company: PhoneCompany, listener: Listener, voice: str, status: str, sip: str
) -> None:
    phone_company.set_phone(_PERSON, voice=voice)
    sid = _call(phone_company, listener, timeout=20)
    ended = listener.next(_over)
    assert (ended.fields["CallStatus"], ended.fields["SipResponseCode"]) == (status, sip)
    assert ended.fields["CallDuration"] == "0"
    assert phone_company.sdk().calls(sid).fetch().status == status


def test_a_slow_person_is_missed_when_we_ring_too_shortly(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, answer_after=30)
    _call(phone_company, listener, timeout=10)
    assert listener.next(_over).fields["CallStatus"] == "no-answer"


def test_a_curt_person_hangs_up_before_the_end_of_the_words(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, voice="hangs_up", talk_seconds=2)
    sid = _call(phone_company, listener, twiml=say_then_hang_up("Bonjour. " * 400))
    listener.next(_over)
    assert phone_company.sdk().calls(sid).fetch().status == "completed"


@pytest.mark.parametrize(
    ("mode", "voice", "answered_by"),
    [
        ("Enable", "answers", "human"),
        ("Enable", "voicemail", "machine_start"),
        ("DetectMessageEnd", "answers", "human"),
        ("DetectMessageEnd", "voicemail", "machine_end_beep"),
    ],
)
def test_detection_tells_before_the_words_or_apart_from_them(
    phone_company: PhoneCompany, listener: Listener, mode: str, voice: str, answered_by: str
) -> None:
    phone_company.set_phone(_PERSON, voice=voice, greeting_seconds=5)
    listener.documents["/twiml"] = say_then_hang_up("Bonjour " * 30)
    _call(phone_company, listener, twiml=None, url=listener.url + "/twiml", machine_detection=mode)
    asked = listener.next(lambda one: one.path == "/twiml")
    assert asked.fields["AnsweredBy"] == answered_by
    listener.next(_over)
    _call(
        phone_company,
        listener,
        twiml=None,
        url=listener.url + "/twiml",
        machine_detection=mode,
        async_amd="true",
        async_amd_status_callback=listener.url + "/amd",
    )
    either = [listener.next(lambda one: one.path in ("/twiml", "/amd")) for _ in range(2)]
    told = {one.path: one.fields for one in either}
    assert "AnsweredBy" not in told["/twiml"]
    assert told["/amd"]["AnsweredBy"] == answered_by


def test_what_is_said_before_the_beep_is_not_on_the_voicemail(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, voice="voicemail", greeting_seconds=30)
    _call(phone_company, listener, twiml=say_then_hang_up("Trop tôt"))
    listener.next(_over)
    (call,) = phone_company.phone(_PERSON)["calls"]
    assert (call["heard"], call["left_on_voicemail"]) == (["Trop tôt"], [])


def test_a_recorded_message_is_heard_as_a_recording(phone_company: PhoneCompany, listener: Listener) -> None:
    _call(phone_company, listener, twiml=play_then_hang_up("https://x.test/neutre.mp3"))
    listener.next(_over)
    assert phone_company.phone(_PERSON)["calls"][0]["heard"] == ["[recording] https://x.test/neutre.mp3"]


def test_a_redirect_is_followed_and_a_pause_waited_for(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    listener.documents["/next"] = say_then_hang_up("Suite")
    document = f'<Response><Pause length="2"/><Redirect>{listener.url}/next</Redirect></Response>'
    _call(phone_company, listener, twiml=document)
    listener.next(_over)
    assert phone_company.phone(_PERSON)["calls"][0]["heard"] == ["Suite"]


@pytest.mark.parametrize("document", ["not xml", "<Wrong/>", "<Response><Unheard/></Response>"])
def test_a_document_that_is_wrong_is_an_application_error(
    phone_company: PhoneCompany, listener: Listener, document: str
) -> None:
    _call(phone_company, listener, twiml=document)
    listener.next(_over)
    (heard,) = phone_company.phone(_PERSON)["calls"][0]["heard"]
    assert "application error" in heard


def test_a_document_that_cannot_be_had_is_an_application_error(listener: Listener) -> None:
    with running_phone_company(Plan(speed=100.0, retry_base_seconds=0.01)) as company:
        _call(company, listener, twiml=None, url="http://127.0.0.1:9/none")
        listener.next(_over)
        assert "application error" in company.phone(_PERSON)["calls"][0]["heard"][0]


def test_a_ringing_call_is_canceled_and_a_live_one_completed(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sdk = phone_company.sdk()
    phone_company.set_phone(_PERSON, voice="rings_out")
    ringing = _call(phone_company, listener, timeout=600)
    listener.next(lambda one: one.fields["CallStatus"] == "ringing")
    with pytest.raises(TwilioRestException) as refused:
        sdk.calls(ringing).update(twiml=hang_up())
    assert refused.value.code == 21220
    assert sdk.calls(ringing).update(status="canceled").status == "canceled"
    assert listener.next(_over).fields["SipResponseCode"] == "487"
    phone_company.set_phone(_PERSON, voice="agent")
    live = _call(phone_company, listener, twiml='<Response><Pause length="900"/></Response>')
    listener.next(lambda one: one.fields["CallStatus"] == "in-progress")
    with pytest.raises(TwilioRestException) as refused_cancel:
        sdk.calls(live).update(status="canceled")
    assert refused_cancel.value.code == 21220
    assert sdk.calls(live).update(status="completed").status == "completed"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"twiml": None}, 21205),
        ({"to": ""}, 21201),
        ({"to": "+33012345678"}, 21211),
        ({"from_": "+33612345678"}, 21210),
        ({"from_": ""}, 21213),
        ({"timeout": "soon"}, 20001),
    ],
)
def test_a_wrong_call_is_refused_with_its_code(
    phone_company: PhoneCompany, listener: Listener, words: dict[str, object], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        _call(phone_company, listener, **words)
    assert refused.value.code == code


def test_calls_above_the_accounts_pace_wait_in_the_queue(listener: Listener) -> None:
    with running_phone_company(Plan(speed=100.0, calls_per_second=1.0)) as company:
        sids = [_call(company, listener, to=f"+3363998{turn:04}") for turn in range(3)]
        assert [company.sdk().calls(sid).fetch().status for sid in sids][1:] == ["queued", "queued"]
        listener.next(lambda one: one.fields["CallSid"] == sids[1] and _over(one))


def test_a_person_calls_us_and_hears_our_answer(phone_company: PhoneCompany, listener: Listener) -> None:
    listener.documents["/voice"] = say_then_hang_up("Nous vous rappelons.")
    phone_company.set_inbound(voice_url=listener.url + "/voice", voice_status_url=listener.url + "/status")
    told = phone_company.call_us(_PERSON)
    asked = listener.next(lambda one: one.path == "/voice")
    assert (asked.fields["Direction"], asked.fields["CallStatus"]) == ("inbound", "ringing")
    assert (asked.fields["From"], asked.fields["To"]) == (_PERSON, OUR_NUMBER)
    ended = listener.next(_over)
    assert (ended.fields["CallSid"], ended.fields["CallStatus"]) == (told["sid"], "completed")
    (call,) = phone_company.phone(_PERSON)["calls"]
    assert (call["direction"], call["heard"]) == ("inbound", ["Nous vous rappelons."])


def test_a_call_to_a_number_nobody_answers_for_fails(phone_company: PhoneCompany) -> None:
    assert phone_company.call_us(_PERSON)["status"] == "failed"


def test_whoever_hangs_up_while_it_rings_refuses_the_call(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_phone(_PERSON, voice="rings_out")
    _call(phone_company, listener, timeout=600)
    listener.next(lambda one: one.fields["CallStatus"] == "ringing")
    assert phone_company.hang_up(_PERSON) == 1
    assert listener.next(_over).fields["CallStatus"] == "busy"
    assert phone_company.hang_up(_PERSON) == 0
