"""What a script may name of the person, the case and its days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from outreach.domain.case_records import CaseKind, Person
from outreach.domain.interview_answers import Findings
from outreach.domain.interview_choice import DAY_PARAMETERS, Moments, spoken_days
from outreach.domain.scripts import LONGEST_VALUE, Value
from outreach.errors import InvalidInput
from outreach.services.interview_texts import LIGHT
from outreach.storage.answer_store import InterviewFacts


def interview_values(
    spoken_by: Mapping[str, str],
    facts: InterviewFacts,
    person: Person,
    findings: Findings,
    parameters: Mapping[str, int],
    *,
    today: date,
) -> dict[str, Value]:
    """Every variable of the catalog's interviews. Raises InvalidInput where a dated rule has no value."""
    missing = [name for name in DAY_PARAMETERS if name not in parameters]
    if missing:
        raise InvalidInput(
            f"The script cannot be shown: {missing[0]} has no value here yet.", field=missing[0]
        )
    moments = _moments(facts, findings, today)
    days = spoken_days(moments, parameters)
    return {
        **spoken_by,
        **{name: value for name, value in parameters.items() if name != LIGHT},
        **vars(days),
        "person_name": f"{person.given_names} {person.family_name}".strip()[:LONGEST_VALUE],
        "birth_date_known": person.birth_date is not None,
        "adult": facts.adult,
        "vulnerable": facts.vulnerable,
        "positive": facts.kind is CaseKind.POSITIVE,
        "light": bool(parameters.get(LIGHT)),
        "result_on": moments.tested_on or moments.listed_on,
        "exposure_known": moments.last_exposure_on is not None,
        "last_exposure_on": moments.last_exposure_on or moments.listed_on,
        "contacts_named": facts.contacts_named,
    }


def _moments(facts: InterviewFacts, findings: Findings, today: date) -> Moments:
    zone = ZoneInfo(facts.zone)
    return Moments(
        today=today,
        listed_on=_day(facts.listed_at, zone),
        tested_on=_known_day(facts.sampled_at, zone) or _known_day(facts.result_at, zone),
        symptom_onset=findings.symptom_onset,
        last_exposure_on=findings.exposure_on or facts.last_exposure_on,
        household=facts.household,
        vaccinated=findings.vaccinated is True,
        unvaccinated=findings.vaccinated is False,
    )


def _known_day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return None if moment is None else _day(moment, zone)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
