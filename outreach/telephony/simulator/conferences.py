"""Conferences inside the simulated phone company: who sits in them, who hears whom, and what is reported."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from outreach.telephony.simulator.asgi import Form, not_found, text_fields
from outreach.telephony.simulator.calls import CallDesk
from outreach.telephony.simulator.legs import Detection, Leg, LegStatus, Seat
from outreach.telephony.simulator.paging import Paging
from outreach.telephony.simulator.simulated_time import rfc2822

_PARTICIPANT_STATUS = {
    LegStatus.QUEUED: "queued",
    LegStatus.RINGING: "ringing",
    LegStatus.IN_PROGRESS: "connected",
    LegStatus.COMPLETED: "complete",
    LegStatus.BUSY: "failed",
    LegStatus.FAILED: "failed",
    LegStatus.NO_ANSWER: "failed",
    LegStatus.CANCELED: "failed",
}


@dataclass(slots=True)
class Participant:
    """One leg in a conference; `sits` once it has joined."""

    leg: Leg
    label: str
    created_at: datetime
    muted: bool
    coach: str
    start_on_enter: bool
    end_on_exit: bool
    hold: bool = False
    sits: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Conference:
    """One conference, found by its sid or, while it lives, by its name."""

    sid: str
    name: str
    created_at: datetime
    status: str = "init"
    updated_at: datetime | None = None
    ended_reason: str | None = None
    ended_by: str | None = None
    callback: str = ""
    callback_events: frozenset[str] = frozenset()
    sequence: int = 0
    participants: dict[str, Participant] = field(default_factory=dict)  # by call sid

    @property
    def seated(self) -> list[Participant]:
        """Those who have joined and not left."""
        return [participant for participant in self.participants.values() if participant.sits]


def hears(listener: Participant, speaker: Participant) -> bool:
    """Whether one hears the other: never on hold, never the muted, a coach only where coached."""
    if listener is speaker or listener.hold or speaker.hold or speaker.muted:
        return False
    return not speaker.coach or speaker.coach == listener.leg.sid


@dataclass
class ConferenceDesk:
    """Everything the phone company does with conferences."""

    calls: CallDesk
    conferences: dict[str, Conference] = field(default_factory=dict)
    _live_by_name: dict[str, Conference] = field(default_factory=dict)
    _where: dict[str, Conference] = field(default_factory=dict)  # by call sid

    def create_participant(self, name_or_sid: str, form: Form) -> dict[str, object]:
        """Ring someone and sit them in the conference when they answer."""
        conference = self.conferences.get(name_or_sid)
        coach = form.one("CallSidToCoach") if form.flag("Coaching") else ""
        leg = self.calls.new_leg(form, ring_default=60.0)
        seat = Seat(
            conference=conference.name if conference else name_or_sid,
            label=form.one("Label"),
            muted=form.flag("Muted"),
            coach=coach,
            start_on_enter=form.flag("StartConferenceOnEnter", otherwise=True),
            end_on_exit=form.flag("EndConferenceOnExit"),
            callback=form.one("ConferenceStatusCallback"),
            callback_events=frozenset(form.all("ConferenceStatusCallbackEvent")),
        )
        leg.seat = seat
        leg.detection = Detection(form.one("MachineDetection"), form.one("AmdStatusCallback"))
        conference = self._conference(seat)
        participant = self._expect(conference, leg, seat)
        self.calls.start(leg)
        return self.participant_as_json(conference, participant)

    def fetch(self, sid: str) -> dict[str, object]:
        """One conference as the API shows it."""
        return self.as_json(self._known(sid))

    def listing(self, query: Form, path: str) -> dict[str, object]:
        """A page of conferences, newest first, by name and status."""
        name, status = query.one("FriendlyName"), query.one("Status")
        chosen = [
            conference
            for conference in reversed(self.conferences.values())
            if (not name or conference.name == name) and (not status or conference.status == status)
        ]
        filters = {key: query.one(key) for key in ("FriendlyName", "Status") if query.has(key)}
        return Paging(path, urlencode(filters), query).page("conferences", chosen, self.as_json)

    def update(self, sid: str, form: Form) -> dict[str, object]:
        """End a conference."""
        conference = self._known(sid)
        if form.one("Status") == "completed":
            self._finish(conference, "conference-ended-via-api", None)
        return self.as_json(conference)

    def fetch_participant(self, sid: str, who: str) -> dict[str, object]:
        """One participant, by call sid or label."""
        conference = self._known(sid)
        return self.participant_as_json(conference, self._participant(conference, who))

    def list_participants(self, sid: str, query: Form, path: str) -> dict[str, object]:
        """A page of those who sit in the conference."""
        conference = self._known(sid)
        return Paging(path, "", query).page(
            "participants", conference.seated, lambda one: self.participant_as_json(conference, one)
        )

    def update_participant(self, sid: str, who: str, form: Form) -> dict[str, object]:
        """Hold, mute, coach; each change is reported once."""
        conference = self._known(sid)
        participant = self._participant(conference, who)
        self._change_hold_and_mute(conference, participant, form)
        if form.has("Coaching") or form.has("CallSidToCoach") or form.has("EndConferenceOnExit"):
            coach = form.one("CallSidToCoach", participant.coach)
            participant.coach = coach if form.flag("Coaching", otherwise=bool(coach)) else ""
            if form.has("EndConferenceOnExit"):
                participant.end_on_exit = form.flag("EndConferenceOnExit")
            self._report(conference, "participant-modify", participant)
        self._note_meetings(conference)
        return self.participant_as_json(conference, participant)

    def remove_participant(self, sid: str, who: str) -> None:
        """Put someone out of the conference; a leg that has nothing else to do ends."""
        conference = self._known(sid)
        participant = self._participant(conference, who)
        self.leave(participant.leg)
        if participant.leg.seat is not None:
            self.calls.end(participant.leg, LegStatus.COMPLETED)

    async def sit(self, leg: Leg, seat: Seat) -> None:
        """Join, and stay until the leg leaves or the conference ends."""
        conference = self._conference(seat)
        participant = conference.participants.get(leg.sid) or self._expect(conference, leg, seat)
        participant.sits = True
        self._where[leg.sid] = conference
        self._report(conference, "participant-join", participant)
        enough = len(conference.seated) > 1 and any(one.start_on_enter for one in conference.seated)
        if conference.status == "init" and enough:
            conference.status, conference.updated_at = "in-progress", self.calls.time.now()
            self._report(conference, "conference-start", participant)
        self._note_meetings(conference)
        await participant.left.wait()

    def leave(self, leg: Leg) -> None:
        """Take a leg out of the conference it sits in, or was going to; nothing when it is in none."""
        conference = self._where.pop(leg.sid, None) or self._expecting(leg)
        if conference is None:
            return
        participant = conference.participants.pop(leg.sid)
        participant.left.set()
        if not participant.sits:
            return
        participant.sits = False
        self._report(conference, "participant-leave", participant)
        if participant.end_on_exit:
            self._finish(conference, "participant-with-end-conference-on-exit-left", leg.sid)
        elif not conference.seated:
            self._finish(conference, "last-participant-left", leg.sid)

    def as_json(self, conference: Conference) -> dict[str, object]:
        """A conference as the API shows it."""
        account = self.calls.plan.account_sid
        uri = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid_ending_conference": conference.ended_by,
            "date_created": rfc2822(conference.created_at),
            "date_updated": rfc2822(conference.updated_at or conference.created_at),
            "friendly_name": conference.name,
            "reason_conference_ended": conference.ended_reason,
            "region": "ie1",
            "sid": conference.sid,
            "status": conference.status,
            "subresource_uris": {"participants": f"{uri}/Participants.json"},
            "uri": f"{uri}.json",
        }

    def participant_as_json(self, conference: Conference, participant: Participant) -> dict[str, object]:
        """A participant as the API shows it."""
        account, leg = self.calls.plan.account_sid, participant.leg
        base = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}"
        return {
            "account_sid": account,
            "call_sid": leg.sid,
            "call_sid_to_coach": participant.coach or None,
            "coaching": bool(participant.coach),
            "conference_sid": conference.sid,
            "date_created": rfc2822(participant.created_at),
            "date_updated": rfc2822(participant.created_at),
            "end_conference_on_exit": participant.end_on_exit,
            "hold": participant.hold,
            "label": participant.label or None,
            "muted": participant.muted,
            "queue_time": "0",
            "start_conference_on_enter": participant.start_on_enter,
            "status": _PARTICIPANT_STATUS[leg.status],
            "uri": f"{base}/Participants/{leg.sid}.json",
        }

    def mute(self, leg: Leg, *, on: bool) -> None:
        """Whoever holds the leg mutes it themselves; nobody is told."""
        if conference := self._where.get(leg.sid):
            conference.participants[leg.sid].muted = on
            self._note_meetings(conference)

    def is_muted(self, leg: Leg) -> bool:
        """Whether nobody hears the leg."""
        conference = self._where.get(leg.sid)
        return conference is not None and conference.participants[leg.sid].muted

    def _conference(self, seat: Seat) -> Conference:
        known = self._live_by_name.get(seat.conference)
        if known is None:
            sid = "CF" + uuid.uuid4().hex
            known = Conference(sid, seat.conference, self.calls.time.now())
            self.conferences[sid] = self._live_by_name[seat.conference] = known
        if seat.callback and not known.callback:
            # The address that counts is the one given by whoever came first with one.
            known.callback, known.callback_events = seat.callback, seat.callback_events
        return known

    def _expect(self, conference: Conference, leg: Leg, seat: Seat) -> Participant:
        participant = Participant(
            leg=leg,
            label=seat.label,
            created_at=self.calls.time.now(),
            muted=seat.muted,
            coach=seat.coach,
            start_on_enter=seat.start_on_enter,
            end_on_exit=seat.end_on_exit,
        )
        conference.participants[leg.sid] = participant
        return participant

    def _expecting(self, leg: Leg) -> Conference | None:
        conference = None if leg.seat is None else self._live_by_name.get(leg.seat.conference)
        return conference if conference is not None and leg.sid in conference.participants else None

    def _known(self, sid: str) -> Conference:
        conference = self.conferences.get(sid) or self._live_by_name.get(sid)
        if conference is None:
            raise not_found()
        return conference

    def _participant(self, conference: Conference, who: str) -> Participant:
        for participant in conference.participants.values():
            if who in (participant.leg.sid, participant.label):
                return participant
        raise not_found()

    def _change_hold_and_mute(self, conference: Conference, participant: Participant, form: Form) -> None:
        if form.has("Hold") and form.flag("Hold") != participant.hold:
            participant.hold = form.flag("Hold")
            self._report(
                conference, "participant-hold" if participant.hold else "participant-unhold", participant
            )
        if form.has("Muted") and form.flag("Muted") != participant.muted:
            participant.muted = form.flag("Muted")
            self._report(
                conference, "participant-mute" if participant.muted else "participant-unmute", participant
            )

    def _note_meetings(self, conference: Conference) -> None:
        for one in conference.seated:
            for other in conference.seated:
                if hears(one, other) and hears(other, one):
                    self.calls.meet(one.leg, other.leg)

    def _finish(self, conference: Conference, reason: str, by: str | None) -> None:
        if conference.status == "completed":
            return
        conference.status, conference.updated_at = "completed", self.calls.time.now()
        conference.ended_reason, conference.ended_by = reason, by
        self._live_by_name.pop(conference.name, None)
        for participant in list(conference.participants.values()):
            self._put_out(conference, participant)
        self._report(conference, "conference-end", None)

    def _put_out(self, conference: Conference, participant: Participant) -> None:
        leg = participant.leg
        conference.participants.pop(leg.sid, None)
        self._where.pop(leg.sid, None)
        if participant.sits:
            participant.sits = False
            self._report(conference, "participant-leave", participant)
        participant.left.set()
        if leg.seat is not None:
            self.calls.end(leg, LegStatus.COMPLETED if leg.started_at else LegStatus.CANCELED)

    def _report(self, conference: Conference, event: str, participant: Participant | None) -> None:
        conference.sequence += 1
        if not conference.callback or not _wanted(event, conference.callback_events):
            return
        fields: dict[str, object] = {
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.name,
            "AccountSid": self.calls.plan.account_sid,
            "SequenceNumber": conference.sequence,
            "Timestamp": rfc2822(self.calls.time.now()),
            "StatusCallbackEvent": event,
        }
        if participant is not None:
            fields |= _participant_fields(participant)
        if event == "conference-end":
            fields["ReasonConferenceEnded"] = conference.ended_reason
            fields["CallSidEndingConference"] = conference.ended_by
        self.calls.poster.post(conference.callback, text_fields(fields))


def _participant_fields(participant: Participant) -> dict[str, object]:
    return {
        "CallSid": participant.leg.sid,
        "ParticipantLabel": participant.label or None,
        "Muted": participant.muted,
        "Hold": participant.hold,
        "Coaching": bool(participant.coach),
        "CallSidToCoach": participant.coach or None,
        "StartConferenceOnEnter": participant.start_on_enter,
        "EndConferenceOnExit": participant.end_on_exit,
    }


def _wanted(event: str, words: frozenset[str]) -> bool:
    """Whether an event was asked for: "mute" asks for mute and unmute, "hold" for hold and unhold."""
    return event.partition("-")[2].removeprefix("un") in words
