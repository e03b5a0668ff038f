"""Codes of an authenticator, held to the vectors of RFC 6238; recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain import one_time_codes

# RFC 6238, appendix B: the key is ASCII, the last six of its eight digits.
RFC_KEY = b"12345678901234567890"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = datetime(2021, 3, 16, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    step = one_time_codes.step_of(datetime.fromtimestamp(seconds, UTC))
    assert one_time_codes.code_at(RFC_KEY, step) == code


@pytest.mark.parametrize(("steps_off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(steps_off: int, fits: bool) -> None:
    typed = one_time_codes.code_at(RFC_KEY, one_time_codes.step_of(NOW) + steps_off)
    found = one_time_codes.matching_step(RFC_KEY, typed, now=NOW)
    assert (found is not None) == fits


@pytest.mark.parametrize("typed", ["", "123", "abcdef", "1234567", "é" * 6])
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert one_time_codes.matching_step(RFC_KEY, typed, now=NOW) is None


def test_blanks_between_the_digits_do_not_count() -> None:
    code = one_time_codes.code_at(RFC_KEY, one_time_codes.step_of(NOW))
    assert one_time_codes.matching_step(RFC_KEY, f" {code[:3]} {code[3:]} ", now=NOW) is not None


def test_an_authenticator_is_told_the_key_the_login_and_who_asks() -> None:
    address = urlsplit(one_time_codes.enrolment_address(RFC_KEY, login="jeanne martin", issuer="Outreach"))
    assert (address.scheme, address.netloc, address.path) == (
        "otpauth",
        "totp",
        "/Outreach%3Ajeanne%20martin",
    )
    asked = parse_qs(address.query)
    assert asked["issuer"] == ["Outreach"]
    assert asked["secret"] == [one_time_codes.key_in_groups(RFC_KEY).replace(" ", "")]


@given(st.integers(0, 10**9))
def test_a_key_gives_the_same_code_for_the_whole_of_a_step(seconds: int) -> None:
    begin = datetime.fromtimestamp(seconds - seconds % 30, UTC)
    steps = {one_time_codes.step_of(begin + timedelta(seconds=each)) for each in (0, 15, 29)}
    assert len(steps) == 1


def test_a_recovery_code_reads_the_same_however_it_is_typed() -> None:
    code = one_time_codes.new_recovery_code()
    for typed in (code, code.upper(), code.replace("-", " "), f" {code.replace('-', '')} "):
        assert one_time_codes.normal_recovery_code(typed) == code
        assert one_time_codes.looks_like_recovery_code(typed)


def test_recovery_codes_hold_no_letters_that_look_alike() -> None:
    codes = "".join(one_time_codes.new_recovery_code() for _ in range(200))
    assert not set(codes) & set("ilo01")
