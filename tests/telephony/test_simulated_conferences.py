"""Conferences in the simulated phone company: who hears whom, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from outreach.telephony.markup import ConferenceSeat, join_conference
from outreach.telephony.simulator import OUR_NUMBER
from tests.phone_company import Listener, PhoneCompany, Posted

_AGENT, _PERSON, _SUPERVISOR = "+33639980100", "+33639980001", "+33639980200"


class Room:
    """A conference under test, with its agent and its person inside."""

    def __init__(self, company: PhoneCompany, listener: Listener) -> None:
        self.company, self.listener, self.sdk = company, listener, company.sdk()
        for number in (_AGENT, _PERSON, _SUPERVISOR):
            company.set_phone(number, voice="agent")
        self.agent_sid = self._agent()
        person = self.bring(_PERSON, "person")
        self.sid, self.person_sid = person.conference_sid, person.call_sid
        listener.next(event("conference-start"))

    def _agent(self) -> str:
        seat = ConferenceSeat(
            "att-1", "agent", status_callback=self.listener.url + "/conference", end_on_exit=True
        )
        call = self.sdk.calls.create(to=_AGENT, from_=OUR_NUMBER, twiml=join_conference(seat))
        self.listener.next(event("participant-join"))
        return str(call.sid)

    def bring(self, number: str, label: str, **more: object) -> Any:
        return self.sdk.conferences("att-1").participants.create(
            from_=OUR_NUMBER, to=number, label=label, **more
        )

    def participants(self) -> Any:
        return self.sdk.conferences(self.sid).participants

    def hears(self) -> dict[str, list[str]]:
        (room,) = self.company.conferences()
        return {seat["label"]: sorted(seat["hears"]) for seat in room["participants"]}


def event(name: str) -> Callable[[Posted], bool]:
    return lambda posted: posted.fields.get("StatusCallbackEvent") == name


@pytest.fixture
def room(phone_company: PhoneCompany, listener: Listener) -> Room:
    return Room(phone_company, listener)


def test_two_in_a_room_hear_each_other(room: Room) -> None:
    assert room.hears() == {"agent": [_PERSON], "person": [_AGENT]}
    fetched = room.sdk.conferences(room.sid).fetch()
    assert (fetched.friendly_name, fetched.status) == ("att-1", "in-progress")


def test_a_listening_supervisor_hears_all_and_is_heard_by_none(room: Room) -> None:
    room.bring(_SUPERVISOR, "supervisor", muted=True)
    room.listener.next(event("participant-join"))
    assert room.hears() == {
        "agent": [_PERSON],
        "person": [_AGENT],
        "supervisor": sorted([_AGENT, _PERSON]),
    }


def test_a_whisper_reaches_the_agent_alone_until_the_supervisor_joins(room: Room) -> None:
    room.bring(_SUPERVISOR, "supervisor", coaching=True, call_sid_to_coach=room.agent_sid)
    room.listener.next(event("participant-join"))
    assert room.hears()["agent"] == sorted([_PERSON, _SUPERVISOR])
    assert room.hears()["person"] == [_AGENT]
    seat = room.participants()("supervisor").fetch()
    assert (seat.coaching, seat.call_sid_to_coach) == (True, room.agent_sid)
    assert room.participants()("supervisor").update(coaching=False).coaching is False
    room.listener.next(event("participant-modify"))
    assert room.hears()["person"] == sorted([_AGENT, _SUPERVISOR])


def test_hold_and_mute_are_reported_once_each_way(room: Room) -> None:
    seat = room.participants()(room.person_sid)
    assert seat.update(hold=True).hold is True
    seat.update(hold=True)
    seat.update(muted=True)
    seat.update(hold=False)
    seat.update(muted=False)
    reports = room.listener.until(event("participant-unmute"))
    assert [one.fields["StatusCallbackEvent"] for one in reports] == [
        "participant-hold",
        "participant-mute",
        "participant-unhold",
        "participant-unmute",
    ]
    first = reports[0].fields
    assert (first["CallSid"], first["ParticipantLabel"], first["Hold"]) == (room.person_sid, "person", "true")
    assert (first["ConferenceSid"], first["FriendlyName"]) == (room.sid, "att-1")


def test_the_room_ends_when_the_agent_leaves(room: Room) -> None:
    room.company.hang_up(_AGENT)
    ended = room.listener.next(event("conference-end")).fields
    assert ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert ended["CallSidEndingConference"] == room.agent_sid
    assert room.sdk.calls(room.person_sid).fetch().status == "completed"
    assert room.sdk.conferences(room.sid).fetch().status == "completed"


def test_a_name_can_be_used_again_after_its_conference_ended(room: Room) -> None:
    room.company.hang_up(_AGENT)
    room.listener.next(event("conference-end"))
    again = room.bring(_PERSON, "person")
    assert again.conference_sid != room.sid
    listed = room.sdk.conferences.list(friendly_name="att-1")
    assert [one.sid for one in listed] == [again.conference_sid, room.sid]


def test_a_conference_ended_by_api_ends_its_calls(room: Room) -> None:
    assert room.sdk.conferences(room.sid).update(status="completed").status == "completed"
    assert room.sdk.calls(room.person_sid).fetch().status == "completed"
    assert room.listener.next(event("conference-end")).fields["ReasonConferenceEnded"] == (
        "conference-ended-via-api"
    )


def test_someone_put_out_of_the_room_is_hung_up(room: Room) -> None:
    assert room.participants()("person").delete() is True
    left = room.listener.next(event("participant-leave")).fields
    assert left["ParticipantLabel"] == "person"
    assert room.sdk.calls(room.person_sid).fetch().status == "completed"
    assert [one.label for one in room.participants().list()] == ["agent"]


def test_a_doctor_joins_while_the_agent_leaves_the_person_with_them(room: Room) -> None:
    """A transfer: the agent's seat must no longer end the room when they leave it."""
    room.participants()("agent").update(end_conference_on_exit=False)
    room.bring(_SUPERVISOR, "medical")
    room.listener.next(event("participant-join"))
    room.company.hang_up(_AGENT)
    room.listener.next(event("participant-leave"))
    assert room.hears() == {"person": [_SUPERVISOR], "medical": [_PERSON]}


def test_nobody_of_that_name_is_a_404(room: Room, phone_company: PhoneCompany) -> None:
    sdk: Client = phone_company.sdk()
    with pytest.raises(TwilioRestException) as nobody:
        sdk.conferences(room.sid).participants("nobody").fetch()
    with pytest.raises(TwilioRestException) as nowhere:
        sdk.conferences("CF" + "0" * 32).fetch()
    assert (nobody.value.status, nowhere.value.code) == (404, 20404)
