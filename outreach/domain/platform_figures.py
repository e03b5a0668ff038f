"""The figures a platform publishes, for a day, a mode or a period; shares come with both denominators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from outreach.domain.load_shedding import Mode
from outreach.domain.outcomes import CHANNEL_OUTCOMES, FLAGS, CallOutcome
from outreach.domain.service_level import ContactHistory, PositiveHistory

LONGEST_SHIFT = timedelta(hours=14)  # a shift that nobody ended is not counted longer
WHOLE = "all"
Value = int | float | str | None


class By(StrEnum):
    """What stands in one row."""

    DAY = "day"  # of the platform's own calendar
    MODE = "mode"  # in force at that moment


@dataclass(frozen=True)
class Switched:
    """A switch of the journal."""

    at: datetime
    mode: Mode
    ends_at: datetime | None


@dataclass(frozen=True)
class Span:
    """A part of the period, from `starts` to the next one's; `label` of its row."""

    starts: datetime
    label: str
    modes: frozenset[Mode]


@dataclass(frozen=True)
class Counts:
    """What adds up over spans and platforms. `waits`: seconds from result to first call."""

    positives: int = 0
    in_time_at_arrival: int = 0
    called_in_time: int = 0
    reached_in_time: int = 0
    waits: tuple[float, ...] = ()
    contacts: int = 0
    informed_in_time: int = 0
    positives_asked: int = 0  # reached, so that they could name contacts
    contacts_named: int = 0
    named_nobody: int = 0
    entries_closed: int = 0
    unreached: int = 0
    calls: int = 0
    calls_that_count: int = 0  # the person's phone rang
    bad_numbers: int = 0
    persons_reached: int = 0
    agent_seconds: float = 0.0
    hours_with_calls: int = 0
    backlog: int = 0  # open entries at the end
    sms_sent: int = 0
    sms_delivered: int = 0
    sms_read: int = 0
    sms_called_after_all: int = 0
    forecasts: int = 0
    forecast_error: float = 0.0  # sum of the differences of shares
    modes: frozenset[Mode] = field(default_factory=frozenset)


def added(parts: Iterable[Counts]) -> Counts:
    """The sum of many; a backlog counts as it stood in each."""
    kept = list(parts)
    return Counts(
        waits=tuple(wait for part in kept for wait in part.waits),
        modes=frozenset().union(*(part.modes for part in kept)),
        **{name: sum(getattr(part, name) for part in kept) for name in _SUMMED},
    )


_SUMMED = [each.name for each in fields(Counts) if each.name not in ("waits", "modes")]


def as_row(label: str, counts: Counts) -> dict[str, Value]:
    """Every figure by name: shares between 0 and 1, durations in seconds or hours, None of nothing."""
    c = counts
    calls_per_hour = _ratio(c.calls, c.hours_with_calls)
    return {
        "row": label,
        "modes": " ".join(mode.value for mode in Mode if mode in c.modes),
        "positives": c.positives,
        "positives_in_time_at_arrival": c.in_time_at_arrival,
        "called_in_time": c.called_in_time,
        "called_share_of_all": _ratio(c.called_in_time, c.positives),
        "called_share_of_in_time_at_arrival": _ratio(c.called_in_time, c.in_time_at_arrival),
        "reached_in_time": c.reached_in_time,
        "reached_share_of_all": _ratio(c.reached_in_time, c.positives),
        "reached_share_of_in_time_at_arrival": _ratio(c.reached_in_time, c.in_time_at_arrival),
        "median_result_to_call_seconds": median(c.waits) if c.waits else None,
        "contacts": c.contacts,
        "informed_in_time": c.informed_in_time,
        "informed_share": _ratio(c.informed_in_time, c.contacts),
        "positives_asked": c.positives_asked,
        "contacts_per_positive_asked": _ratio(c.contacts_named, c.positives_asked),
        "contacts_per_positive_of_all": _ratio(c.contacts_named, c.positives),
        "named_nobody_share_of_asked": _ratio(c.named_nobody, c.positives_asked),
        "unreached_share_of_closed": _ratio(c.unreached, c.entries_closed),
        "calls": c.calls,
        "bad_number_share_of_calls": _ratio(c.bad_numbers, c.calls),
        "attempts_per_person_reached": _ratio(c.calls_that_count, c.persons_reached),
        "agent_hours": round(c.agent_seconds / 3600, 2),
        "calls_per_agent_hour": _ratio(c.calls, c.agent_seconds / 3600),
        "backlog": c.backlog,
        "backlog_hours": _ratio(c.backlog, calls_per_hour or 0),
        "sms_sent": c.sms_sent,
        "sms_delivered_share": _ratio(c.sms_delivered, c.sms_sent),
        "sms_read_share": _ratio(c.sms_read, c.sms_sent),
        "sms_called_after_all_share": _ratio(c.sms_called_after_all, c.sms_sent),
        "forecasts": c.forecasts,
        "forecast_error_mean": _ratio(c.forecast_error, c.forecasts),
    }


def _ratio(part: float, of: float) -> float | None:
    return round(part / of, 4) if of else None


# --- parts of the period ---


def spans(
    since: datetime, until: datetime, switches: Sequence[Switched], zone: ZoneInfo, by: By | None
) -> list[Span]:
    """The period in parts; `switches` oldest first, from before it on."""
    changes = mode_changes(switches)
    edges = {since}
    if by is By.DAY:
        edges |= {midnight for midnight in _midnights(since, until, zone) if since < midnight < until}
    elif by is By.MODE:
        edges |= {at for at, _ in changes if since < at < until}
    ordered = sorted(edges)
    return [
        Span(begins, _label(begins, changes, zone, by), modes_between(changes, begins, ends))
        for begins, ends in pairwise([*ordered, until])
    ]


def _label(begins: datetime, changes: Sequence[tuple[datetime, Mode]], zone: ZoneInfo, by: By | None) -> str:
    match by:
        case By.DAY:
            return begins.astimezone(zone).date().isoformat()
        case By.MODE:
            return mode_at(changes, begins).value
        case None:
            return WHOLE


def mode_changes(switches: Sequence[Switched]) -> list[tuple[datetime, Mode]]:
    """Each moment at which another mode came in force: a switch, or the end that one had set."""
    changes: list[tuple[datetime, Mode]] = []
    for switch, following in pairwise([*switches, None]):
        assert switch is not None
        changes.append((switch.at, switch.mode))
        ends = switch.ends_at
        if ends is not None and (following is None or ends < following.at):
            changes.append((ends, Mode.NORMAL))
    return changes


def mode_at(changes: Sequence[tuple[datetime, Mode]], at: datetime) -> Mode:
    """NORMAL before the first switch."""
    return next((mode for moment, mode in reversed(changes) if moment <= at), Mode.NORMAL)


def modes_between(
    changes: Sequence[tuple[datetime, Mode]], begins: datetime, ends: datetime
) -> frozenset[Mode]:
    later = {mode for moment, mode in changes if begins < moment < ends}
    return frozenset({mode_at(changes, begins), *later})


def _midnights(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    return [_midnight(first + timedelta(days=n), zone) for n in range((last - first).days + 1)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


# --- what adds up ---


def counted_positives(histories: Sequence[PositiveHistory]) -> Counts:
    return Counts(
        positives=len(histories),
        in_time_at_arrival=sum(history.in_time_at_arrival for history in histories),
        called_in_time=sum(history.called_in_time() for history in histories),
        reached_in_time=sum(history.reached_in_time() for history in histories),
        waits=tuple(
            (history.called_at - history.result_at).total_seconds()
            for history in histories
            if history.called_at is not None
        ),
    )


def counted_contacts(histories: Sequence[ContactHistory]) -> Counts:
    return Counts(
        contacts=len(histories), informed_in_time=sum(history.informed_in_time() for history in histories)
    )


def counted_outcomes(outcomes: Mapping[CallOutcome, int]) -> Counts:
    """Of calls: what became of them."""
    calls = {outcome: n for outcome, n in outcomes.items() if outcome not in CHANNEL_OUTCOMES}
    return Counts(
        calls=sum(calls.values()),
        calls_that_count=sum(n for outcome, n in calls.items() if FLAGS[outcome].counts_as_attempt),
        bad_numbers=sum(n for outcome, n in calls.items() if FLAGS[outcome].number_bad),
    )


@dataclass(frozen=True)
class ShiftLine:
    """Someone began or ended to work: a shift, or a pause inside one."""

    agent: UUID | str
    at: datetime
    working: bool


def worked(lines: Sequence[ShiftLine], starts: Sequence[datetime], until: datetime) -> list[float]:
    """Seconds of work in each part of the period; `lines` in the order of time, `starts` of the parts."""
    totals = [0.0] * len(starts)
    since: dict[UUID | str, datetime] = {}
    for line in lines:
        if (began := since.pop(line.agent, None)) is not None:
            _spread(totals, starts, until, began, min(line.at, began + LONGEST_SHIFT))
        if line.working:
            since[line.agent] = line.at
    for began in since.values():
        _spread(totals, starts, until, began, min(until, began + LONGEST_SHIFT))
    return totals


def _spread(
    totals: list[float], starts: Sequence[datetime], until: datetime, began: datetime, ended: datetime
) -> None:
    for place, (begins, ends) in enumerate(pairwise([*starts, until])):
        part = (min(ended, ends) - max(began, begins)).total_seconds()
        totals[place] += max(0.0, part)
