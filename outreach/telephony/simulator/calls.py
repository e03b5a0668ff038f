"""Calls inside the simulated phone company: rung, answered or not, ended, and reported on the way."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from outreach.clock import monotonic
from outreach.telephony.simulator.answering import detected, stays_for
from outreach.telephony.simulator.asgi import ApiError, Form, not_found, text_fields
from outreach.telephony.simulator.legs import (
    Detection,
    Heard,
    Leg,
    LegStatus,
    Reporting,
    kept_leg,
    leg_as_json,
    leg_fields,
    progress_fields,
    reporting_from,
)
from outreach.telephony.simulator.numbering import Line, line_of
from outreach.telephony.simulator.phones import CLIENT_SCHEME, PhoneBehaviour, PhoneBook, VoiceHabit
from outreach.telephony.simulator.plan import Plan
from outreach.telephony.simulator.simulated_time import SimulatedTime
from outreach.telephony.simulator.state_file import StateFile
from outreach.telephony.simulator.webhooks_out import WebhookPoster

_SET_UP_SECONDS = 0.5  # from the queue to the first ring


class Stage(Protocol):
    """What happens to a leg once someone picked up; played by TwiML and conferences."""

    async def play(self, leg: Leg) -> None:
        """Run the leg's script, or sit it in its conference, to its end."""
        ...

    def leave(self, leg: Leg) -> None:
        """Take the leg out of its conference, if it sits in one."""
        ...


@dataclass
class CallDesk:
    """Everything the phone company does with calls; `stage` is set once, when the parts are put together."""

    plan: Plan
    time: SimulatedTime
    book: PhoneBook
    poster: WebhookPoster
    state: StateFile
    legs: dict[str, Leg] = field(default_factory=dict)
    voice_url: str = ""  # set by PUT /simulator/inbound, else the plan's
    voice_status_url: str = ""
    _next_start: float = 0.0

    def __post_init__(self) -> None:
        self._stage: Stage | None = None

    def set_stage(self, stage: Stage) -> None:
        """Join the calls to the scripts and conferences they play in."""
        self._stage = stage

    def create(self, form: Form) -> dict[str, object]:
        """Take in one outgoing call."""
        if not form.one("Url") and not form.one("Twiml"):
            raise ApiError(400, 21205, "Url parameter is required.")
        leg = self.new_leg(form, ring_default=60.0)
        leg.url, leg.twiml = form.one("Url"), form.one("Twiml")
        apart = form.flag("AsyncAmd")
        leg.detection = Detection(
            form.one("MachineDetection"), form.one("AsyncAmdStatusCallback") if apart else ""
        )
        self.start(leg)
        return self.as_json(leg)

    def new_leg(self, form: Form, *, ring_default: float) -> Leg:
        """A checked, kept leg that does not ring yet."""
        to, sender = form.one("To"), form.one("From")
        if not to:
            raise ApiError(400, 21201, "No 'To' number is specified")
        if sender.startswith("+") and self.plan.our_numbers and sender not in self.plan.our_numbers:
            raise ApiError(400, 21210, "'From' phone number not verified")
        if not sender:
            raise ApiError(400, 21213, "No 'From' number is specified")
        if not to.startswith("client:") and line_of(to) is Line.INVALID:
            raise ApiError(400, 21211, "The 'To' number is not a valid phone number.")
        leg = Leg(
            sid="CA" + uuid.uuid4().hex,
            to=to,
            sender=sender,
            created_at=self.time.now(),
            reporting=reporting_from(form),
            ring_seconds=_ring_seconds(form, ring_default),
        )
        self._keep(leg)
        return leg

    def start(self, leg: Leg) -> None:
        """Let the leg leave the queue, in its turn."""
        wait = 0.0
        if self.plan.calls_per_second:
            now = monotonic()
            begins = max(now, self._next_start)
            self._next_start = begins + 1 / self.plan.calls_per_second
            wait = (begins - now) * self.time.speed
        self._later(leg, wait, lambda: self._dial(leg))

    def fetch(self, sid: str) -> dict[str, object]:
        """One call as the API shows it."""
        return self.as_json(self.known(sid))

    def update(self, sid: str, form: Form) -> dict[str, object]:
        """End a call, or point a live one at other TwiML."""
        leg = self.known(sid)
        status = form.one("Status")
        if status:
            self._end_as_asked(leg, status)
        elif leg.status is not LegStatus.IN_PROGRESS:
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
        else:
            leg.seat = None
            leg.url, leg.twiml = form.one("Url"), form.one("Twiml")
            self._leave(leg)
            self._play(leg)
        return self.as_json(leg)

    def call_in(self, number: str, to: str) -> dict[str, object]:
        """A person calls one of our numbers."""
        leg = Leg(
            sid="CA" + uuid.uuid4().hex,
            to=to,
            sender=number,
            created_at=self.time.now(),
            direction="inbound",
            status=LegStatus.RINGING,
            url=self.voice_url or self.plan.voice_url,
        )
        status_url = self.voice_status_url or self.plan.voice_status_url
        leg.reporting = Reporting(status_url)
        self._keep(leg)
        if not leg.url:
            self.end(leg, LegStatus.FAILED, sip="404")
        else:
            self._later(leg, _SET_UP_SECONDS, lambda: self._pick_up(leg))
        return self.as_json(leg)

    def hang_up_phone(self, number: str) -> int:
        """The person or agent at a number hangs up; how many calls that ended."""
        live = [self.legs[sid] for sid in self.book.phone(number).call_sids if not self.legs[sid].over]
        for leg in live:
            answered = leg.status is LegStatus.IN_PROGRESS
            self.end(leg, LegStatus.COMPLETED if answered else LegStatus.BUSY, sip="" if answered else "486")
        return len(live)

    def end(self, leg: Leg, status: LegStatus, *, sip: str = "") -> None:
        """End a call in whatever state it is; an ended one stays as it ended."""
        if leg.over:
            return
        leg.status, leg.ended_at = status, self.time.now()
        leg.sip = sip or ("200" if status is LegStatus.COMPLETED else "")
        leg.drop_timers()
        line = {"sid": leg.sid, "status": status.value, "sip": leg.sip, "at": leg.ended_at.isoformat()}
        self.state.append("leg_status", {**line, "answered_by": leg.answered_by})
        self._leave(leg)
        if leg.script is not None and leg.script is not asyncio.current_task():
            leg.script.cancel()
        self.report(leg, "completed")

    def say(self, leg: Leg, words: str) -> None:
        """Keep what a phone was made to hear."""
        heard = Heard(words, self.time.now(), leg.beeped)
        leg.heard.append(heard)
        line = {"sid": leg.sid, "words": words, "at": heard.at.isoformat(), "after_beep": leg.beeped}
        self.state.append("heard", line)

    def meet(self, one: Leg, other: Leg) -> None:
        """Keep that two phones were in conversation."""
        if other.sid not in one.met:
            one.met.add(other.sid)
            other.met.add(one.sid)
            self.state.append("met", {"sid": one.sid, "other": other.sid})

    def report(self, leg: Leg, event: str) -> None:
        """Post one progress event, if it was asked for; the sequence counts every event of the call."""
        status = "initiated" if event == "initiated" else leg.status.value
        fields = progress_fields(leg, self.plan.account_sid, status, self.time)
        leg.sequence += 1
        if leg.reporting.url and event in leg.reporting.events:
            self.poster.post(leg.reporting.url, fields, self._teller(leg, status))

    def document_fields(self, leg: Leg) -> dict[str, str]:
        """What a request for a leg's TwiML carries."""
        fields = leg_fields(leg, self.plan.account_sid, leg.status.value)
        fields["AnsweredBy"] = leg.answered_by or None
        return text_fields(fields)

    def as_json(self, leg: Leg) -> dict[str, object]:
        """A call as the API shows it."""
        return leg_as_json(leg, self.plan.account_sid, self.time)

    def known(self, sid: str) -> Leg:
        """The leg with this sid; raises ApiError."""
        leg = self.legs.get(sid)
        if leg is None:
            raise not_found()
        return leg

    def resume(self) -> None:
        """After a restart: live calls have been cut off, and ends that were not taken are told again."""
        for leg in self.legs.values():
            leg.sequence = 10  # beyond any number used before the restart
            if not leg.over:
                answered = leg.status is LegStatus.IN_PROGRESS
                self.end(leg, LegStatus.COMPLETED if answered else LegStatus.FAILED, sip="503")
            elif leg.told != leg.status.value:
                self.report(leg, "completed")

    def _keep(self, leg: Leg) -> None:
        self.state.append("leg", kept_leg(leg))
        self.register(leg)

    def register(self, leg: Leg) -> None:
        """Know a leg, and let its phone know it."""
        self.legs[leg.sid] = leg
        self.book.phone(leg.person_number).call_sids.append(leg.sid)

    def _later(self, leg: Leg, seconds: float, act: Callable[[], None]) -> None:
        leg.timers.append(self.time.after(seconds, act))

    def _dial(self, leg: Leg) -> None:
        self.report(leg, "initiated")
        self._later(leg, _SET_UP_SECONDS, lambda: self._ring(leg))

    def _ring(self, leg: Leg) -> None:
        behaviour = self.book.phone(leg.to).behaviour
        habit = behaviour.voice
        if habit is VoiceHabit.UNKNOWN_NUMBER:
            self.end(leg, LegStatus.FAILED, sip="404")
            return
        if habit is VoiceHabit.NETWORK_FAILURE:
            self.end(leg, LegStatus.FAILED, sip="503")
            return
        if habit is VoiceHabit.BUSY:
            self.end(leg, LegStatus.BUSY, sip="486")
            return
        self._move(leg, LegStatus.RINGING)
        self.report(leg, "ringing")
        if habit is VoiceHabit.CLIENT:
            self._later(leg, self._real(leg.ring_seconds), lambda: self.end(leg, LegStatus.NO_ANSWER))
        elif habit is VoiceHabit.RINGS_OUT or behaviour.answer_after > leg.ring_seconds:
            self._later(leg, leg.ring_seconds, lambda: self.end(leg, LegStatus.NO_ANSWER, sip="480"))
        else:
            self._later(leg, behaviour.answer_after, lambda: self._answer(leg, behaviour))

    def accept(self, leg: Leg) -> None:
        """Somebody at a browser takes the call; raises ApiError when it does not ring."""
        if leg.status is not LegStatus.RINGING:
            raise ApiError(400, 21220, "Call is not ringing.")
        leg.drop_timers()
        self._answer(leg, self.book.phone(leg.to).behaviour)

    def _real(self, seconds: float) -> float:
        """So many seconds of ours, for those who sit at a screen."""
        return seconds * self.time.speed

    def _answer(self, leg: Leg, behaviour: PhoneBehaviour) -> None:
        self._begin(leg)
        self.report(leg, "answered")
        self._plan_the_persons_end(leg, behaviour)
        detection = leg.detection
        wait, answered_by = detected(behaviour, detection)
        if not detection.mode:
            self._play(leg)
        elif detection.url or leg.seat is not None:
            self._play(leg)
            self._later(leg, wait, lambda: self._detect_apart(leg, answered_by, wait))
        else:
            self._later(leg, wait, lambda: self._detect_first(leg, answered_by))

    def _plan_the_persons_end(self, leg: Leg, behaviour: PhoneBehaviour) -> None:
        if behaviour.voice is VoiceHabit.VOICEMAIL:
            self._later(leg, behaviour.greeting_seconds, lambda: setattr(leg, "beeped", True))
        stay = stays_for(behaviour)
        if stay:
            self._later(leg, stay, lambda: self._hang_up_first(leg, stay))

    def _hang_up_first(self, leg: Leg, stay: float) -> None:
        """Whoever talks with somebody at a browser has as long as it takes in our time."""
        if any(self.legs[sid].to.startswith(CLIENT_SCHEME) for sid in leg.met):
            self._later(leg, self._real(stay) - stay, lambda: self.end(leg, LegStatus.COMPLETED))
        else:
            self.end(leg, LegStatus.COMPLETED)

    def _detect_first(self, leg: Leg, answered_by: str) -> None:
        leg.answered_by = answered_by
        self._play(leg)

    def _detect_apart(self, leg: Leg, answered_by: str, took: float) -> None:
        leg.answered_by = answered_by
        fields: dict[str, object] = {
            "CallSid": leg.sid,
            "AccountSid": self.plan.account_sid,
            "AnsweredBy": answered_by,
            "MachineDetectionDuration": round(took * 1000),
        }
        self.poster.post(leg.detection.url, text_fields(fields))

    def _pick_up(self, leg: Leg) -> None:
        """One of our numbers is called: our document decides; the caller stays as long as they like."""
        behaviour = self.book.phone(leg.sender).behaviour
        self._play(leg)
        if behaviour.talk_seconds:
            self._later(leg, behaviour.talk_seconds, lambda: self.end(leg, LegStatus.COMPLETED))

    def begin_inbound(self, leg: Leg) -> None:
        """The first document of an inbound call was had: it is answered."""
        if leg.status is LegStatus.RINGING and leg.direction == "inbound":
            self._begin(leg)

    def _begin(self, leg: Leg) -> None:
        leg.started_at = self.time.now()
        self._move(leg, LegStatus.IN_PROGRESS)

    def _move(self, leg: Leg, status: LegStatus) -> None:
        leg.status = status
        line = {"sid": leg.sid, "status": status.value, "at": self.time.now().isoformat()}
        self.state.append("leg_status", {**line, "sip": "", "answered_by": leg.answered_by})

    def _end_as_asked(self, leg: Leg, status: str) -> None:
        if leg.over:
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "canceled" and leg.status is LegStatus.IN_PROGRESS:
            raise ApiError(400, 21220, "Call is in-progress. Cannot cancel.")
        if status not in ("canceled", "completed"):
            raise ApiError(400, 21218, "Invalid Status")
        answered = leg.status is LegStatus.IN_PROGRESS
        self.end(leg, LegStatus.COMPLETED if answered else LegStatus.CANCELED, sip="" if answered else "487")

    def _play(self, leg: Leg) -> None:
        assert self._stage is not None, "set_stage() first"
        if leg.script is not None:
            leg.script.cancel()
        play: Coroutine[Any, Any, None] = self._stage.play(leg)
        leg.script = asyncio.get_running_loop().create_task(play)

    def _leave(self, leg: Leg) -> None:
        if self._stage is not None:
            self._stage.leave(leg)

    def _teller(self, leg: Leg, status: str) -> Callable[[], None]:
        def told() -> None:
            leg.told = status
            self.state.append("told", {"sid": leg.sid, "status": status})

        return told


def _ring_seconds(form: Form, otherwise: float) -> float:
    told = form.one("Timeout")
    if told and not told.isdigit():
        raise ApiError(400, 20001, "Timeout is a whole number of seconds")
    return float(told) if told else otherwise
