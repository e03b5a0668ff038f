"""Many messages at once: each posted once, each answered for."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from twilio.rest import Client

from outreach.clock import monotonic
from outreach.telephony.message_posting import answer_of_refusal
from outreach.telephony.provider import FailureClass, MessageOrder, SendVerdict
from outreach.telephony.sdk_http import ApiAddress, BlockingHttp, NeverSent
from outreach.telephony.simulator import OUR_NUMBER, Plan
from outreach.telephony.twilio_provider import TwilioProvider
from outreach.telephony.wire import Wire
from tests.phone_company import Listener, PhoneCompany, running_phone_company

_TO = "+33639980001"


def _order(
    to: str = _TO, body: str = "Bonjour", callback: str = "", sender: str = OUR_NUMBER
) -> MessageOrder:
    return MessageOrder(to, body, sender, callback, validity_seconds=600)


@pytest.fixture
def provider(phone_company: PhoneCompany) -> Iterator[TwilioProvider]:
    provider = phone_company.provider(timeout_seconds=2.0)
    yield provider
    provider.close()


def test_a_batch_has_one_answer_per_order_in_order(
    phone_company: PhoneCompany, provider: TwilioProvider
) -> None:
    numbers = [f"+3363998{n:04}" for n in range(300)]
    answers = provider.send_messages(
        [_order(to, body=f"pour {to}") for to in numbers], deadline_seconds=20, concurrency=50
    )
    assert {answer.verdict for answer in answers} == {SendVerdict.ACCEPTED}
    listed = [phone_company.phone(to)["messages"] for to in numbers]
    assert [messages[0]["sid"] for messages in listed] == [answer.sid for answer in answers]
    assert {len(messages) for messages in listed} == {1}


def test_no_orders_are_no_answers(provider: TwilioProvider) -> None:
    assert provider.send_messages([], deadline_seconds=1) == []


def test_segments_are_the_providers_count(provider: TwilioProvider) -> None:
    (answer,) = provider.send_messages([_order(body="ç" * 71)], deadline_seconds=5)
    assert answer.segments == 2


def test_a_messaging_service_counts_no_segments_yet(provider: TwilioProvider) -> None:
    (answer,) = provider.send_messages([_order(sender="MG" + "1" * 32)], deadline_seconds=5)
    assert (answer.verdict, answer.segments) == (SendVerdict.ACCEPTED, 0)


@pytest.mark.parametrize(
    ("order", "code", "failure"),
    [
        (_order(to="+33123456789"), "21614", FailureClass.NO_SMS_ON_LINE),
        (_order(to="+3312"), "21211", FailureClass.WRONG_NUMBER),
        (_order(body="x" * 1601), "21617", FailureClass.OUR_FAULT),
        (_order(body=""), "21619", FailureClass.OUR_FAULT),
        (_order(sender="+33100000000"), "21606", FailureClass.OUR_FAULT),
    ],
)
def test_what_will_never_be_sent_is_refused_with_its_class(
    provider: TwilioProvider, order: MessageOrder, code: str, failure: FailureClass
) -> None:
    (answer,) = provider.send_messages([order], deadline_seconds=5)
    assert (answer.verdict, answer.code, answer.failure) == (SendVerdict.REFUSED, code, failure)


def test_a_wrong_token_is_our_fault(phone_company: PhoneCompany) -> None:
    provider = phone_company.provider(auth_token="wrong")
    (answer,) = provider.send_messages([_order()], deadline_seconds=5)
    provider.close()
    assert (answer.verdict, answer.code, answer.failure) == (
        SendVerdict.REFUSED,
        "20003",
        FailureClass.OUR_FAULT,
    )


@pytest.mark.parametrize(
    ("fault", "verdict", "received"),
    [
        ("slow_down", SendVerdict.SLOW_DOWN, 0),
        ("error_before", SendVerdict.UNCERTAIN, 0),
        ("error_after", SendVerdict.UNCERTAIN, 1),
        ("reset_before", SendVerdict.UNCERTAIN, 0),
        ("reset_after", SendVerdict.UNCERTAIN, 1),
        ("hang_before", SendVerdict.UNCERTAIN, 0),
        ("hang_after", SendVerdict.UNCERTAIN, 1),
    ],
)
def test_each_fault_has_its_verdict_and_is_never_posted_again(
    phone_company: PhoneCompany, fault: str, verdict: SendVerdict, received: int
) -> None:
    provider = phone_company.provider(timeout_seconds=1.0)
    phone_company.set_faults(**{fault: {"next": 1}})
    (answer,) = provider.send_messages([_order()], deadline_seconds=5)
    assert answer.verdict is verdict
    assert len(phone_company.phone(_TO)["messages"]) == received
    assert phone_company.stats()["faults"] == {fault: 1}
    (second,) = provider.send_messages([_order()], deadline_seconds=5)
    provider.close()
    assert second.verdict is SendVerdict.ACCEPTED


def test_one_fault_touches_one_message_only(phone_company: PhoneCompany, provider: TwilioProvider) -> None:
    phone_company.set_faults(error_after={"next": 3})
    orders = [_order(f"+3363998{n:04}") for n in range(40)]
    answers = provider.send_messages(orders, deadline_seconds=10, concurrency=10)
    verdicts = [answer.verdict for answer in answers]
    assert verdicts.count(SendVerdict.UNCERTAIN) == 3
    assert verdicts.count(SendVerdict.ACCEPTED) == 37


def test_a_refused_connection_means_never_processed() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        provider = TwilioProvider(
            account_sid="AC" + "1" * 32, auth_token="t", api_url=f"http://127.0.0.1:{port}"
        )
        (answer,) = provider.send_messages([_order()], deadline_seconds=5)
    provider.close()
    assert (answer.verdict, answer.failure) == (SendVerdict.SLOW_DOWN, FailureClass.SLOW_DOWN)


def test_the_deadline_parts_the_posted_from_the_never_posted(
    phone_company: PhoneCompany, provider: TwilioProvider
) -> None:
    phone_company.set_faults(hang_after={"probability": 1.0})
    began = monotonic()
    orders = [_order(f"+3363998{n:04}") for n in range(6)]
    answers = provider.send_messages(orders, deadline_seconds=0.4, concurrency=2)
    assert monotonic() - began < 1.9
    assert [answer.verdict for answer in answers] == [SendVerdict.UNCERTAIN] * 2 + [SendVerdict.SLOW_DOWN] * 4
    assert {answer.code for answer in answers[2:]} == {"not_posted"}
    assert sum(phone_company.stats()["messages"].values()) == 2


def test_above_the_pace_of_the_account_messages_are_slowed_down() -> None:
    with running_phone_company(Plan(speed=100.0, requests_per_second=20.0)) as company:
        provider = company.provider()
        answers = provider.send_messages(
            [_order(f"+3363998{n:04}") for n in range(40)], deadline_seconds=5, concurrency=40
        )
        provider.close()
    verdicts = {answer.verdict for answer in answers}
    assert verdicts == {SendVerdict.ACCEPTED, SendVerdict.SLOW_DOWN}


def test_the_callback_address_is_used_as_given(
    phone_company: PhoneCompany, provider: TwilioProvider, listener: Listener
) -> None:
    callback = listener.url + "/webhooks/twilio/messages/tok?x=1#rc=5&rp=all"
    (answer,) = provider.send_messages([_order(callback=callback)], deadline_seconds=5)
    posted = listener.next()
    assert (posted.path, posted.query) == ("/webhooks/twilio/messages/tok", "x=1")
    assert posted.fields["MessageSid"] == answer.sid


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "21211", SendVerdict.REFUSED),
        (404, "404", SendVerdict.REFUSED),
        (408, "408", SendVerdict.UNCERTAIN),
        (302, "302", SendVerdict.UNCERTAIN),
        (500, "20500", SendVerdict.UNCERTAIN),
        (503, "503", SendVerdict.UNCERTAIN),
        (429, "429", SendVerdict.SLOW_DOWN),
        (400, "20429", SendVerdict.SLOW_DOWN),
        (400, "21611", SendVerdict.SLOW_DOWN),
    ],
)
def test_each_http_answer_has_its_verdict(status: int, code: str, verdict: SendVerdict) -> None:
    assert answer_of_refusal(status, code).verdict is verdict


def test_no_log_holds_a_number(
    phone_company: PhoneCompany, provider: TwilioProvider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        provider.send_messages([_order()], deadline_seconds=5)
        provider.find_messages(_TO)
    assert "639980001" not in caplog.text
    assert phone_company.plan.auth_token not in caplog.text


def test_past_the_deadline_nothing_is_posted(phone_company: PhoneCompany, provider: TwilioProvider) -> None:
    (answer,) = provider.send_messages([_order()], deadline_seconds=0)
    assert (answer.verdict, answer.code) == (SendVerdict.SLOW_DOWN, "not_posted")
    assert phone_company.phone(_TO)["messages"] == []


def test_a_process_frozen_while_connecting_does_not_post_past_the_deadline(
    phone_company: PhoneCompany,
) -> None:
    account = phone_company.plan.account_sid
    url = f"{phone_company.url}/2010-04-01/Accounts/{account}/Messages.json"

    async def connect_too_late() -> None:
        wire = Wire(url, (account, phone_company.plan.auth_token), timeout_seconds=2.0)
        await wire.post(
            urlencode({"To": _TO, "From": OUR_NUMBER, "Body": "x"}).encode(), until=monotonic() - 1
        )

    with pytest.raises(NeverSent):
        asyncio.run(connect_too_late())
    assert phone_company.ask("GET", "/simulator/phones") == {"phones": []}


def test_a_message_is_posted_as_the_official_client_posts_it(listener: Listener) -> None:
    account, callback = "AC" + "1" * 32, "https://outreach.example/m/1#rc=5&rp=all"
    order = MessageOrder("+33639980001", "Bonjour, à 18 h ? & = é €", OUR_NUMBER, callback, 600)
    path = f"/2010-04-01/Accounts/{account}/Messages.json"
    listener.documents[path] = '{"sid": "SM1", "num_segments": "1"}'
    provider = TwilioProvider(account_sid=account, auth_token="t", api_url=listener.url)
    provider.send_messages([order], deadline_seconds=5)
    provider.close()
    http = BlockingHttp(ApiAddress(listener.url), timeout_seconds=5.0, recorder=lambda _exchange: None)
    official = Client(account, "t", http_client=http)
    official.messages.create(
        to=order.to,
        from_=order.sender,
        body=order.body,
        status_callback=order.status_callback,
        validity_period=order.validity_seconds,
    )
    ours, theirs = listener.next(), listener.next()
    assert (ours.path, ours.query, ours.fields) == (theirs.path, theirs.query, theirs.fields)
    for name in ("authorization", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


def test_a_forked_child_posts_on_connections_of_its_own(phone_company: PhoneCompany) -> None:
    provider = phone_company.provider()
    provider.send_messages([_order()], deadline_seconds=5)
    child = os.fork()
    if child == 0:
        answers = provider.send_messages([_order("+33639980002")] * 20, deadline_seconds=5)
        gc.collect()
        os._exit(sum(answer.verdict is not SendVerdict.ACCEPTED for answer in answers))
    _, status = os.waitpid(child, 0)
    verdicts = {answer.verdict for answer in provider.send_messages([_order()] * 20, deadline_seconds=5)}
    provider.close()
    assert (os.waitstatus_to_exitcode(status), verdicts) == (0, {SendVerdict.ACCEPTED})
    assert len(phone_company.phone("+33639980002")["messages"]) == 20


@pytest.mark.parametrize("body", ["", "{}", "[]", "not json", '{"sid": ""}', '{"sid": null}', "null"])
def test_a_2xx_without_a_sid_leaves_the_fate_unknown(listener: Listener, body: str) -> None:
    account = "AC" + "1" * 32
    listener.documents[f"/2010-04-01/Accounts/{account}/Messages.json"] = body
    provider = TwilioProvider(account_sid=account, auth_token="t", api_url=listener.url)
    (answer,) = provider.send_messages([_order()], deadline_seconds=5)
    provider.close()
    assert (answer.verdict, answer.failure) == (SendVerdict.UNCERTAIN, FailureClass.UNKNOWN_FATE)
