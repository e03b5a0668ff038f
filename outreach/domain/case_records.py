"""A person, the case record on their situation, and the rules by which two records are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from outreach.domain.exposure_natures import ExposureNature
from outreach.domain.phone_numbers import LineType, PhoneNumber, Refusal, UnusablePhone
from outreach.domain.territories import fold_words

ADULT_YEARS = 18
# Two positive results this far apart are two infections (Santé publique France: 60 days).
REINFECTION_AFTER = timedelta(days=60)
# A contact is watched for this long; what is told of later happened to them again.
CONTACT_IS_OVER_AFTER = timedelta(days=14)


class CaseKind(StrEnum):
    """Why there is a case record."""

    POSITIVE = "POSITIVE"
    CONTACT = "CONTACT"


class CaseState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Person:
    """Everything personal; stored only sealed. `kept_aside` holds the columns no one asked for, by header."""

    family_name: str
    given_names: str
    birth_date: date | None = None
    sex: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    country: str = ""
    email: str = ""
    language: str = "fr"
    doctor: str = ""
    phones: tuple[PhoneNumber, ...] = ()
    unusable_phones: tuple[UnusablePhone, ...] = ()
    kept_aside: Mapping[str, str] = field(default_factory=dict)

    def number_at(self, position: int) -> str:
        """The E.164 number at a position of `person_phones`."""
        return self.phones[position].e164

    def to_sealed(self) -> dict[str, Any]:
        """Plain JSON values for PersonKey.seal; empty ones are left out."""
        texts = {name: text for name in _TEXTS if (text := getattr(self, name))}
        return texts | {
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "phones": [[p.e164, p.region, p.line_type.value, p.zone, p.raw] for p in self.phones],
            "unusable_phones": [[p.raw, p.refusal.value, *p.candidates] for p in self.unusable_phones],
            "kept_aside": dict(self.kept_aside),
        }

    @classmethod
    def from_sealed(cls, opened: Mapping[str, Any]) -> Person:
        born = opened.get("birth_date")
        return cls(
            **{name: opened.get(name, "") for name in _TEXTS},
            birth_date=date.fromisoformat(born) if born else None,
            phones=tuple(
                PhoneNumber(raw, e164, region, LineType(line), zone)
                for e164, region, line, zone, raw in opened.get("phones", ())
            ),
            unusable_phones=tuple(
                UnusablePhone(raw, Refusal(refusal), tuple(candidates))
                for raw, refusal, *candidates in opened.get("unusable_phones", ())
            ),
            kept_aside=opened.get("kept_aside", {}),
        )


_TEXTS = (
    "family_name",
    "given_names",
    "sex",
    "address",
    "postcode",
    "town",
    "country",
    "email",
    "language",
    "doctor",
)


@dataclass(frozen=True)
class Exposure:
    """How a contact met a positive, named by `positive_reference` as the contact's source names it."""

    positive_reference: str
    last_contact_on: date | None = None
    nature: ExposureNature | None = None


@dataclass(frozen=True)
class Situation:
    """What decides whether a new row speaks of a record we already have."""

    kind: CaseKind
    state: CaseState
    listed_at: datetime
    result_at: datetime | None = None
    last_exposure_on: date | None = None


def is_adult(birth_date: date | None, today: date) -> bool:
    """Unknown ages count as adult: an adult's SMS to a child's phone is read by a parent."""
    if birth_date is None:
        return True
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday) >= ADULT_YEARS


def normalised_name(family_name: str, given_names: str) -> str:
    """One form for all spellings: accents folded, hyphens and spaces dropped, given names in any order."""
    return f"{_joined(family_name)}|{_in_any_order(given_names)}"


@lru_cache(maxsize=20_000)
def _joined(name: str) -> str:
    return "".join(fold_words(name))


@lru_cache(maxsize=20_000)
def _in_any_order(names: str) -> str:
    return " ".join(sorted(fold_words(names)))


def is_same_situation(known: Situation, new: Situation) -> bool:
    """Whether a new row about the same person belongs to the known record, or opens another one.

    A closed record takes in what belongs to its own time only: nobody calls for it any more.
    """
    if known.kind is new.kind is CaseKind.POSITIVE:
        return not _reinfected(known, new.result_at)
    if known.state is CaseState.OPEN:
        return True
    return not _exposed_again(known, new) and _happened_on(new) < _over_on(known)


def _reinfected(known: Situation, result_at: datetime | None) -> bool:
    if known.result_at is None or result_at is None:
        return False
    return result_at - known.result_at >= REINFECTION_AFTER


def _exposed_again(known: Situation, new: Situation) -> bool:
    """A contact met a positive after they were listed, on a day we had not heard of."""
    if CaseKind.POSITIVE in (known.kind, new.kind) or new.last_exposure_on is None:
        return False
    return new.last_exposure_on > max(known.listed_at.date(), known.last_exposure_on or date.min)


def _happened_on(new: Situation) -> date:
    """The result, the exposure, or the day it was told when no day was."""
    if new.result_at is not None:
        return new.result_at.date()
    return new.last_exposure_on or new.listed_at.date()


def _over_on(known: Situation) -> date:
    if known.kind is CaseKind.POSITIVE:
        return (known.result_at or known.listed_at).date() + REINFECTION_AFTER
    return known.listed_at.date() + CONTACT_IS_OVER_AFTER


def could_be_same_person(known: Person, new: Person) -> bool:
    """Whether a changed row under the same identifier may be a correction: something must remain."""
    same_name = normalised_name(known.family_name, known.given_names) == normalised_name(
        new.family_name, new.given_names
    )
    same_birth = known.birth_date is not None and known.birth_date == new.birth_date
    shared_number = {p.e164 for p in known.phones} & {p.e164 for p in new.phones}
    return same_name or same_birth or bool(shared_number)


def merged_person(known: Person, new: Person, *, new_wins: bool) -> Person:
    """One person of two rows. Numbers already known keep their positions, since messages and calls name them.

    `new_wins`: the row corrects what we have; otherwise it only fills what is empty.
    """
    first, second = (new, known) if new_wins else (known, new)
    texts = {name: getattr(first, name) or getattr(second, name) for name in _TEXTS}
    numbers = {phone.e164: phone for phone in (*known.phones, *new.phones)}
    kept = {phone.e164: phone for phone in known.phones}
    raws = {phone.raw: phone for phone in (*known.unusable_phones, *new.unusable_phones)}
    return Person(
        **texts,
        birth_date=first.birth_date or second.birth_date,
        phones=tuple({**numbers, **kept}.values()),
        unusable_phones=tuple(raws.values()),
        kept_aside={**second.kept_aside, **first.kept_aside},
    )


def earlier_result(known: datetime | None, new: datetime | None) -> datetime | None:
    """A positive keeps the earliest result, hence the earliest deadline."""
    told = [moment for moment in (known, new) if moment is not None]
    return min(told) if told else None


def latest_day(days: Iterable[date | None]) -> date | None:
    """Of several exposures, the last one counts."""
    return max((day for day in days if day is not None), default=None)
