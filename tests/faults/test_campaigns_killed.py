"""A campaign killed at any moment, paused and resumed at any moment: nobody doubled, nobody missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from outreach.clock import SetClock
from outreach.domain.campaigns import CampaignChannel, CampaignPlan, CampaignState
from outreach.errors import Conflict
from outreach.services.campaign_work import CampaignWork
from outreach.storage.database import Database
from outreach.storage.vault import Vault
from tests.campaign_world import SCRIPT, TEXT, CampaignWorld, campaign_world

PEOPLE, MOST_STATEMENTS = 5, 400
STRIDE = 3  # a transaction has more statements than this: none is left out


class Killed(Exception):
    """The process ended here; what it had not committed is gone."""


@pytest.fixture
def world(database: Database, vault: Vault, clock: SetClock, platform: str) -> Iterator[CampaignWorld]:
    with campaign_world(database, vault, clock) as built:
        built.people(PEOPLE)
        yield built


@contextmanager
def killed_at(database: Database, place: int) -> Iterator[None]:
    """The statement with this number, from now on, is never run."""
    left = [place]

    def look(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    event.listen(database.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", look)


def in_small_pieces(world: CampaignWorld) -> CampaignWork:
    """Two people a piece, so that a kill falls between pieces too."""
    work = world.campaigning.work
    return replace(work, members=replace(work.members, piece=2), messages=replace(work.messages, piece=2))


def run(world: CampaignWorld, work: CampaignWork) -> None:
    while work.run(most_seconds=5):
        pass


def begun(world: CampaignWorld, channel: CampaignChannel) -> UUID:
    """A campaign of its own; what earlier ones sent does not count as told."""
    world.clock.advance(timedelta(seconds=1))
    text = TEXT if channel is CampaignChannel.SMS else SCRIPT
    return world.started(CampaignPlan(text, told_within_days=0), channel)


def per_person(world: CampaignWorld, campaign: UUID) -> Counter[UUID]:
    made = world.campaign_messages(campaign) or world.entries(campaign)
    return Counter(row["person_id"] for row in made)


@pytest.mark.parametrize("channel", list(CampaignChannel))
def test_killed_in_any_transaction_and_run_again_everybody_is_reached_once(
    world: CampaignWorld, channel: CampaignChannel
) -> None:
    work = in_small_pieces(world)
    for place in range(0, MOST_STATEMENTS, STRIDE):
        campaign = begun(world, channel)
        try:
            with killed_at(world.database, place):
                run(world, work)
            finished = True
        except Killed:
            finished = False
        run(world, work)
        assert set(per_person(world, campaign).values()) == {1}, place
        assert len(per_person(world, campaign)) == PEOPLE, place
        if channel is CampaignChannel.SMS:
            world.change_messages(campaign, status="DELIVERED", accepted_at=world.clock.now())
        else:
            world.campaigning.campaigns.cancel(campaign, by=None)
        run(world, work)
        if finished:
            return
    pytest.fail("the campaign never came to its end")


STEPS = st.lists(
    st.one_of(st.integers(0, 40), st.sampled_from(["pause", "resume", "wait"])), min_size=1, max_size=8
)


@settings(
    max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(steps=STEPS)
def test_killed_paused_and_resumed_in_any_order_everybody_is_texted_once(
    world: CampaignWorld, steps: list[int | str]
) -> None:
    work, campaigns = in_small_pieces(world), world.campaigning.campaigns
    campaign = begun(world, CampaignChannel.SMS)
    for step in steps:
        try:
            if step == "pause":
                campaigns.pause(campaign, by=None)
            elif step == "resume":
                campaigns.resume(campaign, by=None)
            elif step == "wait":
                world.clock.advance(timedelta(seconds=20))
            else:
                with killed_at(world.database, int(step)):
                    work.run(most_seconds=5)
        except (Killed, Conflict):  # a step its state does not allow changes nothing
            continue
    if campaigns.show(campaign).state is CampaignState.PAUSED:
        campaigns.resume(campaign, by=None)
    world.clock.advance(timedelta(seconds=20))
    run(world, work)
    assert set(per_person(world, campaign).values()) == {1}
    assert len(per_person(world, campaign)) == PEOPLE
    campaigns.cancel(campaign, by=None)
    run(world, work)


def test_two_sweeps_at_once_make_one_message_for_each(world: CampaignWorld) -> None:
    campaign = begun(world, CampaignChannel.SMS)
    works = [in_small_pieces(world) for _ in range(4)]
    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(lambda work: run(world, work), works))
    run(world, works[0])
    assert set(per_person(world, campaign).values()) == {1}
    assert len(per_person(world, campaign)) == PEOPLE
