"""What the prefix tables answer equals what the number library answers, for every prefix."""

from __future__ import annotations

import itertools

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.phone_numbers import FICTIONAL_MOBILES, LineType, PhoneNumber, UnusablePhone, parse

KINDS = {
    phonenumbers.PhoneNumberType.MOBILE: LineType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE: LineType.FIXED,
    phonenumbers.PhoneNumberType.VOIP: LineType.VOIP,
}
OVERSEAS = {"GP": 590, "MQ": 596, "GF": 594, "RE": 262, "YT": 262}
SERVICES = "89"
FIXED_OR_MOBILE = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)


def library_kind(country_code: int, national: str) -> LineType | None:
    return KINDS.get(phonenumbers.number_type(phonenumbers.PhoneNumber(country_code, int(national))))


def french_truth(national: str) -> tuple[str, LineType] | None:
    """The French plan by the number library alone: an overseas line if there is one, else a metropolitan."""
    for code in OVERSEAS.values():
        kind = phonenumbers.number_type(phonenumbers.PhoneNumber(code, int(national)))
        if kind in FIXED_OR_MOBILE and national[0] not in SERVICES:
            return f"+{code}{national}", KINDS[kind]
    line = library_kind(33, national)
    return (f"+33{national}", line) if line else None


def told(answer: PhoneNumber | UnusablePhone) -> tuple[str, LineType] | None:
    return (answer.e164, answer.line_type) if isinstance(answer, PhoneNumber) else None


@pytest.mark.parametrize("first", "123456789")
def test_every_french_prefix_is_read_as_the_number_library_reads_it(first: str) -> None:
    for rest in itertools.product("0123456789", repeat=3):
        national = first + "".join(rest) + "51234"
        if not f"+33{national}".startswith(FICTIONAL_MOBILES):
            assert told(parse(f"0{national}")) == french_truth(national), national


@given(national=st.from_regex(r"[1-9][0-9]{8}", fullmatch=True))
def test_french_numbers_of_chance_are_read_as_the_number_library_reads_them(national: str) -> None:
    if not f"+33{national}".startswith(FICTIONAL_MOBILES):
        assert told(parse(f"0{national}")) == french_truth(national)


@given(
    national=st.from_regex(r"(26[2389]|59[046]|639|69[0-467]|709)[0-9]{6}", fullmatch=True),
    region=st.sampled_from(sorted(OVERSEAS)),
)
def test_overseas_numbers_of_chance_are_read_as_the_number_library_reads_them(
    national: str, region: str
) -> None:
    answer = parse(f"0{national}", residence_country=region)
    if not f"+33{national}".startswith(FICTIONAL_MOBILES):
        assert told(answer) == french_truth(national)


@given(national=st.from_regex(r"[2-9][0-9]{8}", fullmatch=True))
def test_swiss_numbers_of_chance_are_read_as_the_number_library_reads_them(national: str) -> None:
    answer = parse(f"0{national}", residence_country="CH")
    candidates = {told(answer)[0]} if isinstance(answer, PhoneNumber) else set(answer.candidates)  # type: ignore[index]
    swiss = library_kind(41, national) is not None
    assert (f"+41{national}" in candidates) == swiss


@given(national=st.from_regex(r"[1-9][0-9]{8}", fullmatch=True))
def test_an_international_french_number_is_the_same_line(national: str) -> None:
    assert told(parse(f"+33{national}")) == told(parse(f"0{national}")) == told(parse(f"0033 {national}"))
