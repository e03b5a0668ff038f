"""What follows an SMS of a campaign: a reminder to who did not read, the call list, a letter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from outreach.clock import SetClock
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState, FollowUp, Window
from outreach.errors import InvalidInput, NotFound
from outreach.storage import journal, restriction_store
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed, add_agent
from tests.campaign_world import TEXT, CampaignWorld, campaign_world, number

REMIND_THEN_CALL = CampaignPlan(TEXT, follow_up=FollowUp(reminder_after_hours=24, call_after_hours=12))
CALL_ONLY = CampaignPlan(TEXT, follow_up=FollowUp(call_after_hours=6))
HOUR = 3600


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        yield built


def delivered(world: CampaignWorld, plan: CampaignPlan) -> UUID:
    """A campaign whose first messages all arrived."""
    campaign = world.started(plan)
    world.sweep()
    world.change_messages(campaign, status="DELIVERED", accepted_at=world.clock.now())
    return campaign


def dealt_with(world: CampaignWorld, people: Sequence[Listed]) -> None:
    """Nobody of them waits for a call of their own any more."""
    for listed in people:
        world.change_entry(listed, state="CLOSED", closed_because="INFO_GIVEN")


def purposes(world: CampaignWorld, campaign: UUID) -> list[str]:
    return sorted(message["purpose"] for message in world.campaign_messages(campaign))


def test_who_has_not_read_after_n_hours_is_reminded_once(world: CampaignWorld) -> None:
    world.people(2)
    campaign = delivered(world, REMIND_THEN_CALL)
    world.sweep(seconds=23 * HOUR)
    assert purposes(world, campaign) == ["CAMPAIGN"] * 2
    world.sweep(seconds=HOUR)
    world.sweep(seconds=60)
    assert purposes(world, campaign) == ["CAMPAIGN"] * 2 + ["REMINDER"] * 2


def test_who_read_is_left_in_peace(world: CampaignWorld) -> None:
    people = world.people(1)
    dealt_with(world, people)
    campaign = delivered(world, REMIND_THEN_CALL)
    world.change_messages(campaign, status="READ")
    world.sweep(seconds=24 * HOUR)
    world.sweep(seconds=24 * HOUR)
    assert purposes(world, campaign) == ["CAMPAIGN"]
    assert world.entries(campaign) == []
    assert world.campaigning.campaigns.show(campaign).state is CampaignState.DONE


def test_who_did_not_read_the_reminder_either_is_called_in_class_6(world: CampaignWorld) -> None:
    people = world.people(1)
    dealt_with(world, people)
    campaign = delivered(world, REMIND_THEN_CALL)
    world.sweep(seconds=24 * HOUR)
    world.change_messages(campaign, status="DELIVERED", accepted_at=world.clock.now())
    world.sweep(seconds=13 * HOUR)
    world.sweep(seconds=2 * HOUR)
    (entry,) = world.entries(campaign)
    assert (entry["purpose"], entry["call_class"], entry["shed_level"] > 0) == ("CAMPAIGN", 6, True)
    assert purposes(world, campaign) == ["CAMPAIGN", "REMINDER"]


def test_whom_the_sms_did_not_reach_is_called_without_waiting(world: CampaignWorld) -> None:
    people = world.people(1)
    dealt_with(world, people)
    campaign = world.started(CALL_ONLY)
    world.sweep()
    world.change_messages(campaign, status="UNDELIVERED", error_code="30003")
    world.sweep(seconds=60)
    assert [entry["call_class"] for entry in world.entries(campaign)] == [6]


def test_who_waits_for_a_call_already_is_not_listed_twice(world: CampaignWorld) -> None:
    world.people(1)
    campaign = delivered(world, CALL_ONLY)
    world.sweep(seconds=7 * HOUR)
    assert world.entries(campaign) == []
    assert world.campaigning.campaigns.show(campaign).state is CampaignState.DONE


def test_who_said_stop_gets_no_reminder(world: CampaignWorld) -> None:
    people = world.people(1)
    dealt_with(world, people)
    campaign = delivered(world, REMIND_THEN_CALL)
    world.messages.reply(number(1), "STOP")
    world.sweep(seconds=25 * HOUR)
    assert purposes(world, campaign) == ["CAMPAIGN"]


def test_figures_say_in_one_sentence_how_far_a_campaign_is(world: CampaignWorld) -> None:
    people = world.people(3)
    world.change_person(people[2], opted_out=True)
    campaign = delivered(world, CampaignPlan(TEXT))
    account = world.campaigning.reports.account(campaign)
    assert account.sentences["fr"] == ("En cours : 2 SMS préparés sur 2 ; 2 remis ; 1 personnes écartées.")
    assert account.figures.left_out == {"OPTED_OUT": 1}


def test_failures_are_told_by_text_and_code(world: CampaignWorld) -> None:
    world.people(2)
    campaign = world.started()
    world.sweep()
    world.change_messages(campaign, status="UNDELIVERED", error_code="30006")
    (failure,) = world.campaigning.reports.failures(campaign)
    assert (failure.template, failure.code, failure.because, failure.messages) == (
        TEXT,
        "30006",
        "NO_SMS_ON_LINE",
        2,
    )


def test_the_export_holds_record_numbers_and_no_formula(world: CampaignWorld) -> None:
    people = world.people(2)
    world.refer(people[0], "=HYPERLINK(1)")
    world.refer(people[1], "C-2")
    campaign = delivered(world, CampaignPlan(TEXT))
    lines = "".join(world.campaigning.reports.export(campaign, by=None))
    rows = list(csv.DictReader(io.StringIO(lines.removeprefix("\ufeff")), delimiter=";"))
    assert {row["record_number"] for row in rows} == {"'=HYPERLINK(1)", "C-2"}
    assert {row["sms"] for row in rows} == {"DELIVERED"}
    assert "Dupont" not in lines
    assert len(world.messages.journal("CAMPAIGN_EXPORTED")) == 1


def test_whom_no_sms_reached_and_no_call_follows_gets_one_letter(world: CampaignWorld) -> None:
    people = world.people(2)
    world.messages.contact(number(9), can_sms=False)
    world.refer(people[0], "C-1")
    campaign = world.started()
    world.sweep()
    world.change_messages(campaign, status="FAILED", error_code="21614")
    letters = world.campaigning.letters
    assert letters.waiting(campaign) == 3
    batch = letters.start_batch(campaign)
    assert (batch.number, batch.letters) == (1, 3)
    lines = list(letters.file(campaign, 1, by=None))
    assert len(lines) == 1 + 3
    assert "".join(lines).count("Dupont;Camille") == 3
    with pytest.raises(InvalidInput, match="Nobody"):
        letters.start_batch(campaign)
    with pytest.raises(NotFound):
        letters.file(campaign, 2, by=None)
    told = [line["facts"] for line in world.messages.journal("CAMPAIGN_EXPORTED")]
    line = {"campaign_id": str(campaign), "what": "LETTERS", "batch": "1"}
    assert told == [line | {"whole": False}, line | {"whole": True}]


def unreached(world: CampaignWorld) -> UUID:
    """A campaign whose SMS reached nobody."""
    campaign = world.started()
    world.sweep()
    world.change_messages(campaign, status="FAILED", error_code="21614")
    return campaign


def restrict(world: CampaignWorld, who: Listed) -> None:
    now = world.clock.now()
    with world.messages.database.begin() as connection:
        by, record = add_agent(connection, now), who.case_record_id
        restriction_store.restrict(connection, record, "40", by, kept_until=None, now=now)


def lift(world: CampaignWorld, *people: Listed) -> None:
    with world.messages.database.begin() as connection:
        for who in people:
            restriction_store.lift(connection, who.case_record_id)


def test_a_restricted_person_gets_no_letter_until_the_restriction_is_lifted(world: CampaignWorld) -> None:
    first, second = world.people(2)
    campaign, letters = unreached(world), world.campaigning.letters
    restrict(world, first)
    assert letters.waiting(campaign) == 1
    assert letters.start_batch(campaign).letters == 1
    restrict(world, second)
    assert len(list(letters.file(campaign, 1, by=None))) == 1, "the headers alone"
    lift(world, first, second)
    assert len(list(letters.file(campaign, 1, by=None))) == 1
    assert letters.start_batch(campaign).letters == 2


def test_who_is_restricted_after_their_letter_was_taken_away_gets_no_second_one(world: CampaignWorld) -> None:
    (who,) = world.people(1)
    campaign, letters = unreached(world), world.campaigning.letters
    assert letters.start_batch(campaign).letters == 1
    assert len(list(letters.file(campaign, 1, by=None))) == 2
    restrict(world, who)
    assert len(list(letters.file(campaign, 1, by=None))) == 1
    lift(world, who)
    assert letters.waiting(campaign) == 0
    assert len(list(letters.file(campaign, 1, by=None))) == 2


def test_who_is_restricted_after_a_first_fetch_that_broke_off_gets_a_later_letter(
    world: CampaignWorld,
) -> None:
    people = world.people(2)
    campaign, letters = unreached(world), world.campaigning.letters
    letters.start_batch(campaign)
    broken_off = iter(letters.file(campaign, 1, by=None))
    assert [next(broken_off) for _ in range(2)]
    restrict(world, people[0])
    restrict(world, people[1])
    assert len(list(letters.file(campaign, 1, by=None))) == 1, "the headers alone"
    lift(world, *people)
    assert letters.start_batch(campaign).letters == 2


def test_who_is_restricted_while_the_first_fetch_goes_on_gets_a_later_letter(world: CampaignWorld) -> None:
    _, second = world.people(2)
    campaign, letters = unreached(world), world.campaigning.letters
    letters.start_batch(campaign)
    fetched = letters.file(campaign, 1, by=None)
    restrict(world, second)
    assert len(list(fetched)) == 2, "the headers and the first"
    lift(world, second)
    assert letters.start_batch(campaign).letters == 1
    assert len(list(letters.file(campaign, 1, by=None))) == 2, "the first one's letter was written"


def test_a_batch_that_was_fetched_before_ends_were_written_down_counts_as_taken(world: CampaignWorld) -> None:
    (who,) = world.people(1)
    campaign, letters = unreached(world), world.campaigning.letters
    letters.start_batch(campaign)
    with world.messages.database.begin() as connection:
        facts = {"campaign_id": str(campaign), "what": "LETTERS", "batch": "1"}
        line = JournalEntry(world.clock.now(), "40", Event.CAMPAIGN_EXPORTED, "system:test", facts=facts)
        journal.write(connection, line)
    restrict(world, who)
    list(letters.file(campaign, 1, by=None))
    lift(world, who)
    assert letters.waiting(campaign) == 0


def test_who_could_not_be_called_gets_a_letter(world: CampaignWorld) -> None:
    people = world.people(2)
    dealt_with(world, people)
    campaign = world.started(channel=CampaignChannel.CALLS)
    world.sweep()
    first, second = world.entries(campaign)
    for entry, because in ((first, "UNREACHED"), (second, "COMPLETED")):
        listed = Listed(entry["person_id"], entry["case_record_id"], entry["id"])
        world.change_entry(listed, state="CLOSED", closed_because=because)
    assert world.campaigning.letters.start_batch(campaign).letters == 1


def test_a_reminder_keeps_to_the_campaigns_window(world: CampaignWorld) -> None:
    world.people(1)
    plan = replace(REMIND_THEN_CALL, window=Window(from_hour=9, until_hour=12))
    campaign = delivered(world, plan)  # at ten
    world.sweep(seconds=30 * HOUR)
    world.send()
    (reminder,) = [m for m in world.campaign_messages(campaign) if m["purpose"] == "REMINDER"]
    assert reminder["status"] == "QUEUED"
    assert reminder["not_before"] - world.clock.now() == timedelta(hours=17)


def test_a_reply_of_someone_else_at_the_number_counts_for_the_member(world: CampaignWorld) -> None:
    people = [world.messages.contact(number(1)) for _ in range(2)]
    dealt_with(world, people)
    campaign = delivered(world, REMIND_THEN_CALL)
    world.messages.reply(number(1), "Merci, bien reçu")
    written_to = {message["person_id"] for message in world.campaign_messages(campaign)}
    (other,) = {listed.person_id for listed in people} - written_to
    world.change_replies(person_id=other)
    world.change_messages(campaign, status="DELIVERED")  # what the carrier says of it comes later
    world.sweep(seconds=24 * HOUR)
    assert purposes(world, campaign) == ["CAMPAIGN"]
    assert sum(world.campaigning.reports.account(campaign).figures.replies.values()) == 1
