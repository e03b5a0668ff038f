"""Which interview is read to whom, and the days it speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from outreach.domain.case_records import CaseKind
from outreach.domain.interview_choice import Moments, SpokenDays, WhoIsCalled, interview_for, spoken_days
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose

FULL, LIGHT = ScriptLength.FULL, ScriptLength.LIGHT
POSITIVE, CONTACT = CaseKind.POSITIVE, CaseKind.CONTACT
RULES = {
    "isolation_days": 10,
    "isolation_early_exit_days": 5,
    "quarantine_days": 7,
    "household_quarantine_days": 17,
    "vaccinated_quarantine_days": 0,
    "contact_test_day": 7,
    "household_test_day": 17,
}


@pytest.mark.parametrize(
    ("purpose", "kind", "length", "household", "collective", "name"),
    [
        (Purpose.INTERVIEW, POSITIVE, FULL, False, False, "positive_full"),
        (Purpose.INTERVIEW, POSITIVE, LIGHT, False, False, "positive_light"),
        (Purpose.INTERVIEW, POSITIVE, FULL, True, True, "positive_full"),
        (Purpose.INFORM, CONTACT, FULL, False, False, "contact_full"),
        (Purpose.INFORM, CONTACT, LIGHT, False, False, "contact_light"),
        (Purpose.INFORM, CONTACT, FULL, True, False, "contact_household"),
        (Purpose.INFORM, CONTACT, LIGHT, True, False, "contact_household"),
        (Purpose.INFORM, CONTACT, FULL, False, True, "contact_collective"),
        (Purpose.INFORM, CONTACT, LIGHT, False, True, "contact_collective"),
        (Purpose.INFORM, CONTACT, FULL, True, True, "contact_household"),
        (Purpose.FOLLOW_UP, POSITIVE, FULL, False, False, "positive_follow_up"),
        (Purpose.FOLLOW_UP, CONTACT, FULL, False, False, "isolation_check"),
        (Purpose.CAMPAIGN, POSITIVE, FULL, False, False, "vaccination_invitation"),
        (Purpose.CAMPAIGN, CONTACT, LIGHT, True, True, "vaccination_invitation"),
    ],
)
def test_the_interview_follows_from_the_purpose_the_person_and_the_mode(
    purpose: Purpose, kind: CaseKind, length: ScriptLength, *, household: bool, collective: bool, name: str
) -> None:
    assert interview_for(WhoIsCalled(purpose, kind, length, household, collective)) == name


@pytest.mark.parametrize(
    ("purpose", "kind", "length"), list(product(Purpose, CaseKind, ScriptLength)), ids=str
)
def test_a_campaign_s_own_script_is_read_whatever_the_rest(
    purpose: Purpose, kind: CaseKind, length: ScriptLength
) -> None:
    assert interview_for(WhoIsCalled(purpose, kind, length, own_script="retro_tracing")) == "retro_tracing"
    assert interview_for(WhoIsCalled(purpose, kind, length))


def _days(**facts: object) -> SpokenDays:
    moments = {"today": date(2021, 3, 16), "listed_on": date(2021, 3, 15), **facts}
    return spoken_days(Moments(**moments), RULES)  # type: ignore[arg-type]


def test_isolation_is_counted_from_the_first_symptom_else_the_test_else_the_listing() -> None:
    tested, onset = date(2021, 3, 14), date(2021, 3, 12)
    assert _days().isolation_until == date(2021, 3, 25)
    assert _days(tested_on=tested).isolation_until == date(2021, 3, 24)
    assert _days(tested_on=tested, symptom_onset=onset).isolation_until == date(2021, 3, 22)
    assert _days(tested_on=tested, symptom_onset=onset).early_exit_on == date(2021, 3, 17)


def test_contacts_are_looked_for_from_two_days_before_symptoms_or_seven_before_the_test() -> None:
    assert _days(symptom_onset=date(2021, 3, 12)).contagious_since == date(2021, 3, 10)
    assert _days(tested_on=date(2021, 3, 14)).contagious_since == date(2021, 3, 7)


@pytest.mark.parametrize(
    ("household", "vaccinated", "length", "until"),
    [
        (False, False, 7, date(2021, 3, 17)),
        (True, False, 17, date(2021, 3, 27)),
        (False, True, 0, date(2021, 3, 10)),
        (True, True, 0, date(2021, 3, 10)),
    ],
)
def test_quarantine_follows_the_rule_of_household_and_vaccinated(
    *, household: bool, vaccinated: bool, length: int, until: date
) -> None:
    days = _days(last_exposure_on=date(2021, 3, 10), household=household, vaccinated=vaccinated)
    assert (days.quarantine_length, days.quarantine_until) == (length, until)


def test_a_day_to_be_tested_that_has_passed_is_today() -> None:
    assert _days(last_exposure_on=date(2021, 3, 1)).next_test_on == date(2021, 3, 16)
    assert _days(last_exposure_on=date(2021, 3, 14)).next_test_on == date(2021, 3, 21)
    assert _days(last_exposure_on=date(2021, 3, 14), household=True).next_test_on == date(2021, 3, 31)


def test_without_any_quarantine_the_test_is_counted_from_being_told() -> None:
    rules = {**RULES, "quarantine_days": 0, "contact_test_day": 2}
    moments = Moments(date(2022, 4, 4), date(2022, 4, 3), last_exposure_on=date(2022, 4, 1))
    assert spoken_days(moments, rules).next_test_on == date(2022, 4, 6)


def test_a_positive_who_is_not_vaccinated_isolates_longer_where_a_rule_says_so() -> None:
    rules = {
        **RULES,
        "unvaccinated_isolation_days": 10,
        "unvaccinated_early_exit_days": 7,
        "isolation_days": 7,
    }
    moments = Moments(date(2022, 4, 4), date(2022, 4, 3), tested_on=date(2022, 4, 1))
    told = replace(moments, unvaccinated=True)
    assert spoken_days(moments, rules).isolation_until == date(2022, 4, 8)
    assert spoken_days(told, rules).isolation_until == date(2022, 4, 11)
    assert (spoken_days(told, rules).isolation_length, spoken_days(told, RULES).isolation_length) == (10, 10)
    assert spoken_days(told, rules).early_exit_on == date(2022, 4, 8)
