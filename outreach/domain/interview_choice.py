"""Which interview an agent reads, and the days it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from outreach.domain.case_records import CaseKind
from outreach.domain.load_shedding import ScriptLength
from outreach.domain.purposes import Purpose

POSITIVE_FULL, POSITIVE_LIGHT = "positive_full", "positive_light"
CONTACT_FULL, CONTACT_LIGHT = "contact_full", "contact_light"
CONTACT_HOUSEHOLD, CONTACT_COLLECTIVE = "contact_household", "contact_collective"
POSITIVE_FOLLOW_UP, ISOLATION_CHECK = "positive_follow_up", "isolation_check"
RETRO_TRACING, VACCINATION_INVITATION = "retro_tracing", "vaccination_invitation"


@dataclass(frozen=True)
class WhoIsCalled:
    """What decides on the script. `own_script`: the campaign's, where it has one; `length`: the mode's."""

    purpose: Purpose
    kind: CaseKind
    length: ScriptLength
    household: bool = False
    collective_setting: bool = False
    own_script: str = ""


def interview_for(who: WhoIsCalled) -> str:
    """The name of the script. Household and collective setting have one each, shorter under a light mode."""
    if who.own_script:
        return who.own_script
    match who.purpose:
        case Purpose.INTERVIEW:
            return POSITIVE_FULL if who.length is ScriptLength.FULL else POSITIVE_LIGHT
        case Purpose.INFORM:
            return _for_contact(who)
        case Purpose.FOLLOW_UP:
            return POSITIVE_FOLLOW_UP if who.kind is CaseKind.POSITIVE else ISOLATION_CHECK
        case Purpose.CAMPAIGN:
            return VACCINATION_INVITATION
        case _:
            assert_never(who.purpose)


def _for_contact(who: WhoIsCalled) -> str:
    if who.household:
        return CONTACT_HOUSEHOLD
    if who.collective_setting:
        return CONTACT_COLLECTIVE
    return CONTACT_FULL if who.length is ScriptLength.FULL else CONTACT_LIGHT


# Santé publique France: from two days before the first symptom, or seven before a test without symptoms.
CONTAGIOUS_BEFORE_SYMPTOMS, CONTAGIOUS_BEFORE_TEST = timedelta(days=2), timedelta(days=7)


# The dated rules that the days follow from (scripts_templates/parameters.toml).
DAY_PARAMETERS = (
    "isolation_days",
    "isolation_early_exit_days",
    "quarantine_days",
    "household_quarantine_days",
    "vaccinated_quarantine_days",
    "contact_test_day",
    "household_test_day",
)


@dataclass(frozen=True)
class Moments:
    """What the days are counted from, as dates in the platform's zone."""

    today: date
    listed_on: date
    tested_on: date | None = None
    symptom_onset: date | None = None
    last_exposure_on: date | None = None
    household: bool = False
    vaccinated: bool = False
    unvaccinated: bool = False  # told us so: not knowing is neither


@dataclass(frozen=True)
class SpokenDays:
    """The days a script names. `quarantine_length`: of this contact, 0 when there is none."""

    isolation_length: int
    isolation_until: date
    early_exit_on: date
    contagious_since: date
    quarantine_length: int
    quarantine_until: date
    next_test_on: date


def spoken_days(moments: Moments, parameters: Mapping[str, int]) -> SpokenDays:
    """Isolation runs from the first symptom, else the test; quarantine from the last exposure.

    What is not known is counted from the day of listing. Where nobody is in quarantine any more, the days to
    the test run from being told, which is today. A day to be tested that has passed is today.
    """
    ill_since = moments.symptom_onset or moments.tested_on or moments.listed_on
    exposed = moments.last_exposure_on or moments.listed_on
    before = CONTAGIOUS_BEFORE_SYMPTOMS if moments.symptom_onset else CONTAGIOUS_BEFORE_TEST
    length = parameters[_quarantine_parameter(moments)]
    test_day = parameters["household_test_day" if moments.household else "contact_test_day"]
    test_from = exposed if parameters["quarantine_days"] else moments.today
    isolation, early_exit = _isolation(moments, parameters)
    return SpokenDays(
        isolation_length=isolation,
        isolation_until=ill_since + timedelta(days=isolation),
        early_exit_on=ill_since + timedelta(days=early_exit),
        contagious_since=ill_since - before,
        quarantine_length=length,
        quarantine_until=exposed + timedelta(days=length),
        next_test_on=max(test_from + timedelta(days=test_day), moments.today),
    )


def _isolation(moments: Moments, parameters: Mapping[str, int]) -> tuple[int, int]:
    """Its days, and the day from which a negative test ends it; longer for the unvaccinated since 2022."""
    general = parameters["isolation_days"], parameters["isolation_early_exit_days"]
    if not moments.unvaccinated:
        return general
    return (
        parameters.get("unvaccinated_isolation_days", general[0]),
        parameters.get("unvaccinated_early_exit_days", general[1]),
    )


def _quarantine_parameter(moments: Moments) -> str:
    if moments.vaccinated:
        return "vaccinated_quarantine_days"
    return "household_quarantine_days" if moments.household else "quarantine_days"
