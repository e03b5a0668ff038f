"""What the phone company says of a message: its answer to a post, its list, and its codes in our classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SendVerdict(StrEnum):
    """What one post of one message came to."""

    ACCEPTED = "ACCEPTED"  # the provider gave it a sid
    SLOW_DOWN = "SLOW_DOWN"  # never processed (429, refused connection): same attempt again, later
    REFUSED = "REFUSED"  # 4xx with a code: it will never be sent
    UNCERTAIN = "UNCERTAIN"  # timeout, reset, 5xx, 2xx without sid: it may have been sent


class FailureClass(StrEnum):
    """Provider codes grouped by what we do next (the table stands in `telephony/failure_codes.py`)."""

    SLOW_DOWN = "SLOW_DOWN"
    UNKNOWN_FATE = "UNKNOWN_FATE"
    OUR_FAULT = "OUR_FAULT"  # stop sending, alarm
    NO_SMS_ON_LINE = "NO_SMS_ON_LINE"  # mark, back to the call list
    WRONG_NUMBER = "WRONG_NUMBER"  # next number, else search
    OPTED_OUT = "OPTED_OUT"  # no more SMS; a call stays possible
    LATER = "LATER"  # another hour or channel
    FILTERED = "FILTERED"  # stop that content or sender, alarm
    NOT_ALLOWED = "NOT_ALLOWED"  # configuration, alarm
    QUEUE_FULL = "QUEUE_FULL"  # slow down


@dataclass(frozen=True)
class SendAnswer:
    """What became of one post; `segments` as billed by the provider, 0 when unknown."""

    verdict: SendVerdict
    sid: str = ""
    code: str = ""
    failure: FailureClass | None = None
    segments: int = 0


@dataclass(frozen=True)
class FoundMessage:
    """A message as the provider lists it; `status` in the provider's words."""

    sid: str
    status: str
    body: str
    error_code: str
    created_at: datetime | None
