"""Who was called, reached and informed within 24 hours, and why each late positive is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import quantiles
from uuid import UUID

from outreach.domain.call_list import FIRST_CALL_WITHIN
from outreach.domain.outcomes import FLAGS, CallOutcome
from outreach.domain.purposes import Purpose


@dataclass(frozen=True)
class Marks:
    """The moments an outcome gives to a case record; each counts the first time only."""

    called_at: datetime | None = None
    reached_at: datetime | None = None
    informed_at: datetime | None = None


def marks_of(
    outcome: CallOutcome,
    purpose: Purpose,
    *,
    called_at: datetime | None,
    spoke_at: datetime | None,
    now: datetime,
) -> Marks:
    """`called_at`: when the person's line was dialled; `spoke_at`: answered; both None without a call.

    Who was told elsewhere (at the counter, by SMS) was not called, whatever the outcome is.
    """
    flags = FLAGS[outcome]
    called = called_at if flags.counts_as_attempt else None
    met = (spoke_at or called_at or now) if flags.meets_24h else None
    reached = met if flags.counts_as_attempt else None
    return Marks(called, reached, met if purpose is Purpose.INFORM else None)


class LateCause(StrEnum):
    """Why a positive was not called in time; the first that holds, in this order."""

    LATE_AT_ARRIVAL = "LATE_AT_ARRIVAL"  # the 24 hours were over when we were told
    CLOSED_HOURS = "CLOSED_HOURS"  # told in time, but no callable minute was left
    UNREACHABLE_NUMBER = "UNREACHABLE_NUMBER"  # no number, or none that exists
    OUTAGE = "OUTAGE"  # tried, and the network or our own side failed
    NO_CAPACITY = "NO_CAPACITY"  # nobody was free


@dataclass(frozen=True)
class PositiveHistory:
    """A positive's moments. `bad_number` and `failed`: what happened to the tries before one counted."""

    case_record_id: UUID
    result_at: datetime
    told_at: datetime  # when we learned of the result: the import, or the conversion of a contact
    deadline: datetime
    effective_deadline: datetime
    called_at: datetime | None = None
    reached_at: datetime | None = None
    bad_number: bool = False
    failed: bool = False

    @property
    def in_time_at_arrival(self) -> bool:
        return self.told_at <= self.deadline

    def called_in_time(self) -> bool:
        return self.called_at is not None and self.called_at <= self.deadline

    def reached_in_time(self) -> bool:
        return self.reached_at is not None and self.reached_at <= self.deadline

    def is_late(self, now: datetime) -> bool:
        """Not called by the deadline, as known at `now`."""
        return not self.called_in_time() and now > self.deadline


@dataclass(frozen=True)
class ContactHistory:
    """A contact's moments."""

    case_record_id: UUID
    listed_at: datetime
    informed_at: datetime | None = None

    def informed_in_time(self) -> bool:
        return self.informed_at is not None and self.informed_at <= self.listed_at + FIRST_CALL_WITHIN


def late_cause(history: PositiveHistory) -> LateCause:
    if not history.in_time_at_arrival:
        return LateCause.LATE_AT_ARRIVAL
    if not history.told_at <= history.effective_deadline <= history.deadline:
        return LateCause.CLOSED_HOURS
    if history.bad_number:
        return LateCause.UNREACHABLE_NUMBER
    return LateCause.OUTAGE if history.failed else LateCause.NO_CAPACITY


@dataclass(frozen=True)
class ServiceLevel:
    """Figures of one platform and period; durations are None without calls."""

    positives: int
    positives_in_time_at_arrival: int
    called_in_time: int
    reached_in_time: int
    late: int
    median_result_to_call: timedelta | None
    p90_result_to_call: timedelta | None
    contacts: int
    contacts_informed_in_time: int
    late_causes: dict[LateCause, int]

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of each figure, to print."""
        return [(name, _printed(value)) for name, value in self.as_json().items()]

    def for_people(self) -> list[tuple[str, str]]:
        """The same in words: shares in percent of both denominators, durations in hours and minutes."""
        of_all, of_in_time = self.positives, self.positives_in_time_at_arrival
        late = [f"{cause.value.lower().replace('_', ' ')} {n}" for cause, n in self.late_causes.items() if n]
        return [
            ("positives whose result fell in the period", str(of_all)),
            ("of them still in time when we were told", str(of_in_time)),
            ("called within 24 h, of all", _of(self.called_in_time, of_all)),
            ("called within 24 h, of those in time when told", _of(self.called_in_time, of_in_time)),
            ("reached within 24 h, of all", _of(self.reached_in_time, of_all)),
            ("reached within 24 h, of those in time when told", _of(self.reached_in_time, of_in_time)),
            ("result to first call, median", _hours(self.median_result_to_call)),
            ("result to first call, nine in ten within", _hours(self.p90_result_to_call)),
            ("late by now", f"{self.late} ({', '.join(late)})" if late else str(self.late)),
            ("contacts listed", str(self.contacts)),
            ("contacts informed within 24 h", _of(self.contacts_informed_in_time, self.contacts)),
        ]

    def as_json(self) -> dict[str, int | float | None]:
        """Every figure by name; durations in seconds, shares between 0 and 1, each with both denominators."""
        all_of_them, arrived = self.positives, self.positives_in_time_at_arrival
        return {
            "positives": all_of_them,
            "positives_in_time_at_arrival": arrived,
            "called_in_time": self.called_in_time,
            "called_in_time_share_of_all": _share(self.called_in_time, all_of_them),
            "called_in_time_share_of_in_time_at_arrival": _share(self.called_in_time, arrived),
            "reached_in_time": self.reached_in_time,
            "reached_in_time_share_of_all": _share(self.reached_in_time, all_of_them),
            "reached_in_time_share_of_in_time_at_arrival": _share(self.reached_in_time, arrived),
            "median_result_to_call_seconds": _seconds(self.median_result_to_call),
            "p90_result_to_call_seconds": _seconds(self.p90_result_to_call),
            "late": self.late,
            **{f"late_{cause.value.lower()}": count for cause, count in self.late_causes.items()},
            "contacts": self.contacts,
            "contacts_informed_in_time": self.contacts_informed_in_time,
            "contacts_informed_in_time_share": _share(self.contacts_informed_in_time, self.contacts),
        }


def _share(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _of(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / total:.1f} %)" if total else "–"


def _hours(duration: timedelta | None) -> str:
    if duration is None:
        return "–"
    minutes = round(duration.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02}"


def _printed(value: float | None) -> str:
    return "" if value is None else str(value)


def service_level(
    positives: Sequence[PositiveHistory], contacts: Sequence[ContactHistory], now: datetime
) -> ServiceLevel:
    """`now` decides only which uncalled positives are late already."""
    late = [history for history in positives if history.is_late(now)]
    causes = [late_cause(history) for history in late]
    waits = sorted(h.called_at - h.result_at for h in positives if h.called_at is not None)
    return ServiceLevel(
        positives=len(positives),
        positives_in_time_at_arrival=sum(history.in_time_at_arrival for history in positives),
        called_in_time=sum(history.called_in_time() for history in positives),
        reached_in_time=sum(history.reached_in_time() for history in positives),
        late=len(late),
        median_result_to_call=_percentile(waits, 50),
        p90_result_to_call=_percentile(waits, 90),
        contacts=len(contacts),
        contacts_informed_in_time=sum(history.informed_in_time() for history in contacts),
        late_causes={cause: causes.count(cause) for cause in LateCause},
    )


def _percentile(waits: Sequence[timedelta], percent: int) -> timedelta | None:
    if len(waits) < 2:
        return waits[0] if waits else None
    seconds = [wait.total_seconds() for wait in waits]
    return timedelta(seconds=round(quantiles(seconds, n=100, method="inclusive")[percent - 1]))
