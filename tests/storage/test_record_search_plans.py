"""A search looks into an index, whatever the size of the tables."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text

from outreach.ids import new_id
from outreach.storage import record_search_store


@pytest.fixture
def plan_of(planning: Connection) -> Any:
    """The plan of a statement of the store."""

    def plan(statement: Any, **values: object) -> str:
        planning.execute(text("set local enable_seqscan = off"))
        given = {"platforms": ["40"], "most": 50, **values}
        explained = planning.execute(text(f"explain {statement.text}"), given)
        return "\n".join(explained.scalars())

    return plan


def test_a_number_is_found_by_its_index(plan_of: Any) -> None:
    plan = plan_of(record_search_store.BY_NUMBERS, indexes=[b"1"])
    assert "person_phones_number_index_idx" in plan
    assert "Seq Scan" not in plan


def test_a_name_is_found_by_its_index(plan_of: Any) -> None:
    plan = plan_of(record_search_store.BY_NAMES, indexes=[b"1"])
    assert "persons_name_birth_index_idx" in plan
    assert "Seq Scan" not in plan


def test_a_record_number_is_found_by_its_own_key_in_each_source(plan_of: Any) -> None:
    plan = plan_of(record_search_store.BY_REFERENCE, told="P1", id=new_id())
    assert "external_id = " in plan
    assert "case_references_pkey" in plan
