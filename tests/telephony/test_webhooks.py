"""What the phone company posts to us: signatures, names, reports, keys."""

from __future__ import annotations

import random
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from twilio.request_validator import RequestValidator

from outreach.errors import InvalidInput
from outreach.telephony.simulator.webhooks_out import signature
from outreach.telephony.webhook_parameters import Endpoint
from outreach.telephony.webhooks import (
    AnsweredBy,
    CallWord,
    ConferenceWord,
    MessageWord,
    SignatureCheck,
    idempotency_key,
    read_amd_report,
    read_call_report,
    read_conference_report,
    read_form,
    read_inbound_call,
    read_inbound_message,
    read_message_report,
    says_one_thing,
    unknown_names,
)

_URL = "https://outreach.test/webhooks/twilio/messages/abc?v=1"
_FORM = {"MessageSid": "SM1", "MessageStatus": "delivered"}


@pytest.mark.parametrize("token", ["old", "new"])
def test_either_token_is_valid_during_a_rotation(token: str) -> None:
    signed = RequestValidator(token).compute_signature(_URL, _FORM)
    assert SignatureCheck(("new", "old")).holds(_URL, _FORM, signed)


def test_the_simulator_signs_as_the_sdk_does() -> None:
    assert signature("t", _URL, _FORM) == RequestValidator("t").compute_signature(_URL, _FORM)


def test_the_fragment_is_not_signed() -> None:
    signed = RequestValidator("t").compute_signature(_URL, _FORM)
    assert SignatureCheck(("t",)).holds(_URL + "#rc=5&rp=all", _FORM, signed)


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_signature_is_not_valid(missing: str | None) -> None:
    assert not SignatureCheck(("t",)).holds(_URL, _FORM, missing)


def test_a_retired_token_is_not_valid() -> None:
    signed = RequestValidator("retired").compute_signature(_URL, _FORM)
    assert not SignatureCheck(("new", "old")).holds(_URL, _FORM, signed)


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (_URL + "&more=1", _FORM),
        (_URL, {**_FORM, "MessageStatus": "failed"}),
        (_URL, {**_FORM, "ErrorCode": "1"}),
        (_URL.replace("https", "http"), _FORM),
        ("https://outreach.test:port/x", _FORM),
    ],
)
def test_nothing_signed_may_be_changed(url: str, form: dict[str, str]) -> None:
    signed = RequestValidator("t").compute_signature(_URL, _FORM)
    assert not SignatureCheck(("t",)).holds(url, form, signed)


def test_names_and_values_cannot_be_cut_anew() -> None:
    """A signature joins names and values: the same letters cut otherwise are signed too."""
    recut = {"MessageSid": "SM1", "MessageStatusdelivered": ""}
    assert SignatureCheck(("t",)).holds(_URL, recut, signature("t", _URL, _FORM))
    form = read_form(urlencode(recut).encode())
    assert unknown_names(Endpoint.MESSAGE_STATUS, form) == {"MessageStatusdelivered"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"MessageSid=SM1&MessageSid=SM2", "webhook_name_twice"),
        (b"MessageSid=\xff", "webhook_not_a_form"),
        (b"MessageSid=%ff", "webhook_not_a_form"),
        (b"MessageSid=" + b"x" * 70_000, "webhook_too_large"),
        (b"&".join(b"a=1" for _ in range(500)), "webhook_not_a_form"),
    ],
)
def test_a_form_that_cannot_be_trusted_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(body)
    assert refused.value.code == code


def test_a_name_added_in_settings_is_accepted() -> None:
    form = {"CallSid": "CA1", "NewName": "1"}
    assert unknown_names(Endpoint.AMD, form) == {"NewName"}
    assert not unknown_names(Endpoint.AMD, form, also=frozenset({"NewName"}))


def test_a_text_may_bring_pictures() -> None:
    form = {"MessageSid": "SM1", "NumMedia": "2", "MediaUrl0": "", "MediaUrl1": "", "MediaContentType1": ""}
    assert not unknown_names(Endpoint.INBOUND_SMS, form)
    assert unknown_names(Endpoint.MESSAGE_STATUS, form)


def test_a_message_report_is_read() -> None:
    report = read_message_report({"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30006"})
    assert (report.sid, report.status, report.error_code) == ("SM1", MessageWord.UNDELIVERED, "30006")


def test_a_word_invented_since_is_other() -> None:
    assert read_message_report({"MessageSid": "SM1", "MessageStatus": "vanished"}).status is MessageWord.OTHER


def test_a_call_report_is_read() -> None:
    form = {
        "CallSid": "CA1",
        "CallStatus": "completed",
        "SequenceNumber": "3",
        "CallDuration": "42",
        "SipResponseCode": "200",
        "AnsweredBy": "human",
    }
    report = read_call_report(form)
    assert (report.sid, report.status, report.sequence) == ("CA1", CallWord.COMPLETED, 3)
    assert (report.duration_seconds, report.sip_code, report.answered_by) == (42, "200", AnsweredBy.HUMAN)


def test_a_bare_call_report_leaves_the_rest_unknown() -> None:
    report = read_call_report({"CallSid": "CA1", "CallStatus": "ringing"})
    assert (report.sequence, report.duration_seconds, report.answered_by) == (-1, None, None)


@pytest.mark.parametrize(
    ("word", "machine", "after_beep"),
    [
        ("human", False, False),
        ("unknown", False, False),
        ("a_new_word", False, False),
        ("machine_start", True, False),
        ("fax", True, False),
        ("machine_end_beep", True, True),
        ("machine_end_silence", True, True),
        ("machine_end_other", True, True),
    ],
)
def test_only_what_is_surely_a_machine_is_one(word: str, machine: bool, after_beep: bool) -> None:
    answered_by = read_amd_report({"CallSid": "CA1", "AnsweredBy": word}).answered_by
    assert (answered_by.is_machine, answered_by.after_beep) == (machine, after_beep)


def test_a_conference_report_is_read() -> None:
    form = {
        "ConferenceSid": "CF1",
        "FriendlyName": "att-1",
        "StatusCallbackEvent": "participant-hold",
        "CallSid": "CA1",
        "ParticipantLabel": "person",
        "Hold": "true",
        "Muted": "false",
        "SequenceNumber": "4",
    }
    report = read_conference_report(form)
    assert (report.sid, report.name, report.event) == ("CF1", "att-1", ConferenceWord.HOLD)
    assert (report.call_sid, report.label, report.sequence) == ("CA1", "person", 4)
    assert (report.hold, report.muted) == (True, False)


def test_an_inbound_message_keeps_its_words() -> None:
    form = {"MessageSid": "SM1", "From": "+33639980001", "To": "+33974757678", "Body": " stop svp "}
    message = read_inbound_message(form)
    assert (message.sid, message.body, message.opt_out) == ("SM1", " stop svp ", "")


def test_an_inbound_call_is_read() -> None:
    call = read_inbound_call({"CallSid": "CA1", "From": "a", "To": "b", "CallStatus": "ringing"})
    assert (call.sid, call.sender, call.to, call.status) == ("CA1", "a", "b", CallWord.RINGING)


@pytest.mark.parametrize("form", [{}, {"CallSid": "CA1"}, {"CallStatus": "ringing"}, {"CallSid": ""}])
def test_a_report_without_its_sid_or_word_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_call_report(form)


def test_a_retried_webhook_has_the_same_key_whatever_else_it_says() -> None:
    first = idempotency_key(Endpoint.CALL_STATUS, {"CallSid": "CA1", "Timestamp": "1"}, "token-1")
    again = idempotency_key(Endpoint.CALL_STATUS, {"CallSid": "CA1", "Timestamp": "2"}, "token-1")
    assert first == again


def test_without_a_token_the_key_tells_events_apart_and_holds_no_number() -> None:
    form = {"CallSid": "CA1", "CallStatus": "ringing", "SequenceNumber": "1", "To": "+33639980001"}
    later = {**form, "CallStatus": "completed", "SequenceNumber": "3"}
    key = idempotency_key(Endpoint.CALL_STATUS, form, None)
    assert key == idempotency_key(Endpoint.CALL_STATUS, dict(form), "")
    assert key != idempotency_key(Endpoint.CALL_STATUS, later, None)
    assert "639980001" not in key


ALPHABET = "aZ09 +%&=;#/?éàç€œ\u00a0'\"\\\n你😀"


def _invented_form(chance: random.Random) -> dict[str, str]:
    def word(most: int) -> str:
        return "".join(chance.choices(ALPHABET, k=chance.randint(0, most)))

    return {word(6) or "Name": word(12) for _ in range(chance.randint(0, 8))}


@pytest.mark.parametrize(
    "url",
    [
        "https://outreach.example/webhooks/twilio/message-status/1?t=ab",
        "https://outreach.example:443/webhooks?t=ab#rc=5",
        "http://127.0.0.1:8000/webhooks",
        "https://outreach.example:8443/é?a=b&c",
    ],
)
def test_the_check_agrees_with_the_providers_own_validator(url: str) -> None:
    chance = random.Random(url)
    validator = RequestValidator("token")
    signed_url = url.partition("#")[0]
    for _ in range(300):
        form = _invented_form(chance)
        good = validator.compute_signature(signed_url, form)
        cut = {**form, "Name": "x"}
        for told, mark in ((form, good), (cut, good), (form, good[:-2] + "A="), (form, "é")):
            expected = validator.validate(signed_url, told, mark)
            assert SignatureCheck(("token",)).holds(url, told, mark) == expected


def test_a_form_reads_as_the_standard_library_reads_it() -> None:
    chance = random.Random(1)
    for _ in range(500):
        form = _invented_form(chance)
        body = urlencode(form, quote_via=chance.choice((quote, quote_plus)))
        assert read_form(body.encode()) == dict(parse_qsl(body, keep_blank_values=True)) == form


@pytest.mark.parametrize("body", ["", "&", "a", "a&b", "a=&&b=1", "=x", "a=b=c", "a=%zz", "a=%", "a;b=1"])
def test_an_odd_form_reads_as_the_standard_library_reads_it(body: str) -> None:
    assert read_form(body.encode()) == dict(parse_qsl(body, keep_blank_values=True))


_INBOUND = {
    "AccountSid": "AC" + "1" * 32,
    "Body": "bonjour",
    "From": "+33639980001",
    "MessageSid": "SM" + "0" * 32,
    "To": "+33536490001",
}


@pytest.mark.parametrize(
    ("changes", "one_thing"),
    [
        ({"NewName": "1"}, True),
        ({"NewName": "1", "Body": "From: a friend, To you"}, True),
        ({"New name": "1"}, False),
        ({"NewName": "1", "Body": "xFrom+33639980002"}, False),
        ({"NewName": "To+33536490002"}, False),
        ({"NewName": "1", "From": "38663"}, False),
        ({"NewFrom": "+33639980002"}, False),
    ],
)
def test_an_inbound_text_with_a_new_name_is_taken_when_it_can_say_one_thing_only(
    changes: dict[str, str], one_thing: bool
) -> None:
    form = {**_INBOUND, **changes}
    unknown = unknown_names(Endpoint.INBOUND_SMS, form)
    assert unknown
    assert says_one_thing(Endpoint.INBOUND_SMS, form, unknown) is one_thing
    assert not says_one_thing(Endpoint.MESSAGE_STATUS, form, unknown)


def test_a_text_cut_anew_to_name_another_sender_is_never_taken() -> None:
    """The attacker wrote the text; its signature holds for every cut of the same letters."""
    body = "xFrom+33639980002MessageSidSM" + "9" * 32 + "NewName"
    original = {**_INBOUND, "Body": body}
    joined = "".join(f"{name}{original[name]}" for name in sorted(original))
    recut = {
        "AccountSid": _INBOUND["AccountSid"],
        "Body": "x",
        "From": "+33639980002",
        "MessageSid": "SM" + "9" * 32,
        "NewName": joined.partition("NewName")[2].rpartition("To")[0],
        "To": _INBOUND["To"],
    }
    assert "".join(f"{name}{recut[name]}" for name in sorted(recut)) == joined
    assert not says_one_thing(Endpoint.INBOUND_SMS, recut, {"NewName"})
