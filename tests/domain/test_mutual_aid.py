"""What may be lent, and how many entries more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.domain.call_list import CallClass, Queue
from outreach.domain.mutual_aid import (
    LoanCounts,
    LoanTerms,
    Workforce,
    check_terms,
    entries_to_lend,
    helper_share,
)
from outreach.errors import InvalidInput

NOW = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)
TERMS = LoanTerms(
    owner="973",
    helper="33",
    share=50,
    amount=None,
    most=100,
    call_classes=frozenset({CallClass.POSITIVE, CallClass.CONTACT}),
    queues=frozenset({Queue.AGENTS}),
    languages=frozenset({"fr"}),
    starts_at=NOW,
    ends_at=NOW + timedelta(days=1),
    reason="a wave",
)


@pytest.mark.parametrize(
    ("share", "amount", "most", "counts", "wanted"),
    [
        (50, None, 100, LoanCounts(open=0, waiting=80, lent=0), 40),
        (50, None, 100, LoanCounts(open=40, waiting=80, lent=40), 0),
        (50, None, 100, LoanCounts(open=40, waiting=100, lent=40), 10),
        (50, None, 100, LoanCounts(open=60, waiting=80, lent=60), 0),
        (50, None, 30, LoanCounts(open=0, waiting=80, lent=0), 30),
        (1, None, 30, LoanCounts(open=0, waiting=1, lent=0), 1),
        (100, None, 30, LoanCounts(open=0, waiting=0, lent=9), 0),
        (None, 25, 100, LoanCounts(open=0, waiting=80, lent=0), 25),
        (None, 25, 10, LoanCounts(open=0, waiting=80, lent=0), 10),
        (None, 25, 10, LoanCounts(open=4, waiting=80, lent=20), 5),
        (None, 25, 100, LoanCounts(open=0, waiting=80, lent=25), 0),
    ],
)
def test_a_share_is_kept_up_an_amount_is_lent_once_and_the_cap_holds(
    share: int | None, amount: int | None, most: int, counts: LoanCounts, wanted: int
) -> None:
    assert entries_to_lend(replace(TERMS, share=share, amount=amount, most=most), counts) == wanted


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"helper": "973"}, "helper"),
        ({"share": None}, "share"),
        ({"amount": 5}, "share"),
        ({"share": 101}, "share"),
        ({"share": None, "amount": 0}, "amount"),
        ({"most": 0}, "most"),
        ({"call_classes": frozenset()}, "call_classes"),
        ({"call_classes": frozenset({CallClass.CALLBACK})}, "call_classes"),
        ({"queues": frozenset({Queue.SUPERVISORS})}, "queues"),
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW + timedelta(days=2)}, "ends_at"),
        ({"reason": " "}, "reason"),
    ],
)
def test_terms_that_cannot_be_name_what_to_mend(change: dict[str, Any], field: str) -> None:
    check_terms(TERMS, NOW)
    with pytest.raises(InvalidInput) as refused:
        check_terms(replace(TERMS, **change), NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("owner", "helper", "share"),
    [
        (Workforce(600, 100), Workforce(600, 100), 0.5),
        (Workforce(600, 100), Workforce(0, 100), 0.0),  # a helper that does not come takes nobody
        (Workforce(0, 100), Workforce(60, 100), 1.0),
        (Workforce(0, 0), Workforce(0, 0), 0.0),
        (Workforce(600, 300), Workforce(600, 100), 0.75),  # who has the shorter list comes to them first
    ],
)
def test_lent_people_are_called_by_whoever_has_more_minutes_for_each(
    owner: Workforce, helper: Workforce, share: float
) -> None:
    assert helper_share(owner, helper) == pytest.approx(share)
