"""Text messages inside the simulated phone company: taken in, carried, reported, listed, answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import assert_never
from urllib.parse import urlencode

from outreach.telephony.simulator.asgi import ApiError, Form, not_found
from outreach.telephony.simulator.faults import Fault, FaultPlane
from outreach.telephony.simulator.message_checks import check_parts, checked_schedule, checked_validity
from outreach.telephony.simulator.message_record import (
    Message,
    inbound_fields,
    into_the_phone,
    message_as_json,
    status_fields,
)
from outreach.telephony.simulator.numbering import Line, line_of
from outreach.telephony.simulator.paging import Paging
from outreach.telephony.simulator.phones import Phone, PhoneBook, SmsHabit
from outreach.telephony.simulator.plan import Plan
from outreach.telephony.simulator.segments import billed_segments
from outreach.telephony.simulator.simulated_time import SimulatedTime
from outreach.telephony.simulator.state_file import StateFile
from outreach.telephony.simulator.webhooks_out import WebhookPoster

_STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET", "ARRÊT"})
_START_WORDS = frozenset({"START", "YES", "UNSTOP"})
_FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})


@dataclass
class MessageDesk:
    """Everything the phone company does with text messages."""

    plan: Plan
    time: SimulatedTime
    book: PhoneBook
    faults: FaultPlane
    poster: WebhookPoster
    state: StateFile
    messages: dict[str, Message] = field(default_factory=dict)
    sms_url: str = ""  # set by PUT /simulator/inbound, else the plan's

    def create(self, form: Form) -> dict[str, object]:
        """Take in one message, or refuse it with the provider's code."""
        to, sender, service = form.one("To"), form.one("From"), form.one("MessagingServiceSid")
        body = form.one("Body")
        check_parts(to, sender, service, body)
        phone = self._reachable(to, sender, service)
        now = self.time.now()
        send_at = checked_schedule(form, service, now)
        message = Message(
            sid="SM" + uuid.uuid4().hex,
            to=to,
            sender=sender or self._pool_number(),
            service=service,
            body=body,
            status="scheduled" if send_at else "accepted" if service else "queued",
            created_at=now,
            updated_at=now,
            callback=form.one("StatusCallback"),
            validity_seconds=checked_validity(form),
            segments=billed_segments(body),
            send_at=send_at,
        )
        self.state.append("message", message.kept())
        answer = self.as_json(message)  # its first status is told here, and never called back
        self._take_in(message, phone)
        return answer

    def fetch(self, sid: str) -> dict[str, object]:
        """One message as the API shows it."""
        return self.as_json(self._known(sid))

    def cancel(self, sid: str, form: Form) -> dict[str, object]:
        """Cancel a scheduled message."""
        message = self._known(sid)
        if form.one("Status") != "canceled" or message.status != "scheduled":
            raise ApiError(400, 30409, "This message cannot be canceled")
        self._move(message, "canceled")
        return self.as_json(message)

    def listing(self, query: Form, path: str) -> dict[str, object]:
        """A page of messages, newest first, filtered as the API allows; a lag hides the young ones."""
        to, sender = query.one("To"), query.one("From")
        sids = self.book.phone(to).message_sids if to else list(self.messages)
        horizon = self.time.now() - timedelta(seconds=self.faults.listing_lag_seconds)
        chosen = [
            message
            for message in (self.messages[sid] for sid in reversed(sids))
            if (not to or message.to == to)
            and (not sender or message.sender == sender)
            and message.created_at <= horizon
            and _sent_within(message, query)
        ]
        filters = {name: query.one(name) for name in _FILTERS if query.has(name)}
        paging = Paging(path, urlencode(filters), query)
        return paging.page("messages", chosen, self.as_json)

    def text_in(self, number: str, to: str, body: str) -> dict[str, object]:
        """A person texts one of our numbers."""
        now = self.time.now()
        message = Message(
            sid="SM" + uuid.uuid4().hex,
            to=to,
            sender=number,
            service="",
            body=body,
            status="received",
            created_at=now,
            updated_at=now,
            direction="inbound",
            segments=billed_segments(body),
            sent_at=now,
        )
        self.state.append("message", message.kept())
        self.messages[message.sid] = message
        self.book.phone(to).message_sids.append(message.sid)
        opt_out = self._opt_out_word(self.book.phone(number), to, body)
        self._post_inbound(message, opt_out)
        return self.as_json(message)

    def as_json(self, message: Message) -> dict[str, object]:
        """A message as the API shows it."""
        return message_as_json(message, self.plan.account_sid)

    def resume(self) -> None:
        """After a restart: carry on with what was under way, and repeat reports that were not taken."""
        for message in self.messages.values():
            phone = self.book.phone(message.to)
            if message.direction == "inbound":
                self._post_inbound(message)
                continue
            reportable = message.status in _FINAL or message.status == "sent"
            if reportable and message.status != message.told:
                self._report(message)
            if message.status == "sent":
                self._deliver_later(message, phone)
            elif message.status not in _FINAL:
                self._carry(message, phone)

    def _reachable(self, to: str, sender: str, service: str) -> Phone:
        if sender.startswith("+") and self.plan.our_numbers and sender not in self.plan.our_numbers:
            raise ApiError(400, 21606, "The 'From' number is not a number of this account.")
        line = line_of(to)
        if line is Line.INVALID:
            raise ApiError(400, 21211, "The 'To' number is not a valid phone number.")
        phone = self.book.phone(to)
        if line is Line.LANDLINE or phone.behaviour.sms is SmsHabit.LANDLINE:
            raise ApiError(400, 21614, "'To' number is not a valid mobile number")
        behind = self._pool_number() if service else sender
        if phone.opted_out_of and behind in phone.opted_out_of:
            raise ApiError(400, 21610, "Attempt to send to unsubscribed recipient")
        return phone

    def _pool_number(self) -> str:
        return self.plan.our_numbers[0] if self.plan.our_numbers else ""

    def _known(self, sid: str) -> Message:
        message = self.messages.get(sid)
        if message is None:
            raise not_found()
        return message

    def _take_in(self, message: Message, phone: Phone) -> None:
        self.messages[message.sid] = message
        phone.message_sids.append(message.sid)
        self._carry(message, phone)

    def _carry(self, message: Message, phone: Phone) -> None:
        if message.send_at is not None and message.status == "scheduled":
            wait = (message.send_at - self.time.now()).total_seconds()
            self.time.after(wait, lambda: self._start(message, phone))
        else:
            self._start(message, phone)

    def _start(self, message: Message, phone: Phone) -> None:
        if message.status == "canceled":
            return
        if message.status in ("accepted", "scheduled"):
            self._move(message, "queued")
        wait = phone.behaviour.sms_queue_seconds
        if wait > message.validity_seconds:
            self.time.after(message.validity_seconds, lambda: self._move(message, "failed", 30036))
        else:
            self.time.after(wait, lambda: self._send(message, phone))

    def _send(self, message: Message, phone: Phone) -> None:
        message.sent_at = self.time.now()
        self._move(message, "sent")
        self._deliver_later(message, phone)

    def _deliver_later(self, message: Message, phone: Phone) -> None:
        self.time.after(phone.behaviour.sms_delivery_seconds, lambda: self._deliver(message, phone))

    def _deliver(self, message: Message, phone: Phone) -> None:
        code = _undelivered_code(phone.behaviour.sms)
        if code is not None:
            self._move(message, "undelivered", code)
            return
        already = any(received.sid == message.sid for received in phone.received)
        if not already:
            now = self.time.now()
            self.state.append("received", {"sid": message.sid, "at": now.isoformat()})
            into_the_phone(phone, message, now)
            self._perhaps_text_back(message, phone)
        silent = phone.behaviour.sms is SmsHabit.NO_RECEIPT
        if not silent and not self.faults.strikes(Fault.NO_RECEIPT, "Messages"):
            self._move(message, "delivered")

    def _perhaps_text_back(self, message: Message, phone: Phone) -> None:
        # A name as sender is one-way: nobody can answer it.
        if not phone.behaviour.texts_back or phone.texted_back or not message.sender.startswith("+"):
            return
        phone.texted_back = True
        self.time.after(phone.behaviour.texts_back_after, lambda: self._text_back(phone, message.sender))

    def _text_back(self, phone: Phone, to: str) -> None:
        self.state.append("texted_back", {"number": phone.number})
        self.text_in(phone.number, to, phone.behaviour.texts_back)

    def _post_inbound(self, message: Message, opt_out: str = "") -> None:
        if message.told == message.status:
            return
        fields = inbound_fields(message, self.plan.account_sid)
        if opt_out and self.plan.advanced_opt_out:
            fields["OptOutType"] = opt_out
        self.poster.post(self.sms_url or self.plan.sms_url, fields, self._teller(message))

    def _opt_out_word(self, phone: Phone, to: str, body: str) -> str:
        word = body.strip().upper()
        if word in _STOP_WORDS:
            phone.opted_out_of.add(to)
        elif word in _START_WORDS:
            phone.opted_out_of.discard(to)
        else:
            return ""
        stopped = word in _STOP_WORDS
        self.state.append("opt_out", {"number": phone.number, "sender": to, "on": stopped})
        return "STOP" if stopped else "START"

    def _move(self, message: Message, status: str, error_code: int | None = None) -> None:
        now = self.time.now()
        message.status, message.error_code, message.updated_at = status, error_code, now
        moved: dict[str, object] = {"sid": message.sid, "status": status, "error_code": error_code}
        self.state.append("message_status", {**moved, "at": now.isoformat()})
        self._report(message)

    def _report(self, message: Message) -> None:
        if message.callback:
            fields = status_fields(message, self.plan.account_sid)
            self.poster.post(message.callback, fields, self._teller(message))

    def _teller(self, message: Message) -> Callable[[], None]:
        status = message.status

        def told() -> None:
            message.told = status
            self.state.append("told", {"sid": message.sid, "status": status})

        return told


_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


def _undelivered_code(habit: SmsHabit) -> int | None:
    match habit:
        case SmsHabit.DELIVERED | SmsHabit.NO_RECEIPT | SmsHabit.LANDLINE:
            return None
        case SmsHabit.CARRIER_LANDLINE:
            return 30006
        case SmsHabit.UNREACHABLE:
            return 30003
        case SmsHabit.UNKNOWN_NUMBER:
            return 30005
        case SmsHabit.FILTERED:
            return 30007
    assert_never(habit)


def _sent_within(message: Message, query: Form) -> bool:
    bounds = (query.one("DateSent"), query.one("DateSent<"), query.one("DateSent>"))
    if not any(bounds):
        return True
    if message.sent_at is None:
        return False
    on, before, after = bounds
    day = message.sent_at.date()
    return (
        (not on or day == _day(on))
        and (not before or day <= _day(before))
        and (not after or day >= _day(after))
    )


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise ApiError(400, 20001, "DateSent is not a date") from None
