"""What the forms of campaigns hold, read into a plan; fields that a form does not show keep their value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeVar
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from outreach.domain.audiences import AudienceFilter
from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.campaigns import CampaignOutcome, CampaignPlan, FollowUp, Pace, Window
from outreach.domain.case_records import CaseKind
from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CallOutcome
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput
from outreach.web.pages.words import N_

Code = TypeVar("Code", bound=Enum)
Read = TypeVar("Read")
LONGEST_WORDS = 200
OUTCOME_ROWS = 8
VARIABLE = "variable-"  # before the name of a variable, in the form
UNREAD = N_("This field cannot be read.")
MEND = N_("Write a day as 2021-03-16 and a number in figures.")
NO_OUTCOME = N_("An outcome has a name and a meaning.")
MEND_OUTCOME = N_("Fill in both, or neither.")
# What an agent may say at the end of a campaign's call, besides what the line says by itself.
MEANINGS = (
    CallOutcome.COMPLETED,
    CallOutcome.INFO_GIVEN,
    CallOutcome.CALLBACK_AT,
    CallOutcome.PARTIAL,
    CallOutcome.REFUSED,
    CallOutcome.ALREADY_DONE,
    CallOutcome.PROXY_DONE,
    CallOutcome.LANGUAGE,
    CallOutcome.WRONG_NUMBER,
    CallOutcome.DO_NOT_CALL,
)


def audience_from(form: FormData, before: AudienceFilter, zone: str) -> AudienceFilter:
    """Raises InvalidInput, naming the field."""
    return replace(
        before,
        kind=_code(form, "kind", CaseKind),
        household=_flag(form, "household"),
        collective_setting=_flag(form, "collective_setting"),
        vulnerable=_flag(form, "vulnerable"),
        adult=_flag(form, "adult"),
        age_from=_number(form, "age_from"),
        age_until=_number(form, "age_until"),
        last_exposure_from=_day(form, "last_exposure_from"),
        last_exposure_until=_day(form, "last_exposure_until"),
        listed_from=_midnight(_day(form, "listed_from"), zone, days=0),
        listed_until=_midnight(_day(form, "listed_until"), zone, days=1),
        languages=_words(form, "languages"),
        tags=_words(form, "tags"),
        not_reached="not_reached" in form,
        entry_purposes=_codes(form, "entry_purposes", Purpose),
        entry_classes=tuple(CallClass(int(each)) for each in _all(form, "entry_classes") if each.isdecimal()),
        entry_states=_codes(form, "entry_states", EntryState),
    )


def text_from(form: FormData, before: CampaignPlan, takes: Callable[[str], Sequence[str]]) -> CampaignPlan:
    """`takes`: the variables that a text is given by whoever plans the campaign."""
    text = _word(form, "text")
    values = {name: _word(form, VARIABLE + name)[:LONGEST_WORDS] for name in takes(text)}
    return replace(before, text=text, variables=values)


def sending_from(form: FormData, before: CampaignPlan) -> CampaignPlan:
    """Pace, window, follow-up and length of a campaign of SMS. Raises InvalidInput."""
    weekdays = tuple(sorted(int(day) for day in _all(form, "weekdays") if day.isdecimal()))
    return replace(
        before,
        adults_only="adults_only" in form,
        told_within_days=_or(_number(form, "told_within_days"), before.told_within_days),
        days=_or(_number(form, "days"), before.days),
        window=Window(weekdays, _or(_number(form, "from_hour"), 0), _or(_number(form, "until_hour"), 24)),
        pace=Pace(segments_per_second=_number(form, "segments_per_second")),
        follow_up=FollowUp(
            reminder_after_hours=_number(form, "reminder_after_hours"),
            call_after_hours=_number(form, "call_after_hours"),
            call_class=CallClass.CAMPAIGN
            if _word(form, "call_class") == str(CallClass.CAMPAIGN.value)
            else CallClass.SMS_RETURNED,
        ),
        modes=_codes(form, "modes", Mode),
    )


def calls_from(form: FormData, before: CampaignPlan) -> CampaignPlan:
    """Purpose, length and outcomes of a campaign of calls. Raises InvalidInput."""
    return replace(
        before,
        days=_or(_number(form, "days"), before.days),
        call_purpose=_code(form, "call_purpose", Purpose) or Purpose.CAMPAIGN,
        outcomes=_outcomes(form, before.outcomes),
    )


def start_from(form: FormData, zone: str) -> datetime | None:
    """The moment to begin, on the platform's clock; None: at once. Raises InvalidInput."""
    written = _word(form, "starts_at")
    if _word(form, "when") != "later":
        return None
    return _read(
        "starts_at", written, lambda each: datetime.fromisoformat(each).replace(tzinfo=ZoneInfo(zone))
    )


def _outcomes(form: FormData, before: Sequence[CampaignOutcome]) -> tuple[CampaignOutcome, ...]:
    """A name that stays keeps its code, so that what was said so far still counts."""
    codes, found = {each.label: each.code for each in before}, list[CampaignOutcome]()
    for place in range(OUTCOME_ROWS):
        label, meaning = _word(form, f"label-{place}"), _word(form, f"meaning-{place}")
        if not label and not meaning:
            continue
        if not label or meaning not in {each.value for each in MEANINGS}:
            raise InvalidInput(NO_OUTCOME, field="outcomes", mend=MEND_OUTCOME)
        found.append(CampaignOutcome(codes.get(label) or code_of(label), label, CallOutcome(meaning)))
    return tuple(found)


def code_of(label: str) -> str:
    """RENDEZ_VOUS_PRIS of "Rendez-vous pris"."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:40] or "OTHER"


def _word(form: FormData, name: str) -> str:
    found = form.get(name, "")
    return " ".join(found.split()) if isinstance(found, str) else ""


def _all(form: FormData, name: str) -> list[str]:
    return [each for each in form.getlist(name) if isinstance(each, str) and each]


def _words(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[\w-]+", _word(form, name))))


def _flag(form: FormData, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(_word(form, name))


def _code(form: FormData, name: str, kind: type[Code]) -> Code | None:
    written = _word(form, name)
    return _read(name, written, kind) if written else None


def _codes(form: FormData, name: str, kind: type[Code]) -> tuple[Code, ...]:
    return tuple(_read(name, each, kind) for each in _all(form, name))


def _number(form: FormData, name: str) -> int | None:
    written = _word(form, name)
    return _read(name, written, int) if written else None


def _day(form: FormData, name: str) -> date | None:
    written = _word(form, name)
    return _read(name, written, date.fromisoformat) if written else None


def _midnight(day: date | None, zone: str, *, days: int) -> datetime | None:
    """The beginning of the day, or of the one after it: both ends of a span are included."""
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), ZoneInfo(zone))


def _read(field: str, written: str, read: Callable[[str], Read]) -> Read:
    try:
        return read(written)
    except ValueError:
        raise InvalidInput(UNREAD, field=field, mend=MEND) from None


def _or(given: int | None, usual: int) -> int:
    return usual if given is None else given
