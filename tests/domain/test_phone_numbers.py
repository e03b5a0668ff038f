"""Phone numbers as people write them, the refused ones included."""

from __future__ import annotations

import pytest

from outreach.domain.phone_numbers import LineType, PhoneNumber, Refusal, UnusablePhone, mask, parse

MOBILE, FIXED, VOIP = LineType.MOBILE, LineType.FIXED, LineType.VOIP


@pytest.mark.parametrize(
    ("raw", "country", "department", "e164", "line"),
    [
        ("06 12 34 56 78", "FR", "40", "+33612345678", MOBILE),
        ("06.12.34.56.78", None, None, "+33612345678", MOBILE),
        ("06-12-34-56-78", None, "40", "+33612345678", MOBILE),
        ("06/12/34/56/78", None, "40", "+33612345678", MOBILE),
        ("06 12 34 56 78", None, "40", "+33612345678", MOBILE),
        ("+33 (0)6 12 34 56 78", "FR", "40", "+33612345678", MOBILE),
        ("0033612345678", "FR", "40", "+33612345678", MOBILE),
        ("33612345678", "FR", "40", "+33612345678", MOBILE),
        ("612345678", "FR", "40", "+33612345678", MOBILE),  # a spreadsheet ate the zero
        ("05 58 56 12 34", "FR", "40", "+33558561234", FIXED),
        ("01 99 00 12 34", "FR", "75", "+33199001234", FIXED),  # reserved for fiction
        ("06 39 98 12 34", "FR", "40", "+33639981234", MOBILE),  # reserved for fiction
        ("0974 12 34 56", "FR", "40", "+33974123456", VOIP),
        ("0694 20 12 34", "FR", "973", "+594694201234", MOBILE),
        ("0694 20 12 34", "GF", None, "+594694201234", MOBILE),
        ("0694 20 12 34", "FR", "40", "+594694201234", MOBILE),  # a Guyanese student in Dax
        ("594301234", "GF", "973", "+594594301234", FIXED),
        ("0590 82 12 34", "FR", "971", "+590590821234", FIXED),
        ("0596 50 12 34", "FR", "972", "+596596501234", FIXED),
        ("0692 12 34 56", "FR", "974", "+262692123456", MOBILE),
        ("0262 20 12 34", "FR", "974", "+262262201234", FIXED),
        ("0639 01 02 03", "FR", "976", "+262639010203", MOBILE),
        ("06 12 34 56 78", "FR", "973", "+33612345678", MOBILE),  # a metropolitan in Cayenne
        ("+41 79 123 45 67", "CH", None, "+41791234567", MOBILE),
        ("0041 79 123 45 67", "FR", "40", "+41791234567", MOBILE),
        ("+32 475 12 34 56", "FR", "40", "+32475123456", MOBILE),
        ("751234", "NC", "988", "+687751234", MOBILE),
        ("+1 202 555 0123", "US", None, "+12025550123", LineType.FIXED_OR_MOBILE),
    ],
)
def test_a_number_is_read_where_its_writer_lives(
    raw: str, country: str | None, department: str | None, e164: str, line: LineType
) -> None:
    answer = parse(raw, residence_country=country, department=department)
    assert isinstance(answer, PhoneNumber)
    assert (answer.e164, answer.line_type, answer.raw) == (e164, line, raw)


@pytest.mark.parametrize(
    ("raw", "country", "refusal"),
    [
        ("38663", "FR", Refusal.SHORT_NUMBER),
        ("112", "FR", Refusal.SHORT_NUMBER),
        ("3639", None, Refusal.SHORT_NUMBER),
        ("0899 70 12 34", "FR", Refusal.PREMIUM),
        ("0836 68 12 34", "FR", Refusal.PREMIUM),
        ("0820 12 34 56", "FR", Refusal.SHARED_COST),
        ("0800 123 456", "FR", Refusal.SERVICE),
        ("0806 12 34 56", "MQ", Refusal.SERVICE),
        ("+881 6 1234 5678", "FR", Refusal.SATELLITE),
        ("+870 773 123 456", "FR", Refusal.SATELLITE),
        ("06 12 34", "FR", Refusal.NOT_ASSIGNED),
        ("0612345678901", "FR", Refusal.NOT_ASSIGNED),
        ("06 12 34 56 7O", "FR", Refusal.NOT_A_NUMBER),  # the letter O
        ("3,36123E+10", "FR", Refusal.NOT_A_NUMBER),  # what a spreadsheet makes of a long number
        ("pas de téléphone", "FR", Refusal.NOT_A_NUMBER),
        ("+", None, Refusal.NOT_A_NUMBER),
        ("٠٦١٢٣٤٥٦٧٨", "FR", Refusal.NOT_A_NUMBER),
    ],
)
def test_what_is_not_a_persons_line_is_refused_with_a_reason_and_a_mend(
    raw: str, country: str | None, refusal: Refusal
) -> None:
    answer = parse(raw, residence_country=country)
    assert isinstance(answer, UnusablePhone)
    assert answer.refusal is refusal
    assert answer.raw == raw
    assert answer.reason
    assert answer.mend


@pytest.mark.parametrize(
    ("raw", "country", "candidates"),
    [
        ("079 123 45 67", "CH", ("+41791234567", "+33791234567")),
        ("06 12 34 56 78", "CH", ("+41612345678", "+33612345678")),
        ("0475 12 34 56", "BE", ("+32475123456", "+33475123456")),
    ],
)
def test_a_number_that_two_countries_have_is_asked_not_called(
    raw: str, country: str, candidates: tuple[str, str]
) -> None:
    assert parse(raw, residence_country=country) == UnusablePhone(raw, Refusal.AMBIGUOUS, candidates)


def test_the_same_digits_are_a_french_mobile_for_who_lives_in_france() -> None:
    answer = parse("079 123 45 67", residence_country="FR", department="40")
    assert isinstance(answer, PhoneNumber)
    assert answer.e164 == "+33791234567"


def test_only_lines_that_may_be_mobile_can_get_an_sms() -> None:
    read = [parse(raw) for raw in ("06 12 34 56 78", "05 58 56 12 34", "0974 12 34 56", "+1 202 555 0123")]
    assert [answer.can_sms for answer in read if isinstance(answer, PhoneNumber)] == [
        True,
        False,
        False,
        True,
    ]


def test_a_number_tells_its_zone_only_when_it_has_one() -> None:
    reunion = parse("0692 12 34 56", department="974")  # the library answers Mayotte and Réunion
    guyane = parse("0694 20 12 34", department="973")
    assert isinstance(reunion, PhoneNumber)
    assert isinstance(guyane, PhoneNumber)
    assert (reunion.zone, guyane.zone) == (None, "America/Cayenne")


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+33612345634", "+33 6 ** ** ** 34"),
        ("+594694201234", "+594 6 ** ** ** 34"),
        ("+41791234567", "+41 7 ** ** ** 67"),
        ("nonsense", "********"),
    ],
)
def test_a_masked_number_shows_its_country_and_its_last_two_digits(e164: str, shown: str) -> None:
    assert mask(e164) == shown
