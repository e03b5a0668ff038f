"""Switching modes: one wins, the other is told; everything is kept; nothing else moves."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from outreach.clock import SetClock
from outreach.domain.load_shedding import Mode
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.ids import new_id
from outreach.services.load_shedding_switch import LoadSheddingSwitch, ModePreview
from outreach.storage import tables
from outreach.storage.database import Database
from tests.call_list_rows import add_contact, add_positive

HOUR = timedelta(hours=1)


@pytest.fixture
def nudged() -> list[str]:
    return []


@pytest.fixture
def switch(database: Database, clock: SetClock, platform: str, nudged: list[str]) -> LoadSheddingSwitch:
    return LoadSheddingSwitch(database, clock, nudged.append)


@pytest.fixture
def supervisor(database: Database, clock: SetClock) -> UUID:
    user_id = new_id()
    with database.begin() as connection:
        connection.execute(
            insert(tables.users).values(
                id=user_id, login="marie", roles=["supervisor"], platforms=["40"], created_at=clock.now()
            )
        )
    return user_id


def test_a_switch_puts_the_mode_in_force_with_its_author_and_reason(
    switch: LoadSheddingSwitch, supervisor: UUID, clock: SetClock, nudged: list[str]
) -> None:
    ends_at = clock.now() + 4 * HOUR
    switch.switch(
        "40",
        Mode.SMS_CONTACTS,
        reason="Monday's wave",
        author_id=supervisor,
        expected_version=1,
        ends_at=ends_at,
    )
    shown = switch.show("40")
    assert (shown.mode, shown.version, shown.author_id) == (Mode.SMS_CONTACTS, 2, supervisor)
    assert (shown.at(clock.now()), shown.at(ends_at)) == (Mode.SMS_CONTACTS, Mode.NORMAL)
    assert nudged == ["messages", "upkeep"]


def test_desks_hear_of_a_switch_and_of_its_undo_at_once(
    database: Database, clock: SetClock, platform: str, nudged: list[str]
) -> None:
    told: list[str] = []
    heard = Database(database.url)
    heard.tell = told.extend
    switch = LoadSheddingSwitch(heard, clock, nudged.append)
    switch.switch("40", Mode.LIGHT, reason="wave", author_id=None, expected_version=1)
    assert "orders:40" in told
    told.clear()
    switch.undo("40", author_id=None, expected_version=2)
    assert "orders:40" in told
    heard.engine.dispose()


def test_of_two_supervisors_one_wins_and_the_other_is_told_who_when_and_why(
    switch: LoadSheddingSwitch, supervisor: UUID
) -> None:
    switch.switch("40", Mode.SMS_CONTACTS, reason="wave", author_id=supervisor, expected_version=1)
    with pytest.raises(Conflict) as told:
        switch.switch("40", Mode.NORMAL, reason="other", author_id=None, expected_version=1)
    assert str(told.value) == "marie put SMS_CONTACTS in force at 2021-03-16 09:00 UTC (version 2): wave"
    assert switch.show("40").mode is Mode.SMS_CONTACTS


def test_every_switch_stays_in_the_history(
    switch: LoadSheddingSwitch, supervisor: UUID, clock: SetClock
) -> None:
    switch.switch("40", Mode.SMS_CONTACTS, reason="wave", author_id=supervisor, expected_version=1)
    clock.advance(HOUR)
    switch.switch("40", Mode.NORMAL, reason="over", author_id=supervisor, expected_version=2)
    latest, first = switch.history("40")
    assert latest.facts == {
        "mode": "NORMAL",
        "version": 3,
        "reason": "over",
        "ends_at": None,
        "previous": "SMS_CONTACTS",
    }
    assert (first.actor, first.facts["previous"]) == (f"user:{supervisor}", "NORMAL")


def test_a_switch_needs_a_reason_and_an_end_that_lies_ahead(
    switch: LoadSheddingSwitch, clock: SetClock
) -> None:
    with pytest.raises(InvalidInput):
        switch.switch("40", Mode.NORMAL, reason="  ", author_id=None, expected_version=1)
    with pytest.raises(InvalidInput):
        switch.switch("40", Mode.NORMAL, reason="x", author_id=None, expected_version=1, ends_at=clock.now())
    assert switch.show("40").version == 1


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_may_be_switched_to(switch: LoadSheddingSwitch, mode: Mode) -> None:
    after = switch.switch("40", mode, reason="wave", author_id=None, expected_version=1)
    assert after == switch.show("40")


def test_an_unknown_platform_is_not_found(switch: LoadSheddingSwitch) -> None:
    with pytest.raises(NotFound):
        switch.show("99")


def test_the_preview_says_what_each_mode_would_do(
    switch: LoadSheddingSwitch, database: Database, clock: SetClock
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now())
        add_contact(connection, clock.now())
        add_contact(connection, clock.now(), household=True)
        add_contact(connection, clock.now(), can_sms=False)
    assert switch.preview("40") == [
        ModePreview(Mode.NORMAL, called=4, texted=0, waiting=0, classes={1: 1, 3: 1, 5: 2}),
        ModePreview(Mode.LIGHT, called=4, texted=0, waiting=0, classes={1: 1, 3: 1, 5: 2}),
        ModePreview(Mode.SMS_LOW_RISK, called=3, texted=1, waiting=0, classes={1: 1, 3: 1, 5: 1}),
        ModePreview(Mode.SMS_CONTACTS, called=2, texted=2, waiting=0, classes={1: 1, 5: 1}),
        ModePreview(Mode.POSITIVES_ONLY, called=2, texted=2, waiting=0, classes={1: 1, 5: 1}),
    ]


def test_a_switch_moves_no_entry(switch: LoadSheddingSwitch, database: Database, clock: SetClock) -> None:
    with database.begin() as connection:
        add_contact(connection, clock.now())
        before = connection.execute(select(tables.call_list_entries)).all()
    switch.switch("40", Mode.SMS_CONTACTS, reason="wave", author_id=None, expected_version=1)
    with database.begin() as connection:
        assert connection.execute(select(tables.call_list_entries)).all() == before


def test_the_reason_of_an_undo_holds_no_number(switch: LoadSheddingSwitch) -> None:
    switch.switch("40", Mode.LIGHT, reason="wave", author_id=None, expected_version=1)
    with pytest.raises(InvalidInput):
        switch.undo("40", author_id=None, expected_version=2, reason="ask 06 39 98 00 01")
    assert switch.undo("40", author_id=None, expected_version=2, reason="wave over").version == 3
