"""A campaign's life: counted, seen, confirmed, frozen, made, paused, resumed, cancelled, done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from outreach.clock import SetClock
from outreach.domain.audiences import AudienceCount, AudienceFilter
from outreach.domain.campaigns import (
    CampaignChannel,
    CampaignPlan,
    CampaignState,
    Pace,
    Trigger,
    Window,
)
from outreach.errors import Conflict, InvalidInput
from outreach.services.audiences import Audiences
from outreach.services.campaigns import Campaigns, Start
from outreach.storage.campaign_store import Campaign
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.campaign_world import TEXT, CampaignWorld, campaign_world, number


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        yield built


def test_a_campaign_texts_each_of_its_people_once(world: CampaignWorld) -> None:
    world.people(5)
    campaign = world.started()
    world.sweep()
    world.send()
    world.sweep()
    assert [len(world.messages.texts(number(place))) for place in range(1, 6)] == [1] * 5
    assert {message["purpose"] for message in world.campaign_messages(campaign)} == {"CAMPAIGN"}
    assert world.campaigning.campaigns.show(campaign).state is CampaignState.DONE


def test_a_personal_link_stands_in_each_text(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started()
    world.sweep()
    world.send()
    texts = [world.messages.texts(number(place))[0] for place in (1, 2)]
    assert len({text.split("/p/")[1].split()[0] for text in texts}) == 2
    assert all(message["link_digest"] for message in world.campaign_messages(campaign))


def test_a_campaign_is_ready_once_its_audience_was_counted_and_its_text_seen(world: CampaignWorld) -> None:
    world.people(3)
    campaigns = world.campaigning.campaigns
    draft = campaigns.draft("40", "a campaign", CampaignChannel.SMS, CampaignPlan(TEXT), by=None)
    assert campaigns.count(draft.id).state is CampaignState.DRAFT
    preview = campaigns.preview(draft.id)
    assert campaigns.show(draft.id).state is CampaignState.READY
    (text,) = preview.texts
    assert (text.language, text.people) == ("fr", 3)
    assert preview.segments == 3 * text.segments
    assert campaigns.change(draft.id, name="another").state is CampaignState.DRAFT


def test_a_campaign_starts_only_with_the_count_that_was_seen(world: CampaignWorld) -> None:
    world.people(3)
    ready = world.ready()
    with pytest.raises(Conflict, match="You confirmed 2 people, but the audience has 3"):
        world.campaigning.campaigns.start(ready.id, Start(2), by=None)
    assert world.campaigning.campaigns.show(ready.id).state is CampaignState.READY


def test_people_listed_after_the_count_are_not_texted(world: CampaignWorld) -> None:
    world.people(2)
    ready = world.ready()
    world.clock.advance(timedelta(minutes=1))
    world.messages.contact(number(9))
    world.campaigning.campaigns.start(ready.id, Start(2), by=None)
    world.sweep()
    assert len(world.members(ready.id)) == 2


def test_an_audience_that_grew_is_to_be_confirmed_again(world: CampaignWorld) -> None:
    people = world.people(3)
    world.change_person(people[2], opted_out=True)
    ready = world.ready()
    world.change_person(people[2], opted_out=False)
    with pytest.raises(Conflict, match="grew to 3"):
        world.campaigning.campaigns.start(ready.id, Start(2), by=None)
    world.campaigning.campaigns.start(ready.id, Start(3), by=None)


def test_after_a_pause_nothing_more_is_posted_until_it_is_resumed(world: CampaignWorld) -> None:
    world.people(4)
    campaign = world.started()
    world.sweep()
    world.campaigning.campaigns.pause(campaign, by=None)
    world.clock.advance(timedelta(days=3))  # longer than a message is useful
    world.send()
    world.messages.messaging.sweeps.expire()
    world.sweep()
    assert world.messages.texts(number(1)) == []
    world.campaigning.campaigns.resume(campaign, by=None)
    world.send()
    assert [len(world.messages.texts(number(place))) for place in range(1, 5)] == [1] * 4


def test_no_claim_takes_a_message_of_a_campaign_that_does_not_run(world: CampaignWorld) -> None:
    world.people(1)
    campaign = world.started()
    world.sweep()
    world.campaigning.campaigns.pause(campaign, by=None)
    world.change_messages(campaign, not_before=world.clock.now())  # as after a refusal "later"
    world.send()
    assert world.messages.texts(number(1)) == []


def test_a_cancelled_campaign_sends_nothing_that_is_still_queued(world: CampaignWorld) -> None:
    world.people(3)
    campaign = world.started()
    world.sweep()
    world.campaigning.campaigns.cancel(campaign, by=None)
    world.send()
    world.sweep()
    assert {message["status"] for message in world.campaign_messages(campaign)} == {"CANCELLED"}
    shown = world.campaigning.campaigns.show(campaign)
    assert (shown.state, shown.ended_at) == (CampaignState.CANCELLED, world.clock.now())


def test_a_campaign_that_goes_on_outside_its_window_waits_for_it(world: CampaignWorld) -> None:
    world.people(1)
    campaign = world.started(CampaignPlan(TEXT, window=Window(from_hour=9, until_hour=12)))
    world.sweep()
    world.campaigning.campaigns.pause(campaign, by=None)
    world.clock.advance(timedelta(hours=4))  # 14:00 in Paris
    world.campaigning.campaigns.resume(campaign, by=None)
    world.send()
    (message,) = world.campaign_messages(campaign)
    assert (message["status"], message["not_before"] > world.clock.now()) == ("QUEUED", True)


def test_a_missed_call_that_waited_out_a_pause_is_not_told_any_more(world: CampaignWorld) -> None:
    rule = world.started(CampaignPlan("prepare_contacts"), trigger=Trigger.POSITIVE_LISTED)
    world.clock.advance(timedelta(seconds=10))
    world.messages.positive(number(1))
    world.sweep()
    world.campaigning.campaigns.pause(rule, by=None)
    world.clock.advance(timedelta(hours=24))
    world.campaigning.campaigns.resume(rule, by=None)
    world.send()
    assert world.messages.texts(number(1)) == []


def test_a_plan_changed_while_its_audience_is_counted_keeps_no_count(world: CampaignWorld) -> None:
    world.people(2)
    campaigns, draft = world.campaigning.campaigns, world.ready()
    meanwhile = _ChangesThePlan(campaigns.audiences.database, campaigns.audiences.vault, campaigns, draft.id)
    with pytest.raises(Conflict, match="changed while it was counted"):
        replace(campaigns, audiences=meanwhile).count(draft.id)
    shown = campaigns.show(draft.id)
    assert (shown.state, shown.counted) == (CampaignState.DRAFT, None)


@dataclass(frozen=True)
class _ChangesThePlan(Audiences):
    """A colleague saves another plan while the audience is being counted."""

    campaigns: Campaigns
    campaign_id: UUID

    def count(self, campaign: Campaign, *, now: datetime) -> AudienceCount:
        counted = super().count(campaign, now=now)
        self.campaigns.change(self.campaign_id, plan=CampaignPlan(TEXT, AudienceFilter(household=True)))
        return counted


def test_a_campaign_waits_for_the_hour_it_was_given(world: CampaignWorld) -> None:
    world.people(1)
    ready = world.ready()
    begins = world.clock.now() + timedelta(hours=2)
    world.campaigning.campaigns.start(ready.id, Start(1, begins), by=None)
    world.sweep()
    assert world.campaign_messages(ready.id) == []
    world.sweep(seconds=7200)
    assert len(world.campaign_messages(ready.id)) == 1


def test_a_campaign_keeps_to_its_window_on_the_callees_clock(world: CampaignWorld) -> None:
    world.messages.contact(number(1))
    world.messages.contact(number(2), zone="America/Cayenne")  # 06:00 there
    campaign = world.started(CampaignPlan(TEXT, window=Window(from_hour=10, until_hour=12)))
    world.sweep()
    assert len(world.campaign_messages(campaign)) == 1
    world.sweep(seconds=4 * 3600)  # 14:00 in Paris, 10:00 in Cayenne
    messages = world.campaign_messages(campaign)
    (queued,) = [message for message in messages if message["not_before"] > world.clock.now()]
    assert queued["not_before"] - world.clock.now() == timedelta(hours=20)  # ten tomorrow in Paris
    assert len(messages) == 2


def test_a_pace_lets_so_many_segments_through_a_second(world: CampaignWorld) -> None:
    world.people(12)
    campaign = world.started(CampaignPlan(TEXT, pace=Pace(segments_per_second=4)))
    world.campaigning.work.run(most_seconds=5)  # frozen, and the first second's messages
    first = sum(message["segments"] for message in world.campaign_messages(campaign))
    assert 0 < first <= 8
    world.sweep(seconds=2)
    then = sum(message["segments"] for message in world.campaign_messages(campaign))
    assert then - first <= 2 * 4 + 1


def test_a_member_who_said_stop_since_the_start_gets_nothing(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started(CampaignPlan(TEXT, window=Window(from_hour=15)))
    world.sweep()
    world.messages.reply(number(1), "STOP")
    world.sweep(seconds=6 * 3600)
    assert len(world.campaign_messages(campaign)) == 1
    assert list(world.left_out(campaign).values()) == ["OPTED_OUT"]


def test_whoever_had_the_same_text_lately_is_left_out(world: CampaignWorld) -> None:
    world.people(2)
    world.started()
    world.sweep()
    again = world.ready()
    assert again.counted is not None
    assert (again.counted.members, dict(again.counted.left_out)) == (0, {"ALREADY_TOLD": 2})


def test_one_sms_goes_to_a_household(world: CampaignWorld) -> None:
    for _ in range(3):
        world.messages.contact(number(1))
    campaign = world.started()
    world.sweep()
    world.send()
    assert len(world.messages.texts(number(1))) == 1
    assert list(world.left_out(campaign).values()) == ["HOUSEHOLD_DUPLICATE"] * 2


def test_a_campaign_that_runs_is_not_changed(world: CampaignWorld) -> None:
    world.people(1)
    campaign = world.started()
    with pytest.raises(Conflict, match="RUNNING"):
        world.campaigning.campaigns.change(campaign, name="another")


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (CampaignPlan("no such text"), "text"),
        (CampaignPlan("missed_call"), "text"),
        (CampaignPlan(TEXT, variables={"town": "Dax"}), "variables"),
        (CampaignPlan(TEXT, window=Window(from_hour=9, until_hour=9)), "window"),
        (CampaignPlan(TEXT, pace=Pace(share=2.0)), "pace"),
        (CampaignPlan(TEXT, days=0), "days"),
        (CampaignPlan(TEXT, AudienceFilter(listed_from=datetime(2021, 3, 1))), "audience.listed_from"),  # noqa: DTZ001
        (CampaignPlan(TEXT, AudienceFilter(age_from=40, age_until=30)), "audience.age_until"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_the_field_to_mend(
    world: CampaignWorld, plan: CampaignPlan, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.campaigning.campaigns.draft("40", "a campaign", CampaignChannel.SMS, plan, by=None)
    assert refusal.value.field == field
    assert refusal.value.mend


def test_minors_are_left_out_of_a_text_for_adults(world: CampaignWorld) -> None:
    people = world.people(2)
    world.change_person(people[0], adult=False)
    ready = world.ready(replace(CampaignPlan("campaign_vaccination")))
    assert ready.counted is not None
    assert (ready.counted.members, dict(ready.counted.left_out)) == (1, {"MINOR": 1})


WORDS = "campaign_own_words"


def plan_saying(words: str) -> CampaignPlan:
    return CampaignPlan(WORDS, variables={"campaign_words": words})


def test_a_platforms_own_words_are_judged_like_the_text_around_them(world: CampaignWorld) -> None:
    campaigns = world.campaigning.campaigns
    for words, fault in (
        ("Votre test Covid est positif.", "speaks of health"),
        ("Voyez www.promo.example !", "not on the list of allowed hosts"),
        ("Appelez le 06 12 34 56 78.", "not on the list of allowed numbers"),
        ("Nous vous rappellerons demain.", "promises a call"),
        ("Rendez-vous à la salle des fêtes 🙂", "70 characters"),
    ):
        with pytest.raises(InvalidInput, match=fault) as refused:
            campaigns.draft("40", "own words", CampaignChannel.SMS, plan_saying(words), by=None)
        assert (refused.value.field, refused.value.code) == ("variables", "text_to_mend")
    drafted = campaigns.draft("40", "own words", CampaignChannel.SMS, plan_saying("Venez samedi."), by=None)
    with pytest.raises(InvalidInput, match="speaks of health"):
        campaigns.change(drafted.id, plan=plan_saying("Faites-vous vacciner."))


def test_words_are_tried_in_every_language_before_a_campaign_is_planned(world: CampaignWorld) -> None:
    tried = world.campaigning.campaigns.try_text("40", WORDS, {"campaign_words": "Venez tôt, c’est ouvert"})
    assert [text.language for text in tried.texts] == ["en", "fr"]
    assert "Venez tot, c'est ouvert" in tried.texts[0].text
    assert "Venez tôt, c’est ouvert" in tried.texts[0].written
    assert {finding.rule for finding in tried.findings} == {"alphabet", "accents"}


def test_a_preview_says_how_long_the_sending_takes_at_the_campaigns_pace(world: CampaignWorld) -> None:
    world.people(30)
    campaigns = world.campaigning.campaigns
    slow = CampaignPlan(TEXT, pace=Pace(segments_per_second=1))
    preview = campaigns.preview(world.ready(slow).id)
    assert preview.segments is not None
    assert preview.lasts == timedelta(seconds=preview.segments)


def test_a_list_of_campaigns_is_filtered_and_says_how_far_each_is(world: CampaignWorld) -> None:
    world.people(3)
    running, drafted = world.started(), world.ready()
    world.sweep()
    campaigns = world.campaigning.campaigns
    listed = campaigns.of_platforms(["40"], before=None, most=10, states=[CampaignState.RUNNING])
    assert [campaign.id for campaign in listed] == [running]
    calls = campaigns.of_platforms(["40"], before=None, most=10, channel=CampaignChannel.CALLS)
    assert calls == []
    far = world.campaigning.reports.progress([running, drafted.id])
    assert (far[running].members, far[running].made, far[drafted.id].members) == (3, 3, 0)
