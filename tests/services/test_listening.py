"""A supervisor beside an agent: heard by whom they choose, told to the agent, gone when their line is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from outreach.domain.outcomes import CallOutcome
from outreach.domain.roles import Role, scopes_of
from outreach.domain.supervision import ListenHow
from outreach.errors import Conflict, NotFound, TelephonyError
from outreach.ids import UserId
from outreach.services.access import Asker
from outreach.services.listening import Listening
from outreach.services.wrap_up import Report
from outreach.storage import tables
from outreach.storage.attempt_store import Attempt
from tests.call_world import AGENT_PHONE, PLATFORM, CallWorld, eventually

MOBILE = "+33639980050"
SUPERVISOR_PHONE = "+33199000010"
OTHER_PHONE = "+33199000011"


def listening_of(calls: CallWorld) -> Listening:
    return calls.app.supervision.listening


def supervisor(
    calls: CallWorld, *, login: str = "super", phone: str = SUPERVISOR_PHONE, platforms: Any = (PLATFORM,)
) -> Asker:
    user_id = calls.colleague(login, "supervisor", phone)
    roles = frozenset({Role.SUPERVISOR})
    return Asker(UserId(user_id), roles, tuple(platforms), ("fr",), scopes_of(roles))


def talking(calls: CallWorld) -> Attempt:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    return calls.until_status(calls.call(), "ANSWERED")


def heard_by(calls: CallWorld) -> dict[str, list[str]]:
    """Who hears each in the room, by number."""
    rooms = [room for room in calls.company.conferences() if room["status"] == "in-progress"]
    seats = [seat for room in rooms for seat in room["participants"]]
    numbers = {seat["number"] for seat in seats}
    return {each: sorted(seat["number"] for seat in seats if each in seat["hears"]) for each in numbers}


def in_room(calls: CallWorld, attempt: Attempt) -> list[str]:
    found = listening_of(calls).with_agent(attempt.agent_id)
    return [each.login for each in found if each.in_room_at is not None]


def come_in(calls: CallWorld, asker: Asker, attempt: Attempt, how: ListenHow) -> None:
    listening_of(calls).listen(asker, attempt.id, how)
    eventually(lambda: _sits(calls, asker), "the supervisor in the room")


def _sits(calls: CallWorld, asker: Asker) -> bool:
    rows = [row for row in calls.rows(tables.call_listeners) if row.user_id == asker.user_id]
    seated = {seat["label"] for room in calls.company.conferences() for seat in room["participants"]}
    return any(f"listener-{row.id}" in seated and row.ended_at is None for row in rows)


@pytest.mark.parametrize(
    ("how", "hears_supervisor"),
    [
        (ListenHow.LISTEN, []),
        (ListenHow.WHISPER, [AGENT_PHONE]),
        (ListenHow.JOIN, sorted([AGENT_PHONE, MOBILE])),
    ],
)
def test_a_supervisor_is_heard_by_nobody_by_the_agent_or_by_all(
    calls: CallWorld, how: ListenHow, hears_supervisor: list[str]
) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, how)
    hearing = heard_by(calls)
    assert hearing[SUPERVISOR_PHONE] == hears_supervisor
    assert hearing[MOBILE] == sorted([AGENT_PHONE, SUPERVISOR_PHONE])  # each of them hears the person


def test_the_agent_is_told_before_the_supervisor_s_phone_is_answered(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    calls.company.set_phone(SUPERVISOR_PHONE, voice="rings_out")
    listening_of(calls).listen(asker, attempt.id, ListenHow.LISTEN)
    (told,) = listening_of(calls).with_agent(attempt.agent_id)
    assert (told.login, told.how, told.in_room_at) == ("super", ListenHow.LISTEN, None)


def test_listening_leaves_a_journal_line_for_its_start_and_end_and_an_access_line(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    calls.company.hang_up(SUPERVISOR_PHONE)
    eventually(lambda: in_room(calls, attempt) == [], "the supervisor gone")
    events = calls.events(attempt.case_record_id)
    assert [event for event in events if event.startswith("LISTENING")] == [
        "LISTENING_STARTED",
        "LISTENING_ENDED",
    ]
    accesses = calls.rows(tables.access_lines)
    assert [(line.user_id, line.why) for line in accesses] == [(asker.user_id, "LISTENING")]


def test_from_listening_to_whispering_to_joining_without_a_new_call(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    attempt = calls.until(attempt, lambda a: a.conference_sid is not None, "the room known")
    for how, heard in (
        (ListenHow.WHISPER, [AGENT_PHONE]),
        (ListenHow.JOIN, sorted([AGENT_PHONE, MOBILE])),
        (ListenHow.LISTEN, []),
    ):
        assert listening_of(calls).listen(asker, attempt.id, how).how is how
        assert heard_by(calls)[SUPERVISOR_PHONE] == heard
    assert len(calls.company.phone(SUPERVISOR_PHONE)["calls"]) == 1


def test_a_change_that_the_phone_company_refuses_is_told_as_it_is(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    attempt = calls.until(attempt, lambda a: a.conference_sid is not None, "the room known")
    calls.company.set_faults(slow_down={"next": 1, "only": "Participants"})
    with pytest.raises(TelephonyError):
        listening_of(calls).listen(asker, attempt.id, ListenHow.JOIN)
    (told,) = listening_of(calls).with_agent(attempt.agent_id)
    assert told.how is ListenHow.LISTEN


def test_a_voicemail_at_the_supervisor_s_number_hears_nothing(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    calls.company.set_phone(SUPERVISOR_PHONE, voice="voicemail", answer_after=1, greeting_seconds=1)
    listening_of(calls).listen(asker, attempt.id, ListenHow.LISTEN)
    eventually(lambda: listening_of(calls).with_agent(attempt.agent_id) == [], "the voicemail hung up")
    assert calls.company.phone(SUPERVISOR_PHONE)["calls"][0]["spoke_with"] == []
    assert SUPERVISOR_PHONE not in heard_by(calls)


def test_two_supervisors_are_beside_one_agent(calls: CallWorld) -> None:
    attempt, first = talking(calls), supervisor(calls)
    second = supervisor(calls, login="other", phone=OTHER_PHONE)
    come_in(calls, first, attempt, ListenHow.LISTEN)
    come_in(calls, second, attempt, ListenHow.WHISPER)
    assert in_room(calls, attempt) == ["super", "other"]
    listening_of(calls).stop(first, attempt.id)
    eventually(lambda: in_room(calls, attempt) == ["other"], "the first gone")
    assert heard_by(calls)[OTHER_PHONE] == [AGENT_PHONE]


def test_nobody_listens_in_two_rooms_nor_to_themselves_nor_before_there_is_an_agent(
    calls: CallWorld,
) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    own = Asker(UserId(attempt.agent_id), asker.roles, asker.platforms, ("fr",), asker.scopes)
    with pytest.raises(Conflict, match="your own call"):
        listening_of(calls).listen(own, attempt.id, ListenHow.LISTEN)
    elsewhere = Asker(asker.user_id, asker.roles, ("64",), ("fr",), asker.scopes)
    with pytest.raises(NotFound):
        listening_of(calls).listen(elsewhere, attempt.id, ListenHow.LISTEN)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    with pytest.raises(Conflict, match="over"):
        listening_of(calls).listen(asker, attempt.id, ListenHow.LISTEN)
    calls.company.set_phone(AGENT_PHONE, voice="rings_out")
    calls.person("+33639980051")
    ringing = calls.call()
    with pytest.raises(Conflict, match="still rings"):
        listening_of(calls).listen(asker, ringing.id, ListenHow.LISTEN)


def test_when_the_agent_has_said_how_it_went_nobody_stays_in_the_room(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.JOIN)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    eventually(lambda: _open_rows(calls) == [], "the supervisor's leg ended")
    assert calls.company.phone(SUPERVISOR_PHONE)["calls"][0]["status"] == "completed"


def test_a_leg_whose_end_nobody_told_is_found_by_the_sweep(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    calls.company.hang_up(SUPERVISOR_PHONE)
    assert listening_of(calls).keep() == 0
    calls.clock.advance(timedelta(minutes=3))
    assert listening_of(calls).keep() == 1
    assert in_room(calls, attempt) == []


def test_a_call_that_ended_unseen_leaves_no_supervisor_in_an_empty_room(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    calls.company.set_faults(webhook_lost={"probability": 1.0, "only": "listener-status"})
    calls.company.hang_up(MOBILE)
    calls.until_status(attempt, "WRAP_UP")
    calls.company.hang_up(AGENT_PHONE)
    calls.until(attempt, lambda a: a.agent_left_at is not None, "the agent gone")
    assert listening_of(calls).keep() == 1
    assert calls.company.phone(SUPERVISOR_PHONE)["calls"][0]["status"] == "completed"


def test_a_whisper_follows_the_agent_to_their_new_line(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.WHISPER)
    calls.company.hang_up(AGENT_PHONE)
    calls.until(attempt, lambda a: a.agent_left_at is not None and a.on_hold, "the agent's line down")
    calls.app.call_bar.rejoin(calls.agent_id, attempt.id)
    calls.until(attempt, lambda a: a.agent_left_at is None and not a.on_hold, "the agent back")
    listening_of(calls).keep()
    assert heard_by(calls)[SUPERVISOR_PHONE] == [AGENT_PHONE]


def test_a_phone_that_cannot_be_rung_leaves_nobody_announced(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    calls.company.set_faults(slow_down={"next": 1, "only": "Calls"})
    with pytest.raises(TelephonyError):
        listening_of(calls).listen(asker, attempt.id, ListenHow.LISTEN)
    assert listening_of(calls).with_agent(attempt.agent_id) == []


@pytest.mark.parametrize("how", ListenHow)
def test_a_raised_hand_is_lowered_by_whoever_is_in_the_room(calls: CallWorld, how: ListenHow) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    calls.app.desk_work.hands.raise_hand(calls.agent_id, attempt.id)
    come_in(calls, asker, attempt, how)
    eventually(lambda: calls.app.alarms.open([PLATFORM]) == [], "the hand lowered")


def test_a_supervisor_who_cannot_be_rung_leaves_the_hand_raised(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    calls.app.desk_work.hands.raise_hand(calls.agent_id, attempt.id)
    calls.company.set_faults(slow_down={"next": 1, "only": "Calls"})
    with pytest.raises(TelephonyError):
        listening_of(calls).listen(asker, attempt.id, ListenHow.JOIN)
    assert [alarm["kind"] for alarm in calls.app.alarms.open([PLATFORM])] == ["HELP_WANTED"]


def test_a_hand_raised_beside_a_supervisor_is_lowered_when_they_speak_up(calls: CallWorld) -> None:
    attempt, asker = talking(calls), supervisor(calls)
    come_in(calls, asker, attempt, ListenHow.LISTEN)
    eventually(lambda: in_room(calls, attempt) == ["super"], "the supervisor in the room")
    calls.app.desk_work.hands.raise_hand(calls.agent_id, attempt.id)
    listening_of(calls).listen(asker, attempt.id, ListenHow.JOIN)
    assert calls.app.alarms.open([PLATFORM]) == []


def _open_rows(calls: CallWorld) -> list[UUID]:
    return [row.id for row in calls.rows(tables.call_listeners) if row.ended_at is None]
