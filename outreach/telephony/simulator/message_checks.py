"""What the simulated phone company refuses in a request to send a message, with the provider's codes."""

from __future__ import annotations

from datetime import datetime, timedelta

from outreach.telephony.simulator.asgi import ApiError, Form
from outreach.telephony.simulator.message_record import LONGEST_VALIDITY

_LONGEST_BODY = 1600
_SOONEST, _LATEST = timedelta(seconds=900), timedelta(days=35)


def check_parts(to: str, sender: str, service: str, body: str) -> None:
    """Raises ApiError when a needed part is missing or the body too long."""
    if not to:
        raise ApiError(400, 21604, "A 'To' phone number is required.")
    if not sender and not service:
        raise ApiError(400, 21603, "A 'From' phone number or a messaging service is required.")
    if not body:
        raise ApiError(400, 21619, "Message body is required.")
    if len(body) > _LONGEST_BODY:
        raise ApiError(400, 21617, "The message body exceeds the 1600 character limit.")


def checked_validity(form: Form) -> int:
    """ValidityPeriod in seconds; raises ApiError out of 1 to 36000."""
    told = form.one("ValidityPeriod", str(LONGEST_VALIDITY))
    if not told.isdigit() or not 1 <= int(told) <= LONGEST_VALIDITY:
        raise ApiError(400, 20001, "ValidityPeriod must be between 1 and 36000 seconds")
    return int(told)


def checked_schedule(form: Form, service: str, now: datetime) -> datetime | None:
    """When to send, None for now; raises ApiError where a schedule is asked for wrongly."""
    if not form.has("ScheduleType"):
        return None
    if not service:
        raise ApiError(400, 35118, "MessagingServiceSid is required to schedule a message")
    if form.one("ScheduleType") != "fixed" or not form.has("SendAt"):
        raise ApiError(400, 35111, "SendAt and ScheduleType=fixed go together")
    try:
        send_at = datetime.fromisoformat(form.one("SendAt"))
    except ValueError:
        raise ApiError(400, 35114, "Scheduling does not support this timestamp") from None
    if send_at.tzinfo is None or not _SOONEST <= send_at - now <= _LATEST:
        raise ApiError(400, 35114, "Scheduling does not support this timestamp")
    return send_at
