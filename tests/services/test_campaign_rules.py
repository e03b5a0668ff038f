"""SMS that leave by themselves: standing campaigns, which people join as a trigger fires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from outreach.clock import SetClock
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState, Trigger
from outreach.domain.load_shedding import Mode
from outreach.errors import InvalidInput
from outreach.ids import new_id
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed, add_agent
from tests.campaign_world import CampaignWorld, campaign_world, number

PREPARE = CampaignPlan("prepare_contacts", modes=(Mode.POSITIVES_ONLY,))


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        yield built


def missed(world: CampaignWorld, listed: Listed) -> None:
    """A try that nobody answered."""
    with world.database.begin() as connection:
        connection.execute(
            insert(tables.call_attempts).values(
                id=new_id(),
                platform="40",
                entry_id=listed.entry_id,
                case_record_id=listed.case_record_id,
                person_id=listed.person_id,
                agent_id=add_agent(connection, world.clock.now()),
                status="WRAP_UP",
                phone_position=0,
                conference=new_id(),
                started_at=world.clock.now(),
                outcome="NO_ANSWER",
                outcome_at=world.clock.now(),
            )
        )


def later(world: CampaignWorld) -> None:
    world.clock.advance(timedelta(seconds=10))


def test_positives_are_asked_to_prepare_their_list_while_only_they_are_called(world: CampaignWorld) -> None:
    rule = world.started(PREPARE, trigger=Trigger.POSITIVE_LISTED)
    later(world)
    positive = world.messages.positive(number(1))
    world.messages.contact(number(2))
    world.sweep()
    assert world.campaign_messages(rule) == []
    world.messages.put_mode(Mode.POSITIVES_ONLY)
    world.sweep()
    (message,) = world.campaign_messages(rule)
    assert (message["purpose"], message["person_id"]) == ("PREPARE_CONTACTS", positive.person_id)
    assert (message["urgency"], message["entry_id"]) == (0, positive.entry_id)
    world.sweep(seconds=60)
    assert len(world.campaign_messages(rule)) == 1


def test_who_was_listed_before_the_rule_is_not_written_to(world: CampaignWorld) -> None:
    world.messages.positive(number(1))
    later(world)
    rule = world.started(CampaignPlan("prepare_contacts"), trigger=Trigger.POSITIVE_LISTED)
    world.sweep(seconds=10)
    assert world.campaign_messages(rule) == []


def test_a_household_with_two_positives_is_written_to_once(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("prepare_contacts"), trigger=Trigger.POSITIVE_LISTED)
    later(world)
    for _ in range(2):
        world.messages.positive(number(1))
    world.sweep()
    assert len(world.campaign_messages(rule)) == 1
    assert list(world.left_out(rule).values()) == ["HOUSEHOLD_DUPLICATE"]


def test_a_second_miss_is_told_by_its_own_text(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("missed_again"), trigger=Trigger.SECOND_MISS)
    later(world)
    once, twice = world.messages.positive(number(1)), world.messages.positive(number(2))
    world.change_entry(once, tries=1)
    world.change_entry(twice, tries=2)
    missed(world, once)
    missed(world, twice)
    world.sweep()
    assert [message["person_id"] for message in world.campaign_messages(rule)] == [twice.person_id]


def test_a_second_miss_counts_however_long_ago_the_positive_was_listed(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("missed_again"), trigger=Trigger.SECOND_MISS)
    positive = world.messages.positive(number(1))
    world.clock.advance(timedelta(hours=26))
    world.change_entry(positive, tries=2)
    missed(world, positive)
    world.sweep()
    assert len(world.campaign_messages(rule)) == 1


def test_who_is_reached_before_the_text_is_made_does_not_get_it(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("prepare_contacts"), trigger=Trigger.POSITIVE_LISTED)
    world.clock.advance(timedelta(hours=12))  # SMS hours are over
    positive = world.messages.positive(number(1))
    world.sweep()
    assert world.members(rule)[positive.person_id]["state"] == "PENDING"
    world.change_record(positive, reached_at=world.clock.now())
    world.clock.advance(timedelta(hours=12))
    world.sweep()
    assert world.left_out(rule) == {positive.person_id: "REACHED"}


def test_whoever_stays_unreached_may_be_written_to(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("campaign_test_reminder"), trigger=Trigger.UNREACHED)
    later(world)
    listed = world.messages.contact(number(1))
    with world.database.begin() as connection:
        connection.execute(
            insert(tables.journal).values(
                at=world.clock.now(),
                platform="40",
                event="ENTRY_CLOSED",
                actor="system:test",
                case_record_id=listed.case_record_id,
                facts={"because": "UNREACHED"},
            )
        )
    world.sweep()
    assert [message["person_id"] for message in world.campaign_messages(rule)] == [listed.person_id]


def test_a_rule_is_paused_and_resumed_like_any_campaign(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("prepare_contacts"), trigger=Trigger.POSITIVE_LISTED)
    world.campaigning.campaigns.pause(rule, by=None)
    later(world)
    world.messages.positive(number(1))
    world.sweep()
    assert world.campaign_messages(rule) == []
    world.campaigning.campaigns.resume(rule, by=None)
    world.sweep(seconds=2)
    assert len(world.campaign_messages(rule)) == 1


def test_what_leaves_on_its_own_path_is_shown_beside_the_rules(world: CampaignWorld) -> None:
    rule = world.started(PREPARE, trigger=Trigger.POSITIVE_LISTED)
    world.messages.contact(number(1))
    world.messages.put_mode(Mode.SMS_CONTACTS)
    world.send()
    shown = {each.name: each for each in world.campaigning.rules.standing("40")}
    assert set(shown) == {"EVERY_CONTACT_WHILE_SHED", "FIRST_MISS", "CALLBACK_AGREED", "a campaign"}
    assert shown["EVERY_CONTACT_WHILE_SHED"].messages == 1
    assert shown["EVERY_CONTACT_WHILE_SHED"].acts_now
    assert (shown["a campaign"].campaign_id, shown["a campaign"].acts_now) == (rule, False)
    assert shown["a campaign"].state is CampaignState.RUNNING


def test_calls_do_not_start_by_themselves(world: CampaignWorld) -> None:
    with pytest.raises(InvalidInput, match="SMS"):
        world.campaigning.campaigns.draft(
            "40",
            "a campaign",
            CampaignChannel.CALLS,
            CampaignPlan("isolation_check"),
            by=None,
            trigger=Trigger.UNREACHED,
        )
