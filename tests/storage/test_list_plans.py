"""Lists that supervisors page through cost by the page, not by the table: each filter has its index."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, Select, text

from outreach.domain.board import TimeLeft
from outreach.domain.call_list import Queue
from outreach.storage import alarm_store, desk_reading_store, list_view_store
from outreach.storage.alarm_store import AlarmsAsked
from outreach.storage.list_view_store import Place, Sought

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
HERE = ["40", "64"]
ENTRIES = """
insert into call_list_entries (id, platform, case_record_id, person_id, purpose, state, queue, call_class,
    effective_deadline, deadline, entered_at)
  select gen_random_uuid(), '40', gen_random_uuid(), gen_random_uuid(), 'INFORM',
    case when n % 3 = 0 then 'WAITING' else 'READY' end,
    case when n % 100 = 0 then 'SENIORS' else 'AGENTS' end, 1 + n % 5,
    cast(:now as timestamptz) + n * interval '1 minute',
    cast(:now as timestamptz) + n * interval '1 minute', :now
  from generate_series(1, 5000) n
"""
ALARMS = """
insert into alarms (id, platform, kind, subject, raised_at, cleared_at)
  select gen_random_uuid(), case when n % 2 = 0 then '40' end, 'EMERGENCY', n,
    cast(:now as timestamptz) + n * interval '1 minute', :now
  from generate_series(1, 5000) n
"""


def plan(connection: Connection, statement: Select[object]) -> str:
    told = statement.compile(connection.engine, compile_kwargs={"render_postcompile": True})
    return "\n".join(connection.exec_driver_sql(f"explain {told}", told.params).scalars())


@pytest.fixture
def filled(planning: Connection) -> Connection:
    planning.execute(text("set local session_replication_role = replica"))
    for statement in (ENTRIES, ALARMS):
        planning.execute(text(statement), {"now": NOW})
    planning.execute(text("analyze call_list_entries, alarms"))
    return planning


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(), "call_list_to_call_idx"),
        (Sought(call_class=5), "call_list_to_call_idx"),
        (Sought(state="READY"), "call_list_to_call_idx"),
        (Sought(left=(TimeLeft.HOUR, TimeLeft.FOUR_HOURS)), "call_list_to_call_idx"),
        (Sought(left=(TimeLeft.LATE,)), "call_list_after_deadline_idx"),
        (Sought(queue=Queue.SENIORS), "call_list_other_queue_idx"),
        (Sought(queue=Queue.AGENTS), "call_list_to_call_idx"),
    ],
)
@pytest.mark.parametrize("after", [None, Place(3, NOW, UUID(int=0))])
def test_a_page_of_those_to_call_is_read_in_its_order(
    filled: Connection, sought: Sought, index: str, after: Place | None
) -> None:
    which = list_view_store.like(sought, NOW)
    shown = plan(filled, list_view_store.first_of_each(HERE, which, after=after, most=51))
    assert index in shown, shown
    assert "Seq Scan on call_list_entries" not in shown, shown


def test_a_desk_without_anybody_in_its_languages_learns_it_from_their_lane(filled: Connection) -> None:
    asked = {"platforms": HERE, "queues": ["AGENTS"], "languages": ["ar"], "now": NOW}
    shown = filled.execute(text(f"explain {desk_reading_store._NEXT.text}"), asked).scalars()
    assert "call_list_ready_idx" in "\n".join(shown)


@pytest.mark.parametrize("asked", [AlarmsAsked(("40",)), AlarmsAsked(("40", "64"), is_open=False)])
def test_a_page_of_alarms_is_read_in_its_order(filled: Connection, asked: AlarmsAsked) -> None:
    shown = plan(filled, alarm_store.newest(asked, most=51))
    assert shown.count("alarms_platform_raised_idx") == 2, shown
    assert "Seq Scan on alarms" not in shown, shown


def test_whether_an_alarm_was_ever_raised_is_looked_up(filled: Connection) -> None:
    shown = filled.execute(
        text("explain select from alarms where kind = 'EMERGENCY' and subject = '17'")
    ).scalars()
    assert "alarms_subject_idx" in "\n".join(shown)
