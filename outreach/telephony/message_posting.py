"""Posts many messages at once, each exactly once, with one hard deadline for all of them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.rest import Client

from outreach.clock import monotonic
from outreach.log import get_logger
from outreach.telephony.failure_codes import failure_class
from outreach.telephony.provider import FailureClass, MessageOrder, SendAnswer, SendVerdict
from outreach.telephony.sdk_http import ConcurrentHttp, NeverSent, NoAnswer

_log = get_logger("telephony")
_NOT_POSTED = SendAnswer(SendVerdict.SLOW_DOWN, code="not_posted", failure=FailureClass.SLOW_DOWN)
_NEVER_PROCESSED = (FailureClass.SLOW_DOWN, FailureClass.QUEUE_FULL)
_NO_ANSWER_IN_TIME = SendAnswer(SendVerdict.UNCERTAIN, code="timeout", failure=FailureClass.UNKNOWN_FATE)


class MessagePoster:
    """Keeps one event loop and its connections between batches; one batch at a time, from any thread.

    A forked child starts with a loop and connections of its own.
    """

    def __init__(self, http: ConcurrentHttp, client: Client) -> None:
        self._http = http
        self._messages = client.messages
        self._lock = threading.Lock()
        self._runner: asyncio.Runner | None = None
        self._parents: asyncio.Runner | None = None  # kept after a fork, never used nor closed here
        self._owner = 0

    def post(
        self, orders: Sequence[MessageOrder], *, deadline_seconds: float, concurrency: int
    ) -> list[SendAnswer]:
        """One answer per order, in order. What was not begun at the deadline is SLOW_DOWN: never posted."""
        deadline = monotonic() + deadline_seconds
        with self._lock:
            return self._own_runner().run(self._post_all(orders, deadline, concurrency))

    def close(self) -> None:
        """Close the connections and the loop."""
        with self._lock:
            if self._runner is None or self._owner != os.getpid():
                return
            self._runner.run(self._http.close())
            self._runner.close()
            self._runner = None

    def _own_runner(self) -> asyncio.Runner:
        if self._runner is None or self._owner != os.getpid():
            if self._runner is not None:
                self._parents = self._runner
                self._http.leave_to_parent()
            self._runner = asyncio.Runner()
            self._owner = os.getpid()
        return self._runner

    async def _post_all(
        self, orders: Sequence[MessageOrder], deadline: float, concurrency: int
    ) -> list[SendAnswer]:
        await self._http.open(deadline=deadline)
        await asyncio.sleep(0)  # lets the loop notice connections that closed while it stood still
        answers = [_NOT_POSTED] * len(orders)
        turns = iter(range(len(orders)))
        posters = [
            asyncio.create_task(self._post_in_turn(orders, turns, answers, deadline))
            for _ in range(min(concurrency, len(orders)))
        ]
        if posters:
            _, late = await asyncio.wait(posters, timeout=max(0.0, deadline - monotonic()))
            for poster in late:
                poster.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        return answers

    async def _post_in_turn(
        self,
        orders: Sequence[MessageOrder],
        turns: Iterator[int],
        answers: list[SendAnswer],
        deadline: float,
    ) -> None:
        for turn in turns:
            if monotonic() >= deadline:
                return
            answers[turn] = _NO_ANSWER_IN_TIME
            answers[turn] = await self._post_one(orders[turn])

    async def _post_one(self, order: MessageOrder) -> SendAnswer:
        try:
            return _answer_of(await self._messages.create_async(**_form(order)))
        except NeverSent:
            return SendAnswer(SendVerdict.SLOW_DOWN, code="never_sent", failure=FailureClass.SLOW_DOWN)
        except NoAnswer as error:
            return _uncertain(error.why)
        except (TwilioRestException, TwilioServiceException) as error:
            return answer_of_refusal(error.status, str(error.code or ""))
        except Exception as error:
            # A 2xx whose body is no message, or a fault of ours. It may have been sent, and one odd answer
            # must not lose the others'. Only its type is told: its words may be personal.
            _log.error("provider.unforeseen", error=type(error).__name__)
            return _uncertain("no_sid")


def answer_of_refusal(status: int, code: str) -> SendAnswer:
    """What an HTTP answer that is no 2xx says about one message (no code: the SDK gives the status)."""
    told = "" if code == str(status) else code
    failure = failure_class(told, status)
    if failure in _NEVER_PROCESSED:
        return SendAnswer(SendVerdict.SLOW_DOWN, code=told or str(status), failure=failure)
    if failure is FailureClass.UNKNOWN_FATE or not 400 <= status < 500:
        return _uncertain(told or str(status))
    return SendAnswer(SendVerdict.REFUSED, code=told or str(status), failure=failure)


def _uncertain(code: str) -> SendAnswer:
    return SendAnswer(SendVerdict.UNCERTAIN, code=code, failure=FailureClass.UNKNOWN_FATE)


def _answer_of(message: Any) -> SendAnswer:
    if not message.sid:
        return _uncertain("no_sid")
    segments = message.num_segments
    return SendAnswer(
        SendVerdict.ACCEPTED, sid=message.sid, segments=int(segments) if str(segments).isdigit() else 0
    )


def _form(order: MessageOrder) -> dict[str, object]:
    sender = "messaging_service_sid" if order.sender.startswith("MG") else "from_"
    return {
        "to": order.to,
        "body": order.body,
        sender: order.sender,
        "status_callback": order.status_callback,
        "validity_period": order.validity_seconds,
    }
