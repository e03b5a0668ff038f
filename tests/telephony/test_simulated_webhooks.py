"""How the simulated phone company's webhooks travel: retries, faults, order."""

from __future__ import annotations

import pytest

from outreach.telephony.provider import MessageOrder
from outreach.telephony.simulator import OUR_NUMBER, Plan
from outreach.telephony.simulator.webhooks_out import retry_rule
from tests.phone_company import Listener, PhoneCompany, Posted, running_phone_company

_PERSON = "+33639980001"


def _send(company: PhoneCompany, listener: Listener, fragment: str = "#rc=5&rp=all") -> None:
    company.sdk().messages.create(
        to=_PERSON, from_=OUR_NUMBER, body="Bonjour", status_callback=listener.url + "/status" + fragment
    )


def _status(posted: Posted) -> str:
    return posted.fields["MessageStatus"]


@pytest.mark.parametrize(
    ("address", "count", "retried", "not_retried"),
    [
        ("http://x/a", 1, "ct", "5xx"),
        ("http://x/a#rc=5&rp=all", 5, "5xx", ""),
        ("http://x/a#rc=9&rp=all", 5, "rt", ""),
        ("http://x/a#rc=2&rp=5xx,rt", 2, "rt", "4xx"),
        ("http://x/a#rp=4xx", 1, "4xx", "ct"),
    ],
)
def test_the_fragment_says_what_is_retried(address: str, count: int, retried: str, not_retried: str) -> None:
    url, rule = retry_rule(address)
    assert (url, rule.count) == ("http://x/a", count)
    assert rule.covers(retried)
    assert not not_retried or not rule.covers(not_retried)


def test_an_answer_503_is_retried_with_the_same_token_until_taken(listener: Listener) -> None:
    with running_phone_company(Plan(speed=100.0, retry_base_seconds=0.01)) as company:
        for _ in range(3):
            listener.statuses.put(503)
        _send(company, listener)
        seen = listener.until(lambda one: _status(one) == "delivered" and listener.statuses.empty())
        tokens = [one.headers["i-twilio-idempotency-token"] for one in seen]
        assert len(set(tokens)) < len(tokens)
        assert set(map(_status, seen)) == {"sent", "delivered"}


def test_without_a_fragment_a_503_of_ours_loses_the_report(listener: Listener) -> None:
    with running_phone_company(Plan(speed=100.0, retry_base_seconds=0.01)) as company:
        listener.statuses.put(503)
        _send(company, listener, fragment="")
        seen = listener.until(lambda one: _status(one) == "delivered")
        assert [_status(one) for one in seen] == ["sent", "delivered"]
        assert company.stats()["webhooks"]["given_up"] == 1


def test_a_lost_report_never_comes(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_faults(webhook_lost={"next": 1})
    _send(phone_company, listener)
    assert [_status(one) for one in listener.until(lambda _one: True)] == ["delivered"]


def test_a_repeated_report_comes_twice_with_one_token(
    phone_company: PhoneCompany, listener: Listener
) -> None:
    phone_company.set_faults(webhook_repeated={"next": 1})
    _send(phone_company, listener)
    seen = [listener.next(), listener.next()]
    assert [_status(one) for one in seen] == ["sent", "sent"]
    assert len({one.headers["i-twilio-idempotency-token"] for one in seen}) == 1


@pytest.mark.parametrize("fault", ["webhook_late", "webhook_reordered"])
def test_a_late_report_is_overtaken(phone_company: PhoneCompany, listener: Listener, fault: str) -> None:
    phone_company.set_phone(_PERSON, sms_delivery_seconds=0.2)
    phone_company.set_faults(**{fault: {"next": 1}})
    _send(phone_company, listener)
    assert [_status(one) for one in listener.until(lambda one: _status(one) == "sent")] == [
        "delivered",
        "sent",
    ]


def test_a_missing_receipt_leaves_the_message_sent(phone_company: PhoneCompany, listener: Listener) -> None:
    phone_company.set_faults(no_receipt={"next": 1})
    phone_company.set_inbound(sms_url=listener.url + "/inbound")
    phone_company.set_phone(_PERSON, texts_back="ok", texts_back_after=1)
    _send(phone_company, listener)
    listener.next(lambda one: one.path == "/inbound")
    assert phone_company.texts(_PERSON) == ["Bonjour"]
    assert phone_company.phone(_PERSON)["messages"][0]["status"] == "sent"


def test_faults_drawn_by_one_seed_strike_the_same_messages(phone_company: PhoneCompany) -> None:
    def verdicts() -> list[str]:
        phone_company.set_faults(slow_down={"probability": 0.4, "only": "Messages"}, seed=7)
        provider = phone_company.provider()
        orders = [MessageOrder(_PERSON, "x", OUR_NUMBER, "", 600) for _ in range(30)]
        answers = provider.send_messages(orders, deadline_seconds=5, concurrency=1)
        provider.close()
        return [answer.verdict.value for answer in answers]

    first = verdicts()
    assert first == verdicts()
    assert set(first) == {"ACCEPTED", "SLOW_DOWN"}


@pytest.mark.parametrize(
    "faults", [{"no_such_fault": {"next": 1}}, {"slow_down": 3}, {"slow_down": {"nxt": 1}}, {"seed": "a"}]
)
def test_a_fault_nobody_knows_is_refused_and_changes_nothing(
    phone_company: PhoneCompany, faults: dict[str, object]
) -> None:
    phone_company.set_faults(slow_down={"next": 2})
    with pytest.raises(AssertionError, match="20001"):
        phone_company.set_faults(**faults)
    assert phone_company.ask("GET", "/simulator/faults")["slow_down"]["next"] == 2
