"""One telephone call (a leg) as the simulated phone company holds it, and how it is shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from outreach.telephony.simulator.asgi import Form, text_fields
from outreach.telephony.simulator.simulated_time import SimulatedTime, rfc2822


class LegStatus(StrEnum):
    """The provider's words for the state of a call."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


FINAL = frozenset(
    {LegStatus.COMPLETED, LegStatus.BUSY, LegStatus.FAILED, LegStatus.NO_ANSWER, LegStatus.CANCELED}
)


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a call's progress is posted, and which events; by default only its end."""

    url: str = ""
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Detection:
    """Detection of voicemail: `mode` is "", "Enable" or "DetectMessageEnd"; with `url`, reported apart."""

    mode: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """How a leg sits in a conference, by API or by TwiML."""

    conference: str  # friendly name
    label: str = ""
    muted: bool = False
    coach: str = ""  # sid of the leg it coaches
    start_on_enter: bool = True
    end_on_exit: bool = False
    callback: str = ""
    callback_events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the phone company said or played to a phone; `after_beep`: it stands on the voicemail."""

    words: str
    at: datetime
    after_beep: bool


@dataclass(slots=True)
class Leg:
    """One call, from the first ring to its end."""

    sid: str
    to: str
    sender: str
    created_at: datetime
    direction: str = "outbound-api"
    status: LegStatus = LegStatus.QUEUED
    reporting: Reporting = Reporting()
    detection: Detection = Detection()
    url: str = ""
    twiml: str = ""
    ring_seconds: float = 60.0
    seat: Seat | None = None  # a participant made by API sits down as soon as it answers
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str = ""
    sip: str = ""
    sequence: int = 0
    told: str = ""
    beeped: bool = False
    heard: list[Heard] = field(default_factory=list)
    met: set[str] = field(default_factory=set)  # sids of the legs it was in conversation with
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    script: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.status in FINAL

    @property
    def rings_or_talks(self) -> bool:
        """Whether somebody at the telephone has something to do with it now."""
        return self.status in (LegStatus.RINGING, LegStatus.IN_PROGRESS)

    @property
    def person_number(self) -> str:
        """The number of the telephone at the other end."""
        return self.sender if self.direction == "inbound" else self.to

    def drop_timers(self) -> None:
        """Forget everything that was going to happen on this call."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()


def reporting_from(form: Form) -> Reporting:
    """The reporting a create request asks for."""
    events = frozenset(form.all("StatusCallbackEvent")) or frozenset({"completed"})
    return Reporting(form.one("StatusCallback"), events)


def leg_as_json(leg: Leg, account_sid: str, time: SimulatedTime) -> dict[str, object]:
    """A call as the API shows it."""
    uri = f"/2010-04-01/Accounts/{account_sid}/Calls/{leg.sid}"
    return {
        "account_sid": account_sid,
        "answered_by": leg.answered_by or None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": rfc2822(leg.created_at),
        "date_updated": rfc2822(leg.ended_at or leg.started_at or leg.created_at),
        "direction": leg.direction,
        "duration": str(duration(leg, time)) if leg.over else None,
        "end_time": rfc2822(leg.ended_at),
        "forwarded_from": None,
        "from": leg.sender,
        "from_formatted": leg.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": leg.sid,
        "start_time": rfc2822(leg.started_at),
        "status": leg.status.value,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": leg.to,
        "to_formatted": leg.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def leg_fields(leg: Leg, account_sid: str, status: str) -> dict[str, object]:
    """What every request about a call carries."""
    return {
        "CallSid": leg.sid,
        "AccountSid": account_sid,
        "From": leg.sender,
        "To": leg.to,
        "Caller": leg.sender,
        "Called": leg.to,
        "CallStatus": status,
        "Direction": leg.direction,
        "ApiVersion": "2010-04-01",
    }


def progress_fields(leg: Leg, account_sid: str, status: str, time: SimulatedTime) -> dict[str, str]:
    """One progress report; the last one tells how long and how it ended."""
    fields = leg_fields(leg, account_sid, status)
    fields["CallbackSource"] = "call-progress-events"
    fields["Timestamp"] = rfc2822(time.now())
    fields["SequenceNumber"] = leg.sequence
    fields["AnsweredBy"] = leg.answered_by or None
    if leg.over:
        fields["CallDuration"] = duration(leg, time)
        fields["Duration"] = -(-duration(leg, time) // 60)
        fields["SipResponseCode"] = leg.sip or None
    return text_fields(fields)


def duration(leg: Leg, time: SimulatedTime) -> int:
    """Simulated seconds in conversation; 0 when nobody answered."""
    if leg.started_at is None or leg.ended_at is None:
        return 0
    return time.between(leg.started_at, leg.ended_at)


def kept_leg(leg: Leg) -> dict[str, object]:
    """The call as the state file keeps it."""
    return {
        "sid": leg.sid,
        "to": leg.to,
        "sender": leg.sender,
        "direction": leg.direction,
        "created_at": leg.created_at.isoformat(),
        "reporting": [leg.reporting.url, sorted(leg.reporting.events)],
    }


def leg_from_kept(line: dict[str, Any]) -> Leg:
    """A call from its line in the state file."""
    url, events = line["reporting"]
    return Leg(
        sid=line["sid"],
        to=line["to"],
        sender=line["sender"],
        direction=line["direction"],
        created_at=datetime.fromisoformat(line["created_at"]),
        reporting=Reporting(url, frozenset(events)),
    )
