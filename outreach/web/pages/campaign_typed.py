"""What the fields of a campaign's forms hold: as saved, or as somebody typed it and must mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from outreach.domain.audiences import AudienceFilter
from outreach.domain.campaigns import CampaignPlan

A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Typed:
    """`typed["days"]` is the text of a field, "" for an empty one; `typed.all("modes")` its ticked boxes."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> Typed:
        """As it came."""
        words = {name: [each for each in form.getlist(name) if isinstance(each, str)] for name in form}
        return cls(words)

    def __getitem__(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        return self.fields.get(name, ())


def saved_audience(wanted: AudienceFilter, zone: str) -> Typed:
    """Days on the platform's calendar; both ends of a span are included."""
    place = ZoneInfo(zone)
    listed_from = wanted.listed_from.astimezone(place).date() if wanted.listed_from else None
    listed_until = (wanted.listed_until - A_MOMENT).astimezone(place).date() if wanted.listed_until else None
    flags = ("household", "collective_setting", "vulnerable", "adult", "not_reached")
    numbers = ("kind", "age_from", "age_until", "last_exposure_from", "last_exposure_until")
    lists = ("entry_purposes", "entry_classes", "entry_states")
    return _saved(
        {name: _flag(getattr(wanted, name)) for name in flags}
        | {name: getattr(wanted, name) for name in numbers}
        | {"listed_from": listed_from, "listed_until": listed_until}
        | {"tags": ", ".join(wanted.tags), "languages": ", ".join(wanted.languages)},
        {name: getattr(wanted, name) for name in lists},
    )


def saved_sending(plan: CampaignPlan) -> Typed:
    """Of SMS and of calls: a form shows its own."""
    fields = {
        "segments_per_second": plan.pace.segments_per_second,
        "from_hour": plan.window.from_hour,
        "until_hour": plan.window.until_hour,
        "reminder_after_hours": plan.follow_up.reminder_after_hours,
        "call_after_hours": plan.follow_up.call_after_hours,
        "call_class": plan.follow_up.call_class,
        "days": plan.days,
        "told_within_days": plan.told_within_days,
        "adults_only": "yes" if plan.adults_only else None,
        "call_purpose": plan.call_purpose,
    }
    for place, outcome in enumerate(plan.outcomes):
        fields |= {f"label-{place}": outcome.label, f"meaning-{place}": outcome.outcome}
    return _saved(fields, {"weekdays": plan.window.weekdays, "modes": plan.modes})


def _saved(single: Mapping[str, object], several: Mapping[str, Iterable[object]]) -> Typed:
    words = {name: [_word(value)] for name, value in single.items() if value is not None}
    return Typed(words | {name: [_word(each) for each in values] for name, values in several.items()})


def _word(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _flag(value: bool | None) -> str | None:
    return {True: "yes", False: "no"}.get(value) if value is not None else None
