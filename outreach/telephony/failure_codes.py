"""Provider and SIP codes, and what each means for what we do next: one table, as data."""

from __future__ import annotations

from outreach.telephony.provider import FailureClass

_CODES: dict[FailureClass, tuple[str, ...]] = {
    FailureClass.SLOW_DOWN: ("20429",),
    FailureClass.UNKNOWN_FATE: ("timeout", "reset", "no_sid"),
    FailureClass.OUR_FAULT: (
        *("20003", "21603", "21606", "21210", "21212", "21617", "21619", "21705", "30002"),
        *(f"351{last:02}" for last in range(100)),  # 351xx: scheduling and body rules broken by us
    ),
    FailureClass.NO_SMS_ON_LINE: ("21614", "30006"),
    FailureClass.WRONG_NUMBER: ("21211", "21217", "21401", "13223", "13224", "30005"),
    # 30004 (blocked) may hide an opt-out at the carrier, so it is treated as one: no second SMS.
    FailureClass.OPTED_OUT: ("21610", "30004"),
    FailureClass.LATER: ("30003", "30008", "30017", "30410", "30036"),
    FailureClass.FILTERED: ("30007", "30034", "30040", "21612"),
    FailureClass.NOT_ALLOWED: ("21408", "21215", "13225", "13227", "13214"),
    FailureClass.QUEUE_FULL: ("21611", "30001", "14107"),
}

_SIP_CODES: dict[FailureClass, tuple[str, ...]] = {
    FailureClass.WRONG_NUMBER: ("404", "484", "604"),
    FailureClass.LATER: ("408", "480", "486", "503"),
}

_CALL_WORDS: dict[str, FailureClass] = {
    "busy": FailureClass.LATER,
    "no-answer": FailureClass.LATER,
}

_NO_SUCH_THING = "20404"

_CLASS_OF_CODE = {code: failure for failure, codes in _CODES.items() for code in codes}
_CLASS_OF_SIP = {code: failure for failure, codes in _SIP_CODES.items() for code in codes}

# A proxy gave up waiting for the provider, which may have acted all the same.
_GAVE_UP_WAITING = (408, 499)


def failure_class(code: str, http_status: int | None = None) -> FailureClass:
    """What a provider's error code asks of us.

    `http_status` is that of the answer that carried the code, None for a code from a webhook or a listing.
    A code nobody foresaw: a 5xx leaves the fate unknown, another HTTP answer is our fault (someone must
    look), and one told after acceptance is LATER (the person is called instead).
    """
    if http_status == 429:
        return FailureClass.SLOW_DOWN
    known = _CLASS_OF_CODE.get(code)
    if known is not None:
        return known
    if http_status is None:
        return FailureClass.LATER
    refused = 400 <= http_status < 500 and http_status not in _GAVE_UP_WAITING
    return FailureClass.OUR_FAULT if refused else FailureClass.UNKNOWN_FATE


def names_nothing(code: str) -> bool:
    """Whether the provider says that it knows no such leg, message or room (any more)."""
    return code == _NO_SUCH_THING


def call_failure_class(call_status: str, sip_code: str = "") -> FailureClass:
    """What a leg that never connected asks of us: its SIP code decides, else its status word."""
    by_sip = _CLASS_OF_SIP.get(sip_code)
    if by_sip is not None:
        return by_sip
    return _CALL_WORDS.get(call_status, FailureClass.LATER)
