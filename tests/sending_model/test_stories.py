"""200,000 messages in virtual time: nobody is texted twice, nobody is lost, and the ledger says the truth."""

from __future__ import annotations

import pytest

from tests.sending_model.story import Story, explain
from tests.sending_model.witness import Broken

STORIES, PIECES = 336, 16  # some 620 messages each


@pytest.mark.parametrize("piece", range(PIECES))
def test_nobody_is_texted_twice_nobody_is_lost_and_the_ledger_is_the_truth(piece: int) -> None:
    messages = 0
    for seed in range(piece, STORIES, PIECES):
        try:
            messages += Story(seed).run().messages
        except Broken:
            pytest.fail(explain(seed))
    assert messages >= 200_000 / PIECES * 0.9


def test_a_story_is_told_the_same_way_twice() -> None:
    assert Story(5).run() == Story(5).run()
