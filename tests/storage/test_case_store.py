"""The hot queries of an intake use their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, text

from outreach.storage import case_store
from outreach.storage.database import Database


class Plans:
    """Explains each statement that runs, with sequential scans made dear as they are in a large table."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.told = connection, ""
        connection.execute(text("set local enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", self._explain)

    def _explain(
        self,
        connection: Connection,
        cursor: object,
        statement: str,
        parameters: Any,
        context: object,
        many: bool,
    ) -> None:
        own = self.connection.connection.cursor()
        own.execute(f"explain {statement}", parameters)
        self.told = "\n".join(line for (line,) in own.fetchall())
        own.close()

    def close(self) -> None:
        event.remove(self.connection, "before_cursor_execute", self._explain)


@pytest.fixture
def plans(planning: Connection) -> Iterator[Plans]:
    plans = Plans(planning)
    yield plans
    plans.close()


def test_references_are_found_by_their_key(planning: Connection, plans: Plans) -> None:
    case_store.references(planning, "40", "si-dep", ["P1", "P2"])
    assert "case_references_pkey" in plans.told


def test_namesakes_are_found_by_name_and_birth(planning: Connection, plans: Plans) -> None:
    case_store.namesakes(planning, "40", [b"0" * 16])
    assert "persons_name_birth_index_idx" in plans.told
    assert "case_records_person_id_idx" in plans.told


def test_waiting_exposures_are_found_by_the_positive_they_wait_for(
    planning: Connection, plans: Plans
) -> None:
    case_store.settle_exposures(planning, "40", {"si-dep/P1": uuid4()})
    assert "exposures_unsettled_idx" in plans.told


def test_one_intake_at_a_time_for_a_platform(database: Database) -> None:
    with database.begin() as first, database.begin() as second:
        case_store.lock_intake(first, "40")
        case_store.lock_intake(second, "33")
        second.execute(text("set local lock_timeout = '50ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            case_store.lock_intake(second, "40")
        second.rollback()
