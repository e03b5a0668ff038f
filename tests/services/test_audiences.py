"""Audiences: whom each filter finds, whom each exclusion leaves out, whom a file names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from outreach.clock import SetClock
from outreach.domain.audiences import AudienceFilter, Exclusion
from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.campaigns import CampaignChannel, CampaignPlan
from outreach.domain.case_records import CaseKind, Person
from outreach.domain.purposes import Purpose
from outreach.domain.row_values import masked
from outreach.errors import InvalidInput
from outreach.ids import new_id
from outreach.storage import tables
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.call_list_rows import Listed
from tests.campaign_world import TEXT, CampaignWorld, campaign_world, number

Change = Callable[[CampaignWorld, Listed], Any]


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        yield built


def record(**values: Any) -> Change:
    return lambda world, listed: world.change_record(listed, **values)


def person(**values: Any) -> Change:
    return lambda world, listed: world.change_person(listed, **values)


def entry(**values: Any) -> Change:
    return lambda world, listed: world.change_entry(listed, **values)


def tagged(world: CampaignWorld, listed: Listed) -> None:
    world.campaigning.tags.put(listed.case_record_id, "ehpad-pins", platforms=["40"])


def texted_under(version: int) -> Change:
    def change(world: CampaignWorld, listed: Listed) -> None:
        now = world.clock.now()
        row = dict.fromkeys(("sender", "template", "language"), "")
        row |= {"platform": "40", "purpose": "MISSED_CALL", "status": "DELIVERED"}
        moments = dict.fromkeys(("not_before", "useful_until", "created_at"), now)
        numbers = {"urgency": 0, "phone_position": 0, "template_version": 1, "segments": 1}
        with world.database.begin() as connection:
            connection.execute(
                insert(tables.messages).values(
                    id=new_id(),
                    send_id=new_id(),
                    person_id=listed.person_id,
                    case_record_id=listed.case_record_id,
                    number_index=b"another",
                    mode_version=version,
                    **row,
                    **moments,
                    **numbers,
                )
            )

    return change


def born(day: date) -> Change:
    def change(world: CampaignWorld, listed: Listed) -> None:
        key, wrapped = world.messages.vault.new_person_key(listed.person_id)
        keys = tables.person_keys
        with world.database.begin() as connection:
            where = keys.c.person_id == listed.person_id
            connection.execute(update(keys).where(where).values(wrapped_key=wrapped))
        world.change_person(listed, sealed=key.seal(Person("Dupont", "Camille", day).to_sealed()))

    return change


DAY = date(2021, 3, 10)
FILTERS: list[tuple[AudienceFilter, Change]] = [
    (AudienceFilter(kind=CaseKind.POSITIVE), record(kind="POSITIVE")),
    (AudienceFilter(household=True), record(household=True)),
    (AudienceFilter(collective_setting=True), record(collective_setting=True)),
    (AudienceFilter(vulnerable=True), record(vulnerable=True)),
    (AudienceFilter(last_exposure_from=DAY, last_exposure_until=DAY), record(last_exposure_on=DAY)),
    (
        AudienceFilter(listed_until=datetime(2021, 3, 1, tzinfo=UTC)),
        record(listed_at=datetime(2021, 2, 28, tzinfo=UTC)),
    ),
    (AudienceFilter(adult=False), person(adult=False)),
    (AudienceFilter(languages=("en", "es")), person(language="es")),
    (AudienceFilter(mode_version=7), texted_under(7)),
    (AudienceFilter(tags=("ehpad-pins",)), tagged),
    (AudienceFilter(entry_classes=(CallClass.SMS_RETURNED,)), entry(call_class=6)),
    (AudienceFilter(entry_states=(EntryState.CLOSED,)), entry(state="CLOSED")),
    (AudienceFilter(entry_purposes=(Purpose.FOLLOW_UP,)), entry(purpose="FOLLOW_UP")),
]


def counted(world: CampaignWorld, plan: CampaignPlan) -> tuple[int, dict[Exclusion, int]]:
    count = world.ready(plan).counted
    assert count is not None
    return count.members, dict(count.left_out)


@pytest.mark.parametrize(("wanted", "change"), FILTERS, ids=[str(n) for n in range(len(FILTERS))])
def test_a_filter_finds_only_whom_it_asks_for(
    world: CampaignWorld, wanted: AudienceFilter, change: Change
) -> None:
    people = world.people(3)
    change(world, people[1])
    campaign = world.started(CampaignPlan(TEXT, wanted))
    world.sweep()
    assert set(world.members(campaign)) == {people[1].person_id}


def test_not_reached_leaves_those_who_were_spoken_to_or_told(world: CampaignWorld) -> None:
    people = world.people(3)
    world.change_record(people[0], reached_at=world.clock.now())
    world.change_record(people[1], informed_at=world.clock.now())
    assert counted(world, CampaignPlan(TEXT, AudienceFilter(not_reached=True))) == (1, {})


def test_ages_are_whole_years_with_both_ends(world: CampaignWorld) -> None:
    people = world.people(3)
    for listed, year in zip(people, (1941, 1956, 1991), strict=True):
        born(date(year, 3, 16))(world, listed)
    plan = CampaignPlan(TEXT, AudienceFilter(age_from=65, age_until=80))
    assert counted(world, plan) == (2, {})


EXCLUDED: list[tuple[Change, Exclusion]] = [
    (person(sealed=None), Exclusion.ERASED),
    (entry(state="CLOSED", closed_because="DECEASED"), Exclusion.DECEASED),
    (person(opted_out=True), Exclusion.OPTED_OUT),
    (entry(state="LEASED", lease_id=new_id(), leased_by=new_id()), Exclusion.IN_A_CALL),
]


@pytest.mark.parametrize(("change", "because"), EXCLUDED, ids=[each[1].value for each in EXCLUDED])
def test_who_may_not_be_texted_is_left_out_with_the_reason(
    world: CampaignWorld, change: Change, because: Exclusion
) -> None:
    people = world.people(2)
    change(world, people[0])
    assert counted(world, CampaignPlan(TEXT)) == (1, {because: 1})


def test_a_landline_is_left_out(world: CampaignWorld) -> None:
    world.messages.contact(number(1), can_sms=False)
    assert counted(world, CampaignPlan(TEXT)) == (0, {Exclusion.NO_SMS_LINE: 1})


def test_an_old_message_of_the_same_text_does_not_count_as_told(world: CampaignWorld) -> None:
    world.people(1)
    world.started()
    world.sweep()
    world.clock.advance(timedelta(days=8))
    plan = CampaignPlan(TEXT, told_within_days=7)
    assert counted(world, plan) == (1, {})


def test_people_of_another_platform_are_never_found(world: CampaignWorld) -> None:
    people = world.people(2)
    with world.database.begin() as connection:
        connection.execute(
            insert(tables.platforms).values(
                code="33",
                name="Gironde",
                time_zone="Europe/Paris",
                department="33",
                created_at=world.clock.now(),
            )
        )
    world.change_record(people[0], platform="33")
    assert counted(world, CampaignPlan(TEXT)) == (1, {})


FILE = """identifiant;telephone_1
C-1;
;06 39 98 00 02
C-404;
;06 39 98 99 99
;38663
;
"""


def test_a_file_names_people_by_identifier_or_number(world: CampaignWorld) -> None:
    people = world.people(3)
    world.refer(people[0], "C-1")
    campaigns = world.campaigning.campaigns
    draft = campaigns.draft("40", "a campaign", CampaignChannel.SMS, CampaignPlan(TEXT), by=None)
    named = campaigns.use_file(draft.id, FILE.encode())
    assert set(named.people) == {people[0].person_id, people[1].person_id}
    findings = campaigns.findings(draft.id)
    assert [finding.row for finding in findings] == [4, 5, 6]
    assert findings[1].value == masked("06 39 98 99 99")
    assert all(finding.reason and finding.mend for finding in findings)
    count = campaigns.count(draft.id).counted
    assert count is not None
    assert count.members == 2


def test_a_file_without_such_a_column_is_refused(world: CampaignWorld) -> None:
    campaigns = world.campaigning.campaigns
    draft = campaigns.draft("40", "a campaign", CampaignChannel.SMS, CampaignPlan(TEXT), by=None)
    with pytest.raises(InvalidInput, match="names nobody") as refusal:
        campaigns.use_file(draft.id, b"couleur\nbleu\n")
    assert "telephone_1" in refusal.value.mend


def test_a_tag_is_a_small_word(world: CampaignWorld) -> None:
    (listed,) = world.people(1)
    with pytest.raises(InvalidInput):
        world.campaigning.tags.put(listed.case_record_id, "Mme Dupont", platforms=["40"])
    tagged(world, listed)
    assert world.campaigning.tags.counts(["40"]) == {"ehpad-pins": 1}
    assert world.campaigning.tags.take_off(listed.case_record_id, "ehpad-pins", platforms=["40"]) == []
