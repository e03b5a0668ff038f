"""How far the change of the mode is: who is turned into SMS and back, how fast, and why it stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.sms_hours import SmsHours
from outreach.domain.spend_limits import ALL
from outreach.errors import NotFound
from outreach.services.mode_progress import ModeProgress, ModeProgresses, Standstill
from outreach.storage import spend_store
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.message_world import MessageWorld, message_world

HOUR = timedelta(hours=1)
PEOPLE = [f"+3363998{n:04}" for n in range(4)]


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock) as world:
        yield world


def progress(world: MessageWorld) -> ModeProgress:
    return ModeProgresses(world.database, world.clock, SmsHours()).show("40")


def test_a_switch_tells_how_many_are_to_be_texted_then_how_many_were_and_when(world: MessageWorld) -> None:
    for number in PEOPLE:
        world.contact(number)
    world.positive("+33639980020")
    before = progress(world)
    assert (before.to_go, before.done, before.done_at, before.follows_a_switch) == (0, 0, None, False)
    world.put_mode(Mode.SMS_CONTACTS)
    world.clock.advance(timedelta(minutes=2))
    waiting = progress(world)
    assert (waiting.to_text, waiting.to_return, waiting.done, waiting.done_at) == (4, 0, 0, None)
    assert waiting.follows_a_switch
    world.send()
    sent_at = world.clock.now()
    world.clock.advance(timedelta(minutes=2))
    done = progress(world)
    assert (done.to_go, done.texted, done.returned, done.done_at) == (0, 4, 0, sent_at)
    assert (done.a_minute, done.ends_about) == (1.0, None)


def test_the_pace_of_the_last_minutes_tells_when_it_will_be_over(world: MessageWorld) -> None:
    world.contact(PEOPLE[0])
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    for number in PEOPLE[1:]:
        world.contact(number)
    world.clock.advance(timedelta(minutes=2))
    half = progress(world)
    assert (half.to_text, half.texted, half.a_minute) == (3, 1, 0.5)
    assert half.ends_about == world.clock.now() + timedelta(minutes=6)


def test_the_way_back_is_counted_from_the_switch_back(world: MessageWorld) -> None:
    for number in PEOPLE[:2]:
        world.contact(number)
    world.put_mode(Mode.SMS_CONTACTS)
    world.company.set_faults(slow_down={"probability": 1})
    world.messaging.sending.send_due(most_seconds=0.2)
    world.clock.advance(timedelta(minutes=1))
    world.put_mode(Mode.NORMAL)
    back = progress(world)
    assert (back.to_text, back.to_return, back.texted, back.returned) == (0, 2, 0, 0)
    assert back.follows_a_switch
    assert world.messaging.sweeps.recall_unshed() == 2
    done = progress(world)
    assert (done.to_go, done.texted, done.returned, done.done_at) == (0, 0, 2, world.clock.now())


def test_a_mode_that_ended_by_itself_counts_from_its_end(world: MessageWorld) -> None:
    world.contact(PEOPLE[0])
    ends_at = world.clock.now() + HOUR
    world.put_mode(Mode.SMS_CONTACTS, ends_at=ends_at)
    world.send()
    world.clock.advance(2 * HOUR)
    after = progress(world)
    assert (after.mode, after.began_at, after.texted, after.follows_a_switch) == (
        Mode.NORMAL,
        ends_at,
        0,
        False,
    )


def test_a_day_after_the_switch_newcomers_are_no_progress_of_it(world: MessageWorld) -> None:
    world.contact(PEOPLE[0])
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.clock.advance(25 * HOUR)
    later = progress(world)
    assert (later.texted, later.to_go, later.follows_a_switch) == (0, 0, False)
    world.contact(PEOPLE[1])
    assert progress(world).follows_a_switch  # somebody waits for an SMS, whenever it was switched


def test_why_nobody_is_texted_is_told_with_the_hour_at_which_it_goes_on(world: MessageWorld) -> None:
    world.contact(PEOPLE[0])
    world.put_mode(Mode.SMS_CONTACTS)
    assert progress(world).standstill is None
    world.clock.advance(13 * HOUR)
    night = progress(world)
    assert night.standstill is Standstill.HOURS
    assert night.goes_on_at is not None
    assert SmsHours().is_open("Europe/Paris", night.goes_on_at)
    assert not SmsHours().is_open("Europe/Paris", night.goes_on_at - timedelta(minutes=1))
    world.clock.advance(night.goes_on_at - world.clock.now())
    assert progress(world).standstill is None
    with world.database.begin() as connection:
        spend_store.stop(connection, "40", ALL, 1, world.clock.now())
    assert progress(world).standstill is Standstill.BUDGET


def test_whether_it_stands_still_is_told_by_the_hours_of_those_who_are_to_be_texted(
    world: MessageWorld,
) -> None:
    world.contact(PEOPLE[0], zone="America/Martinique")
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    at_home = progress(world)
    assert (at_home.to_text, at_home.standstill) == (1, Standstill.HOURS)
    assert at_home.goes_on_at is not None
    assert at_home.goes_on_at.astimezone(ZoneInfo("America/Martinique")).hour == 8
    world.contact(PEOPLE[1])
    assert progress(world).standstill is None  # somebody at home can be texted
    world.send()
    assert progress(world).standstill is Standstill.HOURS
    world.clock.advance(at_home.goes_on_at - world.clock.now())
    assert progress(world).standstill is None
    world.clock.advance(9 * HOUR)  # the evening at home
    assert progress(world).standstill is None
    world.send()
    assert progress(world).to_text == 0


def test_it_goes_on_where_the_hours_begin_first(world: MessageWorld) -> None:
    world.contact(PEOPLE[0], zone="America/Martinique")
    world.contact(PEOPLE[1])
    world.put_mode(Mode.SMS_CONTACTS)
    world.clock.advance(18 * HOUR)
    night = progress(world)
    assert night.standstill is Standstill.HOURS
    assert night.goes_on_at is not None
    assert night.goes_on_at.astimezone(ZoneInfo("Europe/Paris")).hour == 8


def test_an_unknown_platform_has_no_progress(world: MessageWorld) -> None:
    with pytest.raises(NotFound):
        ModeProgresses(world.database, world.clock, SmsHours()).show("99")
