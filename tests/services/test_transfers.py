"""A colleague brought into a call is busy with it, keeps its entry, and leaves nobody alone in the room."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from outreach.domain.outcomes import CallOutcome
from outreach.errors import TelephonyError
from outreach.services.call_repairs import CallRepairs
from outreach.services.wrap_up import Report
from outreach.storage import agent_store
from outreach.storage.attempt_store import Attempt
from tests.call_world import DOCTOR_PHONE, PLATFORM, CallWorld, eventually

MOBILE = "+33639980050"


def test_a_doctor_who_goes_on_with_the_person_holds_the_entry(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking_with(calls, doctor)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.ESCALATE_MEDICAL))
    entry = calls.entry_of(attempt.case_record_id)
    assert (entry.queue, entry.state, entry.leased_by) == ("MEDICAL", "LEASED", doctor)
    assert _person_s_leg(calls, attempt) == "in-progress"
    assert _free_doctor(calls) is None


def test_a_doctor_in_a_colleague_s_call_is_not_free_until_their_leg_ends(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking_with(calls, doctor)
    assert _free_doctor(calls) is None
    calls.company.hang_up(DOCTOR_PHONE)
    attempt = calls.until(attempt, lambda a: a.transfer_sid is None, "the doctor gone")
    assert _free_doctor(calls) == doctor
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    assert _person_s_leg(calls, attempt) == "completed"


def test_a_doctor_who_goes_on_after_a_final_outcome_is_not_free(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking_with(calls, doctor)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    assert _person_s_leg(calls, attempt) == "in-progress"
    assert _free_doctor(calls) is None
    calls.company.hang_up(DOCTOR_PHONE)
    eventually(lambda: _free_doctor(calls) == doctor, "the doctor free")


def test_a_doctor_whose_hang_up_nobody_told_is_free_after_a_while(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking_with(calls, doctor)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
    calls.company.set_faults(webhook_lost={"probability": 1.0})
    calls.company.hang_up(DOCTOR_PHONE)
    calls.clock.advance(timedelta(minutes=3))
    calls.app.call_list.heartbeat(doctor)
    assert _free_doctor(calls) is None
    CallRepairs(calls.app.database, calls.clock, calls.app.calling.legs, calls.app.wrap_up).run()
    assert _free_doctor(calls) == doctor
    assert _person_s_leg(calls, attempt) == "completed"


def test_a_person_whom_the_doctor_leaves_last_is_not_kept_in_an_empty_room(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking_with(calls, doctor)
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.ESCALATE_MEDICAL))
    calls.company.hang_up(DOCTOR_PHONE)
    eventually(lambda: _person_s_leg(calls, attempt) == "completed", "the person's line down")


def test_a_doctor_whose_phone_was_refused_is_free_again(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    attempt = _talking(calls)
    calls.company.set_faults(slow_down={"next": 1, "only": "Participants"})
    with pytest.raises(TelephonyError):
        calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical")
    assert _free_doctor(calls) == doctor


def _talking(calls: CallWorld) -> Attempt:
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    return calls.until_status(calls.call(), "ANSWERED")


def _talking_with(calls: CallWorld, doctor: UUID) -> Attempt:
    attempt = _talking(calls)
    assert calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical") == doctor
    sid = str(calls.attempt(attempt).transfer_sid)
    eventually(lambda: calls.app.provider.fetch_call(sid).status == "in-progress", "the doctor talking")
    return calls.attempt(attempt)


def _person_s_leg(calls: CallWorld, attempt: Attempt) -> str:
    return calls.app.provider.fetch_call(str(calls.attempt(attempt).person_sid)).status


def _free_doctor(calls: CallWorld) -> UUID | None:
    with calls.app.database.begin() as connection:
        return agent_store.free_on_shift(connection, PLATFORM, ["medical"], calls.clock.now())
