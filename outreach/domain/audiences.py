"""An audience: filters as data, and who of those they find is left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from outreach.domain.call_list import CallClass, EntryState
from outreach.domain.case_records import CaseKind
from outreach.domain.purposes import Purpose
from outreach.errors import InvalidInput

OLDEST = 130  # years


@dataclass(frozen=True)
class AudienceFilter:
    """Whom a campaign looks for among a platform's case records; what is None or empty asks nothing.

    Every filter must hold; of one filter with several values, any. `entry_*`: of the record's open entry
    (of any entry when `entry_states` names CLOSED). `mode_version`: texted or called under that version.
    Ages are in whole years, both ends included; who has no birth date is left to the other filters.
    """

    kind: CaseKind | None = None
    household: bool | None = None
    collective_setting: bool | None = None
    vulnerable: bool | None = None
    last_exposure_from: date | None = None
    last_exposure_until: date | None = None
    listed_from: datetime | None = None
    listed_until: datetime | None = None
    adult: bool | None = None
    age_from: int | None = None
    age_until: int | None = None
    languages: tuple[str, ...] = ()
    mode_version: int | None = None
    not_reached: bool = False
    tags: tuple[str, ...] = ()
    entry_purposes: tuple[Purpose, ...] = ()
    entry_classes: tuple[CallClass, ...] = ()
    entry_states: tuple[EntryState, ...] = ()

    @property
    def asks_age(self) -> bool:
        return self.age_from is not None or self.age_until is not None


class Exclusion(StrEnum):
    """Why someone whom the filters found is left out; the first that holds, in this order."""

    ERASED = "ERASED"
    DECEASED = "DECEASED"
    DO_NOT_CALL = "DO_NOT_CALL"
    REACHED = "REACHED"
    MINOR = "MINOR"
    OPTED_OUT = "OPTED_OUT"
    NO_SMS_LINE = "NO_SMS_LINE"
    NO_NUMBER = "NO_NUMBER"
    ALREADY_TOLD = "ALREADY_TOLD"
    ON_THE_LIST = "ON_THE_LIST"
    IN_A_CALL = "IN_A_CALL"
    HOUSEHOLD_DUPLICATE = "HOUSEHOLD_DUPLICATE"
    NOT_CONFIRMED = "NOT_CONFIRMED"


EXCLUSION_WORDS: Mapping[Exclusion, str] = {
    Exclusion.ERASED: "their data was erased",
    Exclusion.DECEASED: "they died",
    Exclusion.DO_NOT_CALL: "they asked not to be called",
    Exclusion.REACHED: "they were reached meanwhile",
    Exclusion.MINOR: "the text is for adults",
    Exclusion.OPTED_OUT: "they want no SMS (STOP)",
    Exclusion.NO_SMS_LINE: "none of their numbers takes an SMS",
    Exclusion.NO_NUMBER: "no number that works is known",
    Exclusion.ALREADY_TOLD: "they, or someone at their number, had this text lately",
    Exclusion.ON_THE_LIST: "a call of this kind is on the list for them already",
    Exclusion.IN_A_CALL: "an agent is speaking to them, or to their household, now",
    Exclusion.HOUSEHOLD_DUPLICATE: "someone else at the same number gets the SMS",
    Exclusion.NOT_CONFIRMED: "they joined the audience after its number was confirmed",
}


@dataclass(frozen=True)
class CandidateFacts:
    """What decides whether one person is written to or called. `number_index`: where, None for nowhere."""

    number_index: bytes | None
    has_number: bool = True
    erased: bool = False
    deceased: bool = False
    do_not_call: bool = False
    reached: bool = False
    adult: bool = True
    opted_out: bool = False
    told: bool = False
    on_the_list: bool = False
    in_a_call: bool = False


@dataclass(frozen=True)
class ExclusionRules:
    """What the campaign itself forbids. `by_sms`: an SMS campaign, else one of calls.

    `unreached_only`: it speaks to people nobody has spoken to yet.
    """

    by_sms: bool
    adults_only: bool = False
    unreached_only: bool = False


def exclusion_of(
    facts: CandidateFacts, rules: ExclusionRules, taken: frozenset[bytes] | set[bytes] = frozenset()
) -> Exclusion | None:
    """Why this person is left out; None when they are a member. `taken`: numbers that others have."""
    if facts.erased:
        return Exclusion.ERASED
    if facts.deceased:
        return Exclusion.DECEASED
    if rules.unreached_only and facts.reached:
        return Exclusion.REACHED
    if rules.adults_only and not facts.adult:
        return Exclusion.MINOR
    return _of_sms(facts, taken) if rules.by_sms else _of_call(facts)


def _of_sms(facts: CandidateFacts, taken: frozenset[bytes] | set[bytes]) -> Exclusion | None:
    if facts.opted_out:
        return Exclusion.OPTED_OUT
    if facts.number_index is None:
        return Exclusion.NO_SMS_LINE
    if facts.told:
        return Exclusion.ALREADY_TOLD
    if facts.in_a_call:
        return Exclusion.IN_A_CALL
    return Exclusion.HOUSEHOLD_DUPLICATE if facts.number_index in taken else None


def _of_call(facts: CandidateFacts) -> Exclusion | None:
    if facts.do_not_call:
        return Exclusion.DO_NOT_CALL
    if not facts.has_number:
        return Exclusion.NO_NUMBER
    if facts.on_the_list:
        return Exclusion.ON_THE_LIST
    return Exclusion.IN_A_CALL if facts.in_a_call else None


@dataclass(frozen=True)
class AudienceCount:
    """How many a campaign would reach now, in which languages, and who is left out, by reason."""

    members: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[Exclusion, int] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return self.members + sum(self.left_out.values())

    def plus(self, language: str, exclusions: Iterable[Exclusion | None]) -> AudienceCount:
        """With more people of one language."""
        members, languages, left_out = self.members, dict(self.languages), dict(self.left_out)
        for exclusion in exclusions:
            if exclusion is None:
                members += 1
                languages[language] = languages.get(language, 0) + 1
            else:
                left_out[exclusion] = left_out.get(exclusion, 0) + 1
        return AudienceCount(members, languages, left_out)


def is_of_age(wanted: AudienceFilter, birth_date: date | None, today: date) -> bool:
    """Whether someone born then is of the ages asked for."""
    if birth_date is None:
        return True
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    years = today.year - birth_date.year - (not had_birthday)
    return (wanted.age_from or 0) <= years <= (OLDEST if wanted.age_until is None else wanted.age_until)


def check_filter(wanted: AudienceFilter) -> None:
    """Raises InvalidInput for a filter that nobody can pass, or a moment without a zone."""
    for name in ("listed_from", "listed_until"):
        moment = getattr(wanted, name)
        if moment is not None and moment.tzinfo is None:
            raise InvalidInput(
                f"The audience's {name} has no time zone.",
                field=f"audience.{name}",
                mend="write it as 2020-11-22T08:00:00Z",
            )
    spans: tuple[tuple[str, date | int | None, date | int | None], ...] = (
        ("last_exposure_until", wanted.last_exposure_from, wanted.last_exposure_until),
        ("listed_until", wanted.listed_from, wanted.listed_until),
        ("age_until", wanted.age_from, wanted.age_until),
    )
    for name, begins, ends in spans:
        if begins is not None and ends is not None and ends < begins:  # type: ignore[operator]
            raise InvalidInput(
                f"The audience's {name} lies before its beginning, so nobody is found.",
                field=f"audience.{name}",
                mend="exchange the two ends",
            )


def told_since(now: datetime, days: int) -> datetime:
    """From when on an earlier SMS of the same text counts as told."""
    return now - timedelta(days=days)
