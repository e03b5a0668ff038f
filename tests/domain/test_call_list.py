"""Who stands where on the call list."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from outreach.domain.call_list import (
    CallClass,
    CaseFacts,
    EntryState,
    Queue,
    SortKey,
    class_of,
    deadline_of,
    effective_deadline,
    is_at_risk,
    is_late,
    planned_entry,
    standing_at,
    tie_break,
)
from outreach.domain.calling_hours import DEFAULT_HOURS, CallingHours
from outreach.domain.purposes import Purpose
from outreach.ids import new_id

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)  # Tuesday, 10:00 in Paris
DAY = timedelta(hours=24)
PARIS = DEFAULT_HOURS[Purpose.INTERVIEW].in_zone("Europe/Paris", region="40")
CONTACT = CaseFacts(Purpose.INFORM, opened_at=NOW, deadline=NOW + DAY, zone="Europe/Paris")
POSITIVE = replace(CONTACT, purpose=Purpose.INTERVIEW)


@pytest.mark.parametrize(
    ("facts", "call_class"),
    [
        (POSITIVE, CallClass.POSITIVE),
        (replace(POSITIVE, callback_at=NOW), CallClass.POSITIVE),
        (replace(POSITIVE, sms_returned=True), CallClass.POSITIVE),
        (replace(CONTACT, callback_at=NOW, household=True), CallClass.CALLBACK),
        (replace(CONTACT, household=True, collective_setting=True), CallClass.HOUSEHOLD),
        (replace(CONTACT, collective_setting=True), CallClass.COLLECTIVE_SETTING),
        (CONTACT, CallClass.CONTACT),
        (replace(CONTACT, sms_returned=True, household=True), CallClass.SMS_RETURNED),
        (replace(CONTACT, purpose=Purpose.FOLLOW_UP), CallClass.FOLLOW_UP),
        (replace(CONTACT, purpose=Purpose.CAMPAIGN), CallClass.CAMPAIGN),
        (replace(CONTACT, purpose=Purpose.CAMPAIGN, callback_at=NOW), CallClass.CALLBACK),
    ],
)
def test_each_case_has_its_class(facts: CaseFacts, call_class: CallClass) -> None:
    assert class_of(facts) is call_class


def test_the_classes_stand_in_the_order_of_the_mission() -> None:
    assert [call_class.name for call_class in sorted(CallClass)] == [
        "POSITIVE",
        "CALLBACK",
        "HOUSEHOLD",
        "COLLECTIVE_SETTING",
        "CONTACT",
        "SMS_RETURNED",
        "FOLLOW_UP",
        "CAMPAIGN",
    ]


def test_the_order_is_class_then_front_then_deadline_then_tie_break() -> None:
    keys = [
        SortKey(call_class, front, NOW + timedelta(hours=hours), tie, new_id())
        for call_class in (1, 2)
        for front in (0, 1)
        for hours in (0, 1)
        for tie in (0, 1)
    ]
    shuffled = random.Random(1).sample(keys, len(keys))
    assert sorted(shuffled) == keys


@pytest.mark.parametrize(
    ("deadline", "effective"),
    [
        # inside calling hours: the last whole minute before the deadline
        (datetime(2021, 3, 16, 14, 0, tzinfo=UTC), datetime(2021, 3, 16, 13, 59, tzinfo=UTC)),
        (datetime(2021, 3, 16, 14, 0, 30, tzinfo=UTC), datetime(2021, 3, 16, 14, 0, tzinfo=UTC)),
        # the minute at which the hours open is the last one before a deadline a minute later
        (datetime(2021, 3, 16, 7, 31, tzinfo=UTC), datetime(2021, 3, 16, 7, 30, tzinfo=UTC)),
        # at night: the evening before, 19:59 in Paris
        (datetime(2021, 3, 17, 2, 0, tzinfo=UTC), datetime(2021, 3, 16, 18, 59, tzinfo=UTC)),
        # Monday 08:00: Sunday closes at 19:00
        (datetime(2021, 3, 15, 7, 0, tzinfo=UTC), datetime(2021, 3, 14, 17, 59, tzinfo=UTC)),
        # the night the clock goes forward: still 19:59 the evening before
        (datetime(2021, 3, 28, 3, 0, tzinfo=UTC), datetime(2021, 3, 27, 18, 59, tzinfo=UTC)),
    ],
)
def test_the_effective_deadline_is_the_last_callable_minute_before_the_deadline(
    deadline: datetime, effective: datetime
) -> None:
    assert effective_deadline(deadline, PARIS, opened_at=deadline - DAY) == effective


def test_without_a_callable_minute_in_the_24_hours_it_is_the_first_one_after() -> None:
    weekdays_only = CallingHours(week=(((510, 1200),),) * 5 + ((), ())).in_zone("Europe/Paris")
    saturday = datetime(2021, 3, 13, 6, 0, tzinfo=UTC)
    assert effective_deadline(saturday + DAY, weekdays_only, opened_at=saturday) == datetime(
        2021, 3, 15, 7, 30, tzinfo=UTC
    )


def test_the_callees_own_zone_decides() -> None:
    cayenne = DEFAULT_HOURS[Purpose.INTERVIEW].in_zone("America/Cayenne")
    deadline = datetime(2021, 3, 17, 2, 0, tzinfo=UTC)  # 23:00 in Cayenne
    assert effective_deadline(deadline, cayenne, opened_at=NOW) == datetime(2021, 3, 16, 22, 59, tzinfo=UTC)


def test_a_deadline_is_24_hours_of_real_time_across_a_clock_change() -> None:
    result = datetime(2021, 3, 27, 10, 0, tzinfo=UTC)
    assert deadline_of(result) - result == DAY


def test_every_deadline_of_a_year_has_an_effective_one_that_is_callable() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    while at < datetime(2021, 1, 1, tzinfo=UTC):
        effective = effective_deadline(at, PARIS, opened_at=at - DAY)
        assert PARIS.is_open(effective)
        assert at - DAY <= effective < at
        at += timedelta(minutes=37)


def test_fragile_positives_come_first_among_equals_and_contacts_by_oldest_last_exposure() -> None:
    assert tie_break(replace(POSITIVE, vulnerable=True)) < tie_break(POSITIVE)
    assert tie_break(replace(POSITIVE, collective_setting=True)) < tie_break(POSITIVE)
    older = replace(CONTACT, last_exposure_on=date(2021, 3, 10))
    newer = replace(CONTACT, last_exposure_on=date(2021, 3, 15))
    assert tie_break(older) < tie_break(newer) < tie_break(CONTACT)


def test_an_entry_is_ready_in_calling_hours_and_waits_for_them_outside() -> None:
    hours = DEFAULT_HOURS[Purpose.INTERVIEW]
    by_day = planned_entry(POSITIVE, hours, NOW)
    assert (by_day.state, by_day.ready_until) == (
        EntryState.READY,
        datetime(2021, 3, 16, 19, 0, tzinfo=UTC),
    )
    by_night = planned_entry(POSITIVE, hours, datetime(2021, 3, 16, 22, 0, tzinfo=UTC))
    assert by_night.state is EntryState.WAITING
    assert by_night.not_before == datetime(2021, 3, 17, 7, 30, tzinfo=UTC)


def test_a_promised_callback_waits_for_its_moment() -> None:
    planned = planned_entry(
        replace(CONTACT, callback_at=NOW + timedelta(hours=2)), DEFAULT_HOURS[Purpose.INFORM], NOW
    )
    assert (planned.state, planned.not_before) == (EntryState.WAITING, NOW + timedelta(hours=2))


def test_looking_up_a_number_needs_no_calling_hours() -> None:
    night = datetime(2021, 3, 16, 23, 0, tzinfo=UTC)
    planned = planned_entry(replace(POSITIVE, has_number=False), DEFAULT_HOURS[Purpose.INTERVIEW], night)
    assert (planned.queue, planned.state) == (Queue.SEARCH, EntryState.READY)
    assert standing_at(night + DAY, Queue.SEARCH, PARIS, night).state is EntryState.WAITING


def test_late_is_after_the_deadline_and_at_risk_is_the_four_hours_before_the_effective_one() -> None:
    assert not is_late(NOW, NOW)
    assert is_late(NOW, NOW + timedelta(seconds=1))
    assert not is_at_risk(NOW, NOW - timedelta(hours=4, seconds=1))
    assert is_at_risk(NOW, NOW - timedelta(hours=4))
    assert is_at_risk(NOW, NOW)
    assert not is_at_risk(NOW, NOW + timedelta(seconds=1))
