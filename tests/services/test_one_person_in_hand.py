"""Gifts, leases, callers, transfers and undone outcomes at one instant: an agent has one person in hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from outreach.domain.outcomes import CallOutcome
from outreach.domain.supervision import ActReason
from outreach.ids import new_id
from outreach.services.access import NewUser
from outreach.services.calling import new_attempt, start_attempt
from outreach.services.wrap_up import Report
from outreach.storage import (
    agent_store,
    call_list_store,
    lease_store,
    presence_store,
    supervised_entry_store,
    tables,
)
from outreach.storage.attempt_store import Attempt
from outreach.telephony.simulator import OUR_NUMBER
from outreach.telephony.webhooks import CallWord, InboundCall
from tests.call_world import (
    DOCTOR_PHONE,
    PLATFORM,
    CallWorld,
    at_once,
    eventually,
    someone_waits_for_a_lock,
    supervisor,
)

MOBILE, OTHER, THIRD = "+33639980050", "+33639980051", "+33639980052"
ROUNDS = 8


def told(calls: CallWorld, outcome: CallOutcome = CallOutcome.COMPLETED) -> Attempt:
    """A conversation whose outcome the agent just said."""
    calls.company.set_phone(MOBILE, voice="answers", answer_after=1, talk_seconds=5)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "WRAP_UP")
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(outcome))
    return attempt


def in_hand(calls: CallWorld, agent_id: UUID) -> list[UUID]:
    rows = calls.rows(tables.call_list_entries)
    return [row.id for row in rows if row.state == "LEASED" and row.leased_by == agent_id]


def test_who_is_given_a_person_while_undoing_an_outcome_has_that_outcome_s_person_alone(
    calls: CallWorld,
) -> None:
    attempt, asker = told(calls), supervisor(calls)
    gift = calls.entry_of(calls.person(OTHER))
    database, now = calls.app.database, calls.clock.now()
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:  # as the supervisor's gift does
            presence_store.hold(connection, calls.agent_id, calls.clock.now())
            entry = call_list_store.lock(connection, gift.id)
            undoing = pool.submit(calls.app.desk_work.undo.undo, calls.agent_id, attempt.id)
            eventually(lambda: someone_waits_for_a_lock(database), "the undo waiting")
            supervised_entry_store.give(
                connection,
                entry,
                calls.agent_id,
                lease_id=new_id(),
                lease_for=timedelta(minutes=5),
                by=asker.user_id,
                reason=ActReason.EXPERIENCE.value,
                now=now,
            )
        undoing.result()
    assert in_hand(calls, calls.agent_id) == [attempt.entry_id]
    assert calls.entry_of(gift.case_record_id).state == "READY"


def test_gifts_leases_and_an_undo_at_once_leave_one_person_in_an_agent_s_hands(calls: CallWorld) -> None:
    attempt, asker, second = told(calls), supervisor(calls), supervisor(calls, "second")
    gifts = [calls.entry_of(calls.person(number)).id for number in (OTHER, THIRD)]
    work = calls.app
    for _ in range(ROUNDS):
        given = [
            partial(work.supervision.reassign, by, entry_id, "agent", ActReason.EXPERIENCE)
            for by, entry_id in zip((asker, second), gifts, strict=True)
        ]
        at_once(
            partial(work.desk_work.undo.undo, calls.agent_id, attempt.id),
            *given,
            calls.lease,
            partial(work.call_list.heartbeat, calls.agent_id),
        )
        assert len(in_hand(calls, calls.agent_id)) == 1
        work.call_list.release(calls.agent_id, because="TEST")
        if calls.attempt(attempt).outcome is None:
            work.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.COMPLETED))
        assert in_hand(calls, calls.agent_id) == []


def test_an_entry_whose_call_begins_is_not_given_back(calls: CallWorld) -> None:
    calls.person(MOBILE)
    entry_id, database = calls.lease(), calls.app.database
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:  # as a click does
            entry = call_list_store.held_entry(connection, entry_id, calls.agent_id)
            pausing = pool.submit(calls.app.call_list.end_shift, calls.agent_id, PLATFORM)
            eventually(lambda: someone_waits_for_a_lock(database), "the end of the shift waiting")
            start_attempt(connection, new_attempt(connection, entry, calls.agent_id, calls.clock.now()))
        pausing.result()
    assert in_hand(calls, calls.agent_id) == [entry_id]


def test_a_caller_is_not_put_to_an_agent_who_is_being_given_somebody(calls: CallWorld) -> None:
    record = calls.person(MOBILE)
    call = InboundCall("CA" + "9" * 32, MOBILE, OUR_NUMBER, CallWord.RINGING)
    with calls.app.database.begin() as connection:
        presence_store.hold(connection, calls.agent_id, calls.clock.now())
        answered = calls.app.provider_events.inbound.answer(call)
    assert answered.attempt is None
    assert calls.entry_of(record).callback_at is not None


def test_whom_a_colleague_held_goes_back_when_a_person_is_put_through_to_them(calls: CallWorld) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical")
    calls.until(attempt, lambda a: a.transfer_sid is not None, "the doctor rung")
    waiting = calls.person(OTHER)
    calls.app.call_list.next_entry(doctor, platforms=[PLATFORM], languages=["fr"])
    assert calls.entry_of(waiting).leased_by == doctor
    calls.app.wrap_up.record(calls.agent_id, attempt.id, Report(CallOutcome.ESCALATE_MEDICAL))
    assert in_hand(calls, doctor) == [attempt.entry_id]
    assert calls.entry_of(waiting).state == "READY"


def test_the_person_put_through_and_whom_the_colleague_held_are_locked_in_everybody_s_order(
    calls: CallWorld,
) -> None:
    doctor = calls.colleague("doctor", "medical", DOCTOR_PHONE)
    calls.company.set_phone(MOBILE, voice="answers", talk_seconds=0)
    listed_first = calls.person(OTHER, kind="contact")
    calls.person(MOBILE)
    attempt = calls.until_status(calls.call(), "ANSWERED")
    calls.app.call_bar.transfer(calls.agent_id, attempt.id, role="medical")
    calls.until(attempt, lambda a: a.transfer_sid is not None, "the doctor rung")
    calls.app.call_list.next_entry(doctor, platforms=[PLATFORM], languages=["fr"])
    waiting = calls.entry_of(listed_first)
    assert waiting.leased_by == doctor
    assert waiting.id < attempt.entry_id
    database, report = calls.app.database, Report(CallOutcome.ESCALATE_MEDICAL)
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            call_list_store.lock(connection, waiting.id)
            wrapping = pool.submit(calls.app.wrap_up.record, calls.agent_id, attempt.id, report)
            eventually(lambda: someone_waits_for_a_lock(database), "the wrap-up waiting")
            call_list_store.lock(connection, attempt.entry_id)  # a circle, were it held already
        wrapping.result()
    assert in_hand(calls, doctor) == [attempt.entry_id]


def test_an_agent_who_never_was_there_is_held_too(calls: CallWorld) -> None:
    user_id = calls.app.access.add_user(NewUser("new", ["agent"], [PLATFORM]))
    database, now = calls.app.database, calls.clock.now()
    with database.begin() as connection:
        presence_store.hold(connection, user_id, now)
        with database.begin() as theirs:
            theirs.execute(text("set local lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                lease_store.keep_alive(theirs, agent_id=user_id, now=now, until=now)
            theirs.rollback()
    with database.begin() as connection:
        assert not agent_store.is_there(connection, user_id, now)
