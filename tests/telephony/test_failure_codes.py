"""Provider codes and what they ask of us."""

from __future__ import annotations

import pytest

from outreach.telephony.failure_codes import call_failure_class, failure_class
from outreach.telephony.provider import FailureClass

_CODES = {
    FailureClass.SLOW_DOWN: "20429",
    FailureClass.OUR_FAULT: "20003 21603 21606 21210 21212 21617 21619 21705 35111 35118 35199 30002",
    FailureClass.NO_SMS_ON_LINE: "21614 30006",
    FailureClass.WRONG_NUMBER: "21211 21217 21401 13223 13224 30005",
    FailureClass.OPTED_OUT: "21610 30004",
    FailureClass.LATER: "30003 30008 30017 30410 30036",
    FailureClass.FILTERED: "30007 30034 30040 21612",
    FailureClass.NOT_ALLOWED: "21408 21215 13225 13227 13214",
    FailureClass.QUEUE_FULL: "21611 30001 14107",
}


@pytest.mark.parametrize(
    ("code", "expected"), [(code, failure) for failure, codes in _CODES.items() for code in codes.split()]
)
@pytest.mark.parametrize("http_status", [400, None])
def test_each_code_has_one_meaning_in_an_answer_and_in_a_report(
    code: str, expected: FailureClass, http_status: int | None
) -> None:
    assert failure_class(code, http_status) is expected


@pytest.mark.parametrize(
    ("http_status", "expected"),
    [
        (429, FailureClass.SLOW_DOWN),
        (500, FailureClass.UNKNOWN_FATE),
        (503, FailureClass.UNKNOWN_FATE),
        (301, FailureClass.UNKNOWN_FATE),
        (408, FailureClass.UNKNOWN_FATE),
        (404, FailureClass.OUR_FAULT),
        (None, FailureClass.LATER),
    ],
)
def test_an_unforeseen_code_is_judged_by_the_http_status(
    http_status: int | None, expected: FailureClass
) -> None:
    assert failure_class("99999", http_status) is expected


def test_429_slows_down_whatever_its_code() -> None:
    assert failure_class("21211", 429) is FailureClass.SLOW_DOWN


@pytest.mark.parametrize(
    ("status", "sip", "expected"),
    [
        ("failed", "404", FailureClass.WRONG_NUMBER),
        ("failed", "484", FailureClass.WRONG_NUMBER),
        ("failed", "604", FailureClass.WRONG_NUMBER),
        ("failed", "408", FailureClass.LATER),
        ("no-answer", "480", FailureClass.LATER),
        ("busy", "486", FailureClass.LATER),
        ("failed", "503", FailureClass.LATER),
        ("busy", "", FailureClass.LATER),
        ("no-answer", "", FailureClass.LATER),
    ],
)
def test_a_leg_that_never_connected_is_judged_by_its_sip_code(
    status: str, sip: str, expected: FailureClass
) -> None:
    assert call_failure_class(status, sip) is expected
