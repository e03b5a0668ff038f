"""A phone company reached through the official Twilio SDK, at any address that speaks Twilio's HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client

from outreach.errors import TelephonyError
from outreach.telephony.exchanges import Recorder, log_exchange
from outreach.telephony.failure_codes import failure_class
from outreach.telephony.message_posting import MessagePoster
from outreach.telephony.provider import (
    AgentLegOrder,
    FailureClass,
    FoundMessage,
    HearingOrder,
    MessageOrder,
    PersonLegOrder,
    ProviderCall,
    SendAnswer,
)
from outreach.telephony.sdk_http import (
    TWILIO_API_URL,
    ApiAddress,
    BlockingHttp,
    NeverSent,
    NoAnswer,
    silence_addresses_in_logs,
)

_CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
_CONFERENCE_EVENTS = ["start", "end", "join", "leave", "mute", "hold", "modify"]
_ALREADY_OVER = ("21220", "20404")  # not in a state to be ended; gone
_LARGEST_PAGE = 1000

_SENTENCES = {
    FailureClass.SLOW_DOWN: "The phone company asks us to slow down.",
    FailureClass.UNKNOWN_FATE: "The phone company did not answer; it may have acted all the same.",
    FailureClass.OUR_FAULT: "The phone company refused the request as wrong; the settings need a look.",
    FailureClass.NO_SMS_ON_LINE: "This line cannot receive text messages.",
    FailureClass.WRONG_NUMBER: "The number does not exist.",
    FailureClass.OPTED_OUT: "This person asked for no more text messages.",
    FailureClass.LATER: "The line cannot be reached now; try another hour or channel.",
    FailureClass.FILTERED: "The carrier filters this sender or this content.",
    FailureClass.NOT_ALLOWED: "The phone company's account may not reach this destination.",
    FailureClass.QUEUE_FULL: "The phone company's queue is full.",
}


class TwilioProvider:
    """Implements TelephonyProvider. Thread-safe; keeps its connections between requests.

    `timeout_seconds` bounds each single request. `recorder` is told of every exchange, with secrets and
    personal data already blanked; accepted messages of a batch are not recorded one by one.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        api_url: str = TWILIO_API_URL,
        timeout_seconds: float = 10.0,
        recorder: Recorder = log_exchange,
    ) -> None:
        silence_addresses_in_logs()
        address = ApiAddress(api_url)
        self._account_sid = account_sid
        blocking = BlockingHttp(address, timeout_seconds=timeout_seconds, recorder=recorder)
        # An empty environment: no TWILIO_* variable may change where we send.
        self._client = Client(account_sid, auth_token, http_client=blocking, environment=_NO_ENVIRONMENT)
        messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._poster = MessagePoster(
            address.of(TWILIO_API_URL + messages), (account_sid, auth_token), timeout_seconds=timeout_seconds
        )

    def close(self) -> None:
        """Close the connections kept for messages."""
        self._poster.close()

    def ping(self) -> None:
        """Check cheaply that the phone company answers and knows us; raises TelephonyError."""
        _asked(lambda: self._client.api.v2010.accounts(self._account_sid).fetch())

    def send_messages(
        self, orders: Sequence[MessageOrder], *, deadline_seconds: float, concurrency: int = 100
    ) -> list[SendAnswer]:
        """Post each order exactly once, many at a time; one answer per order, in order.

        At the deadline, what was posted and has no answer is UNCERTAIN; what was never posted is SLOW_DOWN
        with the code "not_posted".
        """
        return self._poster.post(orders, deadline_seconds=deadline_seconds, concurrency=concurrency)

    def find_messages(self, to: str, *, most: int = 50) -> list[FoundMessage]:
        """The newest messages sent to a number. By `to` alone: date_sent is null until a message is sent."""
        page = min(most, _LARGEST_PAGE)
        found = _asked(lambda: self._client.messages.list(to=to, limit=most, page_size=page))
        return [_found(message) for message in found]

    def cancel_message(self, sid: str) -> None:
        """Cancel a scheduled message."""
        _done(lambda: self._client.messages(sid).update(status="canceled"))

    def call_agent(self, order: AgentLegOrder) -> ProviderCall:
        """Ring an agent's phone or computer; `answer_url` then says where the leg goes."""
        call = _done(
            lambda: self._client.calls.create(
                to=order.to,
                from_=order.sender,
                url=order.answer_url,
                method="POST",
                timeout=order.ring_seconds,
                **_reports_to(order.status_callback),
            )
        )
        return ProviderCall(sid=call.sid, status=call.status)

    def call_person(self, order: PersonLegOrder) -> ProviderCall:
        """Bring someone into the conference; the agent hears the line ring (early media)."""
        participants = self._client.conferences(order.conference).participants
        participant = _done(lambda: participants.create(**_participant_form(order)))
        return ProviderCall(
            sid=participant.call_sid, status=participant.status, conference_sid=participant.conference_sid
        )

    def fetch_call(self, sid: str) -> ProviderCall:
        """A leg as it stands now; the conference is told by events, not here."""
        call = _asked(lambda: self._client.calls(sid).fetch())
        return ProviderCall(sid=call.sid, status=call.status)

    def hang_up(self, sid: str) -> None:
        """End a leg in whatever state it is; ending an ended leg is not an error."""
        try:
            _done(lambda: self._client.calls(sid).update(status="completed"))
        except TelephonyError as error:
            if error.code not in _ALREADY_OVER:
                raise

    def set_hold(self, conference_sid: str, call_sid: str, *, on: bool) -> None:
        """Put a leg on hold, or take it back into the conversation."""
        leg = self._client.conferences(conference_sid).participants(call_sid)
        _done(lambda: leg.update(hold=on))

    def set_hearing(self, order: HearingOrder) -> None:
        """Who hears a leg from now on: nobody, the coached leg alone, or the whole room."""
        leg = self._client.conferences(order.conference_sid).participants(order.call_sid)
        form: dict[str, object] = {"muted": order.muted, "coaching": bool(order.coached_sid)}
        if order.coached_sid:
            form["call_sid_to_coach"] = order.coached_sid
        _done(lambda: leg.update(**form))

    def say_to(self, call_sid: str, answer_url: str) -> None:
        """Point a live leg at other TwiML; only a leg in progress can be pointed."""
        _done(lambda: self._client.calls(call_sid).update(url=answer_url, method="POST"))


_NO_ENVIRONMENT = {"OUTREACH": "1"}  # not empty: the SDK reads the real environment in place of an empty one


def _reports_to(url: str) -> dict[str, object]:
    if not url:
        return {}
    return {
        "status_callback": url,
        "status_callback_method": "POST",
        "status_callback_event": _CALL_EVENTS,
    }


def _participant_form(order: PersonLegOrder) -> dict[str, object]:
    form: dict[str, object] = {
        "from_": order.sender,
        "to": order.to,
        "label": order.label,
        "timeout": order.ring_seconds,
        "early_media": True,
        "beep": "false",
        "end_conference_on_exit": False,
        **_reports_to(order.status_callback),
    }
    if order.amd_callback:
        form["machine_detection"] = "DetectMessageEnd"
        form["amd_status_callback"] = order.amd_callback
        form["amd_status_callback_method"] = "POST"
    if order.conference_callback:
        form["conference_status_callback"] = order.conference_callback
        form["conference_status_callback_method"] = "POST"
        form["conference_status_callback_event"] = _CONFERENCE_EVENTS
    return form


def _found(message: Any) -> FoundMessage:
    created = message.date_created
    return FoundMessage(
        sid=message.sid,
        status=message.status,
        body=message.body or "",
        error_code=str(message.error_code or ""),
        created_at=created if isinstance(created, datetime) else None,
    )


def _asked(ask: Callable[[], Any]) -> Any:
    """Make a request that changes nothing: it may be made again whatever became of it."""
    return _translated(ask, changes=False)


def _done(act: Callable[[], Any]) -> Any:
    """Make a request that changes something: without an answer, it may have happened."""
    return _translated(act, changes=True)


def _translated(request: Callable[[], Any], *, changes: bool) -> Any:
    # `from None`: the SDK's own errors carry addresses and numbers, which must not reach a traceback.
    try:
        return request()
    except NeverSent:
        raise TelephonyError(
            "The phone company cannot be reached.", code="never_sent", retryable=True
        ) from None
    except NoAnswer as error:
        raise _no_answer(error.why, changes=changes) from None
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error.status, str(error.code or ""), changes=changes) from None
    except TwilioException as error:
        status = int(getattr(error.args[-1], "status_code", 0)) if error.args else 0
        raise _refusal(status, "", changes=changes) from None
    except ValueError:
        raise _no_answer("no_sid", changes=changes) from None


def _no_answer(code: str, *, changes: bool) -> TelephonyError:
    sentence = _SENTENCES[FailureClass.UNKNOWN_FATE]
    return TelephonyError(sentence, code=code, retryable=not changes, unknown_fate=changes)


def _refusal(status: int, code: str, *, changes: bool) -> TelephonyError:
    told = "" if code == str(status) else code
    failure = failure_class(told, status)
    if failure is FailureClass.UNKNOWN_FATE:
        return _no_answer(told or str(status), changes=changes)
    retryable = failure in (FailureClass.SLOW_DOWN, FailureClass.QUEUE_FULL)
    return TelephonyError(_SENTENCES[failure], code=told or str(status), retryable=retryable)
