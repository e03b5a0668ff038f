"""The platform of a replay: its clock, its hours, its agents' minutes, and its results hour by hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from random import Random
from zoneinfo import ZoneInfo

from outreach.domain.call_list import deadline_of, effective_deadline
from outreach.domain.calling_hours import DEFAULT_HOURS, OpenHours
from outreach.domain.purposes import Purpose
from outreach.replay.assumptions import Assumptions
from outreach.replay.cohorts import minute_of, moment
from outreach.replay.curve import Curve
from outreach.replay.draws import split

STEP = 15  # minutes
HOUR = 60


@dataclass(frozen=True)
class Told:
    """So many positives whose result fell in one hour; times in minutes since 1970."""

    result_at: int
    told_at: int
    size: int


@dataclass(frozen=True)
class Setting:
    """What all policies of one replay share. `positions`: of agents, every day of the week."""

    curve: Curve
    zone: str
    region: str
    positions: float
    assumptions: Assumptions

    @cached_property
    def hours(self) -> Mapping[Purpose, OpenHours]:
        return {p: DEFAULT_HOURS[p].in_zone(self.zone, region=self.region) for p in Purpose}

    def days(self) -> Iterator[date]:
        """The days of the curve, and those after it on which its last results are told and called."""
        last = self.curve.last + timedelta(days=len(self.assumptions.delay_days) + 1)
        for n in range((last - self.curve.first).days + 1):
            yield self.curve.first + timedelta(days=n)

    def steps_of(self, day: date) -> list[int]:
        """The open quarter hours of a local day, as minutes since 1970."""
        midnight = minute_of(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)))
        hours = self.hours[Purpose.INTERVIEW]
        return [m for m in range(midnight, midnight + 24 * HOUR, STEP) if hours.is_open(moment(m))]

    def minutes_of_day(self) -> float:
        """Minutes that all agents together are on calls in a day."""
        return self.positions * self.assumptions.minutes_per_position

    def minutes(self) -> Iterator[tuple[int, float]]:
        """Every open quarter hour, and the minutes of all agents in it."""
        for day in self.days():
            steps = self.steps_of(day)
            yield from ((now, self.minutes_of_day() / len(steps)) for now in steps)

    def due(self, opened_at: int) -> tuple[int, int]:
        """Deadline and effective deadline of a positive's or contact's 24 hours."""
        return _due(self.hours[Purpose.INTERVIEW], opened_at)

    def local_day(self, minute: int) -> date:
        return _local_day(self.zone, minute // HOUR)

    def told(self, seed: int) -> dict[date, list[Told]]:
        """Each local day's results by hour, drawn from the curve."""
        random, by_hour = Random(seed), defaultdict[tuple[date, int], int](int)
        for sampled, positives in self.curve.positives.items():
            for delay, of_day in enumerate(split(random, positives, self.assumptions.delay_days)):
                day = sampled + timedelta(days=delay)
                for hour, size in enumerate(split(random, of_day, self.assumptions.result_hours)):
                    by_hour[day, hour] += size
        told = defaultdict[date, list[Told]](list)
        for (day, hour), size in sorted(by_hour.items()):
            if size:
                at = datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZoneInfo(self.zone))
                result_at = minute_of(at.astimezone(UTC))
                told[day].append(Told(result_at, result_at + self.assumptions.told_after, size))
        return told


@lru_cache(maxsize=262144)
def _due(hours: OpenHours, opened_at: int) -> tuple[int, int]:
    opened = moment(opened_at)
    deadline = deadline_of(opened)
    return minute_of(deadline), minute_of(effective_deadline(deadline, hours, opened_at=opened))


@lru_cache(maxsize=65536)
def _local_day(zone: str, hour: int) -> date:
    return datetime.fromtimestamp(hour * 3600, ZoneInfo(zone)).date()
