"""The whole program while its workers are killed and frozen, the database crashes and Redis is emptied."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.kill_senders import ours, place_in

pytestmark = pytest.mark.journey


def test_killed_workers_and_a_crashed_database_text_nobody_twice_and_lose_nobody(tmp_path: Path) -> None:
    """The short form of `python -m benchmarks.kill_senders`; the phones are the witness."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    with place_in(tmp_path / "place", 60) as place:
        verdict = ours(place, 60, 6.0, random.Random(3), webhooks=False)
    assert (verdict.messages, verdict.doubled, verdict.lost, verdict.untrue) == (60, 0, 0, 0)
    assert verdict.texted + verdict.called == 60
    assert verdict.misfortunes["killed"] > 0
