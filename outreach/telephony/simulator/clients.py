"""Browsers that are signed in as telephones: whoever sits there takes a call, refuses it, mutes, hangs up."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.telephony.simulator.asgi import ApiError, not_found
from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.conferences import ConferenceDesk
from outreach.telephony.simulator.legs import Leg, LegStatus
from outreach.telephony.simulator.phones import CLIENT_SCHEME


@dataclass
class ClientDesk:
    """What a stand-in device in a page asks of the phone company, under /simulator/clients."""

    calls: CallDesk
    conferences: ConferenceDesk

    def live(self, identity: str) -> dict[str, object]:
        """The calls that ring or are held at one identity now, oldest first."""
        phone = self.calls.book.phones.get(CLIENT_SCHEME + identity)
        legs = [self.calls.legs[sid] for sid in phone.call_sids] if phone else []
        return {"calls": [self._as_json(leg) for leg in legs if not leg.over and leg.rings_or_talks]}

    def act(self, identity: str, sid: str, act: str) -> dict[str, object]:
        """Do one thing with one call; raises ApiError for a call of someone else, or one not so far."""
        leg = self.calls.known(sid)
        if leg.to != CLIENT_SCHEME + identity:
            raise not_found()
        match act:
            case "accept":
                self.calls.accept(leg)
            case "refuse" | "hang-up":
                answered = leg.status is LegStatus.IN_PROGRESS
                ending = LegStatus.COMPLETED if answered else LegStatus.BUSY
                self.calls.end(leg, ending, sip="" if answered else "486")
            case "mute" | "unmute":
                self.conferences.mute(leg, on=act == "mute")
            case _:
                raise ApiError(404, 20404, "A client can accept, refuse, mute, unmute and hang-up.")
        return self._as_json(leg)

    def _as_json(self, leg: Leg) -> dict[str, object]:
        return {
            "sid": leg.sid,
            "status": leg.status.value,
            "muted": self.conferences.is_muted(leg),
            "heard": [heard.words for heard in leg.heard],
            "met": len([sid for sid in leg.met if not self.calls.legs[sid].over]),
        }
