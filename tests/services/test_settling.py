"""What an outcome does to the entry, the attempt, the case record and the journal, all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from outreach.clock import SetClock
from outreach.domain.call_list import AFTER_FIRST_CALLS, IN_ORDER, CallClass, EntryState, Queue
from outreach.domain.load_shedding import MODES, TEXTED_ANYWAY, Mode
from outreach.domain.next_steps import StepKind
from outreach.domain.outcomes import CallOutcome
from outreach.errors import Conflict, NotAllowed, NotFound
from outreach.ids import new_id
from outreach.services.settling import Settlement, settle
from outreach.storage import call_list_store, journal, tables
from tests.call_list_rows import (
    Listed,
    add_agent,
    add_contact,
    add_positive,
    entry_row,
    queue_of,
    state_of,
)

HOUR = timedelta(hours=1)


def said(listed: Listed, outcome: CallOutcome, now: datetime) -> Settlement:
    return Settlement(listed.entry_id, outcome, "system:test", now)


def set_state(connection: Connection, listed: Listed, state: str) -> None:
    entries = tables.call_list_entries
    lease = {"lease_id": new_id(), "leased_by": new_id()} if state == "LEASED" else {}
    connection.execute(update(entries).where(entries.c.id == listed.entry_id).values(state=state, **lease))


def events(connection: Connection, listed: Listed) -> list[str]:
    lines = journal.of_case_record(connection, listed.case_record_id)
    return [line["event"] for line in lines][2:]  # after its creation


def test_a_final_outcome_closes_the_entry_and_its_case_record(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    settle(connection, said(listed, CallOutcome.COMPLETED, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["state"], row["closed_because"], row["closed_at"]) == ("CLOSED", "COMPLETED", clock.now())
    record = connection.execute(select(tables.case_records)).mappings().one()
    assert (record["state"], record["closed_because"]) == ("CLOSED", "COMPLETED")
    assert events(connection, listed) == ["ATTEMPT_OUTCOME", "ENTRY_CLOSED", "CASE_CLOSED"]


def test_a_closed_entry_takes_no_other_outcome(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    settle(connection, said(listed, CallOutcome.COMPLETED, clock.now()))
    with pytest.raises(Conflict):
        settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now()))


def test_an_entry_that_does_not_exist_is_not_found(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    with pytest.raises(NotFound):
        settle(connection, Settlement(new_id(), CallOutcome.BUSY, "system:test", clock.now()))


def test_a_miss_waits_out_of_hand_and_counts_its_try_and_part_of_the_day(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    set_state(connection, listed, "LEASED")
    settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["state"], row["lease_id"], row["leased_by"]) == ("WAITING", None, None)
    assert row["not_before"] == clock.now() + timedelta(minutes=90)
    assert (row["tries"], row["tried_parts"]) == (1, 1)
    clock.advance(3 * HOUR)
    settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now()))
    assert entry_row(connection, listed.entry_id)["tried_parts"] == 3


def test_the_live_figures_keep_the_first_moments(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    first, later = clock.now(), clock.now() + HOUR
    settle(connection, replace(said(listed, CallOutcome.NO_ANSWER, first), called_at=first))
    settle(
        connection,
        replace(
            said(listed, CallOutcome.PARTIAL, later),
            called_at=later,
            spoke_at=later + timedelta(seconds=9),
        ),
    )
    settle(connection, replace(said(listed, CallOutcome.COMPLETED, later + HOUR), called_at=later + HOUR))
    record = connection.execute(select(tables.case_records)).mappings().one()
    assert record["first_called_at"] == first
    assert record["reached_at"] == later + timedelta(seconds=9)
    assert record["last_outcome"] == "COMPLETED"


def test_a_contacts_callback_is_class_two_and_returns_to_its_own_class_when_missed(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), household=True)
    agent = add_agent(connection, clock.now())
    at = clock.now() + HOUR
    settle(
        connection,
        replace(said(listed, CallOutcome.CALLBACK_AT, clock.now()), callback_at=at, agent_id=agent),
    )
    row = entry_row(connection, listed.entry_id)
    assert (row["call_class"], row["callback_at"], row["callback_agent_id"]) == (
        CallClass.CALLBACK,
        at,
        agent,
    )
    assert row["shed_level"] == 0
    settle(connection, said(listed, CallOutcome.NO_ANSWER, at))
    row = entry_row(connection, listed.entry_id)
    assert (row["call_class"], row["callback_at"]) == (CallClass.HOUSEHOLD, None)
    assert row["shed_level"] == 0, "who was promised a call is not texted instead"


def test_a_positives_callback_stays_in_class_one(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    at = clock.now() + HOUR
    settle(connection, replace(said(listed, CallOutcome.CALLBACK_AT, clock.now()), callback_at=at))
    row = entry_row(connection, listed.entry_id)
    assert (row["call_class"], row["not_before"]) == (CallClass.POSITIVE, at)


def test_what_needs_a_supervisor_changes_nothing_without_one(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now(), result_ago=23 * HOUR)
    late = replace(said(listed, CallOutcome.CALLBACK_AT, clock.now()), callback_at=clock.now() + 2 * HOUR)
    before = entry_row(connection, listed.entry_id)
    with pytest.raises(NotAllowed):
        settle(connection, late)
    assert entry_row(connection, listed.entry_id) == before
    assert events(connection, listed) == []
    assert settle(connection, replace(late, by_supervisor=True)).kind is StepKind.CALLBACK


def test_a_partial_interview_is_kept_for_its_agent(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    agent = add_agent(connection, clock.now())
    settle(connection, replace(said(listed, CallOutcome.PARTIAL, clock.now()), agent_id=agent))
    row = entry_row(connection, listed.entry_id)
    assert (row["callback_agent_id"], row["callback_for_me_only"]) == (agent, True)


def test_a_bad_number_is_marked_and_the_next_one_is_called_at_once(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now(), numbers=2)
    settle(connection, said(listed, CallOutcome.WRONG_NUMBER, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["state"], row["phone_position"]) == ("READY", 1)
    settle(connection, said(listed, CallOutcome.INVALID_NUMBER, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["queue"], row["number_index"]) == ("SEARCH", None)
    phones = connection.execute(select(tables.person_phones.c.bad)).scalars().all()
    assert phones == [True, True]


def test_a_landline_that_gives_way_to_a_mobile_can_be_shed(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), can_sms=False, numbers=2)
    phones = tables.person_phones
    connection.execute(update(phones).where(phones.c.position == 1).values(can_sms=True))
    settle(connection, said(listed, CallOutcome.WRONG_NUMBER, clock.now()))
    assert entry_row(connection, listed.entry_id)["shed_level"] == MODES[Mode.SMS_LOW_RISK].level


def test_after_a_bad_number_every_good_number_left_counts_for_an_sms(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), numbers=3)
    phones = tables.person_phones
    connection.execute(update(phones).where(phones.c.position == 1).values(can_sms=False))
    settle(connection, said(listed, CallOutcome.WRONG_NUMBER, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["phone_position"], row["shed_level"]) == (1, MODES[Mode.SMS_LOW_RISK].level)


def test_after_a_bad_number_a_number_that_said_stop_takes_no_sms(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), numbers=2)
    second = f"{listed.person_id}/1".encode()
    stop = insert(tables.opt_outs).values(number_index=second, since=clock.now(), because="REPLY")
    connection.execute(stop)
    settle(connection, said(listed, CallOutcome.WRONG_NUMBER, clock.now()))
    assert entry_row(connection, listed.entry_id)["shed_level"] == 0


def test_a_person_who_opted_out_of_sms_is_never_shed(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), can_sms=True, numbers=2)
    connection.execute(update(tables.persons).values(opted_out=True))
    settle(connection, said(listed, CallOutcome.WRONG_NUMBER, clock.now()))
    assert entry_row(connection, listed.entry_id)["shed_level"] == 0


@pytest.mark.parametrize(
    ("outcome", "queue"),
    [
        (CallOutcome.LANGUAGE, Queue.INTERPRETERS),
        (CallOutcome.ESCALATE_MEDICAL, Queue.MEDICAL),
        (CallOutcome.DO_NOT_CALL, Queue.SUPERVISORS),
        (CallOutcome.REFUSED, Queue.SENIORS),
    ],
)
def test_escalations_change_the_queue_and_keep_the_entry_open(
    connection: Connection, clock: SetClock, platform: str, outcome: CallOutcome, queue: Queue
) -> None:
    listed = add_positive(connection, clock.now())
    settle(connection, said(listed, outcome, clock.now()))
    assert queue_of(connection, listed.entry_id) is queue
    assert state_of(connection, listed.entry_id) is not EntryState.CLOSED


@pytest.mark.parametrize(
    ("mode", "misses", "shed_level"),
    [("NORMAL", 1, 2), ("NORMAL", 2, TEXTED_ANYWAY), ("LIGHT", 1, TEXTED_ANYWAY)],
)
def test_a_contact_missed_often_enough_is_left_to_the_sms_and_keeps_the_deadline(
    connection: Connection, clock: SetClock, platform: str, mode: str, misses: int, shed_level: int
) -> None:
    listed = add_contact(connection, clock.now())
    connection.execute(update(tables.platform_modes).values(mode=mode))
    deadline = entry_row(connection, listed.entry_id)["deadline"]
    for miss in range(misses):
        settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now() + 2 * HOUR * miss))
    row = entry_row(connection, listed.entry_id)
    assert (row["shed_level"], row["tries"], row["deadline"]) == (shed_level, misses, deadline)
    assert row["state"] != "CLOSED"


def test_a_contact_who_can_get_no_sms_is_tried_three_times_under_every_mode(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), can_sms=False)
    connection.execute(update(tables.platform_modes).values(mode="POSITIVES_ONLY", level=4))
    states = []
    for miss in range(3):
        settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now() + 2 * HOUR * miss))
        states.append(state_of(connection, listed.entry_id))
    assert states == [EntryState.WAITING, EntryState.WAITING, EntryState.CLOSED]


def test_a_positive_who_was_called_stands_behind_those_nobody_called_unless_promised(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    missed, promised, untried = (add_positive(connection, clock.now()) for _ in range(3))
    settle(connection, said(missed, CallOutcome.NO_ANSWER, clock.now()))
    agreed = said(promised, CallOutcome.CALLBACK_AT, clock.now())
    settle(connection, replace(agreed, callback_at=clock.now() + 2 * HOUR))
    fronts = [entry_row(connection, each.entry_id)["front"] for each in (missed, promised, untried)]
    assert fronts == [AFTER_FIRST_CALLS, IN_ORDER, IN_ORDER]


def test_a_failed_sms_brings_the_contact_back_in_class_six_never_to_be_shed(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now())
    set_state(connection, listed, "TEXTED")
    settle(connection, said(listed, CallOutcome.SMS_FAILED, clock.now()))
    row = entry_row(connection, listed.entry_id)
    assert (row["state"], row["call_class"], row["shed_level"]) == ("READY", CallClass.SMS_RETURNED, 0)
    assert events(connection, listed)[-1] == "ENTRY_RETURNED"
    settle(connection, said(listed, CallOutcome.NO_ANSWER, clock.now()))
    assert entry_row(connection, listed.entry_id)["call_class"] == CallClass.SMS_RETURNED


def test_news_of_a_message_takes_no_entry_from_the_agent_who_holds_it(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now())
    set_state(connection, listed, "LEASED")
    for outcome in (CallOutcome.SMS_READ, CallOutcome.SMS_FAILED, CallOutcome.SMS_REPLIED):
        settle(connection, said(listed, outcome, clock.now()))
        assert state_of(connection, listed.entry_id) is EntryState.LEASED


def test_a_late_failure_of_an_sms_leaves_an_entry_among_the_calls_as_it_is(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_contact(connection, clock.now(), household=True)
    before = entry_row(connection, listed.entry_id)
    settle(connection, said(listed, CallOutcome.SMS_FAILED, clock.now()))
    assert entry_row(connection, listed.entry_id) == before


def test_the_attempt_ends_with_the_outcome(connection: Connection, clock: SetClock, platform: str) -> None:
    listed = add_positive(connection, clock.now())
    agent, attempt_id = add_agent(connection, clock.now()), new_id()
    connection.execute(
        insert(tables.call_attempts).values(
            id=attempt_id,
            platform="40",
            entry_id=listed.entry_id,
            case_record_id=listed.case_record_id,
            person_id=listed.person_id,
            agent_id=agent,
            status="WRAP_UP",
            phone_position=0,
            conference=attempt_id,
            inbound=False,
            started_at=clock.now(),
        )
    )
    settle(connection, replace(said(listed, CallOutcome.COMPLETED, clock.now()), attempt_id=attempt_id))
    row = connection.execute(select(tables.call_attempts)).mappings().one()
    assert (row["outcome"], row["outcome_at"]) == ("COMPLETED", clock.now())


def test_a_case_record_stays_open_while_another_call_is_due(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    listed = add_positive(connection, clock.now())
    row = entry_row(connection, listed.entry_id)
    connection.execute(
        insert(tables.call_list_entries).values(
            **row | {"id": new_id(), "purpose": "FOLLOW_UP", "call_class": 7}
        )
    )
    settle(connection, said(listed, CallOutcome.COMPLETED, clock.now()))
    assert connection.execute(select(tables.case_records.c.state)).scalar_one() == "OPEN"


def test_a_household_is_known_to_whoever_holds_one_of_its_members(
    connection: Connection, clock: SetClock, platform: str
) -> None:
    mother = add_positive(connection, clock.now(), number="home")
    child = add_contact(connection, clock.now(), number="home", household=True)
    done = add_contact(connection, clock.now(), number="home")
    add_contact(connection, clock.now(), number="elsewhere")
    settle(connection, said(done, CallOutcome.INFO_GIVEN, clock.now()))
    others = call_list_store.household_of(connection, mother.entry_id)
    assert [other.entry_id for other in others] == [child.entry_id]
