"""Campaigns of calls: entries on the list, with their own script and outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from outreach.clock import SetClock
from outreach.domain.campaigns import (
    HELD_UNTIL,
    CampaignChannel,
    CampaignOutcome,
    CampaignPlan,
    CampaignState,
    Window,
)
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.platform_hours import NewHours, PlatformHours
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import add_agent
from tests.campaign_world import SCRIPT, CampaignWorld, campaign_world, number

OUTCOMES = (
    CampaignOutcome("BOOKED", "Rendez-vous pris", CallOutcome.COMPLETED),
    CampaignOutcome("DONE_ALREADY", "Déjà fait", CallOutcome.ALREADY_DONE),
)
PLAN = CampaignPlan(SCRIPT, outcomes=OUTCOMES)


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        yield built


def test_people_stand_on_the_list_in_class_8_with_the_campaigns_number(world: CampaignWorld) -> None:
    people = world.people(3)
    campaign = world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    entries = world.entries(campaign)
    assert {entry["person_id"] for entry in entries} == {listed.person_id for listed in people}
    assert {(entry["purpose"], entry["call_class"]) for entry in entries} == {("CAMPAIGN", 8)}
    assert all(entry["number_index"] for entry in entries)
    added = [line for line in world.messages.journal("ENTRY_ADDED") if line["actor"] == "system:campaigns"]
    assert len(added) == 3


def test_isolation_checks_are_follow_up_calls_of_class_7(world: CampaignWorld) -> None:
    world.people(1)
    plan = CampaignPlan("isolation_check", call_purpose=Purpose.FOLLOW_UP)
    campaign = world.started(plan, CampaignChannel.CALLS)
    world.sweep()
    assert [entry["call_class"] for entry in world.entries(campaign)] == [7]


def test_who_has_such_a_call_already_is_left_out(world: CampaignWorld) -> None:
    world.people(1)
    world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    again = world.ready(PLAN, CampaignChannel.CALLS)
    assert again.counted is not None
    assert dict(again.counted.left_out) == {"ON_THE_LIST": 1}


def test_who_died_or_asked_not_to_be_called_is_left_out(world: CampaignWorld) -> None:
    people = world.people(2)
    world.change_entry(people[0], state="CLOSED", closed_because="DECEASED")
    world.change_entry(people[1], state="CLOSED", closed_because="DO_NOT_CALL")
    ready = world.ready(PLAN, CampaignChannel.CALLS)
    assert ready.counted is not None
    assert dict(ready.counted.left_out) == {"DECEASED": 1, "DO_NOT_CALL": 1}


def test_a_pause_takes_entries_from_the_list_and_resuming_puts_them_back(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    world.campaigning.campaigns.pause(campaign, by=None)
    soon = world.clock.now() + timedelta(days=365)
    assert all(
        entry["state"] == "WAITING" and entry["not_before"] > soon for entry in world.entries(campaign)
    )
    world.campaigning.campaigns.resume(campaign, by=None)
    assert {entry["not_before"] for entry in world.entries(campaign)} == {world.clock.now()}


def test_other_calling_hours_do_not_end_a_pause(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    world.campaigning.campaigns.pause(campaign, by=None)
    hours = PlatformHours(world.database, world.clock)
    new = NewHours(Purpose.CAMPAIGN, [["07:00-22:00"]] * 7, None)
    hours.change("40", new, reason="a long evening", by=new_id())
    hours.follow()
    CallList(world.database, world.clock).keep_ready()
    held = {(entry["state"], entry["not_before"]) for entry in world.entries(campaign)}
    assert held == {("WAITING", HELD_UNTIL)}


def test_a_promised_callback_is_kept_through_a_pause_and_a_cancel(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    promised = world.entries(campaign)[0]["id"]
    with world.database.begin() as connection:
        entries = tables.call_list_entries
        moment = world.clock.now() + timedelta(hours=3)
        connection.execute(update(entries).where(entries.c.id == promised).values(callback_at=moment))
    world.campaigning.campaigns.pause(campaign, by=None)
    world.campaigning.campaigns.cancel(campaign, by=None)
    world.sweep()
    states = {entry["id"]: entry["state"] for entry in world.entries(campaign)}
    assert states.pop(promised) != "CLOSED"
    assert set(states.values()) == {"CLOSED"}


def test_at_its_end_a_campaign_leaves_the_list(world: CampaignWorld) -> None:
    world.people(1)
    campaign = world.started(CampaignPlan(SCRIPT, days=2), CampaignChannel.CALLS)
    world.sweep()
    world.sweep(seconds=2 * 86_400)
    assert [entry["closed_because"] for entry in world.entries(campaign)] == ["CAMPAIGN_ENDED"]
    assert world.campaigning.campaigns.show(campaign).state is CampaignState.DONE


def test_an_agent_says_how_it_went_in_the_campaigns_words(world: CampaignWorld) -> None:
    world.people(1)
    campaign = world.started(PLAN, CampaignChannel.CALLS)
    world.sweep()
    (entry,) = world.entries(campaign)
    calls = world.campaigning.calls
    known = calls.of_entry(entry["id"], reader=new_id(), platforms=["40"])
    assert (known.script, known.outcomes, known.said) == (SCRIPT, OUTCOMES, None)
    with world.database.begin() as connection:
        agent = add_agent(connection, world.clock.now())
        entries = tables.call_list_entries
        held = {"state": "LEASED", "lease_id": new_id(), "leased_by": agent}
        connection.execute(update(entries).where(entries.c.id == entry["id"]).values(**held))
    assert calls.say(entry["id"], "BOOKED", by=agent, platforms=["40"]) is CallOutcome.COMPLETED
    assert world.campaigning.reports.account(campaign).figures.outcomes == {"BOOKED": 1}
    with pytest.raises(InvalidInput, match="no outcome"):
        calls.say(entry["id"], "MAYBE", by=agent, platforms=["40"])
    with pytest.raises(Conflict):
        calls.say(entry["id"], "BOOKED", by=new_id(), platforms=["40"])
    with pytest.raises(NotFound):
        calls.of_entry(entry["id"], reader=new_id(), platforms=["33"])
    assert calls.of_entry(entry["id"], reader=agent, platforms=["33"]).name == known.name


def test_a_person_without_a_number_is_not_put_on_the_list(world: CampaignWorld) -> None:
    world.messages.contact(number(1))
    listed = world.messages.contact(number(2))
    with world.database.begin() as connection:
        phones = tables.person_phones
        where = phones.c.person_id == listed.person_id
        connection.execute(update(phones).where(where).values(bad=True))
    ready = world.ready(PLAN, CampaignChannel.CALLS)
    assert ready.counted is not None
    assert (ready.counted.members, dict(ready.counted.left_out)) == (1, {"NO_NUMBER": 1})


def test_calls_keep_the_platforms_hours_so_a_window_is_refused(world: CampaignWorld) -> None:
    with pytest.raises(InvalidInput, match="calling hours"):
        world.ready(CampaignPlan(SCRIPT, window=Window(from_hour=9)), CampaignChannel.CALLS)
