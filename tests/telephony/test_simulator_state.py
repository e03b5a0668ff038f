"""A phone company that is killed remembers what its phones received, and finishes what it began."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from twilio.base.exceptions import TwilioRestException

from outreach.telephony.markup import say_then_hang_up
from outreach.telephony.simulator import OUR_NUMBER, Plan
from outreach.telephony.simulator.state_file import StateFile
from tests.phone_company import Listener, PhoneCompany

_PERSON, _OTHER = "+33639980001", "+33639980002"


@contextmanager
def _process(state: Path, *words: str) -> Iterator[tuple[PhoneCompany, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "outreach.telephony.simulator", "--port", str(port)]
    process = subprocess.Popen([*command, "--speed", "50", "--state", str(state), *words])
    try:
        url = f"http://127.0.0.1:{port}"
        patience = urllib3.Retry(total=300, backoff_factor=0.05, backoff_max=0.1)
        urllib3.PoolManager(retries=patience).request("GET", url + "/simulator/stats")
        yield PhoneCompany(url, Plan()), process
    finally:
        process.kill()
        process.wait()


def _send(company: PhoneCompany, listener: Listener, to: str, body: str) -> str:
    callback = listener.url + "/status#rc=5&rp=all"
    message = company.sdk().messages.create(to=to, from_=OUR_NUMBER, body=body, status_callback=callback)
    return str(message.sid)


def test_kill_9_loses_no_text_and_delivers_none_twice(tmp_path: Path, listener: Listener) -> None:
    state = tmp_path / "state.jsonl"
    with _process(state) as (company, process):
        company.set_phone(_OTHER, sms_delivery_seconds=40)
        first = _send(company, listener, _PERSON, "premier")
        listener.next(lambda one: one.fields.get("MessageStatus") == "delivered")
        second = _send(company, listener, _OTHER, "second")
        listener.next(lambda one: one.fields.get("MessageStatus") == "sent")
        company.text_us(_PERSON, "STOP")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _process(state) as (company, _):
        assert company.texts(_PERSON) == ["premier"]
        assert company.sdk().messages(first).fetch().status == "delivered"
        listener.next(
            lambda one: one.fields.get("MessageSid") == second and one.fields["MessageStatus"] == "delivered"
        )
        assert company.texts(_OTHER) == ["second"]
        with pytest.raises(TwilioRestException) as refused:
            _send(company, listener, _PERSON, "encore")
        assert refused.value.code == 21610


def test_a_text_to_us_that_was_not_taken_is_posted_after_the_restart(
    tmp_path: Path, listener: Listener
) -> None:
    state = tmp_path / "state.jsonl"
    with _process(state) as (company, process):
        company.set_inbound(sms_url="http://127.0.0.1:9/down")
        company.text_us(_PERSON, "RAPPEL")
        company.set_inbound(sms_url=listener.url + "/inbound")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _process(state):
        assert listener.next().fields["Body"] == "RAPPEL"


def test_calls_that_were_live_at_the_kill_are_reported_ended(tmp_path: Path, listener: Listener) -> None:
    state = tmp_path / "state.jsonl"
    with _process(state) as (company, process):
        company.set_phone(_PERSON, voice="agent")
        call = company.sdk().calls.create(
            to=_PERSON,
            from_=OUR_NUMBER,
            twiml=say_then_hang_up("Bonjour " * 2000),
            status_callback=listener.url + "/status#rc=5&rp=all",
            status_callback_event=["answered", "completed"],
        )
        listener.next(lambda one: one.fields.get("CallStatus") == "in-progress")
        company.ask("GET", "/simulator/stats")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _process(state) as (company, _):
        ended = listener.next(lambda one: one.fields.get("CallStatus") == "completed")
        assert ended.fields["CallSid"] == call.sid
        (known,) = company.phone(_PERSON)["calls"]
        assert known["status"] == "completed"
        assert company.phone(_PERSON)["behaviour"]["voice"] == "agent"


def test_a_line_cut_short_by_a_kill_is_taken_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    path.write_bytes(b'{"kind":"a"}\n{"kind":"to')
    state = StateFile(path)
    state.append("b", {"n": 1})
    state.close()
    again = StateFile(path)
    assert [line["kind"] for line in again.lines()] == ["a", "b"]
    again.close()


def test_without_a_file_nothing_is_kept() -> None:
    state = StateFile(None)
    state.append("a", {})
    assert list(state.lines()) == []


def test_a_wrong_plan_is_one_sentence_and_a_failure(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"sped": 3}))
    command = [sys.executable, "-m", "outreach.telephony.simulator", "--plan", str(plan)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (2, "The plan has no setting named sped.")
