"""Brings a phone company that was killed back to where its state file says it stood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.legs import Heard, LegStatus, leg_from_kept
from outreach.telephony.simulator.message_record import into_the_phone, message_from_kept
from outreach.telephony.simulator.messages import MessageDesk
from outreach.telephony.simulator.phones import PhoneBook, behaviour_from_json
from outreach.telephony.simulator.state_file import StateFile

Line = dict[str, Any]


@dataclass
class Restoring:
    """Reads the state file back, one line at a time, then lets messages and calls carry on."""

    book: PhoneBook
    messages: MessageDesk
    calls: CallDesk

    def run(self, state: StateFile) -> None:
        """Apply every line kept, then resume what was under way."""
        apply = {
            "phone": self._phone,
            "inbound": self._inbound,
            "message": self._message,
            "message_status": self._message_status,
            "received": self._received,
            "opt_out": self._opt_out,
            "texted_back": self._texted_back,
            "leg": self._leg,
            "leg_status": self._leg_status,
            "heard": self._heard,
            "met": self._met,
            "told": self._told,
        }
        for line in state.lines():
            apply[line["kind"]](line)
        self.messages.resume()
        self.calls.resume()

    def _phone(self, line: Line) -> None:
        self.book.phone(line["number"]).behaviour = behaviour_from_json(line["behaviour"])

    def _inbound(self, line: Line) -> None:
        urls = line["urls"]
        self.messages.sms_url = urls.get("sms_url", self.messages.sms_url)
        self.calls.voice_url = urls.get("voice_url", self.calls.voice_url)
        self.calls.voice_status_url = urls.get("voice_status_url", self.calls.voice_status_url)

    def _message(self, line: Line) -> None:
        message = message_from_kept(line)
        self.messages.messages[message.sid] = message
        self.book.phone(message.to).message_sids.append(message.sid)

    def _message_status(self, line: Line) -> None:
        message = self.messages.messages[line["sid"]]
        message.status, message.error_code = line["status"], line["error_code"]
        message.updated_at = datetime.fromisoformat(line["at"])
        if message.status == "sent":
            message.sent_at = message.updated_at

    def _received(self, line: Line) -> None:
        message = self.messages.messages[line["sid"]]
        into_the_phone(self.book.phone(message.to), message, datetime.fromisoformat(line["at"]))

    def _opt_out(self, line: Line) -> None:
        senders = self.book.phone(line["number"]).opted_out_of
        (senders.add if line["on"] else senders.discard)(line["sender"])

    def _texted_back(self, line: Line) -> None:
        self.book.phone(line["number"]).texted_back = True

    def _leg(self, line: Line) -> None:
        self.calls.register(leg_from_kept(line))

    def _leg_status(self, line: Line) -> None:
        leg = self.calls.legs[line["sid"]]
        leg.status, leg.answered_by = LegStatus(line["status"]), line["answered_by"]
        moment = datetime.fromisoformat(line["at"])
        if leg.status is LegStatus.IN_PROGRESS:
            leg.started_at = moment
        elif leg.over:
            leg.ended_at, leg.sip = moment, line["sip"]

    def _heard(self, line: Line) -> None:
        moment = datetime.fromisoformat(line["at"])
        self.calls.legs[line["sid"]].heard.append(Heard(line["words"], moment, line["after_beep"]))

    def _met(self, line: Line) -> None:
        self.calls.legs[line["sid"]].met.add(line["other"])
        self.calls.legs[line["other"]].met.add(line["sid"])

    def _told(self, line: Line) -> None:
        holder = self.messages.messages.get(line["sid"]) or self.calls.legs.get(line["sid"])
        if holder is not None:
            holder.told = line["status"]
