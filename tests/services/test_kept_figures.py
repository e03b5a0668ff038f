"""Counts over whole tables are made now and then, and never more than a twentieth of the time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.clock import SetClock
from outreach.services.kept_figures import KeptFigures
from outreach.storage import figures_store
from outreach.storage.database import Database
from outreach.storage.figures_store import KeptFigure
from tests.call_list_rows import add_positive

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def figures(database: Database, clock: SetClock) -> KeptFigures:
    return KeptFigures(database, clock)


def _kept(database: Database, name: str = "entries") -> KeptFigure:
    with database.begin() as connection:
        return figures_store.kept(connection)[name]


def _add(database: Database, add: Any, clock: SetClock, **facts: Any) -> None:
    with database.begin() as connection:
        add(connection, clock.now(), **facts)


def test_open_entries_are_counted_with_those_late_and_at_risk(
    database: Database, clock: SetClock, figures: KeptFigures
) -> None:
    for hours in (1, 3):  # left until the deadline
        _add(database, add_positive, clock, result_ago=timedelta(hours=24 - hours))
    clock.advance(timedelta(hours=2))
    figures.keep()
    (row,) = _kept(database).rows
    assert (row[0], row[4:]) == ("40", [2, 1, 1])


def test_what_was_counted_just_now_is_not_counted_again(
    database: Database, clock: SetClock, figures: KeptFigures
) -> None:
    figures.keep()
    counted_at = clock.now()
    clock.advance(timedelta(seconds=14))
    figures.keep()
    assert _kept(database).counted_at == counted_at
    clock.advance(timedelta(seconds=2))
    figures.keep()
    assert _kept(database).counted_at == clock.now()


def test_a_count_that_takes_long_is_made_seldom(
    database: Database, clock: SetClock, figures: KeptFigures
) -> None:
    long_count = KeptFigure([], clock.now(), timedelta(seconds=6))
    with database.begin() as connection:
        figures_store.keep(connection, "entries", long_count)
    clock.advance(timedelta(seconds=119))
    figures.keep()
    assert _kept(database).rows == []
    _add(database, add_positive, clock)
    clock.advance(timedelta(seconds=2))
    figures.keep()
    assert _kept(database).rows != []
