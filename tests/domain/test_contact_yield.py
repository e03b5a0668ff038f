"""When a mode loses contacts: the stated rule, in a table."""

from __future__ import annotations

import pytest

from outreach.domain.contact_yield import YieldCounts, is_lowered


def counts(positives: int, nobody: int) -> YieldCounts:
    return YieldCounts(positives, 2 * (positives - nobody), nobody)


@pytest.mark.parametrize(
    ("baseline", "seen", "lowered"),
    [
        (counts(200, 40), counts(100, 90), True),  # as in 2022, when SMS replaced the calls
        (counts(200, 40), counts(100, 20), False),
        (counts(200, 40), counts(100, 5), False),  # better
        (counts(200, 40), counts(100, 30), False),  # ten points, but chance could do it
        (counts(200, 40), counts(100, 33), True),
        (counts(29, 0), counts(100, 90), False),  # too few to know what is usual
        (counts(200, 40), counts(29, 29), False),
        (counts(200, 40), counts(30, 30), True),
        (counts(100_000, 20_000), counts(100_000, 24_000), False),  # sure, but small
        (counts(100_000, 20_000), counts(100_000, 25_100), True),
        (counts(50, 50), counts(50, 50), False),
        (counts(50, 0), counts(50, 0), False),
    ],
)
def test_a_mode_lowers_the_yield_when_the_drop_is_large_and_not_by_chance(
    baseline: YieldCounts, seen: YieldCounts, lowered: bool
) -> None:
    assert is_lowered(baseline, seen) is lowered


def test_nobody_asked_has_no_share() -> None:
    assert counts(0, 0).per_positive is None
    assert counts(0, 0).nobody_share is None
    assert counts(4, 1) + counts(4, 1) == counts(8, 2)
    assert (counts(4, 1).per_positive, counts(4, 1).nobody_share) == (1.5, 0.25)
