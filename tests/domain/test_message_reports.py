"""Reports in any order, twice, late or never: each pair of statuses has one answer."""

from __future__ import annotations

import pytest

from outreach.domain.message_reports import effect_of, report_of
from outreach.domain.messages import MOVES, MessageStatus
from outreach.domain.report_effects import Effect


@pytest.mark.parametrize("current", list(MessageStatus))
@pytest.mark.parametrize("to", list(MessageStatus))
def test_a_report_moves_by_the_table_or_changes_nothing(current: MessageStatus, to: MessageStatus) -> None:
    effect = effect_of(current, to)
    if current is to:
        assert effect is Effect.REPEATED
    else:
        assert effect is (Effect.MOVED if to in MOVES[current] else Effect.LATE)


def test_a_word_that_says_nothing_of_the_way_is_no_report() -> None:
    assert report_of("receiving", sid="SM1", code="") is None
