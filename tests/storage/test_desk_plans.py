"""Each query of the desk that looks beyond its own person is served by an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, TextClause

from outreach.ids import new_id
from outreach.storage import desk_reading_store, known_people_store
from tests.storage.test_message_plans import NUMBER, plan

NOW = datetime(2021, 3, 16, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NEXT = {"platforms": ["40"], "queues": ["AGENTS"], "languages": ["fr"], "now": NOW}
KNOWN = {"platform": "40", "positive_id": new_id(), "number": NUMBER, "name": NUMBER}


@pytest.mark.parametrize(
    ("statement", "values", "indexes"),
    [
        (desk_reading_store._NEXT, NEXT, ["call_list_next_waiting_idx"]),
        (
            desk_reading_store._PROMISED,
            {"platform": "40", "since": NOW, "until": NOW + DAY},
            ["call_list_promised_idx"],
        ),
        (desk_reading_store._CALLS, {"case_record_id": new_id()}, ["call_attempts_case_record_id_idx"]),
        (desk_reading_store._CONTACTS, {"case_record_id": new_id()}, ["exposures_positive_id_idx"]),
        (
            known_people_store._KNOWN,
            KNOWN,
            ["person_phones_number_index_idx", "persons_name_birth_index_idx"],
        ),
    ],
)
def test_the_desk_walks_over_no_table(
    planning: Connection, statement: TextClause, values: dict[str, Any], indexes: list[str]
) -> None:
    shown = plan(planning, statement, values)
    for index in indexes:
        assert index in shown, shown
