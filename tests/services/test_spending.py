"""Breakers stop what they must, say so, and are set again by someone with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.domain.send_limits import Limits
from outreach.domain.send_steps import Commit
from outreach.domain.spend_limits import ALL, Breaker, PlatformBudget, SpendLimits, Spent
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.spending import Sends
from outreach.storage import spend_store, tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from outreach.telephony.simulator import OUR_NUMBER
from tests.conftest import MORNING
from tests.message_world import MessageWorld, message_world

ANNE, BORIS, CHLOE, SWISS, STRANGE = (
    "+33639980001",
    "+33639980002",
    "+33639980003",
    "+41791234567",
    "+35191234567",  # Portugal: no region of the platform, and no neighbour
)
DAY, MONTH, RATE = Breaker.DAILY_BUDGET, Breaker.MONTHLY_BUDGET, Breaker.PREFIX_RATE
ACTOR = "user:test"


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[MessageWorld]:
    with message_world(database, vault, clock, segment_price=Decimal(1)) as world:
        yield world


def limit(world: MessageWorld, daily: int | None = None, **per_hour: int) -> None:
    prefixes = {f"+{prefix.removeprefix('to')}": most for prefix, most in per_hour.items()} or {"+33": 1000}
    euros = None if daily is None else Decimal(daily)
    limits = SpendLimits(euros, None, prefixes)
    world.messaging.spending.limit("40", limits, reason="a test", actor=ACTOR)


def queued(world: MessageWorld, number: str, *, bulk: bool = False) -> UUID:
    """A message to a new positive; as a campaign's when `bulk`."""
    positive = world.positive(number)
    with world.database.begin() as connection:
        message_id = world.messaging.queueing.queue_missed_call(
            connection, entry_id=positive.entry_id, now=world.clock.now()
        )
        assert message_id is not None
        if bulk:
            row = tables.messages.c.id == message_id
            connection.execute(update(tables.messages).where(row).values(urgency=2, segments=1))
        else:
            connection.execute(
                update(tables.messages).where(tables.messages.c.id == message_id).values(segments=1)
            )
    return message_id


def statuses(world: MessageWorld, *message_ids: UUID) -> list[str]:
    by_id = {message["id"]: message["status"] for message in world.messages()}
    return [by_id[message_id] for message_id in message_ids]


def alarms(world: MessageWorld) -> list[Any]:
    with world.database.begin() as connection:
        return list(connection.execute(select(tables.alarms).order_by(tables.alarms.c.raised_at)))


def test_what_is_sent_is_counted_by_hour_day_and_month(world: MessageWorld) -> None:
    for number in (ANNE, BORIS):
        queued(world, number)
    world.send()
    view = world.messaging.spending.show("40")
    assert (view.day_euros, view.month_euros, view.this_hour) == (Decimal(2), Decimal(2), {"+33": 2})
    assert (view.sends, view.tripped) == (Sends.ALL, ())
    world.clock.advance(timedelta(days=1))
    view = world.messaging.spending.show("40")
    assert (view.day_euros, view.month_euros, view.this_hour) == (Decimal(0), Decimal(2), {})


def test_at_four_fifths_of_a_budget_campaigns_wait_and_missed_calls_go(world: MessageWorld) -> None:
    limit(world, daily=5)
    campaign = [queued(world, f"+3363998{n:04}", bulk=True) for n in range(10, 16)]
    world.send()
    assert statuses(world, *campaign).count("ACCEPTED") == 4
    urgent = queued(world, ANNE)
    world.send()
    assert statuses(world, urgent) == ["ACCEPTED"]
    view = world.messaging.spending.show("40")
    assert (view.day_euros, view.sends) == (Decimal(5), Sends.NOTHING)
    later = queued(world, BORIS)
    world.send()
    assert statuses(world, later) == ["QUEUED"]
    told = [(alarm.kind, alarm.subject) for alarm in alarms(world)]
    assert told == [
        ("SPENDING_STOPPED", "40:DAILY_BUDGET"),
        ("SPENDING_STOPPED", "40:DAILY_BUDGET:ALL"),
    ]
    assert all("reset the breaker" in alarm.facts["advice"] for alarm in alarms(world))


def test_a_budget_that_is_nearly_spent_slows_no_other_platform(world: MessageWorld) -> None:
    limit(world, daily=2)
    with world.database.begin() as connection:
        connection.execute(
            insert(tables.platforms).values(
                code="33",
                name="Gironde",
                time_zone="Europe/Paris",
                department="33",
                region="75",
                created_at=world.clock.now(),
            )
        )
    others = [queued(world, f"+3363998{n:04}", bulk=True) for n in range(20, 40)]
    with world.database.begin() as connection:
        connection.execute(update(tables.messages).values(platform="33"))
    queued(world, ANNE, bulk=True)
    world.send()
    claimed = {m["claimed_at"] for m in world.messages() if m["id"] in others}
    assert (statuses(world, *others), len(claimed)) == (["ACCEPTED"] * 20, 1)


def test_a_budget_is_never_overrun_by_what_one_claim_takes(world: MessageWorld) -> None:
    limit(world, daily=10)
    for n in range(30):
        queued(world, f"+3363998{n:04}", bulk=True)
    for _ in range(4):
        world.send()
        world.clock.advance(timedelta(minutes=11))
    assert world.messaging.spending.show("40").day_euros == Decimal(8)


def test_when_a_budget_ends_contacts_are_called_and_nobody_can_shed_them(world: MessageWorld) -> None:
    limit(world, daily=2)
    contacts = [world.contact(number) for number in (ANNE, BORIS, CHLOE)]
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    world.send()
    assert world.switch.show("40").mode is Mode.NORMAL
    states = [world.entry(contact)["state"] for contact in contacts]
    assert 1 <= states.count("TEXTED") <= 2
    assert set(states) <= {"TEXTED", "WAITING", "READY"}
    with pytest.raises(Conflict, match="budget"):
        world.put_mode(Mode.SMS_CONTACTS)
    world.messaging.spending.reset("40", DAY, prefix="", reason="looked at it", actor=ACTOR)
    world.put_mode(Mode.SMS_CONTACTS)


def test_a_budget_lowered_below_what_was_spent_ends_at_once_and_contacts_are_called(
    world: MessageWorld,
) -> None:
    for number in (ANNE, BORIS):
        queued(world, number)
    world.send()
    contact = world.contact(CHLOE)
    world.put_mode(Mode.SMS_CONTACTS)
    limit(world, daily=1)
    world.send()
    assert world.switch.show("40").mode is Mode.NORMAL
    assert (world.entry(contact)["state"], world.texts(CHLOE)) == ("READY", [])
    assert [alarm.subject for alarm in alarms(world)] == ["40:DAILY_BUDGET:ALL"]
    with pytest.raises(Conflict, match="budget"):
        world.put_mode(Mode.SMS_CONTACTS)


def test_a_reset_concerns_the_breaker_it_names_and_no_other(world: MessageWorld) -> None:
    limit(world, daily=1)
    queued(world, ANNE)
    world.send()
    with pytest.raises(NotFound):
        world.messaging.spending.reset("40", RATE, prefix="", reason="a slip", actor=ACTOR)
    with pytest.raises(Conflict, match="budget"):
        world.put_mode(Mode.SMS_CONTACTS)
    world.messaging.spending.reset("40", DAY, prefix="+33", reason="looked at it", actor=ACTOR)
    assert world.messaging.spending.show("40").day_euros == 0


def test_a_new_day_opens_the_budget_again(world: MessageWorld) -> None:
    limit(world, daily=1)
    queued(world, ANNE)
    world.send()
    waiting = queued(world, BORIS)
    world.send()
    assert world.messaging.spending.reopen_budgets() == 0
    world.clock.advance(timedelta(hours=23))  # the next morning in Paris
    with world.database.begin() as connection:
        useful = world.clock.now() + timedelta(hours=4)
        connection.execute(update(tables.messages).values(useful_until=useful))
    assert world.messaging.spending.reopen_budgets() == 1
    world.send()
    assert statuses(world, waiting) == ["ACCEPTED"]


def test_too_many_to_one_prefix_in_an_hour_hold_back_campaigns_to_it_alone(world: MessageWorld) -> None:
    limit(world, to33=1000, to41=2)
    for n in range(2):
        queued(world, f"+4179123450{n}", bulk=True)
    world.send()
    held, urgent, home = (
        queued(world, SWISS, bulk=True),
        queued(world, "+41791234599"),
        queued(world, ANNE, bulk=True),
    )
    world.send()
    assert statuses(world, held, urgent, home) == ["QUEUED", "ACCEPTED", "ACCEPTED"]
    (tripped,) = world.messaging.spending.show("40").tripped
    assert (tripped.breaker, tripped.prefix) == (RATE, "+41")
    world.clock.advance(timedelta(hours=2))  # it stays so until someone looked
    world.send()
    assert statuses(world, held) == ["QUEUED"]
    world.messaging.spending.reset("40", RATE, prefix="+41", reason="frontier workers", actor=ACTOR)
    world.clock.advance(timedelta(minutes=11))
    world.send()
    assert statuses(world, held) == ["ACCEPTED"]
    (line,) = world.journal("SPENDING_RESET")
    assert (line["actor"], line["facts"]["prefix"], line["facts"]["reason"]) == (
        ACTOR,
        "+41",
        "frontier workers",
    )


def test_contacts_behind_a_stopped_prefix_are_called(world: MessageWorld) -> None:
    limit(world, to33=1000, to41=1)
    queued(world, "+41791234500", bulk=True)
    world.send()
    contact = world.contact(SWISS)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(SWISS) == []
    entry = world.entry(contact)
    assert (entry["state"], entry["shed_level"]) == ("WAITING", 0)


def test_a_prefix_that_is_not_allowed_is_never_texted_and_its_people_are_called(world: MessageWorld) -> None:
    contact = world.contact(STRANGE)
    world.put_mode(Mode.SMS_CONTACTS)
    world.send()
    assert world.texts(STRANGE) == []
    message = world.message()
    assert (message["status"], message["error_code"]) == ("FAILED", "prefix_not_allowed")
    assert world.entry(contact)["state"] == "WAITING"
    assert world.messaging.spending.show("40").day_euros == 0


def test_what_was_never_processed_costs_once_however_often_it_is_tried(world: MessageWorld) -> None:
    world.company.set_faults(slow_down={"next": 1})
    sent = queued(world, ANNE)
    world.send()
    assert statuses(world, sent) == ["QUEUED"]
    assert world.messaging.spending.show("40").this_hour == {"+33": 0}
    world.clock.advance(timedelta(minutes=2))
    world.send()
    view = world.messaging.spending.show("40")
    assert statuses(world, sent) == ["ACCEPTED"]
    assert (view.day_euros, view.month_euros, view.this_hour) == (Decimal(1), Decimal(1), {"+33": 1})


def test_what_was_forgiven_is_not_given_back_a_second_time(database: Database, platform: str) -> None:
    one = {("40", "+33"): 1}
    with database.begin() as connection:
        spend_store.count(connection, {("40", "+33"): 3}, MORNING)
        spend_store.forgive(connection, "40", DAY, ALL, MORNING)
        spend_store.refund(connection, one, MORNING)
        assert spend_store.budgets(connection, MORNING)["40"].spent == Spent(day=0, month=2)


def test_a_reset_frees_what_the_breaker_held_and_nothing_that_waits_for_its_own_hour(
    world: MessageWorld,
) -> None:
    limit(world, daily=1)
    queued(world, ANNE)
    world.send()
    held, later = queued(world, BORIS), queued(world, CHLOE)
    in_five = world.clock.now() + timedelta(minutes=5)
    with world.database.begin() as connection:
        its_row = tables.messages.c.id == later
        connection.execute(update(tables.messages).where(its_row).values(not_before=in_five))
    world.send()
    world.messaging.spending.reset("40", DAY, prefix="", reason="looked at it", actor=ACTOR)
    due = {message["id"]: message["not_before"] for message in world.messages()}
    assert (due[held], due[later]) == (world.clock.now(), in_five)


def test_a_claim_that_may_end_a_budget_holds_the_mode_alone(world: MessageWorld) -> None:
    limit(world, daily=5)

    def others_may_read(may_end: list[str]) -> bool:
        ledgers = world.messaging.sending.runner
        claim = Commit("asked", lambda one: (one.modes(OUR_NUMBER, MORNING, may_end=may_end), free())[1])
        return ledgers.run(iter(claim))

    def free() -> bool:
        with world.database.begin() as other:
            read = "select from platform_modes where platform = '40' for share skip locked"
            return other.execute(text(read)).rowcount == 1

    assert (others_may_read([]), others_may_read(["40"])) == (True, False)
    assert Limits({"40": PlatformBudget(SpendLimits(Decimal(5)))}, Decimal(1)).may_end(10) == ["40"]
    assert Limits({"40": PlatformBudget(SpendLimits(Decimal(500)))}, Decimal(1)).may_end(10) == []


def test_two_senders_that_end_a_budget_at_once_both_come_through(world: MessageWorld) -> None:
    for turn in range(5):
        limit(world, daily=4 * (turn + 1))
        for n in range(12):
            queued(world, f"+3363998{turn}{n:03}")
        world.put_mode(Mode.SMS_CONTACTS)
        with world.database.begin() as connection:
            ours = tables.messages.c.status == "QUEUED"
            half = func.mod(func.get_byte(tables.messages.c.number_index, 0), 2) == 0
            connection.execute(update(tables.messages).where(ours, half).values(sender="+33939980002"))
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(world.send) for _ in range(2)]:
                done.result()
        assert world.switch.show("40").mode is Mode.NORMAL


def test_limits_that_make_no_sense_are_refused(world: MessageWorld) -> None:
    for limits in (
        SpendLimits(per_hour={"33": 10}),
        SpendLimits(per_hour={}),
        SpendLimits(per_hour={"+33": -1}),
        SpendLimits(Decimal(-1)),
        SpendLimits(Decimal("NaN")),
        SpendLimits(None, Decimal("Infinity")),
        SpendLimits(Decimal("1e30")),
    ):
        with pytest.raises(InvalidInput):
            world.messaging.spending.limit("40", limits, reason="a test", actor=ACTOR)
    with pytest.raises(NotFound):
        world.messaging.spending.reset("40", RATE, prefix="+41", reason="none", actor=ACTOR)
    with pytest.raises(NotFound):
        world.messaging.spending.show("99")
