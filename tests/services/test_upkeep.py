"""Upkeep: a sweep that fails, for whatever reason, keeps no other from its turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from outreach.clock import SetClock
from outreach.errors import NotFound
from outreach.services.upkeep import Sweep, Upkeep
from outreach.storage.database import Database

OFTEN = timedelta(seconds=5)


def _unforeseen() -> int:
    raise ValueError("nobody thought of this")


def _on_purpose() -> int:
    raise NotFound("There is no such call.")


@pytest.mark.parametrize("failing", [_unforeseen, _on_purpose])
def test_a_failing_sweep_stops_no_other_and_is_due_again(
    database: Database, clock: SetClock, failing: Callable[[], int]
) -> None:
    turns: list[str] = []

    def fails() -> int:
        turns.append("failing")
        return failing()

    upkeep = Upkeep(database, clock, {"failing": Sweep(OFTEN, fails), "sound": Sweep(OFTEN, lambda: 3)})
    assert upkeep.run() == {"sound": 3}
    clock.advance(OFTEN)
    assert upkeep.run() == {"sound": 3}
    assert turns == ["failing", "failing"]
