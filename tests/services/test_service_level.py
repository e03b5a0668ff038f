"""The figures recomputed from the journal equal the live ones, whatever happened."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from outreach.clock import SetClock
from outreach.domain.outcomes import CallOutcome
from outreach.domain.service_level import LateCause
from outreach.errors import InvalidInput, NotFound, OutreachError
from outreach.services.service_level import Histories, ServiceLevelFigures
from outreach.services.settling import Settlement, settle
from outreach.storage import journal, tables
from outreach.storage.database import Database
from outreach.storage.journal import Event, JournalEntry
from tests.call_list_rows import Listed, add_contact, add_platform, add_positive

HOUR = timedelta(hours=1)
LONG = timedelta(days=30)
cases = tables.case_records


@pytest.fixture
def figures(database: Database, clock: SetClock, platform: str) -> ServiceLevelFigures:
    return ServiceLevelFigures(database, clock)


def live(connection: Connection) -> dict[object, tuple[object, ...]]:
    rows = connection.execute(
        select(
            cases.c.id,
            cases.c.kind,
            cases.c.result_at,
            cases.c.deadline,
            cases.c.first_called_at,
            cases.c.reached_at,
            cases.c.informed_at,
        )
    )
    return {
        row.id: (row.result_at, row.deadline, row.first_called_at, row.reached_at)
        if row.kind == "POSITIVE"
        else (row.informed_at,)
        for row in rows
    }


def recomputed(found: Histories) -> dict[object, tuple[object, ...]]:
    positives = {
        h.case_record_id: (h.result_at, h.deadline, h.called_at, h.reached_at) for h in found.positives
    }
    return positives | {h.case_record_id: (h.informed_at,) for h in found.contacts}


def convert(connection: Connection, listed: Listed, clock: SetClock) -> None:
    """What an import does when a contact turns positive, as far as the figures go."""
    now = clock.now()
    deadline = now + 20 * HOUR
    connection.execute(
        update(cases)
        .where(cases.c.id == listed.case_record_id)
        .values(
            kind="POSITIVE",
            result_at=now - 4 * HOUR,
            deadline=deadline,
            converted_at=now,
            first_called_at=None,
            reached_at=None,
        )
    )
    told = {"result_at": (now - 4 * HOUR).isoformat(), "deadline": deadline.isoformat()}
    journal.write(
        connection,
        JournalEntry(now, "40", Event.CASE_CONVERTED, "system:import", listed.case_record_id, facts=told),
    )


def random_day(database: Database, clock: SetClock, seed: int) -> None:
    """Arrivals, outcomes of every kind, and conversions, at random moments of two days."""
    chance = random.Random(seed)
    listed: list[Listed] = []
    for _ in range(150):
        clock.advance(timedelta(minutes=chance.randrange(40)))
        dice = chance.random()
        try:
            with database.begin() as connection:
                if dice < 0.25 or not listed:
                    listed.append(
                        add_positive(
                            connection, clock.now(), result_ago=HOUR * chance.randrange(40), numbers=2
                        )
                    )
                elif dice < 0.45:
                    listed.append(add_contact(connection, clock.now(), numbers=2))
                elif dice < 0.5:
                    convert(connection, chance.choice(listed), clock)
                else:
                    settle(connection, random_settlement(chance, chance.choice(listed), clock))
        except OutreachError:
            continue  # closed already, or needs a supervisor: nothing changed


def random_settlement(chance: random.Random, listed: Listed, clock: SetClock) -> Settlement:
    now = clock.now()
    dialled = now - timedelta(minutes=3)
    return Settlement(
        listed.entry_id,
        chance.choice(list(CallOutcome)),
        "system:test",
        now,
        called_at=chance.choice((None, dialled)),
        spoke_at=chance.choice((None, dialled + timedelta(seconds=10))),
        callback_at=now + HOUR,
        by_supervisor=chance.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_journal_alone_gives_the_live_figures(
    database: Database, clock: SetClock, figures: ServiceLevelFigures, seed: int
) -> None:
    random_day(database, clock, seed)
    found = figures.histories("40", clock.now() - LONG, clock.now() + LONG)
    with database.begin() as connection:
        expected = live(connection)
    assert recomputed(found) == expected
    told = figures.figures("40", clock.now() - LONG, clock.now() + LONG)
    assert told.positives + told.contacts == len(expected)
    assert told.late == sum(told.late_causes.values())


def test_only_results_and_listings_of_the_period_and_platform_count(
    database: Database, clock: SetClock, figures: ServiceLevelFigures
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now(), result_ago=2 * HOUR)
        add_positive(connection, clock.now(), result_ago=30 * HOUR)
        add_contact(connection, clock.now())
        add_platform(connection, "64", clock.now())
    told = figures.figures("40", clock.now() - 3 * HOUR, clock.now())
    assert (told.positives, told.contacts) == (1, 0)
    assert figures.figures("64", clock.now() - LONG, clock.now() + LONG).positives == 0
    with pytest.raises(InvalidInput):
        figures.figures("40", clock.now(), clock.now())
    with pytest.raises(NotFound):
        figures.figures("99", clock.now() - LONG, clock.now())


def test_the_causes_of_late_positives_are_read_from_their_histories(
    database: Database, clock: SetClock, figures: ServiceLevelFigures
) -> None:
    with database.begin() as connection:
        add_positive(connection, clock.now(), result_ago=30 * HOUR)
        add_positive(connection, clock.now(), numbers=0)
        nobody_free = add_positive(connection, clock.now())
        broken_line = add_positive(connection, clock.now())
        settle(
            connection,
            Settlement(broken_line.entry_id, CallOutcome.NETWORK_FAILED, "system:test", clock.now()),
        )
    clock.advance(timedelta(hours=25))
    with database.begin() as connection:
        settle(
            connection, Settlement(nobody_free.entry_id, CallOutcome.COMPLETED, "system:test", clock.now())
        )
    told = figures.figures("40", clock.now() - LONG, clock.now())
    assert {cause: count for cause, count in told.late_causes.items() if count} == {
        LateCause.LATE_AT_ARRIVAL: 1,
        LateCause.UNREACHABLE_NUMBER: 1,
        LateCause.OUTAGE: 1,
        LateCause.NO_CAPACITY: 1,
    }


def test_a_call_before_the_conversion_does_not_count_for_the_positive(
    database: Database, clock: SetClock, figures: ServiceLevelFigures
) -> None:
    with database.begin() as connection:
        listed = add_contact(connection, clock.now())
        settle(connection, Settlement(listed.entry_id, CallOutcome.BUSY, "system:test", clock.now()))
        convert(connection, listed, clock)
    (positive,) = figures.histories("40", clock.now() - LONG, clock.now() + LONG).positives
    assert positive.called_at is None
    assert positive.told_at == clock.now()


def test_informing_a_contact_by_phone_is_seen_in_the_figures(
    database: Database, clock: SetClock, figures: ServiceLevelFigures
) -> None:
    with database.begin() as connection:
        told = add_contact(connection, clock.now())
        add_contact(connection, clock.now())
        settle(connection, Settlement(told.entry_id, CallOutcome.INFO_GIVEN, "system:test", clock.now()))
    level = figures.figures("40", clock.now() - LONG, clock.now() + LONG)
    assert (level.contacts, level.contacts_informed_in_time) == (2, 1)
