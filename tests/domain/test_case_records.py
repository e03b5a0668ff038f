"""When two rows speak of one person, and of one situation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from outreach.domain.case_records import (
    CaseKind,
    CaseState,
    Person,
    Situation,
    could_be_same_person,
    earlier_result,
    is_adult,
    is_same_situation,
    merged_person,
    normalised_name,
)
from outreach.domain.phone_numbers import LineType, PhoneNumber, Refusal, UnusablePhone

LISTED = datetime(2021, 3, 16, 9, 0, tzinfo=UTC)


def line(e164: str) -> PhoneNumber:
    return PhoneNumber(e164, e164, "FR", LineType.MOBILE, "Europe/Paris")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("LÉGER", "Jean-Pierre"), ("Leger", "Jean Pierre")),
        (("Le Gall", "Pierre Jean"), ("LE-GALL", "Jean-Pierre")),
        (("d’Arçay", "Zoé"), ("D'ARCAY", "ZOE")),
        (("Lebœuf", "Anaïs"), ("LEBOEUF", "Anais")),
        (("DE LA TOUR", "Noël, Marie"), ("Delatour", "Marie Noel")),
    ],
)
def test_spellings_of_one_name_are_one_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert normalised_name(*one) == normalised_name(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("Martin", "Paul"), ("Martin", "Paule")), (("Paul", "Martin"), ("Martin", "Paul"))],
)
def test_different_names_stay_different(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert normalised_name(*one) != normalised_name(*other)


def test_a_person_comes_back_whole_from_the_seal() -> None:
    person = Person(
        "Durand",
        "Zoé",
        date(1980, 1, 2),
        town="Dax",
        phones=(line("+33639980001"),),
        unusable_phones=(
            UnusablePhone("079 123 45 67", Refusal.AMBIGUOUS, ("+41791234567", "+33791234567")),
        ),
        kept_aside={"mutuelle": "oui"},
    )
    assert Person.from_sealed(person.to_sealed()) == person


def test_known_numbers_keep_their_positions_when_new_ones_come() -> None:
    known = Person("Durand", "Zoé", phones=(line("+33639980001"), line("+33639980002")))
    new = Person("Durand", "Zoé", phones=(line("+33639980003"), line("+33639980002")))
    merged = merged_person(known, new, new_wins=True)
    assert [phone.e164 for phone in merged.phones] == ["+33639980001", "+33639980002", "+33639980003"]


def test_a_correction_wins_and_a_merge_only_fills_what_is_empty() -> None:
    known, new = (
        Person("Durand", "Zoé", town="Dax"),
        Person("Durant", "Zoé", town="Pau", email="z@example.org"),
    )
    corrected = merged_person(known, new, new_wins=True)
    filled = merged_person(known, new, new_wins=False)
    assert (corrected.family_name, corrected.town, corrected.email) == ("Durant", "Pau", "z@example.org")
    assert (filled.family_name, filled.town, filled.email) == ("Durand", "Dax", "z@example.org")


def test_an_identifier_with_nothing_of_the_person_left_is_someone_else() -> None:
    known = Person("Durand", "Zoé", date(1980, 1, 2), phones=(line("+33639980001"),))
    assert could_be_same_person(known, Person("Durant", "Zoé", date(1980, 1, 2)))
    assert could_be_same_person(known, Person("Martin", "Zoé", phones=(line("+33639980001"),)))
    assert not could_be_same_person(known, Person("Martin", "Paul", date(1990, 5, 5)))


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (date(2003, 3, 16), True),
        (date(2003, 3, 17), False),
        (date(2004, 2, 29), False),
        (None, True),
    ],
)
def test_the_day_of_eighteen_makes_an_adult(born: date | None, adult: bool) -> None:
    assert is_adult(born, date(2021, 3, 16)) is adult


def test_a_contact_who_turns_positive_is_the_same_record() -> None:
    contact = Situation(CaseKind.CONTACT, CaseState.CLOSED, LISTED)
    positive = Situation(CaseKind.POSITIVE, CaseState.OPEN, LISTED + timedelta(days=3), LISTED)
    assert is_same_situation(contact, positive)


def test_a_positive_who_is_also_a_contact_stays_one_record() -> None:
    positive = Situation(CaseKind.POSITIVE, CaseState.OPEN, LISTED, LISTED)
    assert is_same_situation(positive, Situation(CaseKind.CONTACT, CaseState.OPEN, LISTED))


def test_results_sixty_days_apart_are_two_infections() -> None:
    known = Situation(CaseKind.POSITIVE, CaseState.OPEN, LISTED, LISTED)
    for days, same in ((59, True), (60, False)):
        new = Situation(CaseKind.POSITIVE, CaseState.OPEN, LISTED, LISTED + timedelta(days=days))
        assert is_same_situation(known, new) is same


def test_a_contact_exposed_again_after_being_told_opens_another_record() -> None:
    told = Situation(CaseKind.CONTACT, CaseState.CLOSED, LISTED, last_exposure_on=LISTED.date())
    again = Situation(
        CaseKind.CONTACT, CaseState.OPEN, LISTED, last_exposure_on=LISTED.date() + timedelta(days=5)
    )
    waiting = Situation(CaseKind.CONTACT, CaseState.OPEN, LISTED)
    assert not is_same_situation(told, again)
    assert is_same_situation(waiting, again)


def test_the_earlier_result_is_kept_whichever_comes_last() -> None:
    later = LISTED + timedelta(hours=5)
    assert earlier_result(LISTED, later) == earlier_result(later, LISTED) == LISTED
    assert earlier_result(None, later) == later


@pytest.mark.parametrize(
    ("kind", "days", "same"),
    [
        (CaseKind.CONTACT, 13, True),
        (CaseKind.CONTACT, 14, False),
        (CaseKind.POSITIVE, 59, True),
        (CaseKind.POSITIVE, 60, False),
    ],
)
def test_a_closed_record_takes_in_only_what_is_told_in_its_own_time(
    kind: CaseKind, days: int, same: bool
) -> None:
    result = LISTED if kind is CaseKind.POSITIVE else None
    closed = Situation(kind, CaseState.CLOSED, LISTED, result)
    undated = Situation(CaseKind.CONTACT, CaseState.OPEN, LISTED + timedelta(days=days))
    assert is_same_situation(closed, undated) is same
    assert is_same_situation(replace(closed, state=CaseState.OPEN), undated)
    old = replace(undated, last_exposure_on=LISTED.date())
    assert is_same_situation(closed, old)


def test_a_contact_closed_long_ago_who_tests_positive_is_a_new_record() -> None:
    contact = Situation(CaseKind.CONTACT, CaseState.CLOSED, LISTED)
    for days, same in ((13, True), (14, False)):
        result = LISTED + timedelta(days=days)
        assert (
            is_same_situation(contact, Situation(CaseKind.POSITIVE, CaseState.OPEN, result, result)) is same
        )


def test_a_correction_that_repeats_a_known_exposure_is_no_new_situation() -> None:
    day = LISTED.date() + timedelta(days=1)  # listed after midnight in Paris, before it in UTC
    told = Situation(CaseKind.CONTACT, CaseState.CLOSED, LISTED, last_exposure_on=day)
    assert is_same_situation(told, Situation(CaseKind.CONTACT, CaseState.OPEN, LISTED, last_exposure_on=day))
