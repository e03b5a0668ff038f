"""Forecasts count who is in hand and who is lent, and learn their range from those that were scored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.ids import new_id
from outreach.services.call_list import CallList
from outreach.services.forecasting import Forecasting
from outreach.services.mutual_aid import MutualAid
from outreach.services.outlooks import Outlooks
from outreach.services.past_forecasts import PastForecasts
from outreach.storage import forecast_store, tables
from outreach.storage.database import Database
from outreach.storage.forecast_store import StoredForecast
from tests.call_list_rows import add_agent, add_contact, add_positive
from tests.services.test_mutual_aid import TERMS, World

DAY = timedelta(days=1)


class Agents:
    """So many agents at every hour, for each platform."""

    def __init__(self, **counts: float) -> None:
        self.counts = counts

    def minutes_ahead(self, platform: str, _start: datetime, hours: int) -> list[float]:
        return [60 * self.counts.get(f"p{platform}", 0)] * hours


@pytest.fixture
def agents() -> Agents:
    return Agents(p40=2)


@pytest.fixture
def outlooks(database: Database, clock: SetClock, platform: str, agents: Agents) -> Outlooks:
    return Outlooks(database, clock, agents.minutes_ahead)


@pytest.fixture
def forecasting(database: Database, clock: SetClock, outlooks: Outlooks) -> Forecasting:
    return Forecasting(database, clock, outlooks, Decimal("0.08"))


def waiting(outlooks: Outlooks, platform: str = "40") -> float:
    return sum(group.ours().size for group in outlooks.outlook(platform, 24).waiting)


def test_who_is_in_hand_still_takes_an_agents_time(
    database: Database, clock: SetClock, outlooks: Outlooks
) -> None:
    with database.begin() as connection:
        agent = add_agent(connection, clock.now())
        for _ in range(3):
            add_positive(connection, clock.now())
    assert waiting(outlooks) == 3
    given = CallList(database, clock).next_entry(agent, platforms=["40"], languages=["fr"])
    assert given is not None
    assert waiting(outlooks) == 3
    with database.begin() as connection:
        called = {"first_called_at": clock.now()}
        of_given = tables.case_records.c.id == given.case_record_id
        connection.execute(update(tables.case_records).where(of_given).values(**called))
    tries = sorted((group.tries, group.size) for group in outlooks.outlook("40", 24).waiting)
    assert tries == [(0, 2), (1, 1)], "a first call that was made is none to come"


def test_a_contact_in_hand_is_not_texted_by_a_switch(
    database: Database, clock: SetClock, forecasting: Forecasting
) -> None:
    with database.begin() as connection:
        agent = add_agent(connection, clock.now())
        add_contact(connection, clock.now())
    assert CallList(database, clock).next_entry(agent, platforms=["40"], languages=["fr"]) is not None
    told = {one.preview.mode: one.forecast.messages for one in forecasting.look_ahead("40", 1).modes}
    assert told[Mode.SMS_CONTACTS] == told[Mode.LIGHT], "texted only when the call was missed"


# --- mutual aid ---


@pytest.fixture
def world(database: Database, clock: SetClock, platform: str) -> World:
    return World(database, clock)


def test_lent_people_count_once_for_whoever_will_call_them(
    world: World, database: Database, clock: SetClock, outlooks: Outlooks, agents: Agents
) -> None:
    agents.counts = {"p40": 3, "p973": 3}
    with database.begin() as connection:
        for _ in range(12):
            add_positive(connection, clock.now(), platform="973")
    before = waiting(outlooks, "973")
    world.lend(share=50)
    owner, helper = waiting(outlooks, "973"), waiting(outlooks, "40")
    assert before == 12
    assert owner + helper == pytest.approx(12)
    assert helper > 3, "the helper has no list of its own, and comes to them first"


def test_a_helper_who_does_not_come_changes_nothing(
    world: World, database: Database, clock: SetClock, outlooks: Outlooks, agents: Agents
) -> None:
    agents.counts = {"p40": 0, "p973": 3}
    with database.begin() as connection:
        for _ in range(12):
            add_positive(connection, clock.now(), platform="973")
    world.lend(share=50)
    assert (waiting(outlooks, "973"), waiting(outlooks, "40")) == (12, 0)


def test_a_share_of_those_who_will_come_in_is_the_helpers_too_until_the_loan_ends(
    world: World, database: Database, clock: SetClock, outlooks: Outlooks, agents: Agents
) -> None:
    agents.counts = {"p40": 3, "p973": 3}
    with database.begin() as connection:
        for day in range(1, 15):
            for _ in range(4):
                add_positive(connection, clock.now() - timedelta(days=day), platform="973")
        connection.execute(update(tables.call_list_entries).values(state="CLOSED"))
    alone = outlooks.outlook("973", 48).hours
    terms = replace(TERMS, ends_at=clock.now() + timedelta(hours=12))
    MutualAid(database, clock).lend(terms, author_id=None, actor="system:test")
    owner, helper = outlooks.outlook("973", 48).hours, outlooks.outlook("40", 48).hours
    for n in range(48):
        assert owner[n].positives + helper[n].positives == pytest.approx(alone[n].positives)
        assert (helper[n].positives > 0) is (n < 12 and alone[n].positives > 0)


# --- learned from the past ---


def scored(platform: str, made_at: datetime, *, hours: int = 72, **shares: float) -> dict[str, Any]:
    return {
        "id": new_id(),
        "platform": platform,
        "mode": "NORMAL",
        "mode_version": 1,
        "made_at": made_at,
        "hours": hours,
        "until": made_at + timedelta(hours=hours),
        "state": "SCORED",
        **shares,
    }


def add_scored(database: Database, clock: SetClock, *, hours: int, days: int, **shares: float) -> None:
    rows = [
        scored("40", clock.now() - day * DAY - hour * timedelta(hours=1), hours=hours, **shares)
        for day in range(1, days + 1)
        for hour in range(12)
    ]
    with database.begin() as connection:
        connection.execute(insert(tables.forecasts), rows)


def test_the_range_is_learned_once_enough_forecasts_were_scored(
    database: Database, clock: SetClock, forecasting: Forecasting, agents: Agents
) -> None:
    agents.counts = {"p40": 1}
    with database.begin() as connection:
        for _ in range(60):
            add_positive(connection, clock.now())
    assumed = forecasting.look_ahead("40")
    assert assumed.doubts.called is None
    add_scored(
        database, clock, hours=72, days=10, called=0.9, called_seen=0.7, informed=0.9, informed_seen=0.9
    )
    learned = forecasting.look_ahead("40")
    assert learned.doubts.called is not None
    assert learned.doubts.called.forecasts == 120
    told, between = learned.modes[0].forecast.called_in_time, learned.modes[0].forecast.called_range
    assert told is not None
    assert between == learned.doubts.called.around(told)
    assert between != assumed.modes[0].forecast.called_range
    assert forecasting.look_ahead("40", 24).doubts.called is None, "a day ahead is learned from a day ahead"


def test_nothing_is_learned_of_an_import_that_was_undone_or_of_a_record_merged_away(
    database: Database, clock: SetClock, platform: str
) -> None:
    since, records = clock.now() - DAY, tables.case_records
    with database.begin() as connection:
        add_positive(connection, clock.now())
        add_contact(connection, clock.now())
        mistakes = [add(connection, clock.now()) for add in (add_positive, add_contact) for _ in range(2)]
        for n, mistake in enumerate(mistakes):
            wrong = {"closed_because": "IMPORT_UNDONE"} if n % 2 else {"merged_into": new_id()}
            facts = {"reached_at": clock.now(), "first_called_at": clock.now()} | wrong
            of_mistake = records.c.id == mistake.case_record_id
            connection.execute(update(records).where(of_mistake).values(state="CLOSED", **facts))
        hours, _ = forecast_store.told(connection, platform, zone="Europe/Paris", since=since)
        assert sum(hour.positives for hour in hours) == 1
        assert sum(group.people for group in forecast_store.contacts(connection, platform, since=since)) == 1
        assert forecast_store.named(connection, platform, since=since) == (0, 1)
        soon = clock.now() + 9 * DAY
        made = StoredForecast(new_id(), platform, "NORMAL", 1, since, 72, soon, None, None, None)
        assert forecast_store.came_true(connection, made) == (0.0, 0.0, 0.0)


def test_past_days_stand_beside_what_came(database: Database, clock: SetClock, platform: str) -> None:
    add_scored(
        database, clock, hours=24, days=20, called=0.9, called_seen=0.8, informed=0.5, informed_seen=0.6
    )
    days = PastForecasts(database, clock).days("40")
    assert 14 <= len(days) <= 16
    assert days[0].day < days[-1].day
    assert {(round(d.called or 0, 6), round(d.called_seen or 0, 6)) for d in days} == {(0.9, 0.8)}
    assert {(round(d.informed or 0, 6), round(d.informed_seen or 0, 6)) for d in days} == {(0.5, 0.6)}
