"""The truth (what every phone received) and the strings to pull (behaviours, faults, people calling in)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from outreach.telephony.simulator.asgi import Answer, ApiError, Request, json_answer, not_found
from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.clients import ClientDesk
from outreach.telephony.simulator.conferences import Conference, ConferenceDesk, hears
from outreach.telephony.simulator.faults import FaultPlane
from outreach.telephony.simulator.legs import Leg, duration
from outreach.telephony.simulator.messages import MessageDesk
from outreach.telephony.simulator.phones import Phone, PhoneBook, behaviour_from_json
from outreach.telephony.simulator.state_file import StateFile


@dataclass
class View:
    """Everything under /simulator. It asks for no credentials: the simulator listens on this machine only."""

    book: PhoneBook
    calls: CallDesk
    conferences: ConferenceDesk
    messages: MessageDesk
    faults: FaultPlane
    state: StateFile
    requests: dict[int, int] = field(default_factory=dict)  # answers given by the API, by HTTP status

    def answer(self, request: Request) -> Answer:
        """Answer one request; raises ApiError."""
        match request.path.strip("/").split("/"):
            case ["simulator", "phones", *rest]:
                return json_answer(self._phones(request, rest))
            case ["simulator", "faults"]:
                if request.method == "PUT":
                    self.faults.put(request.document())
                return json_answer(self.faults.as_json())
            case ["simulator", "stats"]:
                return json_answer(self._stats())
            case ["simulator", "conferences"]:
                known = self.conferences.conferences.values()
                return json_answer({"conferences": [_conference(one) for one in known]})
            case ["simulator", "clients", *rest]:
                return json_answer(self._clients(request, rest))
            case ["simulator", "inbound"]:
                return json_answer(self._set_inbound(request.document()))
        raise not_found()

    def _clients(self, request: Request, rest: list[str]) -> dict[str, object]:
        desk = ClientDesk(self.calls, self.conferences)
        match (request.method, *rest):
            case ("GET", identity):
                return desk.live(identity)
            case ("POST", identity, sid, act):
                return desk.act(identity, sid, act)
        raise not_found()

    def _phones(self, request: Request, rest: list[str]) -> dict[str, object]:
        match (request.method, *rest):
            case ("GET",):
                return {"phones": [self._phone(phone) for phone in self.book.phones.values()]}
            case ("GET", number):
                return self._phone(self.book.phone(number))
            case ("PUT", number):
                return self._behave(number, request.document())
            case ("POST", number, act):
                return self._act(number, act, request.document())
        raise not_found()

    def _behave(self, number: str, told: dict[str, object]) -> dict[str, object]:
        phone = self.book.phone(number)
        phone.behaviour = behaviour_from_json(told)
        phone.texted_back = False
        self.state.append("phone", {"number": number, "behaviour": phone.behaviour.as_json()})
        return self._phone(phone)

    def _act(self, number: str, act: str, told: dict[str, object]) -> dict[str, object]:
        to = str(told.get("to") or next(iter(self.calls.plan.our_numbers), ""))
        match act:
            case "hang-up":
                return {"ended": self.calls.hang_up_phone(number)}
            case "texts":
                return self.messages.text_in(number, to, str(told.get("body", "")))
            case "calls":
                return self.calls.call_in(number, to)
        raise ApiError(404, 20404, "A phone can hang-up, send texts and make calls.")

    def _set_inbound(self, told: dict[str, object]) -> dict[str, object]:
        if unknown := set(told) - {"sms_url", "voice_url", "voice_status_url"}:
            raise ApiError(400, 20001, f"Inbound has no setting named {', '.join(sorted(unknown))}.")
        self.state.append("inbound", {"urls": told})
        self.messages.sms_url = str(told.get("sms_url", self.messages.sms_url))
        self.calls.voice_url = str(told.get("voice_url", self.calls.voice_url))
        self.calls.voice_status_url = str(told.get("voice_status_url", self.calls.voice_status_url))
        return {"sms_url": self.messages.sms_url, "voice_url": self.calls.voice_url}

    def _phone(self, phone: Phone) -> dict[str, object]:
        sent = (self.messages.messages[sid] for sid in phone.message_sids)
        return {
            "number": phone.number,
            "behaviour": phone.behaviour.as_json(),
            "opted_out_of": sorted(phone.opted_out_of),
            "texts": [
                {"sid": text.sid, "from": text.sender, "body": text.body, "at": text.at.isoformat()}
                for text in phone.received
            ],
            "messages": [
                {"sid": one.sid, "status": one.status, "error_code": one.error_code, "body": one.body}
                for one in sent
                if one.direction != "inbound"
            ],
            "calls": [self._call(self.calls.legs[sid]) for sid in phone.call_sids],
        }

    def _call(self, leg: Leg) -> dict[str, object]:
        others = (self.calls.legs[sid].person_number for sid in leg.met)
        return {
            "sid": leg.sid,
            "direction": leg.direction,
            "from": leg.sender,
            "status": leg.status.value,
            "sip": leg.sip,
            "answered_by": leg.answered_by,
            "at": leg.created_at.isoformat(),
            "seconds": duration(leg, self.calls.time),
            "heard": [heard.words for heard in leg.heard],
            "left_on_voicemail": [heard.words for heard in leg.heard if heard.after_beep],
            "spoke_with": sorted(others),
        }

    def _stats(self) -> dict[str, object]:
        counts = self.messages.poster.counts
        received = [text for phone in self.book.phones.values() for text in phone.received]
        return {
            "requests": {str(status): times for status, times in sorted(self.requests.items())},
            "phones": len(self.book.phones),
            "messages": _tally(one.status for one in self.messages.messages.values()),
            "texts_received": len(received),
            "calls": _tally(leg.status.value for leg in self.calls.legs.values()),
            "conferences": len(self.conferences.conferences),
            "webhooks": {
                "posted": counts.posted,
                "taken": counts.taken,
                "retried": counts.retried,
                "given_up": counts.given_up,
                "waiting": self.messages.poster.waiting,
            },
            "faults": {fault.value: times for fault, times in self.faults.struck.items()},
        }


def _tally(words: Iterable[str]) -> dict[str, int]:
    tally: dict[str, int] = {}
    for word in words:
        tally[word] = tally.get(word, 0) + 1
    return tally


def _conference(conference: Conference) -> dict[str, object]:
    seated = conference.seated
    return {
        "sid": conference.sid,
        "name": conference.name,
        "status": conference.status,
        "participants": [
            {
                "call_sid": one.leg.sid,
                "number": one.leg.person_number,
                "label": one.label,
                "muted": one.muted,
                "hold": one.hold,
                "coaching": one.coach,
                "hears": [other.leg.person_number for other in seated if hears(one, other)],
            }
            for one in seated
        ],
    }
