"""The rules of the desk: outcomes to choose from, shortcuts, moments for a callback, what may be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.domain.callback_slots import callback_slots
from outreach.domain.calling_hours import DEFAULT_HOURS, DayPart
from outreach.domain.desk_keys import DEFAULT_KEYS, KEY, Command, checked_keys, keys_in_force
from outreach.domain.outcome_choices import GROUPS, outcome_choices
from outreach.domain.outcome_undo import SinceThen, check_undo
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
DAY = timedelta(days=1)


def test_an_agent_may_say_every_outcome_of_a_call_and_all_that_a_line_suggests() -> None:
    offered = {outcome for outcomes in GROUPS.values() for outcome in outcomes}
    assert offered == set(CallOutcome) - CHANNEL_OUTCOMES - {CallOutcome.UNREACHED}


@pytest.mark.parametrize("purpose", Purpose)
def test_nine_outcomes_have_a_key_and_the_first_finishes_the_work(purpose: Purpose) -> None:
    choices = [each for group in outcome_choices(purpose, dialled=True).values() for each in group]
    keyed = {each.key: each.outcome for each in choices if each.key}
    done = CallOutcome.INFO_GIVEN if purpose is Purpose.INFORM else CallOutcome.COMPLETED
    assert (sorted(keyed), keyed[1]) == (list(range(1, 10)), done)


def test_nobody_was_spoken_to_where_no_line_was_dialled() -> None:
    choices = [each for group in outcome_choices(Purpose.INTERVIEW, dialled=False).values() for each in group]
    assert choices
    assert not any(FLAGS[each.outcome].human for each in choices)


def test_every_command_has_a_key_of_its_own_that_may_be_one() -> None:
    assert set(DEFAULT_KEYS) == set(Command)
    assert len(set(DEFAULT_KEYS.values())) == len(DEFAULT_KEYS)
    assert all(KEY.fullmatch(key) for key in DEFAULT_KEYS.values())


def test_two_commands_may_change_keys_with_each_other() -> None:
    swapped = checked_keys({"call": "KeyX", "hang_up": "KeyC"})
    keys = keys_in_force(swapped)
    assert (keys[Command.CALL], keys[Command.HANG_UP]) == ("KeyX", "KeyC")


def test_only_what_differs_from_the_keys_as_made_is_kept() -> None:
    assert checked_keys({"call": "KeyC", "note": "KeyJ"}) == {"note": "KeyJ"}


def test_callback_moments_are_half_hours_on_the_callee_s_clock() -> None:
    hours = DEFAULT_HOURS[Purpose.INTERVIEW].in_zone("America/Cayenne")
    parts = callback_slots(hours, NOW, promised={}, deadline=NOW + DAY, past_deadline=False)
    zone = ZoneInfo("America/Cayenne")
    first = parts[0].slots[0].at.astimezone(zone)
    assert (first.hour, first.minute, parts[0].part) == (8, 30, DayPart.MORNING)
    assert all(slot.at <= NOW + DAY for part in parts for slot in part.slots)
    assert all(slot.at.minute in (0, 30) for part in parts for slot in part.slots)


def test_hours_that_open_on_few_days_are_looked_for_further_ahead() -> None:
    hours = DEFAULT_HOURS[Purpose.CAMPAIGN].in_zone("Europe/Paris")
    friday_evening = datetime(2021, 3, 19, 19, 0, tzinfo=UTC)
    deadline = friday_evening + 30 * DAY
    parts = callback_slots(hours, friday_evening, promised={}, deadline=deadline, past_deadline=True)
    assert [part.day.isoweekday() for part in parts if part.part is DayPart.MORNING] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("since", "why"),
    [
        (SinceThen(NOW, last=False), "not_last"),
        (SinceThen(NOW - timedelta(seconds=61)), "too_late"),
        (SinceThen(NOW, in_call=True), "in_call"),
        (SinceThen(NOW, called_again=True), "moved_on"),
        (SinceThen(NOW, moved=True), "moved_on"),
        (SinceThen(NOW, texted=True), "texted"),
    ],
)
def test_an_outcome_that_somebody_acted_on_stands(since: SinceThen, why: str) -> None:
    with pytest.raises(Conflict) as refused:
        check_undo(since, NOW)
    assert refused.value.code == why


def test_an_outcome_is_undone_up_to_the_end_of_the_minute() -> None:
    check_undo(SinceThen(NOW - timedelta(seconds=60)), NOW)
