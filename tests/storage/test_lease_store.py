"""Leases at depth: the plan goes by the index, and what the lease writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text

from outreach.domain.call_list import CallClass, Queue
from outreach.domain.purposes import Purpose
from outreach.ids import new_id
from outreach.storage import lease_store, tables
from outreach.storage.database import Database
from outreach.storage.hot_sql import HotStatement
from outreach.storage.lease_sql import lease_statement
from outreach.storage.lease_store import Leased, NumberTaken
from tests.call_list_rows import add_contact, add_positive, entry_row
from tests.conftest import open_platform

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
MANY = """
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, call_class,
    effective_deadline, deadline, shed_level, language, not_before, ready_until, number_index, entered_at)
  select gen_random_uuid(), '40', gen_random_uuid(), gen_random_uuid(),
    case when n % 5 = 0 then 'INTERVIEW' else 'INFORM' end, 'READY', case when n % 5 = 0 then 1 else 5 end,
    cast(:now as timestamptz) + interval '1 second' * (n * 7919 % 86400), :now,
    case when n % 5 = 0 then 0 else 3 end, case when n % 9 = 0 then 'pt' else 'fr' end,
    :now, cast(:now as timestamptz) + interval '10 hours', int4send(n), :now
  from generate_series(1, 20000) n
"""


def lease(connection: Connection, agent_id: UUID | None = None, **more: Any) -> Leased | None:
    wanted: dict[str, Any] = {
        "platforms": ["40"],
        "languages": ["fr"],
        "queues": [Queue.AGENTS],
        "now": NOW,
        "lease_id": new_id(),
        "lease_for": timedelta(seconds=90),
    }
    return lease_store.lease_next(connection, agent_id=agent_id or new_id(), **(wanted | more))


@pytest.fixture(scope="module")
def deep_database(uncounted_database: Database) -> Database:
    """20,000 entries that are ready, nearly all of contacts."""
    with uncounted_database.begin() as connection:
        open_platform(connection)
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text(MANY), {"now": NOW})
        connection.execute(text("analyze call_list_entries"))
    return uncounted_database


@pytest.fixture
def deep(deep_database: Database) -> Iterator[Connection]:
    """Nothing is kept of what a test does there."""
    with deep_database.engine.connect() as connection:
        connection.execute(text("set local session_replication_role = replica"))  # of nobody's records
        yield connection
        connection.rollback()


def test_the_lease_reads_a_few_entries_of_each_lane_by_the_index(deep: Connection) -> None:
    statement = lease_statement(1, 1, 2, 4)
    wanted = {
        "platform_0": "40",
        "queue_0": "AGENTS",
        "language_0": "fr",
        "language_1": "pt",
        "agent_id": new_id(),
        "now": NOW,
        "grace_ended": NOW,
        "lease_id": new_id(),
        "until": NOW,
        "event": "ENTRY_LEASED",
        "actor": "system:test",
    }
    for mode in ("force_custom_plan", "force_generic_plan"):
        deep.execute(text(f"set local plan_cache_mode = {mode}"))
        plan = deep.execute(
            text("explain (analyze, buffers, format json) " + statement.text),
            wanted | {"lease_id": new_id()},
        ).scalar_one()[0]["Plan"]
        indexes = {node.get("Index Name") for node in nodes(plan)}
        assert "call_list_ready_idx" in indexes
        assert "call_list_one_lease_per_number_idx" in indexes
        scanned = [n for n in nodes(plan) if n.get("Relation Name") == "call_list_entries"]
        assert not [n for n in scanned if n["Node Type"] in ("Seq Scan", "Bitmap Heap Scan")]
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 400


def test_lent_entries_are_read_by_an_index_of_their_own(deep: Connection) -> None:
    deep.execute(text("update call_list_entries set loan = 1 where call_class = 1"))
    deep.execute(text("analyze call_list_entries"))
    deep.execute(text("set local plan_cache_mode = force_generic_plan"))
    wanted = {
        "platform_0": "33",
        "queue_0": "AGENTS",
        "language_0": "fr",
        "agent_id": new_id(),
        "now": NOW,
        "grace_ended": NOW,
        "lease_id": new_id(),
        "until": NOW,
        "event": "ENTRY_LEASED",
        "actor": "system:test",
        "owner_0": "40",
        "loan_0": 1,
        "loan_queue_0": "AGENTS",
    }
    plan = deep.execute(
        text("explain (analyze, buffers, format json) " + lease_statement(1, 1, 1, 4, 1).text), wanted
    ).scalar_one()[0]["Plan"]
    assert "call_list_lent_idx" in {node.get("Index Name") for node in nodes(plan)}
    assert "Seq Scan" not in {
        node["Node Type"] for node in nodes(plan) if node.get("Relation Name") == "call_list_entries"
    }
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 400


def test_without_loans_the_words_of_the_lease_know_nothing_of_them() -> None:
    assert "loan" not in lease_statement(2, 2, 2, 4).text


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


@pytest.mark.parametrize(
    "statement",
    [lease_store._RUN_OUT, lease_store._LAPSE, lease_store._RELEASE, lease_store._ABANDONED],
)
def test_the_sweeps_of_leases_read_live_leases_only(deep: Connection, statement: Any) -> None:
    wanted = {
        "now": NOW,
        "most": 100,
        "entry_ids": [new_id()],
        "agent_id": new_id(),
        "lease_id": None,
        "event": "x",
        "actor": "x",
        "because": "x",
    }
    names = statement.compile().params
    plan = deep.execute(
        text("explain (format json) " + statement.text), {name: wanted[name] for name in names}
    ).scalar_one()[0]["Plan"]
    scanned = [node for node in nodes(plan) if node.get("Relation Name") == "call_list_entries"]
    assert not [node for node in scanned if node["Node Type"] == "Seq Scan"]


def test_a_lease_tells_what_the_page_needs_and_writes_its_line(connection: Connection, platform: str) -> None:
    listed = add_positive(connection, NOW)
    agent_id = new_id()
    leased = lease(connection, agent_id)
    assert leased
    assert (leased.entry_id, leased.person_id) == (listed.entry_id, listed.person_id)
    assert (leased.purpose, leased.call_class) == (Purpose.INTERVIEW, CallClass.POSITIVE)
    assert leased.leased_until == NOW + timedelta(seconds=90)
    assert leased.mode_version == 1
    assert lease_store.lease_of(connection, agent_id) == leased
    line = (
        connection.execute(select(tables.journal).where(tables.journal.c.event == "ENTRY_LEASED"))
        .mappings()
        .one()
    )
    assert line["actor"] == f"user:{agent_id}"
    assert line["facts"] == {"lease_id": str(leased.lease_id), "call_class": 1, "mode_version": 1}


def test_when_a_lane_holds_more_than_one_look_the_order_is_still_exact(deep: Connection) -> None:
    rows = deep.execute(
        text(
            "select id from call_list_entries where language = 'fr' "
            "order by call_class, front, effective_deadline, tie_break, id limit 200"
        )
    ).scalars()
    in_order = list(rows)
    given = [leased.entry_id for _ in range(200) if (leased := lease(deep))]
    assert given == in_order


def test_an_agent_without_platform_or_language_is_given_nothing(
    connection: Connection, platform: str
) -> None:
    add_positive(connection, NOW)
    assert lease(connection, platforms=[]) is None
    assert lease(connection, languages=[]) is None


def test_two_agents_who_reach_for_one_household_at_the_same_instant_get_one_person(
    database: Database, platform: str
) -> None:
    with database.begin() as connection:
        add_positive(connection, NOW, number="home")
        add_positive(connection, NOW, number="home")
    with database.engine.connect() as first, database.engine.connect() as other:
        assert lease(first)  # not committed yet: the other agent cannot see it
        other.execute(text("set local lock_timeout = '200ms'"))
        assert lease(other) is None  # and does not wait for it
        first.commit()
        other.commit()
        assert lease(other) is None


def test_a_contact_never_wins_the_number_from_a_positive_who_is_being_taken(
    database: Database, platform: str
) -> None:
    with database.begin() as connection:
        positive = add_positive(connection, NOW, number="home")
        add_contact(connection, NOW, number="home")
        elsewhere = add_contact(connection, NOW + timedelta(minutes=1), number="elsewhere")
    with database.engine.connect() as first, database.engine.connect() as other:
        for_the_positive, for_a_contact = lease(first), lease(other)
        assert for_the_positive is not None
        assert for_the_positive.entry_id == positive.entry_id
        assert for_a_contact is not None
        assert for_a_contact.entry_id == elsewhere.entry_id
        other.commit()
        first.commit()


def test_a_number_taken_meanwhile_is_a_conflict_that_says_ask_again(
    database: Database, platform: str
) -> None:
    with database.begin() as connection:
        listed = add_contact(connection, NOW, number="home")
        add_positive(connection, NOW, number="home")
        assert lease(connection)
    with database.begin() as connection:
        taken = entry_row(connection, listed.entry_id)
        assert taken["state"] == "READY"
        with pytest.raises(NumberTaken):
            lease_store._lease(
                connection,
                HotStatement(
                    "update call_list_entries set state = 'LEASED', lease_id = :lease_id "
                    "where id = :id returning id"
                ),
                {"id": listed.entry_id, "lease_id": new_id()},
            )
        connection.rollback()
