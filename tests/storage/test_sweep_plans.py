"""What runs again and again, or for one person among a million, walks over no large table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from outreach.bootstrap import build_app
from outreach.clock import SetClock
from outreach.ids import new_id
from outreach.storage import erasure_store
from outreach.storage.database import Database
from tests.call_list_rows import add_contact, add_positive
from tests.conftest import open_platform
from tests.web.conftest import settings_for

# Rows come with every person, call, message or line; the other tables are a platform's few.
LARGE = frozenset(
    {
        "access_lines",
        "asked_calls",
        "broken_glass",
        "call_attempts",
        "call_list_entries",
        "campaign_members",
        "case_records",
        "case_references",
        "conversations",
        "exposures",
        "import_rows",
        "inbound_messages",
        "interview_answers",
        "journal",
        "messages",
        "outbox",
        "person_phones",
        "persons",
        "provider_events",
        "written_reasons",
    }
)
Asked = tuple[str, Any]


@contextmanager
def asked(database: Database) -> Iterator[list[Asked]]:
    """Every statement of the program meanwhile, with its values."""
    statements: list[Asked] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().lower().startswith(("select", "with", "update", "delete")):
            statements.append((statement, values[0] if many else values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def walks(connection: Connection, statement: Asked) -> list[str]:
    """Large tables that are read whole, or by an index that leads nowhere: for want of another way."""
    for way in ("seqscan", "mergejoin", "hashjoin"):
        connection.exec_driver_sql(f"set local enable_{way} = off")
    words, values = statement
    (plan,) = connection.exec_driver_sql(f"explain (format json) {words}", values).scalar_one()
    partial = set(
        connection.exec_driver_sql(
            "select indexrelid::regclass::text from pg_index where indpred is not null"
        ).scalars()
    )
    return [
        f"{node['Relation Name']} by {node['Node Type']} {node.get('Index Name', '')}"
        for node in nodes(plan["Plan"])
        if node.get("Relation Name") in LARGE and is_walk(node, partial)
    ]


def is_walk(node: dict[str, Any], partial: set[str]) -> bool:
    match node["Node Type"]:
        case "Seq Scan":
            return True
        case "Index Scan" | "Index Only Scan":
            return "Index Cond" not in node and node["Index Name"] not in partial
        case _:
            return False


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def walked(database: Database, statements: list[Asked]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in statements:
        with database.begin() as connection:
            if tables := walks(connection, statement):
                found[statement[0]] = tables
            connection.rollback()
    return found


@pytest.fixture(scope="module")
def planning_database(uncounted_database: Database) -> Database:
    """With platform 40, and nothing counted."""
    with uncounted_database.begin() as connection:
        open_platform(connection)
    return uncounted_database


def test_no_sweep_looks_for_its_work_in_a_whole_table(
    planning_database: Database, redis_url: str, clock: SetClock
) -> None:
    app = build_app(settings_for(planning_database, redis_url), clock=clock)
    with asked(app.database) as statements:
        for name, sweep in app.upkeep.sweeps.items():
            if name != "figures":  # counts whole tables, a twentieth of the time at most
                sweep.run()
    app.close()
    assert walked(planning_database, statements) == {}


def test_erasing_a_person_walks_over_no_table(planning_database: Database, clock: SetClock) -> None:
    with planning_database.begin() as connection:
        listed = [add(connection, clock.now()).person_id for add in (add_positive, add_contact)]
    with asked(planning_database) as statements, planning_database.begin() as connection:
        erasure_store.open_entries(connection, listed[0])
        erasure_store.destroy(connection, [*listed, new_id()], clock.now())
    assert len(statements) > 10
    assert walked(planning_database, statements) == {}
