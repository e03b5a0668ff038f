"""Forecasts of a platform from what it knows, kept and scored; AUTO on top of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select, text, update

from outreach.clock import SetClock
from outreach.domain.auto_mode import AutoSetting
from outreach.domain.load_shedding import RANK, ContactGroup, Mode, ScriptLength
from outreach.errors import Conflict, NotFound
from outreach.ids import new_id
from outreach.services.auto_switch import AutoSwitch
from outreach.services.forecasting import Forecasting
from outreach.services.load_shedding_switch import LoadSheddingSwitch
from outreach.services.mode_rules import PlatformRules, RuleChange
from outreach.services.outlooks import Outlooks
from outreach.services.paced import Paced
from outreach.storage import tables
from outreach.storage.database import Database
from tests.call_list_rows import add_contact, add_positive

HOUR = timedelta(hours=1)


class Agents:
    """So many agents at every hour."""

    def __init__(self, count: float) -> None:
        self.count = count

    def minutes_ahead(self, _platform: str, _start: datetime, hours: int) -> list[float]:
        return [60 * self.count] * hours


@pytest.fixture
def agents() -> Agents:
    return Agents(5)


@pytest.fixture
def switch(database: Database, clock: SetClock, platform: str) -> LoadSheddingSwitch:
    return LoadSheddingSwitch(database, clock, lambda _queue: None)


@pytest.fixture
def outlooks(database: Database, clock: SetClock, platform: str, agents: Agents) -> Outlooks:
    return Outlooks(database, clock, agents.minutes_ahead)


@pytest.fixture
def forecasting(database: Database, clock: SetClock, outlooks: Outlooks) -> Forecasting:
    return Forecasting(database, clock, outlooks, Decimal("0.08"))


@pytest.fixture
def auto(database: Database, clock: SetClock, outlooks: Outlooks, switch: LoadSheddingSwitch) -> AutoSwitch:
    return AutoSwitch(database, clock, outlooks, switch)


def a_wave(database: Database, clock: SetClock, *, contacts: int, positives: int = 0) -> None:
    with database.begin() as connection:
        for _ in range(contacts):
            add_contact(connection, clock.now())
        for _ in range(positives):
            add_positive(connection, clock.now())


def test_a_look_ahead_at_a_large_list_is_kept_until_somebody_switches(
    forecasting: Forecasting, switch: LoadSheddingSwitch, database: Database, clock: SetClock
) -> None:
    kept = replace(forecasting, kept=Paced(share=1e-9, keeps=lambda ahead: ahead.people >= 3))
    a_wave(database, clock, contacts=2)
    assert kept.look_ahead("40").people == 2
    a_wave(database, clock, contacts=1)
    first = kept.look_ahead("40")
    clock.advance(HOUR)
    a_wave(database, clock, contacts=1)
    again = kept.look_ahead("40")
    assert (again.people, again.made_at) == (3, first.made_at)
    assert kept.look_ahead("40", 24).people == 4, "another question"
    switch.switch("40", Mode.LIGHT, reason="a test", author_id=None, expected_version=first.version)
    assert kept.look_ahead("40").people == 4


def test_a_kept_look_ahead_follows_a_changed_rule_at_once(
    forecasting: Forecasting, database: Database, clock: SetClock
) -> None:
    kept = replace(forecasting, kept=Paced(share=1e-9))
    a_wave(database, clock, contacts=3)
    before = kept.look_ahead("40")
    clock.advance(HOUR)
    assert kept.look_ahead("40").made_at == before.made_at
    change = RuleChange(ScriptLength.LIGHT, 2, 1, frozenset({ContactGroup.OTHERS}), "a test", 0)
    PlatformRules(database, clock, lambda _queue: None).change(
        "40", Mode.SMS_LOW_RISK, change, author_id=None
    )
    after = kept.look_ahead("40")
    assert (after.version, after.made_at) == (before.version, before.made_at + HOUR)


def test_somebody_leased_while_a_forecast_counts_is_counted_once(
    outlooks: Outlooks, database: Database, clock: SetClock
) -> None:
    a_wave(database, clock, contacts=0, positives=1)
    lease = text(
        "update call_list_entries set state = 'LEASED', lease_id = gen_random_uuid(),"
        " leased_by = gen_random_uuid(), leased_until = entered_at where state in ('READY', 'WAITING')"
    )
    leased: list[int] = []

    def lease_meanwhile(*given: Any) -> None:
        """Once the list is counted, and before those in an agent's hands are."""
        if "state = 'LEASED' and queue" in given[2] and not leased:
            leased.append(1)
            with database.begin() as connection:
                leased[0] = connection.execute(lease).rowcount

    event.listen(database.engine, "before_cursor_execute", lease_meanwhile)
    try:
        ahead = outlooks.outlook("40", 72)
    finally:
        event.remove(database.engine, "before_cursor_execute", lease_meanwhile)
    assert leased == [1]
    assert sum(group.size for group in ahead.waiting) == 1


def test_every_mode_is_shown_side_by_side_with_its_cost(
    forecasting: Forecasting, database: Database, clock: SetClock, agents: Agents
) -> None:
    agents.count = 1
    a_wave(database, clock, contacts=40, positives=3)
    ahead = forecasting.look_ahead("40")
    assert [one.preview.mode for one in ahead.modes] == list(Mode)
    normal, heavy = ahead.modes[0], ahead.modes[RANK[Mode.SMS_CONTACTS]]
    assert (normal.preview.called, heavy.preview.called, heavy.preview.texted) == (43, 3, 40)
    assert (heavy.segments_now, heavy.euros_now) == (80, Decimal("6.40"))
    assert heavy.hours_freed > 10
    assert normal.hours_freed == 0
    assert heavy.forecast.informed_in_time is not None
    assert normal.forecast.informed_in_time is not None
    assert heavy.forecast.informed_in_time > normal.forecast.informed_in_time
    assert len(normal.forecast.backlog) == 72
    assert ahead.errors[0].forecasts == 0


def test_positives_who_cannot_be_called_are_late_and_an_agent_more_is_seen(
    forecasting: Forecasting, database: Database, clock: SetClock, agents: Agents
) -> None:
    agents.count = 1
    a_wave(database, clock, contacts=0, positives=60)
    (normal, *_) = forecasting.look_ahead("40").modes
    assert normal.forecast.late_from is not None
    assert normal.one_fewer is not None
    assert normal.one_more is not None
    assert normal.forecast.called_in_time is not None
    assert normal.one_fewer < normal.forecast.called_in_time < normal.one_more


def test_an_empty_platform_is_forecast_too_and_an_unknown_one_is_not(forecasting: Forecasting) -> None:
    assert all(one.forecast.called_in_time is None for one in forecasting.look_ahead("40").modes)
    with pytest.raises(NotFound):
        forecasting.look_ahead("99")


def test_a_platform_with_a_past_expects_more(
    forecasting: Forecasting, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        for day in range(1, 15):
            add_positive(connection, clock.now() - timedelta(days=day))
        connection.execute(update(tables.call_list_entries).values(state="CLOSED"))
    (normal, *_) = forecasting.look_ahead("40").modes
    assert normal.forecast.called_in_time == pytest.approx(1)


def test_a_forecast_is_scored_once_its_hours_have_passed(
    forecasting: Forecasting, database: Database, clock: SetClock
) -> None:
    a_wave(database, clock, contacts=2, positives=4)
    assert forecasting.keep() == 2
    cases = tables.case_records
    with database.begin() as connection:
        positives = connection.execute(select(cases.c.id).where(cases.c.kind == "POSITIVE")).scalars().all()
        called = {"first_called_at": clock.now() + HOUR, "reached_at": clock.now() + 30 * HOUR}
        connection.execute(update(cases).where(cases.c.id.in_(positives[:3])).values(**called))
    clock.advance(23 * HOUR)
    assert forecasting.score() == 0
    clock.advance(HOUR)
    assert forecasting.score() == 1
    assert forecasting.score() == 0
    (scored,) = forecasting.scored("40")
    assert (scored.hours, scored.called_seen, scored.reached_seen) == (24, 0.75, 0.0)
    (day, _) = forecasting.look_ahead("40").errors
    assert day.forecasts == 1
    assert day.called == pytest.approx(0.25, abs=0.01)
    assert day.bias == day.called, "too hopeful"


def test_a_forecast_whose_mode_was_switched_is_void(
    forecasting: Forecasting, database: Database, clock: SetClock, switch: LoadSheddingSwitch
) -> None:
    a_wave(database, clock, contacts=2, positives=4)
    forecasting.keep()
    switch.switch("40", Mode.LIGHT, reason="wave", author_id=None, expected_version=1)
    clock.advance(24 * HOUR)
    assert forecasting.score() == 1
    assert forecasting.scored("40") == []


# --- AUTO ---


@pytest.fixture
def supervisor(database: Database, clock: SetClock, platform: str) -> UUID:
    user_id = new_id()
    with database.begin() as connection:
        connection.execute(
            insert(tables.users).values(
                id=user_id, login="marie", roles=["supervisor"], platforms=["40"], created_at=clock.now()
            )
        )
    return user_id


@pytest.fixture
def wave(database: Database, clock: SetClock) -> None:
    a_wave(database, clock, contacts=150, positives=3)


def sentences(database: Database) -> list[dict[str, str]]:
    c = tables.journal.c
    with database.begin() as connection:
        rows = connection.execute(select(c.facts).where(c.event == "AUTO_DECIDED").order_by(c.id))
        return list(rows.scalars())


def test_auto_is_off_until_it_is_turned_on(auto: AutoSwitch, wave: None, switch: LoadSheddingSwitch) -> None:
    assert auto.run() == 0
    assert auto.show("40").setting is AutoSetting.OFF
    assert switch.show("40").version == 1


def test_auto_proposes_and_a_supervisor_accepts(
    auto: AutoSwitch, wave: None, switch: LoadSheddingSwitch, supervisor: UUID, database: Database
) -> None:
    auto.set("40", AutoSetting.PROPOSE, author_id=supervisor)
    assert auto.run() == 1
    assert auto.run() == 1, "the same proposal stands"
    (proposal,) = auto.show("40").proposals
    assert RANK[proposal.mode] > RANK[Mode.NORMAL]
    assert proposal.because.startswith(f"From NORMAL to {proposal.mode}: ")
    assert switch.show("40").mode is Mode.NORMAL, "nothing moves by itself"
    auto.answer("40", proposal.id, accept=True, by=supervisor)
    shown = switch.show("40")
    assert (shown.mode, shown.author_id, shown.reason) == (proposal.mode, supervisor, proposal.because)
    assert sentences(database)[0]["because"] == proposal.because
    with database.begin() as connection:
        alarm = connection.execute(select(tables.alarms).where(tables.alarms.c.kind == "MODE_PROPOSED")).one()
    assert alarm.cleared_at is not None


def test_a_declined_mode_is_not_proposed_again_for_three_hours(
    auto: AutoSwitch, wave: None, supervisor: UUID, clock: SetClock
) -> None:
    auto.set("40", AutoSetting.PROPOSE, author_id=supervisor)
    auto.run()
    (proposal,) = auto.show("40").proposals
    auto.answer("40", proposal.id, accept=False, by=supervisor)
    assert auto.run() == 0
    with pytest.raises(Conflict):
        auto.answer("40", proposal.id, accept=True, by=supervisor)


def test_a_proposal_that_someone_overtook_is_not_accepted(
    auto: AutoSwitch, wave: None, supervisor: UUID, switch: LoadSheddingSwitch
) -> None:
    auto.set("40", AutoSetting.PROPOSE, author_id=supervisor)
    auto.run()
    (proposal,) = auto.show("40").proposals
    switch.switch("40", Mode.LIGHT, reason="mine", author_id=supervisor, expected_version=1)
    with pytest.raises(Conflict, match="marie put LIGHT in force"):
        auto.answer("40", proposal.id, accept=True, by=supervisor)


def test_auto_applies_with_its_sentence_as_the_reason(
    auto: AutoSwitch, wave: None, switch: LoadSheddingSwitch, supervisor: UUID
) -> None:
    auto.set("40", AutoSetting.APPLY, author_id=supervisor)
    assert auto.run() == 1
    (line,) = switch.history("40")
    assert (line.actor, line.facts["reason"][:12]) == ("system:auto", "From NORMAL ")


def test_a_supervisors_own_switch_holds_auto_off_for_its_stay(
    auto: AutoSwitch, wave: None, switch: LoadSheddingSwitch, supervisor: UUID, clock: SetClock
) -> None:
    auto.set("40", AutoSetting.APPLY, author_id=supervisor)
    switch.switch("40", Mode.NORMAL, reason="we manage", author_id=supervisor, expected_version=1)
    clock.advance(replace(auto.rule).least_stay - HOUR)
    assert auto.run() == 0
    assert switch.show("40").version == 2


def test_auto_goes_back_when_the_wave_is_over_and_the_mode_has_stood(
    auto: AutoSwitch,
    wave: None,
    switch: LoadSheddingSwitch,
    supervisor: UUID,
    database: Database,
    clock: SetClock,
) -> None:
    auto.set("40", AutoSetting.APPLY, author_id=supervisor)
    auto.run()
    with database.begin() as connection:
        connection.execute(update(tables.call_list_entries).values(state="CLOSED"))
        connection.execute(update(tables.case_records).values(listed_at=clock.now() - timedelta(days=60)))
    clock.advance(HOUR)
    assert auto.run() == 0, "it has not stood long enough"
    assert "stays until it has stood 12 hours" in sentences(database)[-1]["because"]
    clock.advance(12 * HOUR)
    assert auto.run() == 1
    assert switch.show("40").mode is Mode.NORMAL
