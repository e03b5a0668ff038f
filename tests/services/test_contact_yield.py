"""Contacts per positive, group by group, and the alarm when a mode loses them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from outreach.clock import SetClock
from outreach.domain.contact_yield import YieldCounts, YieldGroup
from outreach.ids import new_id
from outreach.services.contact_yield import ContactYield
from outreach.storage import alarm_store, journal, tables
from outreach.storage.database import Connection, Database
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import add_agent, add_contact, add_positive
from tests.conftest import MORNING

WEEK = timedelta(days=7)


def interview(
    connection: Connection,
    at: datetime,
    agent: UUID,
    *,
    contacts: int = 0,
    outcome: str = "COMPLETED",
    light: int = 0,
) -> None:
    listed, attempt = add_positive(connection, at), new_id()
    connection.execute(
        insert(tables.call_attempts).values(
            id=attempt,
            platform="40",
            entry_id=listed.entry_id,
            case_record_id=listed.case_record_id,
            person_id=listed.person_id,
            agent_id=agent,
            status="ENDED",
            phone_position=0,
            conference=new_id(),
            started_at=at,
            outcome=outcome,
            script="positive",
            script_parameters={"light": light},
        )
    )
    facts = {"outcome": outcome, "purpose": "INTERVIEW"}
    journal.write(
        connection,
        JournalEntry(
            at, "40", Event.ATTEMPT_OUTCOME, "x", listed.case_record_id, listed.entry_id, attempt, facts=facts
        ),
    )
    for _ in range(contacts):
        connection.execute(
            insert(tables.exposures).values(
                id=new_id(),
                contact_id=add_contact(connection, at).case_record_id,
                positive_id=listed.case_record_id,
                created_at=at,
            )
        )


def switch(connection: Connection, at: datetime, mode: str, level: int, version: int) -> None:
    facts = {"mode": mode, "version": version, "ends_at": None}
    journal.write(connection, JournalEntry(at, "40", Event.MODE_SWITCHED, "x", facts=facts))
    connection.execute(
        update(tables.platform_modes).values(mode=mode, level=level, version=version, starts_at=at)
    )


@pytest.fixture
def agent(database: Database, platform: str) -> UUID:
    with database.begin() as connection:
        return add_agent(connection, MORNING)


@pytest.fixture
def contact_yield(database: Database, clock: SetClock) -> ContactYield:
    return ContactYield(database, clock)


def test_each_positive_counts_where_they_were_asked(
    database: Database, contact_yield: ContactYield, agent: UUID
) -> None:
    with database.begin() as connection:
        interview(connection, MORNING, agent, contacts=3)
        interview(connection, MORNING, agent, outcome="NO_ANSWER")
        switch(connection, MORNING + timedelta(hours=1), "SMS_CONTACTS", 3, 2)
        helper = add_agent(connection, MORNING)
        connection.execute(update(tables.users).where(tables.users.c.id == helper).values(platforms=["33"]))
        interview(connection, MORNING + timedelta(hours=2), helper, light=1)
    assert contact_yield.rows("40", MORNING, MORNING + WEEK) == [
        (YieldGroup("NORMAL", "positive", "CALL", "OWN"), YieldCounts(1, 3, 0)),
        (YieldGroup("SMS_CONTACTS", "positive light", "CALL", "HELPER"), YieldCounts(1, 0, 1)),
    ]


def test_a_mode_under_which_nobody_names_anybody_raises_one_alarm(
    database: Database, contact_yield: ContactYield, agent: UUID, clock: SetClock
) -> None:
    with database.begin() as connection:
        for _ in range(30):
            interview(connection, MORNING, agent, contacts=1)
        switch(connection, MORNING + timedelta(days=1), "LIGHT", 1, 2)
        for _ in range(29):
            interview(connection, MORNING + timedelta(days=2), agent)
    clock.advance(timedelta(days=3))
    assert contact_yield.guard() == 0
    with database.begin() as connection:
        interview(connection, MORNING + timedelta(days=2), agent)
    assert contact_yield.guard() == 1
    with database.begin() as connection:
        (alarm,) = alarm_store.open_alarms(connection, ["40"], most=9)
        assert (alarm["kind"], alarm["subject"]) == ("CONTACT_YIELD_LOW", "40/2")
        assert alarm["facts"] == {"mode": "LIGHT", "named_nobody": 1.0, "usually": 0.0}
        connection.execute(text("update alarms set cleared_at = raised_at"))
    assert contact_yield.guard() == 0
