"""Text messages in the simulated phone company, seen through the official SDK."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from outreach.telephony.simulator import OUR_NUMBER, Plan
from outreach.telephony.simulator.numbering import Line, line_of
from outreach.telephony.simulator.segments import billed_segments
from tests.phone_company import Listener, PhoneCompany, Posted, running_phone_company

_PERSON = "+33639980001"
_SERVICE = "MG" + "1" * 32


def _final(posted: Posted) -> bool:
    return posted.fields.get("MessageStatus") in ("delivered", "undelivered", "failed")


def _send(company: PhoneCompany, listener: Listener, **more: object) -> str:
    callback = listener.url + "/status#rc=5&rp=all"
    words = {"to": _PERSON, "from_": OUR_NUMBER, "body": "Bonjour", "status_callback": callback, **more}
    return str(company.sdk().messages.create(**words).sid)


def test_a_message_is_queued_sent_delivered_and_reaches_the_phone(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sid = _send(phone_company, listener)
    assert [one.fields["MessageStatus"] for one in listener.until(_final)] == ["sent", "delivered"]
    fetched = phone_company.sdk().messages(sid).fetch()
    assert (fetched.status, fetched.error_code, fetched.direction) == ("delivered", None, "outbound-api")
    assert fetched.date_sent is not None
    assert phone_company.texts(_PERSON) == ["Bonjour"]


def test_reports_are_signed_for_the_sdk_and_carry_what_twilio_sends(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sid = _send(phone_company, listener)
    posted = listener.next(_final)
    validator = RequestValidator(phone_company.plan.auth_token)
    signed = posted.headers["x-twilio-signature"]
    assert validator.validate(listener.url + "/status", posted.fields, signed)
    assert posted.headers["i-twilio-idempotency-token"]
    assert posted.fields["MessageSid"] == posted.fields["SmsSid"] == sid
    assert posted.fields["MessageStatus"] == posted.fields["SmsStatus"] == "delivered"
    assert posted.fields["AccountSid"] == phone_company.plan.account_sid
    assert (posted.fields["To"], posted.fields["From"]) == (_PERSON, OUR_NUMBER)
    assert "ErrorCode" not in posted.fields


@pytest.mark.parametrize(
    ("habit", "status", "code"),
    [
        ("carrier_landline", "undelivered", 30006),
        ("unreachable", "undelivered", 30003),
        ("unknown_number", "undelivered", 30005),
        ("filtered", "undelivered", 30007),
    ],
)
def test_a_message_that_does_not_arrive_says_why(
    phone_company: PhoneCompany, listener: Listener, habit: str, status: str, code: int
) -> None:
    phone_company.set_phone(_PERSON, sms=habit)
    sid = _send(phone_company, listener)
    posted = listener.next(_final)
    assert (posted.fields["MessageStatus"], posted.fields["ErrorCode"]) == (status, str(code))
    assert phone_company.sdk().messages(sid).fetch().error_code == code
    assert phone_company.texts(_PERSON) == []


def test_a_message_too_late_to_be_useful_expires(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_phone(_PERSON, sms_queue_seconds=50)
    _send(phone_company, listener, validity_period=10)
    posted = listener.next(_final)
    assert (posted.fields["MessageStatus"], posted.fields["ErrorCode"]) == ("failed", "30036")
    assert phone_company.texts(_PERSON) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": None}, 21603),
        ({"body": ""}, 21619),
        ({"body": "x" * 1601}, 21617),
        ({"to": "+33012345678"}, 21211),
        ({"to": "0612345678"}, 21211),
        ({"to": "+33123456789"}, 21614),
        ({"from_": "+33612345678"}, 21606),
        ({"validity_period": 36001}, 20001),
        ({"schedule_type": "fixed"}, 35118),
        ({"schedule_type": "fixed", "messaging_service_sid": _SERVICE}, 35111),
    ],
)
def test_a_wrong_request_is_refused_with_its_code(
    phone_company: PhoneCompany, listener: Listener, words: dict[str, object], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        _send(phone_company, listener, **words)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_a_landline_by_behaviour_refuses_texts(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_phone(_PERSON, sms="landline")
    with pytest.raises(TwilioRestException) as refused:
        _send(phone_company, listener)
    assert refused.value.code == 21614


def test_after_stop_messages_are_refused_until_start(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.text_us(_PERSON, " stop ")
    with pytest.raises(TwilioRestException) as refused:
        _send(phone_company, listener)
    with pytest.raises(TwilioRestException) as refused_service:
        _send(phone_company, listener, from_=None, messaging_service_sid=_SERVICE)
    phone_company.text_us(_PERSON, "START")
    _send(phone_company, listener)
    assert (refused.value.code, refused_service.value.code) == (21610, 21610)


@pytest.mark.parametrize("words", ["STOP SVP", "Je veux des informations", "arrêtez"])
def test_the_carrier_understands_only_a_whole_keyword(
    phone_company: PhoneCompany, listener: Listener, words: str
) -> None:
    phone_company.text_us(_PERSON, words)
    assert _send(phone_company, listener)


def test_what_a_person_texts_is_posted_to_us(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_inbound(sms_url=listener.url + "/inbound?x=1")
    told = phone_company.text_us(_PERSON, "Dois-je m'isoler ?")
    posted = listener.next()
    assert (posted.path, posted.query) == ("/inbound", "x=1")
    assert posted.fields["Body"] == "Dois-je m'isoler ?"
    assert (posted.fields["From"], posted.fields["To"]) == (_PERSON, OUR_NUMBER)
    assert (posted.fields["MessageSid"], posted.fields["NumMedia"]) == (told["sid"], "0")
    assert "OptOutType" not in posted.fields


def test_advanced_opt_out_names_the_keyword(listener: Listener) -> None:
    plan = Plan(speed=100.0, advanced_opt_out=True, sms_url=listener.url + "/inbound")
    with running_phone_company(plan) as company:
        company.text_us(_PERSON, "Stop")
        assert listener.next().fields["OptOutType"] == "STOP"


def test_a_phone_texts_back_once_and_only_to_a_number(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_inbound(sms_url=listener.url + "/inbound")
    phone_company.set_phone(_PERSON, texts_back="RAPPEL", texts_back_after=2)
    _send(phone_company, listener, from_="ASSURANCE")
    listener.next(_final)
    _send(phone_company, listener)
    _send(phone_company, listener)
    posted = listener.next(lambda one: one.path == "/inbound")
    assert posted.fields["Body"] == "RAPPEL"
    statuses = phone_company.stats()["messages"]
    assert statuses["received"] == 1


def test_a_scheduled_message_can_be_canceled_before_it_leaves(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sdk = phone_company.sdk()
    send_at = datetime.now(UTC) + timedelta(hours=1)
    sid = _send(
        phone_company,
        listener,
        from_=None,
        messaging_service_sid=_SERVICE,
        schedule_type="fixed",
        send_at=send_at,
    )
    assert sdk.messages(sid).fetch().status == "scheduled"
    assert sdk.messages(sid).update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException) as refused:
        sdk.messages(sid).update(status="canceled")
    assert refused.value.code == 30409


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=40)])
def test_a_schedule_too_near_or_too_far_is_refused(
    phone_company: PhoneCompany, listener: Listener, ahead: timedelta
) -> None:
    words = {"from_": None, "messaging_service_sid": _SERVICE, "schedule_type": "fixed"}
    with pytest.raises(TwilioRestException) as refused:
        _send(phone_company, listener, **words, send_at=datetime.now(UTC) + ahead)
    assert refused.value.code == 35114


def test_pages_follow_each_other_by_relative_addresses(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    sids = [_send(phone_company, listener, body=f"n{turn}") for turn in range(7)]
    _send(phone_company, listener, to="+33639980002")
    page = phone_company.sdk().messages.page(to=_PERSON, page_size=3)
    assert page._payload["next_page_uri"].startswith("/2010-04-01/Accounts/")
    listed = phone_company.sdk().messages.list(to=_PERSON, page_size=3)
    assert [message.sid for message in listed] == list(reversed(sids))
    assert len(phone_company.sdk().messages.list(from_=OUR_NUMBER, page_size=5)) == 8


def test_a_message_not_yet_sent_is_not_found_by_date(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_phone(_PERSON, sms_queue_seconds=3000)
    _send(phone_company, listener)
    _send(phone_company, listener, to="+33639980002")
    listener.next(_final)
    today = datetime.now(UTC) - timedelta(days=1)
    found = phone_company.sdk().messages.list(date_sent_after=today)
    assert [message.to for message in found] == ["+33639980002"]


def test_a_phone_without_receipts_still_has_the_text(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_phone(_PERSON, sms="no_receipt", texts_back="merci", texts_back_after=1)
    phone_company.set_inbound(sms_url=listener.url + "/inbound")
    sid = _send(phone_company, listener)
    listener.next(lambda posted: posted.path == "/inbound")
    assert phone_company.texts(_PERSON) == ["Bonjour"]
    assert phone_company.sdk().messages(sid).fetch().status == "sent"


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1),
        ("é" * 160, 1),
        ("é" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("à" * 306, 2),
        ("à" * 307, 3),
        ("’" * 134, 2),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_segments_are_billed_by_alphabet(body: str, segments: int) -> None:
    assert billed_segments(body) == segments


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("+33639980001", Line.MOBILE),
        ("+33769123456", Line.MOBILE),
        ("+33123456789", Line.LANDLINE),
        ("+33974757678", Line.LANDLINE),
        ("+594694201234", Line.MOBILE),
        ("+594594201234", Line.LANDLINE),
        ("+262692123456", Line.MOBILE),
        ("+262639123456", Line.MOBILE),
        ("+687751234", Line.MOBILE),
        ("+41791234567", Line.MOBILE),
        ("+33012345678", Line.INVALID),
        ("+3361234567", Line.INVALID),
        ("0612345678", Line.INVALID),
        ("38663", Line.INVALID),
        ("", Line.INVALID),
    ],
)
def test_the_carrier_knows_its_numbering_plan(number: str, line: Line) -> None:
    assert line_of(number) is line
