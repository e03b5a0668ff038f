"""Working the list: what an agent is given, what comes back, and what the sweeps keep true."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from outreach.clock import SetClock
from outreach.domain.call_attempts import CallStatus
from outreach.domain.call_list import EntryState, Queue
from outreach.domain.load_shedding import MODES, NEVER_SHED, TEXTED_ANYWAY, Mode
from outreach.domain.outcomes import CallOutcome
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.settling import Settlement, settle
from outreach.storage import journal, tables
from outreach.storage.database import Database
from outreach.storage.lease_store import Leased
from tests.call_list_rows import (
    Listed,
    add_agent,
    add_contact,
    add_platform,
    add_positive,
    entry_row,
    state_of,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def call_list(database: Database, clock: SetClock, platform: str) -> CallList:
    return CallList(database, clock)


@pytest.fixture
def agent(database: Database, clock: SetClock) -> UUID:
    with database.begin() as connection:
        return add_agent(connection, clock.now())


def ask(call_list: CallList, agent: UUID, *, languages: tuple[str, ...] = ("fr",)) -> Leased | None:
    return call_list.next_entry(agent, platforms=["40"], languages=languages)


def given(call_list: CallList, agent: UUID) -> UUID | None:
    """The entry an agent is given, given back at once."""
    leased = ask(call_list, agent)
    call_list.release(agent, because="test")
    return leased.entry_id if leased else None


def switch(database: Database, mode: Mode, *, ends_at: datetime | None = None) -> None:
    modes = tables.platform_modes
    with database.begin() as connection:
        connection.execute(
            update(modes).values(mode=mode.value, level=MODES[mode].level, version=2, ends_at=ends_at)
        )


def open_attempt(database: Database, listed: Listed, agent: UUID, now: datetime, status: CallStatus) -> None:
    attempt_id = new_id()
    with database.begin() as connection:
        connection.execute(
            insert(tables.call_attempts).values(
                id=attempt_id,
                platform="40",
                entry_id=listed.entry_id,
                case_record_id=listed.case_record_id,
                person_id=listed.person_id,
                agent_id=agent,
                status=status.value,
                phone_position=0,
                conference=attempt_id,
                inbound=False,
                started_at=now,
                dialled_at=now,
                ended_at=now if status is CallStatus.WRAP_UP else None,
            )
        )


def end_with(
    database: Database, clock: SetClock, listed: Listed, outcome: CallOutcome, **more: object
) -> None:
    with database.begin() as connection:
        settle(
            connection,
            Settlement(listed.entry_id, outcome, "system:test", clock.now(), **more),  # type: ignore[arg-type]
        )


# --- the order ---


def test_a_positive_comes_before_a_contact_listed_earlier(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        add_contact(connection, clock.now() - HOUR)
        positive = add_positive(connection, clock.now())
    assert given(call_list, agent) == positive.entry_id


def test_the_earliest_deadline_comes_first_and_a_fragile_person_first_among_equals(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        later = add_positive(connection, clock.now(), result_ago=HOUR)
        sturdy = add_positive(connection, clock.now(), result_ago=5 * HOUR)
        fragile = add_positive(connection, clock.now(), result_ago=5 * HOUR, vulnerable=True)
    order = []
    for _ in range(3):
        with database.begin() as connection:
            other = add_agent(connection, clock.now())
        leased = ask(call_list, other)
        assert leased
        order.append(leased.entry_id)
    assert order == [fragile.entry_id, sturdy.entry_id, later.entry_id]


def test_a_contact_whose_24_hours_are_nearly_over_is_left_to_the_sms_under_every_mode(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        ending, landline = (
            add_contact(connection, clock.now()),
            add_contact(connection, clock.now(), can_sms=False),
        )
        positive = add_positive(connection, clock.now(), result_ago=HOUR)
    clock.advance(21 * HOUR)
    assert call_list.text_before_late() == 0
    clock.advance(2 * HOUR)
    with database.begin() as connection:
        fresh = add_contact(connection, clock.now())
    assert call_list.text_before_late() == 1
    assert call_list.text_before_late() == 0
    with database.begin() as connection:
        levels = [
            entry_row(connection, each.entry_id)["shed_level"] for each in (ending, landline, positive, fresh)
        ]
    assert levels == [TEXTED_ANYWAY, NEVER_SHED, NEVER_SHED, MODES[Mode.SMS_LOW_RISK].level]


def test_whose_24_hours_are_over_already_is_called(
    database: Database, clock: SetClock, call_list: CallList
) -> None:
    with database.begin() as connection:
        add_contact(connection, clock.now())
    clock.advance(25 * HOUR)
    assert call_list.text_before_late() == 0


def test_a_positive_still_in_time_comes_before_one_whose_24_hours_are_over(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        late = add_positive(connection, clock.now(), result_ago=23 * HOUR)
        in_time = add_positive(connection, clock.now(), result_ago=12 * HOUR)
        contact = add_contact(connection, clock.now())
        others = [add_agent(connection, clock.now()) for _ in range(2)]
    clock.advance(2 * HOUR)
    assert call_list.let_late_fall_behind() == 1
    assert call_list.let_late_fall_behind() == 0
    leased = [ask(call_list, each) for each in (agent, *others)]
    order = [each.entry_id for each in leased if each]
    assert order == [in_time.entry_id, late.entry_id, contact.entry_id]


def test_an_agent_who_asks_again_keeps_the_entry_in_hand(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now())
        add_positive(connection, clock.now())
    first = ask(call_list, agent)
    clock.advance(timedelta(seconds=30))
    second = ask(call_list, agent)
    assert first
    assert second
    assert first.entry_id == second.entry_id
    assert second.leased_until == clock.now() + call_list.lease_for


def test_agents_are_given_only_their_platforms_languages_and_queues(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        add_platform(connection, "64", clock.now())
        add_positive(connection, clock.now(), platform="64")
        foreign = add_positive(connection, clock.now(), language="pt")
        add_positive(connection, clock.now(), numbers=0)  # to be looked up
    assert ask(call_list, agent) is None
    leased = ask(call_list, agent, languages=("fr", "pt"))
    assert leased
    assert leased.entry_id == foreign.entry_id


def test_someone_without_a_number_waits_in_the_search_queue_at_any_hour(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    clock.moment = datetime(2021, 3, 16, 2, 0, tzinfo=UTC)
    with database.begin() as connection:
        listed = add_positive(connection, clock.now(), numbers=0)
    leased = call_list.next_entry(agent, platforms=["40"], languages=["fr"], queues=[Queue.SEARCH])
    assert leased
    assert leased.entry_id == listed.entry_id


# --- the mode ---


def test_contacts_the_mode_sheds_are_not_given_and_those_on_a_landline_are(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        add_contact(connection, clock.now())
        landline = add_contact(connection, clock.now(), can_sms=False)
    switch(database, Mode.SMS_CONTACTS)
    assert given(call_list, agent) == landline.entry_id


def test_a_mode_that_ended_sheds_nobody(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        contact = add_contact(connection, clock.now())
    switch(database, Mode.SMS_CONTACTS, ends_at=clock.now() + HOUR)
    assert given(call_list, agent) is None
    clock.advance(HOUR)
    assert given(call_list, agent) == contact.entry_id


# --- households ---


def test_two_people_behind_one_number_are_never_in_two_hands(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        mother = add_positive(connection, clock.now(), number="shared")
        child = add_contact(connection, clock.now(), number="shared", household=True)
        other_agent = add_agent(connection, clock.now())
    leased = ask(call_list, agent)
    assert leased
    assert leased.entry_id == mother.entry_id
    assert ask(call_list, other_agent) is None
    assert [member.entry_id for member in call_list.household(mother.entry_id)] == [child.entry_id]
    call_list.release(agent, because="test")
    assert ask(call_list, other_agent)


# --- calling hours ---


def test_nobody_is_given_outside_their_own_calling_hours(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    clock.moment = datetime(2021, 3, 16, 10, 0, tzinfo=UTC)  # 11:00 in Paris, 07:00 in Cayenne
    with database.begin() as connection:
        guyane = add_positive(connection, clock.now(), zone="America/Cayenne")
    assert ask(call_list, agent) is None
    clock.moment = datetime(2021, 3, 16, 11, 30, tzinfo=UTC)
    assert call_list.keep_ready().ready == 1
    assert given(call_list, agent) == guyane.entry_id


def test_an_entry_waits_overnight_and_is_callable_again_in_the_morning(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    clock.moment = datetime(2021, 3, 16, 19, 0, tzinfo=UTC)  # 20:00 in Paris: the platform closes
    assert ask(call_list, agent) is None
    assert call_list.keep_ready().waiting == 1
    with database.begin() as connection:
        row = entry_row(connection, listed.entry_id)
    assert row["not_before"] == datetime(2021, 3, 17, 7, 30, tzinfo=UTC)
    clock.moment = datetime(2021, 3, 17, 7, 30, tzinfo=UTC)
    assert call_list.keep_ready().ready == 1
    assert given(call_list, agent) == listed.entry_id


def test_a_second_readiness_sweep_changes_nothing(
    database: Database, clock: SetClock, call_list: CallList
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now())
    clock.moment = datetime(2021, 3, 16, 19, 0, tzinfo=UTC)
    call_list.keep_ready()
    again = call_list.keep_ready()
    assert (again.ready, again.waiting) == (0, 0)


# --- leases that end ---


def test_a_released_entry_keeps_its_place(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        first = add_positive(connection, clock.now(), result_ago=5 * HOUR)
        add_positive(connection, clock.now())
    assert given(call_list, agent) == first.entry_id
    assert given(call_list, agent) == first.entry_id


def test_a_silent_agents_entry_is_at_the_front_of_its_class_within_two_minutes(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        held = add_positive(connection, clock.now(), result_ago=5 * HOUR)
        other_agent = add_agent(connection, clock.now())
    assert ask(call_list, agent)
    with database.begin() as connection:
        add_positive(connection, clock.now(), result_ago=20 * HOUR)  # more urgent
    clock.advance(timedelta(seconds=89))
    assert call_list.lapse() == 0
    clock.advance(timedelta(seconds=20))
    assert call_list.lapse() == 1
    assert given(call_list, other_agent) == held.entry_id


def test_a_heartbeat_keeps_the_entry(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now())
    ask(call_list, agent)
    for _ in range(10):
        clock.advance(timedelta(seconds=60))
        assert call_list.heartbeat(agent) == 1
        assert call_list.lapse() == 0


@pytest.mark.parametrize("status", [status for status in CallStatus if status is not CallStatus.WRAP_UP])
def test_a_live_call_keeps_its_entry_when_the_page_is_silent(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID, status: CallStatus
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    ask(call_list, agent)
    open_attempt(database, listed, agent, clock.now(), status)
    clock.advance(timedelta(minutes=30))
    assert call_list.lapse() == 0
    assert call_list.release(agent, because="test") == 0
    with database.begin() as connection:
        assert state_of(connection, listed.entry_id) is EntryState.LEASED


def test_a_wrap_up_nobody_finishes_puts_the_entry_at_the_front(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    ask(call_list, agent)
    open_attempt(database, listed, agent, clock.now(), CallStatus.WRAP_UP)
    clock.advance(timedelta(minutes=2))
    assert call_list.lapse() == 1
    with database.begin() as connection:
        row = entry_row(connection, listed.entry_id)
        outcome = connection.execute(select(tables.call_attempts.c.outcome)).scalar_one()
    assert (row["state"], row["front"]) == ("READY", 0)
    assert outcome == CallOutcome.AGENT_LOST


def test_the_end_of_a_shift_gives_back_the_work_and_frees_own_callbacks(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        in_hand = add_positive(connection, clock.now(), result_ago=5 * HOUR)
        promised = add_contact(connection, clock.now())
        other_agent = add_agent(connection, clock.now())
    end_with(
        database,
        clock,
        promised,
        CallOutcome.CALLBACK_AT,
        agent_id=agent,
        callback_at=clock.now() + HOUR,
        for_me_only=True,
    )
    call_list.start_shift(agent, "40")
    ask(call_list, agent)
    call_list.end_shift(agent, "40")
    assert given(call_list, other_agent) == in_hand.entry_id
    with database.begin() as connection:
        assert entry_row(connection, promised.entry_id)["callback_for_me_only"] is False


# --- callbacks ---


def test_a_callback_for_me_waits_for_its_agent_then_anyone_may_keep_the_promise(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        promised = add_contact(connection, clock.now())
        other_agent = add_agent(connection, clock.now())
    end_with(
        database,
        clock,
        promised,
        CallOutcome.CALLBACK_AT,
        agent_id=agent,
        callback_at=clock.now() + HOUR,
        for_me_only=True,
    )
    assert given(call_list, agent) is None
    clock.advance(HOUR)
    call_list.keep_ready()
    assert given(call_list, other_agent) is None
    assert given(call_list, agent) == promised.entry_id
    clock.advance(timedelta(minutes=15))
    assert given(call_list, other_agent) == promised.entry_id


def test_ones_own_due_callback_comes_before_the_others_of_its_class_never_before_a_positive(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        others = add_contact(connection, clock.now() - HOUR)
        own = add_contact(connection, clock.now())
        other_agent = add_agent(connection, clock.now())
    for listed, promised_by in ((others, other_agent), (own, agent)):
        end_with(
            database,
            clock,
            listed,
            CallOutcome.CALLBACK_AT,
            agent_id=promised_by,
            callback_at=clock.now() + HOUR,
        )
    clock.advance(HOUR)
    call_list.keep_ready()
    assert given(call_list, agent) == own.entry_id
    with database.begin() as connection:
        positive = add_positive(connection, clock.now())
    assert given(call_list, agent) == positive.entry_id


def test_a_promised_call_is_not_shed(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        listed = add_contact(connection, clock.now())
    end_with(database, clock, listed, CallOutcome.CALLBACK_AT, callback_at=clock.now() + HOUR)
    switch(database, Mode.SMS_CONTACTS)
    clock.advance(HOUR)
    call_list.keep_ready()
    assert given(call_list, agent) == listed.entry_id


# --- alarms ---


def test_a_positive_without_a_try_four_hours_before_its_effective_deadline_raises_one_alarm(
    database: Database, clock: SetClock, call_list: CallList
) -> None:
    with database.begin() as connection:
        urgent = add_positive(connection, clock.now(), result_ago=19 * HOUR)
        add_positive(connection, clock.now(), result_ago=HOUR)
        add_contact(connection, clock.now())
    assert call_list.alarm_near_deadline() == 0
    clock.advance(HOUR)
    assert call_list.alarm_near_deadline() == 1
    assert call_list.alarm_near_deadline() == 0
    with database.begin() as connection:
        connection.execute(update(tables.alarms).values(cleared_at=clock.now()))
    assert call_list.alarm_near_deadline() == 0
    with database.begin() as connection:
        subjects = connection.execute(select(tables.alarms.c.subject)).scalars().all()
    assert subjects == [str(urgent.entry_id)]


def test_a_positive_tried_once_raises_no_alarm(
    database: Database, clock: SetClock, call_list: CallList
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now(), result_ago=22 * HOUR)
    end_with(database, clock, listed, CallOutcome.NO_ANSWER)
    assert call_list.alarm_near_deadline() == 0


def test_the_alarm_of_a_positive_near_their_deadline_ends_by_itself_when_they_are_called(
    database: Database, clock: SetClock, call_list: CallList
) -> None:
    with database.begin() as connection:
        called = add_positive(connection, clock.now(), result_ago=22 * HOUR)
        waits = add_positive(connection, clock.now(), result_ago=22 * HOUR)
    assert call_list.alarm_near_deadline() == 2
    end_with(database, clock, called, CallOutcome.NO_ANSWER)
    assert call_list.alarm_near_deadline() == 0
    alarms = tables.alarms.c
    with database.begin() as connection:
        still_open = connection.execute(select(alarms.subject).where(alarms.cleared_at.is_(None))).scalars()
        assert list(still_open) == [str(waits.entry_id)]


# --- the journal ---


def test_each_change_of_state_has_its_line(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        listed = add_positive(connection, clock.now())
    given(call_list, agent)
    ask(call_list, agent)
    clock.advance(timedelta(minutes=2))
    call_list.lapse()
    ask(call_list, agent)
    end_with(database, clock, listed, CallOutcome.COMPLETED)
    with database.begin() as connection:
        events = [line["event"] for line in journal.of_case_record(connection, listed.case_record_id)]
    assert events == [
        "CASE_CREATED",
        "ENTRY_ADDED",
        "ENTRY_LEASED",
        "ENTRY_RELEASED",
        "ENTRY_LEASED",
        "LEASE_LAPSED",
        "ENTRY_LEASED",
        "ATTEMPT_OUTCOME",
        "ENTRY_CLOSED",
        "CASE_CLOSED",
    ]


def test_a_language_that_nobody_speaks_goes_to_the_interpreters_queue(
    database: Database, clock: SetClock, platform: str
) -> None:
    call_list = CallList(database, clock)
    with database.begin() as connection:
        agent = add_agent(connection, clock.now())
        arabic = add_positive(connection, clock.now(), language="ar")
        french = add_positive(connection, clock.now())
    assert call_list.hand_to_interpreters() == 1
    assert call_list.hand_to_interpreters() == 0
    leased = call_list.next_entry(agent, platforms=[platform], languages=["fr"], queues=[Queue.INTERPRETERS])
    assert leased is not None
    assert leased.entry_id == arabic.entry_id
    with database.begin() as connection:
        assert entry_row(connection, french.entry_id)["queue"] == "AGENTS"


def test_an_agent_who_asks_twice_at_once_holds_one_entry(
    database: Database, clock: SetClock, call_list: CallList, agent: UUID
) -> None:
    with database.begin() as connection:
        for _ in range(8):
            add_positive(connection, clock.now())
    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda _: ask(call_list, agent), range(8)))
    assert len({leased.entry_id for leased in leases if leased}) == 1


def test_a_household_is_of_one_platform(database: Database, clock: SetClock, call_list: CallList) -> None:
    with database.begin() as connection:
        add_platform(connection, "33", clock.now())
        mother = add_positive(connection, clock.now(), number="one number")
        child = add_contact(connection, clock.now(), number="one number")
        add_contact(connection, clock.now(), number="one number", platform="33")
    assert [other.entry_id for other in call_list.household(mother.entry_id)] == [child.entry_id]
